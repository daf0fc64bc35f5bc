-- A charge was recorded in March and booked in a night that was released.
-- run: none
update posting set booking_date = '2026-03-02', recorded_at = '2026-03-03 09:00Z' where event_id = 103;
