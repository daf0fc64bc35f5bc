-- The payout of a declaration says another risk carrier.
-- run: 2000
update payout set risk_carrier_id = 2 where payout_id = 2002;
