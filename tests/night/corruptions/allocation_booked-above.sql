-- A payment gives more than what was put on account of it; of the freed money there is enough.
update allocation set payment_id = 172 where allocation_id = 2522;
update posting set cents = 400 where event_id = 172 and kind = 14;
