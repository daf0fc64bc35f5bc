-- An adjustment by day names a claim of another provider.
update posting set claim_id = 252 where event_id = 2502;
