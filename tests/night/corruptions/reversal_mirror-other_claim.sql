-- A reversal opens another claim than the offset closed.
update posting set claim_id = 113 where event_id = 2500;
