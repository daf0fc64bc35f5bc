-- What was taken over is shown as a claim of the payer's own.
-- run: 2000
update claim set kind = 1 where claim_id = 503;
