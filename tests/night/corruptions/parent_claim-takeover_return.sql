-- A return is of a claim that does not exist.
-- run: none
update takeover_return set claim_id = 9999 where return_id = 3010;
