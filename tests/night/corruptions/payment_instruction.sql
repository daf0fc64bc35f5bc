-- A payout on hold was sent to the bank.
-- run: 2000
update payout set held = 2 where payout_id = 2001;
