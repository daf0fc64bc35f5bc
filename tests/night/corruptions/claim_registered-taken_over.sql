-- A claim that was taken over is booked for less than it is.
-- run: 2000
update posting set cents = cents - 1 where kind = 40 and claim_id = 503;
