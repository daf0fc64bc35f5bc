-- A payment reference has a wrong check digit.
-- run: none
update payment_reference set reference = (substr(reference, 1, 1)::int + 1) % 10 || substr(reference, 2) where reference = payment_reference_digits(100);
update payment_reference_claim set reference = (substr(reference, 1, 1)::int + 1) % 10 || substr(reference, 2) where reference = payment_reference_digits(100);
