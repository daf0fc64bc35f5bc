-- Per finished batch: claims in scope = offset + left out, and the decision rows say the same.
-- Protects: design §3 decisions ("in scope = offset + left out is checked per batch"); OF-6 "why (not)".
-- Scope: run
-- Invariant: D6
with counted as (
  select b.run_id, b.batch_no, count(d.claim_id) as decided, count(d.claim_id) filter (where d.offset_cents > 0) as offset_claims
  from run_batch b join run r on r.run_id = b.run_id
    left join decision d on d.valid_from = r.business_date and d.run_id = b.run_id and d.with_money and d.account_id between b.first_account_id and b.last_account_id
  where b.state = 1 and (:run_id is null or b.run_id = :run_id and d.valid_from = :day) group by b.run_id, b.batch_no)
select b.risk_carrier_id, null::bigint as account_id,
  format('run %s, batch %s: in scope %s, offset %s, left out %s; decision rows: %s, %s of them offset', b.run_id, b.batch_no, b.in_scope, b.offset_claims,
    b.left_out_claims, coalesce(c.decided, 0), coalesce(c.offset_claims, 0)) as what
from run_batch b left join counted c on c.run_id = b.run_id and c.batch_no = b.batch_no
where b.state = 1 and (:run_id is null or b.run_id = :run_id)
  and (b.in_scope is distinct from coalesce(c.decided, 0) or b.offset_claims is distinct from coalesce(c.offset_claims, 0)
    or b.in_scope <> b.offset_claims + b.left_out_claims)
