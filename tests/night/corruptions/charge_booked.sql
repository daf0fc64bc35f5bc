-- Interest was charged and not booked.
-- run: 2000
delete from posting where event_id = 103;
