-- A declaration is settled once in a night, for its awarded amount, on the running account of its own provider and risk carrier, paid on the
-- IBAN of its AGB code's practice (or else the entity's own), and not before the night that may settle it (what came after the cut-off belongs
-- to the next). What is offset against it is in the same payout, and never more than it may give: the awarded amount, or the share that the
-- policy or the running account allows. The payout says so: how many declarations of which cents, how much is offset against
-- them, and which entry is its first and its last.
-- Protects: design §2 rows "declaration settled" and "offset: same night, same transaction"; design §3 cut-off; cap as a percentage;
-- one payout per running account and IBAN (OF-7); a payout's own words for what is in it.
-- A night holds a million declarations: its postings and the declarations that came available for it are each read once and compared payout by payout,
-- by sums of hashes over (declaration, cents), which needs no join of the two. Where a payout differs (also because it settles what an earlier
-- night had set aside), every declaration of its running account is looked at by itself, as over everything all are.
-- Scope: run
-- weight: 13
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
given as not materialized (                                       -- in the order of the key, which `order by` asks for: a million groups are read one by one, not kept in a hash
  select p.account_id, p.event_id, min(p.payout_id) as payout_id, max(p.payout_id) as last_payout_id,
    sum_cents(case when p.kind = 1 then p.cents else 0 end) as settled, sum_cents(p.cents order by p.kind) as moved
  from posting p
  where p.kind <= 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.account_id, p.event_id),
told as (                                         -- the payouts by what was posted; share: the least that its lines need, in basis points
  select g.payout_id, min(g.account_id) as account_id, max(g.account_id) as last_account_id, sum_cents(hashint8extended(g.event_id, g.settled) >> 24) as proof,
    bool_or(g.last_payout_id <> g.payout_id or g.settled = 0) as torn, max(((g.moved - g.settled) * 10000 + g.settled - 1) / nullif(g.settled, 0)) as share,
    sum_cents(g.settled) as declared, sum_cents(g.moved) as moved, count(*) as declarations, min(g.event_id) as first_id, max(g.event_id) as last_id
  from given g group by g.payout_id),
expected as (                                     -- the same by what was declared
  select y.payout_id, min(y.basis_points) as basis_points, sum_cents(x.proof) as proof, bool_or(y.risk_carrier_id <> :carrier or y.business_date <> :day) as elsewhere,
    min(least(y.account_id, x.account_id)) as account_id, max(greatest(y.account_id, x.last_account_id)) as last_account_id
  from (
    select d.agb_id, min(d.account_id) as account_id, max(d.account_id) as last_account_id, sum_cents(hashint8extended(d.declaration_id, d.awarded_cents) >> 24) as proof
    from declaration d where :run_id is not null and d.risk_carrier_id = :carrier and d.available_on > :since and d.available_on <= :day group by d.agb_id) x
  join paid y on y.agb_id = x.agb_id
  group by y.payout_id),
suspect as (
  select t.account_id, t.last_account_id from told t left join expected e on e.payout_id = t.payout_id
  where :run_id is not null and (e.proof is distinct from t.proof or e.elsewhere or t.torn or t.share > e.basis_points
    or e.account_id <> t.account_id or e.last_account_id <> t.account_id or t.last_account_id <> t.account_id)),
other as (
  select e.account_id, e.payout_id, min(e.entry_id) as first_id, max(e.entry_id) as last_id
  from payout_entry e join payout y on y.account_id = e.account_id and y.payout_id = e.payout_id and (:run_id is null or y.run_id = :run_id)
  group by e.account_id, e.payout_id),
examined as (
  select g.account_id, g.event_id, g.payout_id, g.last_payout_id, g.settled, g.moved from given g where :run_id is null
  union all
  select s.account_id, x.* from (select account_id from suspect union select last_account_id from suspect) s cross join lateral (
    select p.event_id, min(p.payout_id), max(p.payout_id), sum_cents(case when p.kind = 1 then p.cents else 0 end), sum_cents(p.cents)
    from posting p where p.account_id = s.account_id and p.kind <= 4 and p.booking_date = :day and p.risk_carrier_id = :carrier
    group by p.event_id offset 0) x)
select coalesce(y.risk_carrier_id, (select x.risk_carrier_id from payout x where x.payout_id = g.payout_id)), coalesce(y.account_id, (select x.account_id from payout x where x.payout_id = g.payout_id), g.account_id),
  format('declaration %s in payout %s: settled for %s cents, offset %s, share %s of 10000; awarded %s, risk carrier %s, running account %s, available on %s, AGB registration %s%s',
    g.event_id, g.payout_id, g.settled, g.moved - g.settled, y.basis_points, d.awarded_cents, d.risk_carrier_id, d.account_id, d.available_on, d.agb_id,
    case when y.payout_id is null then ', which is not paid there' when g.last_payout_id <> g.payout_id then format(', with lines in payout %s', g.last_payout_id) end) as what
from examined g left join declaration d on d.declaration_id = g.event_id and (:run_id is null or d.account_id = g.account_id)   -- ids are drawn once for all: over everything half the hashing; whose it is, is compared below
  left join paid y on y.payout_id = g.payout_id and y.agb_id = d.agb_id
where y.payout_id is null or g.last_payout_id <> g.payout_id or y.account_id <> g.account_id or d.account_id <> g.account_id or d.awarded_cents <> g.settled   -- settled twice is twice the award
  or g.moved - g.settled > g.settled * y.basis_points / 10000 or d.risk_carrier_id <> y.risk_carrier_id or d.available_on > y.business_date
union all
select y.risk_carrier_id, case when t.account_id <> y.account_id then t.account_id when t.last_account_id <> y.account_id then t.last_account_id else y.account_id end,
  format('payout %s says %s cents declared in %s declarations, %s offset, entries %s to %s; booked: %s in %s, %s; declarations %s to %s, on running accounts %s to %s', y.payout_id,
    y.declared_cents, y.declarations, y.offset_cents, y.first_entry_id, y.last_entry_id, t.declared, t.declarations, t.moved - t.declared, t.first_id, t.last_id,
    t.account_id, t.last_account_id)
from payout y left join told t on t.payout_id = y.payout_id left join other o on o.account_id = y.account_id and o.payout_id = y.payout_id
where (:run_id is null or y.run_id = :run_id)
  and (t.account_id <> y.account_id or t.last_account_id <> y.account_id   -- the other account, too, waits until somebody has looked
    or y.declared_cents <> coalesce(t.declared, 0) or y.offset_cents <> coalesce(t.moved - t.declared, 0) or y.declarations <> coalesce(t.declarations, 0)
    or y.first_entry_id is distinct from least(t.first_id, o.first_id) or y.last_entry_id is distinct from greatest(t.last_id, o.last_id))
