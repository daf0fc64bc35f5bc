-- An advance is queued, paid out (posting 9 and a line of the payout, same amount) or booked as paid elsewhere: one of the three.
-- Protects: design §2 row "advance paid".
-- Scope: run; advances registered from the previous night on, and what this night paid out
-- Invariant: L6
with advance as (
  select c.risk_carrier_id, c.account_id, c.claim_id, c.original_cents from claim c
  where c.kind = 4 and not c.opening and (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  union
  select e.risk_carrier_id, e.account_id, e.entry_id, c.original_cents from payout_entry e
    join payout y on y.account_id = e.account_id and y.payout_id = e.payout_id
    left join claim c on c.account_id = e.account_id and c.claim_id = e.entry_id and c.kind = 4
  where e.kind = 3 and (:run_id is null or y.run_id = :run_id)),
booked as (
  select a.account_id, a.claim_id, coalesce(sum(p.cents) filter (where p.kind = 9), 0)::bigint as paid,
    coalesce(sum(p.cents) filter (where p.kind = 10), 0)::bigint as elsewhere, min(p.payout_id) as payout_id
  from advance a join posting p on p.account_id = a.account_id and p.event_id = a.claim_id and p.kind in (9, 10)
  group by a.account_id, a.claim_id)
select a.risk_carrier_id, a.account_id,
  format('advance %s of %s cents: queued %s, paid out %s (posting 9: %s), paid elsewhere %s', a.claim_id, a.original_cents,
    coalesce(q.cents, 0), coalesce(e.cents, 0), coalesce(b.paid, 0), coalesce(b.elsewhere, 0)) as what
from advance a left join booked b on b.account_id = a.account_id and b.claim_id = a.claim_id
  left join payable q on q.account_id = a.account_id and q.entry_id = a.claim_id and q.kind = 3
  left join payout_entry e on e.account_id = a.account_id and e.entry_id = a.claim_id and e.kind = 3
where coalesce(b.paid, 0) <> coalesce(e.cents, 0) or b.paid > 0 and b.payout_id is distinct from e.payout_id
  or coalesce(q.cents, 0) + coalesce(b.paid, 0) + coalesce(b.elsewhere, 0) is distinct from a.original_cents
