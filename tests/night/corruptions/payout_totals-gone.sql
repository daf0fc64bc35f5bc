-- A payout row is gone, its postings stand.
delete from payout where payout_id = 3004;
