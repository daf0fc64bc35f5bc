-- A takeover came back in a night of the other risk carrier than its payer's.
-- run: none
update takeover_return set run_id = 3500 where return_id = 3010;
