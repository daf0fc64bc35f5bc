-- A hold bears another risk carrier than its running account.
-- run: none
update hold set risk_carrier_id = 2 where hold_id = 210;
