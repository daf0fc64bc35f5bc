-- A payment reference leads nowhere.
-- run: none
delete from payment_reference_claim where reference = '1000000000000101';
