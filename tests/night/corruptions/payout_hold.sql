-- A payout of an insolvent provider is free.
update payout set held = 0 where payout_id = 3004;
