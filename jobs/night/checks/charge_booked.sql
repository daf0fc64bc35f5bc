-- Interest and costs are booked for what was charged, on their own ledger accounts.
-- Protects: design §2 row "interest, costs charged".
-- Scope: run; charges from the night before on
select f.risk_carrier_id, f.account_id,
  format('charge %s of %s cents (kind %s) on claim %s is booked for %s cents', f.charge_id, f.cents, f.kind, f.claim_id, coalesce(b.cents, 0)) as what
from charge f left join (
    select p.account_id, p.event_id, p.claim_id, p.kind, sum(p.cents)::bigint as cents from posting p
    where p.kind in (20, 21) and (:run_id is null or p.booking_date >= :since and p.risk_carrier_id = :carrier) group by p.account_id, p.event_id, p.claim_id, p.kind) b
  on b.account_id = f.account_id and b.event_id = f.charge_id and b.claim_id = f.claim_id and b.kind = case f.kind when 1 then 21 else 20 end
where (:run_id is null or f.risk_carrier_id = :carrier and f.charged_on > :since) and b.cents is distinct from f.cents
