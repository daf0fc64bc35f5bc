-- A claim without its registration.
delete from posting where kind = 7 and claim_id = 2508;
