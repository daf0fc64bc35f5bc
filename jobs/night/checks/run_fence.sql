-- A finished batch was written under a fence of its run, never under one that the run has not had yet.
-- Protects: a worker that lost its lease writes nothing; each lease has a higher fence.
-- Scope: run
-- Invariant: D8
select b.risk_carrier_id, null::bigint as account_id,
  format('batch %s of run %s (state %s) was written under fence %s; the run has had %s', b.batch_no, b.run_id, b.state, b.fence, r.fence) as what
from run_batch b join run r on r.run_id = b.run_id
where (:run_id is null or b.run_id = :run_id) and (b.state = 1 and b.fence is null or b.fence not between 1 and r.fence)
