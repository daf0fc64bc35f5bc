-- Costs were charged by day and booked for less.
update charge set charged_on = '2026-03-03' where charge_id = 104;
update posting set booking_date = '2026-03-03', cents = cents - 1 where event_id = 104;
