-- The payer's claim is gone, its posting stands.
-- run: 2000
delete from claim where claim_id = 503;
