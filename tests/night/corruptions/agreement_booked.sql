-- What was taken over is booked for more at its payer than at its debtor.
-- run: 2000
update posting set cents = cents + 1 where account_id = 9 and event_id = 502 and kind = 40;
