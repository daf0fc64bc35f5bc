-- A letter states a reference that was never issued.
-- run: none
delete from payment_reference where reference = payment_reference_digits(100);
