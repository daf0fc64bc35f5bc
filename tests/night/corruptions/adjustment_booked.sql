-- An adjustment is booked for more than was decided.
-- run: 3000
update adjustment set decided_on = '2026-03-03' where adjustment_id = 2502;
update posting set cents = cents + 1 where event_id = 2502;
