-- The open principal, costs and interest of a claim are the sum of its postings, and its held cents lie within them.
-- In a night what was offset on a claim is taken from its decision, which offset_lines proves against those lines, claim by claim: the lines on a
-- principal, most of what a night writes, are read there and not here. A line on costs or interest moves its cents from the principal's part.
-- Protects: law 2, the one stored sum ("proven against the postings every night").
-- Scope: run; claims that the night decided on, and those that were booked on since the night before
-- weight: 5
-- Invariant: L3, C1, C3
with changed as (                                 -- by its facts: they are few, the postings of a night are not
  select f.account_id, f.claim_id from (
    select account_id, claim_id from claim_position where :run_id is not null and risk_carrier_id = :carrier and registered_on >= :since
    union select account_id, claim_id from adjustment where :run_id is not null and risk_carrier_id = :carrier and decided_on >= :since
    union select account_id, claim_id from charge where :run_id is not null and risk_carrier_id = :carrier and charged_on >= :since
    union select account_id, claim_id from allocation where :run_id is not null and risk_carrier_id = :carrier and decided_on >= :since
    union select account_id, claim_id from offset_reversal where :run_id is not null and risk_carrier_id = :carrier and decided_on >= :since
    union select account_id, claim_id from takeover where :run_id is not null and risk_carrier_id = :carrier and taken_on >= :since
    union select account_id, claim_id from takeover_return where :run_id is not null and risk_carrier_id = :carrier and returned_on >= :since
    union select e.account_id, e.entry_id from payout y join payout_entry e on e.account_id = y.account_id and e.payout_id = y.payout_id and e.kind = 3
      where y.run_id = :run_id
    union select p.account_id, p.claim_id from payment m cross join lateral (
        select x.account_id, x.claim_id from posting x where x.account_id = m.account_id and x.event_id = m.payment_id and x.claim_id is not null offset 0) p
      where :run_id is not null and m.risk_carrier_id = :carrier and m.recorded_on >= :since) f
  where not exists (select 1 from decision d where d.account_id = f.account_id and d.claim_id = f.claim_id and d.valid_from = :day)),
move as (                                         -- three parts, each a join that the planner can estimate
  select k.account_id, k.claim_id, 0::bigint as offset_cents, p.debit, p.credit, p.cents
  from claim_position k left join posting p on p.account_id = k.account_id and p.claim_id = k.claim_id
  where :run_id is null
  union all
  select d.account_id, d.claim_id, d.offset_cents, case when p.kind in (3, 4) and p.booking_date = :day and p.risk_carrier_id = :carrier then 2 else p.debit end, p.credit, p.cents
  from decision d left join posting p on p.account_id = d.account_id and p.claim_id = d.claim_id and p.claim_id is not null and (p.kind <> 2 or p.booking_date <> :day or p.risk_carrier_id <> :carrier)
  where :run_id is not null and d.valid_from = :day and d.risk_carrier_id = :carrier
  union all
  select c.account_id, c.claim_id, 0, p.debit, p.credit, p.cents from changed c join posting p on p.account_id = c.account_id and p.claim_id = c.claim_id),
booked as (
  select m.claim_id, m.account_id,
    sum_cents(case 2 when m.credit then -m.cents when m.debit then m.cents else 0 end) - max(m.offset_cents) as principal,
    sum_cents(case 3 when m.credit then -m.cents when m.debit then m.cents else 0 end) as costs,
    sum_cents(case 4 when m.credit then -m.cents when m.debit then m.cents else 0 end) as interest
  from move m group by m.claim_id, m.account_id)
select k.risk_carrier_id, k.account_id,
  format('claim %s: open %s + costs %s + interest %s, held %s; its postings: %s, %s, %s', k.claim_id, k.open_principal_cents,
    k.open_costs_cents, k.open_interest_cents, k.held_cents, b.principal, b.costs, b.interest) as what
from booked b join claim_position k on k.account_id = b.account_id and k.claim_id = b.claim_id
where k.open_principal_cents <> b.principal or k.open_costs_cents <> b.costs or k.open_interest_cents <> b.interest
  or k.open_principal_cents < 0 or k.open_costs_cents < 0 or k.open_interest_cents < 0
  or k.held_cents not between 0 and k.open_principal_cents + k.open_costs_cents + k.open_interest_cents
