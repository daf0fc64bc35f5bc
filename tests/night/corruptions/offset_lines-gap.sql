-- Two offset lines of a night leave a gap between them.
-- run: 2000
update posting set cents = cents - 10 where account_id = 1 and event_id = 111 and kind = 2;
