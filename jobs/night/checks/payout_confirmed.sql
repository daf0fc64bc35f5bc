-- A payout is confirmed by the bank once, for what was instructed, with posting 6 for the same amount.
-- Protects: design §2 row "payout; confirmed by the bank".
-- Scope: run; confirmations from the previous night on
select f.risk_carrier_id, f.account_id,
  format('confirmation %s of payout %s: %s cents, instructed %s, booked %s', f.confirmation_id, f.payout_id, f.cents, i.cents, b.cents) as what
from payout_confirmation f
  left join payment_instruction i on i.account_id = f.account_id and i.payout_id = f.payout_id
  left join (select p.account_id, p.event_id, p.payout_id, sum(p.cents)::bigint as cents from posting p
    where p.kind = 6 and (:run_id is null or p.booking_date >= :since) group by p.account_id, p.event_id, p.payout_id) b
    on b.account_id = f.account_id and b.event_id = f.confirmation_id and b.payout_id = f.payout_id
where (:run_id is null or f.risk_carrier_id = :carrier and f.confirmed_on >= :since)
  and (i.cents is distinct from f.cents or b.cents is distinct from f.cents)
union all
select f.risk_carrier_id, f.account_id, format('payout %s is confirmed %s times', f.payout_id, count(*))
from payout_confirmation f where (:run_id is null or f.risk_carrier_id = :carrier)
group by f.risk_carrier_id, f.account_id, f.payout_id having count(*) > 1
