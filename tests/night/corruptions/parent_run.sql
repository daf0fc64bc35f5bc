-- A batch bears another risk carrier than its run.
-- run: none
update run_batch set risk_carrier_id = 2 where run_id = 2000 and batch_no = 1;
