-- A payout lies in a batch that is not done.
update run_batch set state = 0 where run_id = 3000 and batch_no = 3;
