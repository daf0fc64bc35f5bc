-- An agreement bears another risk carrier than its payer's running account.
-- run: none
update offset_agreement set risk_carrier_id = 2 where agreement_id = 481;
