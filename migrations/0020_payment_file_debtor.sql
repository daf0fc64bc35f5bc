-- 0020 The account that a payment file draws on, as it was on the day of the file. The carrier may change its bank; the file must
-- still come out of the rows byte for byte. Null only on rows older than this migration: then the carrier's account of today stands in.
alter table payment_file add column debtor_name text, add column debtor_iban text, add column debtor_bic text;
