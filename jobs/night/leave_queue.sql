-- What a batch settled leaves the queue, in the transaction of the batch: all but what was set aside for this run.
-- Reads: run_parked. Writes: deletes from payable. Repeatable: it runs once after offset_batch.sql, under the lock of its running accounts. No row
--   can have come in between, since what is loaded after the cut-off is available later (queue_entry); the batch counts both all the same.
-- $1 risk carrier, $2 business date, $3 first account, $4 last account, $5 run
delete from payable q where q.account_id between $3::bigint and $4::bigint and q.risk_carrier_id = $1::smallint and q.available_on <= $2::date
  and ((select not exists (select 1 from run_parked rp where rp.run_id = $5::bigint)) or q.account_id not in (select rp.account_id from run_parked rp where rp.run_id = $5))
