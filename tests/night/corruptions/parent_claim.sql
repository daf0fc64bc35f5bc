-- A reminder is about a claim of another running account.
-- run: none
update claim_step set account_id = 2 where step_id = 102;
