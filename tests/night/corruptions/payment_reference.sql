-- A payment reference leads nowhere.
-- run: none
delete from payment_reference_claim where reference = payment_reference_digits(101);
