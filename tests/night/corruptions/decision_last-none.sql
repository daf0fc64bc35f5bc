-- A position bears an answer without any decision.
-- run: none
update claim_position set last_answer = 1 where claim_id = 2508;
