-- The second reminder was sent without the first.
update claim_step set step_no = 2 where step_id = 102;
