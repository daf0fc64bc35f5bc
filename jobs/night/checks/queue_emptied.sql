-- A night whose batches are all done leaves nothing in the queue that was there before its cut-off, except what it parked.
-- Protects: every declaration is settled by the first night that may (design §3).
-- Scope: run; over everything: the newest night of each risk carrier
-- Invariant: D5, G5
with finished as (
  select distinct on (r.risk_carrier_id) r.* from run r
  where r.state in ('matching', 'proven', 'released') and (:run_id is null or r.run_id = :run_id)
    and not exists (select 1 from run_batch b where b.run_id = r.run_id and b.state = 0)
  order by r.risk_carrier_id, r.business_date desc)
select q.risk_carrier_id, q.account_id,
  format('entry %s of kind %s (%s cents) was available on %s and was left in the queue by the night of %s',
    q.entry_id, q.kind, q.cents, q.available_on, f.business_date) as what
from finished f join payable q on q.risk_carrier_id = f.risk_carrier_id and q.available_on <= f.business_date
where not exists (select 1 from run_parked k where k.run_id = f.run_id and k.account_id = q.account_id)
