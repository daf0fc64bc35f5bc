-- More came back than was taken over, on both sides alike.
update takeover_return set cents = 4001 where return_id = 3010;
update posting set cents = 4001 where event_id = 3010;
