-- A claim is booked once for its original amount: registered (7), opening (8), an advance when it is paid (9, 10), taken over (40).
-- Protects: design §2 rows "claim registered", "credit note or correction", "advance paid".
-- Scope: run; claims registered from the previous night on
-- Invariant: L6
with booked as (
  select p.account_id, p.claim_id, p.event_id, count(*) as times, sum(p.cents)::bigint as cents, min(p.kind) as kind
  from claim c join posting p on p.account_id = c.account_id and p.event_id = c.claim_id and p.claim_id = c.claim_id and (p.kind between 7 and 10 or p.kind = 40)
    and (:run_id is null or p.booking_date >= :since)
  where (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  group by p.account_id, p.claim_id, p.event_id)
select c.risk_carrier_id, c.account_id,
  format('claim %s of kind %s, original %s cents, is booked %s times for %s cents (kind %s)', c.claim_id, c.kind, c.original_cents,
    coalesce(b.times, 0), coalesce(b.cents, 0), b.kind) as what
from claim c left join booked b on b.account_id = c.account_id and b.claim_id = c.claim_id and b.event_id = c.claim_id
where (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  and case
    when c.kind = 4 and not c.opening then b.times > 1 or b.cents <> c.original_cents or b.kind < 9
      or b.times is null and not exists (select 1 from payable q where q.account_id = c.account_id and q.entry_id = c.claim_id and q.kind = 3)
    else b.times is distinct from 1 or b.cents <> c.original_cents or b.kind <> case when c.opening then 8 when c.kind = 8 then 40 else 7 end end
