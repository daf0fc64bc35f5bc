-- What was taken over the night before is offset in this one, instead of going back.
-- run: 2000
update claim set registered_on = '2026-03-01' where account_id = 9 and claim_id = 503;
