-- A payout goes to another provider's IBAN.
update payout set iban_id = 4 where payout_id = 3003;
