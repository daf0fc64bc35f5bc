-- A running account gives at most its cap in one night, and a payout is not pushed below the floor by offset.
-- Protects: guards cap and floor (policy, or the newest instruction for the running account; OF-3).
-- Scope: run
-- Invariant: D1
with night as (
  select y.account_id, y.run_id, y.business_date, y.risk_carrier_id, min(y.payout_id) as mark, sum_cents(y.offset_cents) as offset_cents,
    min(y.net_cents) filter (where y.offset_cents > 0) as least_net_cents from payout y
  where (:run_id is null or y.run_id = :run_id) group by y.account_id, y.run_id, y.business_date, y.risk_carrier_id),
instructed as (
  select distinct on (n.account_id, n.run_id) n.account_id, n.run_id, oi.cap_cents, oi.floor_cents
  from night n join offset_instruction oi on oi.account_id = n.account_id and oi.claim_id is null and oi.instruction_id < n.mark
    and oi.valid_from <= n.business_date and coalesce(oi.valid_until, 'infinity') >= n.business_date
  order by n.account_id, n.run_id, oi.valid_from desc, oi.instruction_id desc),
ruled as (
  select n.*, coalesce(i.cap_cents, v.cap_cents) as cap_cents, coalesce(i.floor_cents, v.floor_cents) as floor_cents
  from night n join run r on r.run_id = n.run_id join policy_version v on v.policy_version_id = r.policy_version_id
    left join instructed i on i.account_id = n.account_id and i.run_id = n.run_id)
select n.risk_carrier_id, n.account_id, format('%s cents offset in the night of %s, at most %s', n.offset_cents, n.business_date, n.cap_cents) as what
from ruled n where n.offset_cents > n.cap_cents
union all
select n.risk_carrier_id, n.account_id,
  format('a payout of %s keeps %s cents after offset; the floor is %s', n.business_date, n.least_net_cents, n.floor_cents)
from ruled n where n.least_net_cents < n.floor_cents
