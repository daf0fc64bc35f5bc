-- A claim of the provider's own is booked as if it were taken over.
-- run: 2000
alter table posting drop constraint posting_kind_fits;
update posting set kind = 40 where kind = 7 and claim_id = 113;
