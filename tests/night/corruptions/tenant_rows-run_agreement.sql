-- A payer is marked done under another risk carrier.
-- run: none
update run_agreement set risk_carrier_id = 2 where run_id = 2000;
