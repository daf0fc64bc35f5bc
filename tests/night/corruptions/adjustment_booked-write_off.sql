-- A write-off was booked as if the claim had never been.
alter table posting drop constraint posting_kind_fits;
update posting set kind = 22 where event_id = 2504;
