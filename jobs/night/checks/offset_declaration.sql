-- What is offset against a declaration comes from one settled in the same payout, never more than it may give (awarded amount, or the
-- share that the policy or the running account allows).
-- Protects: design §2 row "offset: same night, same transaction"; the cap as a percentage.
-- Scope: run
-- weight: 15
with instructed as (                              -- the newest instruction for the running account that was there at the time
  select distinct on (y.account_id, y.run_id) y.account_id, y.run_id, oi.cap_basis_points
  from offset_instruction oi join payout y on y.account_id = oi.account_id and (:run_id is null or y.run_id = :run_id)
    and oi.valid_from <= y.business_date and coalesce(oi.valid_until, 'infinity') >= y.business_date and oi.instruction_id < y.payout_id
  where oi.claim_id is null
  order by y.account_id, y.run_id, oi.valid_from desc, oi.instruction_id desc),
share as (
  select y.payout_id, y.account_id, y.risk_carrier_id, coalesce(i.cap_basis_points, v.cap_basis_points, 10000) as basis_points
  from payout y join run r on r.run_id = y.run_id join policy_version v on v.policy_version_id = r.policy_version_id
    left join instructed i on i.account_id = y.account_id and i.run_id = y.run_id
  where (:run_id is null or y.run_id = :run_id)),
given as (                                        -- lines in another payout than the settlement make a group without one
  select p.event_id, p.payout_id, count(*) filter (where p.kind = 1) as settled, max(p.cents) filter (where p.kind = 1) as awarded,
    sum_cents(p.cents) filter (where p.kind > 1) as given
  from posting p
  where p.kind <= 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.event_id, p.payout_id
  having count(*) > 1 or count(*) filter (where p.kind = 1) <> 1)
select s.risk_carrier_id, s.account_id,
  format('declaration %s in payout %s: settled %s times for %s cents, offset %s cents, share %s of 10000', g.event_id, g.payout_id, g.settled, g.awarded,
    g.given, s.basis_points) as what
from given g left join share s on s.payout_id = g.payout_id
where g.settled <> 1 or g.given > g.awarded * s.basis_points / 10000
