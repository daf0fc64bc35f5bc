-- An offset works back to before the declaration was payable (art. 6:129 BW).
-- run: none
update posting set effective_date = '2026-02-28' where account_id = 3 and event_id = 207 and kind = 2 and line = 1;
