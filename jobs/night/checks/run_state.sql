-- A run is proven or released only when all its batches are done, in the order of business dates, under a policy, with the intake closed.
-- Protects: design §3 states; "missed dates run in order".
-- Scope: run
-- Invariant: C6
select r.risk_carrier_id, null::bigint as account_id,
  format('run %s of %s is %s: %s open batches, policy %s, released at %s, intake closed through %s, earlier run not released: %s', r.run_id, r.business_date,
    r.state, count(b.batch_no), r.policy_version_id, r.released_at, c.closed_through, min(e.business_date)) as what
from run r join risk_carrier c on c.risk_carrier_id = r.risk_carrier_id
  left join run_batch b on b.run_id = r.run_id and b.state = 0
  left join run e on e.risk_carrier_id = r.risk_carrier_id and e.business_date < r.business_date and e.state <> 'released'
where (:run_id is null or r.run_id = :run_id)
group by r.run_id, c.closed_through
having r.state in ('proven', 'released') and count(b.batch_no) > 0
  or r.state <> 'waiting' and (r.policy_version_id is null or count(e.run_id) > 0 or coalesce(c.closed_through, '-infinity') < r.business_date)
  or (r.state = 'released') <> (r.released_at is not null) or r.payment_date < r.business_date
