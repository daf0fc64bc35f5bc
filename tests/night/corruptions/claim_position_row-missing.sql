-- A claim without position.
delete from claim_position where claim_id = 2508;
