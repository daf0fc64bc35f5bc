-- A letter states a reference that was never issued.
-- run: none
delete from payment_reference where reference = '1000000000000100';
