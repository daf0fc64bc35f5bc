-- Interest was charged and not booked.
-- run: none
delete from posting where event_id = 103;
