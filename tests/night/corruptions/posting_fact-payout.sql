-- What a night pays is booked under another event than its payout.
update posting set event_id = 9001 where event_id = 3004 and kind = 5;
