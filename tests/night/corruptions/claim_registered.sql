-- A credit note is booked for less than it is.
-- run: 2000
update posting set cents = cents - 1 where kind = 7 and claim_id = 113;
