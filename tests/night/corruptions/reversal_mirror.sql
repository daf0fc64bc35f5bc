-- More of an offset line is reversed than it took.
alter table posting drop constraint posting_kind_fits;
update offset_reversal set cents = 9000 where reversal_id = 2500;
update posting set cents = 9000 where event_id = 2500;
