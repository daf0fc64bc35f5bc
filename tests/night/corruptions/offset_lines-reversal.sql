-- A reversal says another open amount.
update posting set open_after_cents = open_after_cents - 1 where event_id = 2500;
