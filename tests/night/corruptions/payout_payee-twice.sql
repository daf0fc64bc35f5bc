-- Two payouts of a night to one IBAN.
alter table payout drop constraint payout_account_id_run_id_iban_id_key;
update payout set iban_id = 1 where payout_id = 2002;
-- run: 2000
