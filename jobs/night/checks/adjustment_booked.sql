-- An adjustment or withdrawal mirrors the registration in part or whole; a write-off goes to written off, per component. Only a withdrawal
-- cancels costs and interest too, and no more is freed of payments (principal 34, costs 35, interest 36) than what that takes away.
-- Protects: design §2 row "adjustment, withdrawal, write-off".
-- Scope: run; adjustments decided from the night before on
-- Invariant: L6
with booked as (
  select p.account_id, p.event_id, p.claim_id,
    coalesce(sum(case when p.kind = 23 then p.cents when p.kind in (22, 42) then -p.cents end), 0)::bigint as adjusted,
    coalesce(sum(-p.cents) filter (where p.kind between 24 and 26), 0)::bigint as written_off,
    coalesce(sum(p.cents) filter (where p.kind in (27, 28)), 0)::bigint as cancelled,
    coalesce(sum(p.cents) filter (where p.kind = 34), 0)::bigint as freed,
    coalesce(sum(p.cents) filter (where p.kind in (35, 36)), 0)::bigint as charges_freed
  from adjustment f join posting p on p.account_id = f.account_id and p.event_id = f.adjustment_id and p.kind in (22, 23, 24, 25, 26, 27, 28, 34, 35, 36, 42)
    and (:run_id is null or p.booking_date >= :since)
  where (:run_id is null or f.risk_carrier_id = :carrier and f.decided_on > :since)
  group by p.account_id, p.event_id, p.claim_id)
select f.risk_carrier_id, f.account_id,
  format('adjustment %s of %s cents (kind %s) on claim %s is booked for %s, written off %s, charges cancelled %s, payments freed %s + %s', f.adjustment_id,
    f.delta_cents, f.kind, f.claim_id, b.adjusted, b.written_off, b.cancelled, b.freed, b.charges_freed) as what
from adjustment f left join booked b on b.account_id = f.account_id and b.event_id = f.adjustment_id and b.claim_id = f.claim_id
where (:run_id is null or f.risk_carrier_id = :carrier and f.decided_on > :since)
  and (b.claim_id is null or f.kind > 1 and f.delta_cents > 0
    or case f.kind when 3 then b.written_off <> f.delta_cents or b.adjusted <> 0 or b.freed + b.cancelled + b.charges_freed > 0
      else b.adjusted <> f.delta_cents or b.written_off <> 0 or b.freed > greatest(0, -f.delta_cents) or b.charges_freed > b.cancelled
        or f.kind = 1 and b.cancelled > 0 end)
