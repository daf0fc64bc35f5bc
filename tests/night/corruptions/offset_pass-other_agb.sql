-- A line of the own-AGB pass joins two AGB codes.
-- run: 2000
update posting set pass = 3 where account_id = 1 and event_id = 112 and kind = 2;
