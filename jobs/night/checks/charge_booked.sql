-- Interest and costs are booked for what was charged, on their own ledger accounts.
-- Protects: design §2 row "interest, costs charged".
-- Scope: run; charges from the night before on
-- Invariant: L6, C17
select f.risk_carrier_id, f.account_id,
  format('charge %s of %s cents (kind %s) on claim %s is booked for %s cents', f.charge_id, f.cents, f.kind, f.claim_id, coalesce(sum(p.cents), 0)) as what
from charge f left join posting p on p.account_id = f.account_id and p.event_id = f.charge_id and p.claim_id = f.claim_id
  and p.kind = case f.kind when 1 then 21 else 20 end and (:run_id is null or p.booking_date >= :since)
where (:run_id is null or f.risk_carrier_id = :carrier and f.charged_on > :since)
group by f.account_id, f.charge_id
having coalesce(sum(p.cents), 0) <> f.cents
