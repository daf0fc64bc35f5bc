-- A takeover is of a claim of another running account.
-- run: none
update takeover set claim_id = 200 where takeover_id = 502;
