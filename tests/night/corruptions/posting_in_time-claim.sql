-- A claim is offset before it was registered.
-- run: none
update claim set registered_on = '2026-03-04' where claim_id = 200;
