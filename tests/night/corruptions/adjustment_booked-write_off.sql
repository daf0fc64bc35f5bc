-- A write-off was booked as if the claim had never been.
-- run: 2000
alter table posting drop constraint posting_kind_fits;
update posting set kind = 22 where event_id = 2504;
