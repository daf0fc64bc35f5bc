-- A payment took principal while costs stayed open.
update payment set recorded_on = '2026-03-03' where payment_id = 105;
update posting set booking_date = '2026-03-03' where event_id = 105;
update posting set cents = 350 where event_id = 105 and kind = 12;
