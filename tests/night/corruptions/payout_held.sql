-- A payout is held for no reason.
-- run: none
update payout set held = 2 where payout_id = 3002;
