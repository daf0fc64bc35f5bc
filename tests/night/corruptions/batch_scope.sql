-- A claim of a batch was forgotten.
delete from decision where claim_id = 205;
