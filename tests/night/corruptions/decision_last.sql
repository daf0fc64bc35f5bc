-- A position bears an answer that no night gave.
-- run: none
update claim_position set last_answer = 35 where claim_id = 205;
