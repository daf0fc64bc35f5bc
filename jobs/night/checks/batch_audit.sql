-- Every batch that settled or decided something has its audit row, written in the same transaction.
-- Protects: issue "audit row in the same transaction for every write".
-- Scope: run
-- Invariant: G4
with told as (
  select a.subject, (a.body ->> 'batch')::int as batch_no from audit a
  where a.action = 'batch settled' and (:run_id is null or a.subject = 'run:' || :run_id and a.risk_carrier_id = :carrier))
select b.risk_carrier_id, null::bigint as account_id, format('run %s, batch %s with %s entries has no audit row', b.run_id, b.batch_no, b.entries) as what
from run_batch b
where b.state = 1 and b.entries + b.in_scope > 0 and (:run_id is null or b.run_id = :run_id)
  and not exists (select 1 from told t where t.subject = 'run:' || b.run_id and t.batch_no = b.batch_no)
