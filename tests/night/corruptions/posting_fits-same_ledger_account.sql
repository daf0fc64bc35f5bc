-- A posting debits and credits the same ledger account.
alter table posting drop constraint posting_kind_fits;
update posting set debit = 6 where account_id = 3 and event_id = 3003 and kind = 5;
