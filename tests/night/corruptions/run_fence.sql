-- A batch was written under a fence that its run has not had.
update run_batch set fence = 2 where run_id = 3000 and batch_no = 3;
