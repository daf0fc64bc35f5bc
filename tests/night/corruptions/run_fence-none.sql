-- A batch was written under no fence.
update run_batch set fence = null where run_id = 3000 and batch_no = 3;
