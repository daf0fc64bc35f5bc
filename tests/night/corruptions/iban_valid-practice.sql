-- An IBAN belongs to a practice of another provider.
-- run: none
update payee_iban set provider_id = 2, valid_from = '2019-01-01', valid_until = '2019-12-31' where iban_id = 9;
