-- A payout is redirected to an IBAN that had ended.
update payee_iban set valid_until = '2026-03-02' where iban_id = 3;
