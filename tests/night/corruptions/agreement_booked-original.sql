-- The payer's claim is of more than what was taken over.
-- run: 2000
update claim set original_cents = original_cents + 1 where claim_id = 503;
