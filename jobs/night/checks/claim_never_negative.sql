-- After every single event, not only at the end, principal, costs and interest of a claim stand at zero or more.
-- Protects: guard "never more taken than is open": an overshoot that is put right later is still one.
-- Scope: all (offset_lines proves it for the night's own lines)
-- Ids are drawn under the lock of the running account: in their order (a payout's for what its night wrote) things happened. What an adjustment
-- or withdrawal gives back belongs to it.
-- Invariant: L4, C15
with moved as (
  select p.account_id, p.claim_id, coalesce(p.payout_id, r.cause_id, p.event_id) as nth, min(p.risk_carrier_id) as risk_carrier_id,
    sum_cents(case 2 when p.debit then p.cents when p.credit then -p.cents else 0 end) as principal,
    sum_cents(case 3 when p.debit then p.cents when p.credit then -p.cents else 0 end) as costs,
    sum_cents(case 4 when p.debit then p.cents when p.credit then -p.cents else 0 end) as interest
  from posting p left join offset_reversal r on p.kind in (30, 31, 32) and r.account_id = p.account_id and r.reversal_id = p.event_id and r.cause > 1
  where p.claim_id is not null
  group by p.account_id, p.claim_id, coalesce(p.payout_id, r.cause_id, p.event_id)),
stood as (
  select m.risk_carrier_id, m.account_id, m.claim_id, m.nth, sum(m.principal) over w as principal, sum(m.costs) over w as costs, sum(m.interest) over w as interest
  from moved m window w as (partition by m.account_id, m.claim_id order by m.nth))
select s.risk_carrier_id, s.account_id,
  format('claim %s stands at principal %s, costs %s, interest %s after event %s', s.claim_id, s.principal, s.costs, s.interest, s.nth) as what
from stood s where s.principal < 0 or s.costs < 0 or s.interest < 0
