-- A line of the own-AGB pass joins two AGB codes.
-- run: none
update posting set pass = 3 where account_id = 1 and event_id = 112 and kind = 2;
