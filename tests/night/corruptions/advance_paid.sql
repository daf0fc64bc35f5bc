-- An advance is paid out for less than was asked.
-- run: 2000
update posting set cents = cents - 1 where account_id = 2 and event_id = 150 and kind = 9;
