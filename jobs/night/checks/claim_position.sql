-- The open principal, costs and interest of a claim are the sum of its postings, and its held cents lie within them.
-- Protects: law 2, the one stored sum ("proven against the postings every night").
-- Scope: run; claims that the night decided on, and those that were booked on since the night before
-- weight: 9
with touched as (
  select k.account_id, k.claim_id from claim_position k where :run_id is null
  union all (
  select d.account_id, d.claim_id from decision d where :run_id is not null and d.valid_from = :day and d.risk_carrier_id = :carrier
  union
  select p.account_id, p.claim_id from posting p
  where :run_id is not null and p.kind > 5 and p.claim_id is not null and p.booking_date between :since and :day and p.risk_carrier_id = :carrier)),
booked as (
  select p.claim_id, p.account_id,
    sum_cents(case when p.debit = 2 then p.cents when p.credit = 2 then -p.cents else 0 end) as principal,
    sum_cents(case when p.debit = 3 then p.cents when p.credit = 3 then -p.cents else 0 end) as costs,
    sum_cents(case when p.debit = 4 then p.cents when p.credit = 4 then -p.cents else 0 end) as interest
  from touched t join posting p on p.account_id = t.account_id and p.claim_id = t.claim_id
  group by p.claim_id, p.account_id)
select k.risk_carrier_id, k.account_id,
  format('claim %s: open %s + costs %s + interest %s, held %s; its postings: %s, %s, %s', k.claim_id, k.open_principal_cents,
    k.open_costs_cents, k.open_interest_cents, k.held_cents, coalesce(b.principal, 0), coalesce(b.costs, 0), coalesce(b.interest, 0)) as what
from touched t join claim_position k on k.account_id = t.account_id and k.claim_id = t.claim_id
  left join booked b on b.account_id = k.account_id and b.claim_id = k.claim_id
where k.open_principal_cents <> coalesce(b.principal, 0) or k.open_costs_cents <> coalesce(b.costs, 0) or k.open_interest_cents <> coalesce(b.interest, 0)
  or k.open_principal_cents < 0 or k.open_costs_cents < 0 or k.open_interest_cents < 0
  or k.held_cents not between 0 and k.open_principal_cents + k.open_costs_cents + k.open_interest_cents
