-- A settlement is booked under another risk carrier than that of its running account.
-- everything: posting_fits
update posting set risk_carrier_id = 2 where account_id = 3 and event_id = 207 and kind = 1;
