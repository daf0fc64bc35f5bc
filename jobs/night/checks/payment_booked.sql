-- A payment is booked in full: on claims (11 principal, 12 costs, 13 interest) and the rest on account (14); one from before go-live as 18.
-- Protects: design §2 row "payment received".
-- Scope: run; payments recorded from the night before on
select m.risk_carrier_id, m.account_id,
  format('payment %s of %s cents (opening: %s) is booked for %s cents, %s of them as from before go-live', m.payment_id, m.cents, m.opening, coalesce(b.cents, 0), b.opening_cents) as what
from payment m left join (
    select p.account_id, p.event_id, sum(p.cents)::bigint as cents, coalesce(sum(p.cents) filter (where p.kind = 18), 0)::bigint as opening_cents from posting p
    where p.kind in (11, 12, 13, 14, 18) and (:run_id is null or p.booking_date >= :since and p.risk_carrier_id = :carrier) group by p.account_id, p.event_id) b
  on b.account_id = m.account_id and b.event_id = m.payment_id
where (:run_id is null or m.risk_carrier_id = :carrier and m.recorded_on > :since)
  and (b.cents is distinct from m.cents or b.opening_cents <> case when m.opening then m.cents else 0 end)
