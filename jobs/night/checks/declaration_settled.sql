-- A declaration is settled once in a night, for its awarded amount, on the running account of its own provider and risk carrier, paid on the
-- IBAN of its AGB code's practice (or else the entity's own), and not before the night that may settle it (what came after the cut-off belongs
-- to the next). What is offset against it is in the same payout, and never more than it may give: the awarded amount, or the share that the
-- policy or the running account allows.
-- Protects: design §2 rows "declaration settled" and "offset: same night, same transaction"; design §3 cut-off; cap as a percentage;
-- one payout per running account and IBAN (OF-7). One pass over the night, since a million declarations are the most that it holds.
-- Scope: run
-- weight: 19
-- Plan: enable_mergejoin = on
-- Invariant: L6, D1
with instructed as (                                   -- the newest instruction for the running account that was there at the time
  select distinct on (y.account_id, y.run_id) y.account_id, y.run_id, oi.cap_basis_points
  from offset_instruction oi join payout y on y.account_id = oi.account_id and (:run_id is null or y.run_id = :run_id)
    and oi.valid_from <= y.business_date and coalesce(oi.valid_until, 'infinity') >= y.business_date and oi.instruction_id < y.payout_id
  where oi.claim_id is null
  order by y.account_id, y.run_id, oi.valid_from desc, oi.instruction_id desc),
paid as materialized (                            -- an AGB registration of the provider in the payout where its money goes
  select y.payout_id, a.agb_id, y.account_id, y.risk_carrier_id, y.business_date, coalesce(n.cap_basis_points, v.cap_basis_points, 10000) as basis_points
  from payout y join run r on r.run_id = y.run_id join policy_version v on v.policy_version_id = r.policy_version_id
    join running_account ra on ra.account_id = y.account_id join agb_registration a on a.provider_id = ra.provider_id
    join payee_iban i on i.iban_id = y.iban_id
    left join payee_iban own on own.provider_id = a.provider_id and own.practice_id = a.practice_id
      and (case when :run_id is null then y.business_date else :day end) between own.valid_from and coalesce(own.valid_until, 'infinity')
    left join instructed n on n.account_id = y.account_id and n.run_id = y.run_id
  where (:run_id is null or y.run_id = :run_id)   -- said in one expression: the planner would take separate ones for rare, and look up one by one
    and case when i.provider_id <> a.provider_id or i.valid_from > y.business_date or i.valid_until < y.business_date then false
      when own.iban_id is null then i.practice_id is null else own.iban_id = i.iban_id end),   -- an IBAN of the entity only where the practice has none on the day
given as (                                        -- in the order of the key, which `order by` asks for: a million groups are read one by one, not kept in a hash
  select p.account_id, p.event_id, min(p.payout_id) as payout_id, max(p.payout_id) as last_payout_id,
    sum_cents(case when p.kind = 1 then p.cents else 0 end) as settled, sum_cents(p.cents order by p.kind) as moved
  from posting p
  where p.kind <= 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.account_id, p.event_id)
select coalesce(y.risk_carrier_id, (select x.risk_carrier_id from payout x where x.payout_id = g.payout_id)), coalesce(y.account_id, (select x.account_id from payout x where x.payout_id = g.payout_id)),
  format('declaration %s in payout %s: settled for %s cents, offset %s, share %s of 10000; awarded %s, risk carrier %s, running account %s, available on %s, AGB registration %s%s',
    g.event_id, g.payout_id, g.settled, g.moved - g.settled, y.basis_points, d.awarded_cents, d.risk_carrier_id, d.account_id, d.available_on, d.agb_id,
    case when y.payout_id is null then ', which is not paid there' when g.last_payout_id <> g.payout_id then format(', with lines in payout %s', g.last_payout_id) end) as what
from given g left join declaration d on d.declaration_id = g.event_id   -- ids are drawn once for all: half the hashing; whose it is, is compared below
  left join paid y on y.payout_id = g.payout_id and y.agb_id = d.agb_id
where y.payout_id is null or g.last_payout_id <> g.payout_id or y.account_id <> g.account_id or d.account_id <> g.account_id or d.awarded_cents <> g.settled   -- settled twice is twice the award
  or g.moved - g.settled > g.settled * y.basis_points / 10000 or d.risk_carrier_id <> y.risk_carrier_id or d.available_on > y.business_date
