-- A cent of a payment is not booked.
update payment set cents = cents + 1, recorded_on = '2026-03-03' where payment_id = 105;
