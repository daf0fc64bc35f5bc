-- A payout is redirected to another provider's IBAN.
update payout_redirection set iban_id = 4;
