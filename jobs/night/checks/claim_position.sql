-- The open principal, costs and interest of a claim are the sum of its postings, and its held cents lie within them.
-- Protects: law 2, the one stored sum ("proven against the postings every night").
-- Scope: run; claims that the night decided on, and those that were booked on since the night before
-- weight: 9
with touched as (
  select k.account_id, k.claim_id, k.risk_carrier_id, k.open_principal_cents, k.open_costs_cents, k.open_interest_cents, k.held_cents
  from claim_position k
  where :run_id is null or k.risk_carrier_id = :carrier and (k.account_id, k.claim_id) in (
    select d.account_id, d.claim_id from decision d where d.valid_from = :day and d.risk_carrier_id = :carrier
    union all
    select p.account_id, p.claim_id from posting p
    where p.kind > 5 and p.claim_id is not null and p.booking_date between :since and :day and p.risk_carrier_id = :carrier)),
booked as (
  select t.account_id, t.claim_id,
    sum(case when p.debit = 2 then p.cents when p.credit = 2 then -p.cents end)::bigint as principal,
    sum(case when p.debit = 3 then p.cents when p.credit = 3 then -p.cents end)::bigint as costs,
    sum(case when p.debit = 4 then p.cents when p.credit = 4 then -p.cents end)::bigint as interest
  from touched t join posting p on p.account_id = t.account_id and p.claim_id = t.claim_id
  group by t.account_id, t.claim_id)
select t.risk_carrier_id, t.account_id,
  format('claim %s: open %s + costs %s + interest %s, held %s; its postings: %s, %s, %s', t.claim_id, t.open_principal_cents,
    t.open_costs_cents, t.open_interest_cents, t.held_cents, coalesce(b.principal, 0), coalesce(b.costs, 0), coalesce(b.interest, 0)) as what
from touched t left join booked b on b.account_id = t.account_id and b.claim_id = t.claim_id
where t.open_principal_cents <> coalesce(b.principal, 0) or t.open_costs_cents <> coalesce(b.costs, 0)
  or t.open_interest_cents <> coalesce(b.interest, 0)
  or t.open_principal_cents < 0 or t.open_costs_cents < 0 or t.open_interest_cents < 0
  or t.held_cents not between 0 and t.open_principal_cents + t.open_costs_cents + t.open_interest_cents
