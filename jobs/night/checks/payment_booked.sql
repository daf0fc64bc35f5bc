-- A payment is booked in full: on claims (11 principal, 12 costs, 13 interest) and the rest on account (14); one from before go-live as 18.
-- Protects: design §2 row "payment received".
-- Scope: run; payments recorded from the night before on
-- Invariant: L6, P1
select m.risk_carrier_id, m.account_id,
  format('payment %s of %s cents (opening: %s) is booked for %s cents, %s of them as from before go-live', m.payment_id, m.cents, m.opening,
    coalesce(sum(p.cents), 0), coalesce(sum(p.cents) filter (where p.kind = 18), 0)) as what
from payment m left join posting p on p.account_id = m.account_id and p.event_id = m.payment_id and p.kind in (11, 12, 13, 14, 18)
  and (:run_id is null or p.booking_date >= :since)
where (:run_id is null or m.risk_carrier_id = :carrier and m.recorded_on > :since)
group by m.account_id, m.payment_id
having coalesce(sum(p.cents), 0) <> m.cents or coalesce(sum(p.cents) filter (where p.kind = 18), 0) <> case when m.opening then m.cents else 0 end
