-- More of a payment is freed than what the adjustment takes away.
-- run: none
update posting set cents = 5000 where event_id = 173 and kind = 34;
