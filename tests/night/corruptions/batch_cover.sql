-- Two batches share a running account.
update run_batch set first_account_id = 5 where run_id = 3000 and batch_no = 4;
