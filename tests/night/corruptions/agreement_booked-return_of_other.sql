-- A return names another claim than the takeover that it is of.
update takeover_return set claim_id = 491 where return_id = 3010;
