-- An offset line books to the claims costs in place of the principal.
alter table posting drop constraint posting_kind_fits;
update posting set credit = 3 where account_id = 3 and event_id = 207 and kind = 2 and line = 1;
