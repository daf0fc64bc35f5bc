-- A payment goes to costs, then interest, then principal of a claim: it takes no principal while costs or interest stay open, and no
-- interest while costs stay open. On account only when nothing of its claims is open.
-- Protects: art. 6:44 BW; design §1 legal defaults.
-- Scope: run; payments recorded, and money on account given to a claim, from the night before on
-- Invariant: C16
with paid as (
  select p.account_id, p.claim_id, p.event_id, p.risk_carrier_id, bool_or(p.kind in (11, 15)) as principal,
    bool_or(p.kind in (13, 17)) as interest
  from (select account_id, payment_id as fact_id from payment where :run_id is null or risk_carrier_id = :carrier and recorded_on > :since
        union all
        select account_id, allocation_id from allocation where :run_id is null or risk_carrier_id = :carrier and decided_on > :since) m
    join posting p on p.account_id = m.account_id and p.event_id = m.fact_id and p.kind in (11, 12, 13, 15, 16, 17)
  where (:run_id is null or p.booking_date >= :since)
  group by p.account_id, p.claim_id, p.event_id, p.risk_carrier_id),
after as (
  select a.account_id, a.claim_id, a.event_id, a.risk_carrier_id, a.principal, a.interest,
    coalesce(sum(case when p.debit = 3 then p.cents when p.credit = 3 then -p.cents end), 0)::bigint as costs_left,
    coalesce(sum(case when p.debit = 4 then p.cents when p.credit = 4 then -p.cents end), 0)::bigint as interest_left
  from paid a join posting p on p.account_id = a.account_id and p.claim_id = a.claim_id
    and coalesce(p.payout_id, p.event_id) <= a.event_id   -- ids are drawn under the lock of the running account: they tell what came before
  group by a.account_id, a.claim_id, a.event_id, a.risk_carrier_id, a.principal, a.interest)
select a.risk_carrier_id, a.account_id,
  format('payment or allocation %s took %s of claim %s while costs of %s and interest of %s stayed open', a.event_id,
    case when a.principal then 'principal' else 'interest' end, a.claim_id, a.costs_left, a.interest_left) as what
from after a
where a.principal and a.costs_left + a.interest_left > 0 or a.interest and a.costs_left > 0
