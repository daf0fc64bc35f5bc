-- A declaration is settled once in a night, for its awarded amount, on the running account of its own provider and risk carrier, paid on the
-- IBAN of its AGB code's practice (or else the entity's own), and not before the night that may settle it (what came after the cut-off belongs
-- to the next). What is offset against it is in the same payout, and never more than it may give: the awarded amount, or the share that the
-- policy or the running account allows.
-- Protects: design §2 rows "declaration settled" and "offset: same night, same transaction"; design §3 cut-off; cap as a percentage;
-- one payout per running account and IBAN (OF-7). One pass over the night, since a million declarations are the most that it holds.
-- Scope: run
-- weight: 28
with payee as (                                   -- where the money of an AGB registration goes, by the days on which that holds
  select ra.account_id, a.agb_id, i.iban_id, i.valid_from, i.valid_until, i.practice_id is not null as own
  from running_account ra join agb_registration a on a.provider_id = ra.provider_id
    join payee_iban i on i.provider_id = a.provider_id and (i.practice_id = a.practice_id or i.practice_id is null)
  where (:run_id is null or ra.risk_carrier_id = :carrier)),
own as (                                          -- an IBAN of the entity only where the practice has none on the day
  select y.payout_id, p.agb_id, case when bool_or(p.own) then bool_or(p.own and p.iban_id = y.iban_id) else bool_or(p.iban_id = y.iban_id) end as here
  from payout y join payee p on p.account_id = y.account_id and p.valid_from <= y.business_date and coalesce(p.valid_until, 'infinity') >= y.business_date
  where (:run_id is null or y.run_id = :run_id)
  group by y.payout_id, p.agb_id),
allowed as (select o.payout_id, array_agg(o.agb_id) as agbs from own o where o.here group by o.payout_id),
instructed as (                                   -- the newest instruction for the running account that was there at the time
  select distinct on (y.account_id, y.run_id) y.account_id, y.run_id, oi.cap_basis_points
  from offset_instruction oi join payout y on y.account_id = oi.account_id and (:run_id is null or y.run_id = :run_id)
    and oi.valid_from <= y.business_date and coalesce(oi.valid_until, 'infinity') >= y.business_date and oi.instruction_id < y.payout_id
  where oi.claim_id is null
  order by y.account_id, y.run_id, oi.valid_from desc, oi.instruction_id desc),
paid as (
  select y.payout_id, y.account_id, y.risk_carrier_id, y.business_date, a.agbs, coalesce(i.cap_basis_points, v.cap_basis_points, 10000) as basis_points
  from payout y join run r on r.run_id = y.run_id join policy_version v on v.policy_version_id = r.policy_version_id
    left join instructed i on i.account_id = y.account_id and i.run_id = y.run_id left join allowed a on a.payout_id = y.payout_id
  where (:run_id is null or y.run_id = :run_id)),
given as (                                        -- lines in another payout than the settlement make a group without one
  select p.event_id, p.payout_id, sum_cents(case when p.kind = 1 then p.cents else 0 end) as settled, sum_cents(p.cents) as moved
  from posting p
  where p.kind <= 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.event_id, p.payout_id)
select y.risk_carrier_id, y.account_id,
  format('declaration %s in payout %s of %s: settled for %s cents, offset %s, share %s of 10000; awarded %s, risk carrier %s, available on %s, AGB registration %s of %s paid there',
    g.event_id, g.payout_id, y.business_date, g.settled, g.moved - g.settled, y.basis_points, d.awarded_cents, d.risk_carrier_id, d.available_on, d.agb_id, y.agbs::text) as what
from given g left join paid y on y.payout_id = g.payout_id
  left join declaration d on d.account_id = y.account_id and d.declaration_id = g.event_id
where d.awarded_cents is distinct from g.settled or g.moved - g.settled > g.settled * y.basis_points / 10000   -- settled twice is twice the award
  or d.risk_carrier_id <> y.risk_carrier_id or d.available_on > y.business_date or d.agb_id = any (y.agbs) is not true
