-- A takeover bears the risk carrier of its payer, not of its debtor.
-- run: none
update takeover set risk_carrier_id = 1 where takeover_id = 505;
