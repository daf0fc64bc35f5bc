-- A payout row is gone, its posting stands.
-- run: none
delete from payout where payout_id = 3004;
