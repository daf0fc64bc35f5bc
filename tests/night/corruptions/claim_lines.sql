-- A line of a claim is gone.
-- run: 2000
delete from claim_line where claim_id = 113 and line_no = 2;
