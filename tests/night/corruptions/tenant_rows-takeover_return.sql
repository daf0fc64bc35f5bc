-- A return bears another risk carrier than its debtor's running account.
-- run: none
update takeover_return set risk_carrier_id = 2 where return_id = 3010;
