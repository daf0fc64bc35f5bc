-- A run is proven with an open batch.
update run_batch set state = 0 where run_id = 3000 and batch_no = 4;
