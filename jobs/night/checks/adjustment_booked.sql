-- An adjustment or withdrawal mirrors the registration in part or whole, with the costs and interest that it cancels; a write-off goes to
-- written off, per component. What was reversed or freed for it is no more than the adjustment itself.
-- Protects: design §2 row "adjustment, withdrawal, write-off".
-- Scope: run; adjustments decided from the night before on
select f.risk_carrier_id, f.account_id,
  format('adjustment %s of %s cents (kind %s) on claim %s is booked for %s, freed %s', f.adjustment_id, f.delta_cents, f.kind, f.claim_id,
    coalesce(b.delta, 0), coalesce(b.freed, 0)) as what
from adjustment f left join (
    select p.account_id, p.event_id, p.claim_id,
      sum(case p.kind when 23 then p.cents when 34 then 0 else -p.cents end)::bigint as delta,
      sum(p.cents) filter (where p.kind = 34)::bigint as freed, bool_or(p.kind between 24 and 26) as written_off, bool_or(p.kind in (22, 23, 27, 28)) as adjusted
    from posting p
    where p.kind in (22, 23, 24, 25, 26, 27, 28, 34) and (:run_id is null or p.booking_date >= :since and p.risk_carrier_id = :carrier)
    group by p.account_id, p.event_id, p.claim_id) b
  on b.account_id = f.account_id and b.event_id = f.adjustment_id and b.claim_id = f.claim_id
where (:run_id is null or f.risk_carrier_id = :carrier and f.decided_on > :since)
  and (b.delta is distinct from f.delta_cents or b.freed > -f.delta_cents or (f.kind = 3) <> b.written_off or (f.kind = 3) = b.adjusted or f.kind > 1 and f.delta_cents > 0)
