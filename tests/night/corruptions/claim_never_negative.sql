-- A payment took more than was open; an adjustment put it right.
-- run: none
update posting set cents = 8000 where event_id = 172 and kind = 11;
update posting set cents = 4000 where event_id = 173 and kind = 34;
