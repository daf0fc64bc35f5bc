-- A claim of the own AGB code is offset only in the pass that comes after.
-- run: none
update posting set pass = 4 where account_id = 1 and event_id = 111 and kind = 2;
