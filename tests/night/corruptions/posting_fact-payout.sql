-- A payout row is gone, its posting stands.
delete from payout where payout_id = 3004;
