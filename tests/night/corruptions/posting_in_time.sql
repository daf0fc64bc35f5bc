-- An adjustment is booked on the day before it was decided.
-- run: none
update adjustment set decided_on = '2026-03-04' where adjustment_id = 2502;
