-- An IBAN has a wrong digit.
-- run: none
update payee_iban set iban = left(iban, -1) || (right(iban, 1)::int + 1) % 10 where iban_id = 3;
