-- A claim is offset below zero.
alter table posting drop constraint posting_open_after_cents_check;
-- run: 2000
update posting set cents = cents + 100, open_after_cents = -100 where account_id = 1 and event_id = 110 and kind = 2 and line = 1;
