-- A payer is marked done in a night that never was.
-- run: none
update run_agreement set run_id = 9001 where run_id = 2000;
