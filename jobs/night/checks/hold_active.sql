-- A hold that was known when the night was planned counts from its first to its last day, and not outside them.
-- Protects: guard "a hold begins and ends with the night of its date".
-- Scope: run; over everything: the newest proven night of each risk carrier. A parked account's holds count from its next night.
-- Invariant: C8
with planned as (
  select distinct on (r.risk_carrier_id) r.* from run r
  where r.run_id = :run_id or (:run_id is null and r.state in ('proven', 'released')) order by r.risk_carrier_id, r.business_date desc)
select h.risk_carrier_id, h.account_id,
  format('hold %s from %s until %s, ended %s, is %s after the night of %s', h.hold_id, h.from_date, h.until_date, h.ended_on,
    case when h.active then 'active' else 'not active' end, r.business_date) as what
from planned r join hold h on h.risk_carrier_id = r.risk_carrier_id and h.hold_id < r.run_id
where not exists (select 1 from run_parked k where k.run_id = r.run_id and k.account_id = h.account_id)
  and case when h.active then h.until_date < r.business_date or h.ended_on <= r.business_date
  else h.ended_on is null and h.from_date <= r.business_date end
