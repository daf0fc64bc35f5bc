-- A payout is confirmed by the bank once, for what was instructed, with posting 6 for the same amount.
-- Protects: design §2 row "payout; confirmed by the bank".
-- Scope: run; confirmations from the night before on
-- Invariant: L6, P6
select f.risk_carrier_id, f.account_id,
  format('confirmation %s of payout %s: %s cents, instructed %s, booked %s', f.confirmation_id, f.payout_id, f.cents, min(i.cents), sum(p.cents)) as what
from payout_confirmation f
  left join payment_instruction i on i.account_id = f.account_id and i.payout_id = f.payout_id
  left join posting p on p.account_id = f.account_id and p.event_id = f.confirmation_id and p.kind = 6 and p.payout_id = f.payout_id
    and (:run_id is null or p.booking_date >= :since)
where (:run_id is null or f.risk_carrier_id = :carrier and f.confirmed_on > :since)
group by f.account_id, f.confirmation_id
having min(i.cents) is distinct from f.cents or sum(p.cents) is distinct from f.cents::numeric
union all
select min(f.risk_carrier_id), f.account_id, format('payout %s is confirmed %s times', f.payout_id, count(*))
from payout_confirmation f where :run_id is null group by f.account_id, f.payout_id having count(*) > 1
