-- A claim is booked as taken over under the number of another event.
-- run: 2000
update posting set event_id = 9001 where event_id = 503 and kind = 40;
