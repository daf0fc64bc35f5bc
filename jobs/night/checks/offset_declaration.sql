-- What is offset against a declaration comes from one settled in the same payout, never more than it may give (awarded amount, or the
-- share that the policy or the running account allows), in lines numbered from 1 on, and works back to no day on which it could not be
-- paid yet (art. 6:129 BW).
-- Protects: design §2 row "offset: same night, same transaction"; the cap as a percentage.
-- Scope: run
-- weight: 14
with night as (
  select y.account_id, y.business_date, y.run_id, min(y.payout_id) as mark from payout y
  where (:run_id is null or y.run_id = :run_id) group by y.account_id, y.business_date, y.run_id),
ruled as (                                        -- the newest instruction for the running account that was there at the time
  select distinct on (n.account_id, n.business_date) n.account_id, n.business_date, oi.cap_basis_points
  from night n join offset_instruction oi on oi.account_id = n.account_id and oi.claim_id is null and oi.instruction_id < n.mark
    and oi.valid_from <= n.business_date and coalesce(oi.valid_until, 'infinity') >= n.business_date
  order by n.account_id, n.business_date, oi.valid_from desc, oi.instruction_id desc),
given as (
  select p.account_id, p.event_id, p.booking_date, min(p.risk_carrier_id) as risk_carrier_id, count(*) filter (where p.kind = 1) as settled,
    coalesce(sum(p.cents) filter (where p.kind = 1), 0)::bigint as awarded, coalesce(sum(p.cents) filter (where p.kind > 1), 0)::bigint as given,
    count(*) filter (where p.kind > 1) as lines, max(p.line) as last_line, min(p.payout_id) as first_payout, max(p.payout_id) as last_payout,
    min(p.effective_date) filter (where p.kind > 1) as earliest, min(p.effective_date) filter (where p.kind = 1) as payable_on
  from posting p
  where p.kind <= 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.account_id, p.event_id, p.booking_date)
select g.risk_carrier_id, g.account_id,
  format('declaration %s: settled %s times for %s cents, offset %s cents in %s lines (last number %s), share %s of 10000, effective from %s (payable on %s)',
    g.event_id, g.settled, g.awarded, g.given, g.lines, g.last_line, coalesce(i.cap_basis_points, v.cap_basis_points), g.earliest, g.payable_on) as what
from given g left join run r on r.risk_carrier_id = g.risk_carrier_id and r.business_date = g.booking_date
  left join policy_version v on v.policy_version_id = r.policy_version_id
  left join ruled i on i.account_id = g.account_id and i.business_date = g.booking_date
where g.settled <> 1 or g.first_payout <> g.last_payout or g.last_line <> g.lines or g.earliest < g.payable_on or r.run_id is null
  or g.given > g.awarded * coalesce(i.cap_basis_points, v.cap_basis_points, 10000) / 10000
