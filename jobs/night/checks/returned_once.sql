-- Money that comes back by reversing an offset is queued or paid out, once and whole; when the declaration itself is withdrawn, never.
-- Protects: design §2 row "offset reversed: the money becomes payable again" and row "declaration withdrawn".
-- Scope: run; reversals decided from the previous night on, and what this night paid out
-- Invariant: D4
with returned as (
  select r.risk_carrier_id, r.account_id, r.reversal_id, r.cents, r.cause from offset_reversal r
  where (:run_id is null or r.risk_carrier_id = :carrier and r.decided_on >= :since)
  union
  select e.risk_carrier_id, e.account_id, e.entry_id, r.cents, r.cause from payout_entry e
    join payout y on y.account_id = e.account_id and y.payout_id = e.payout_id
    left join offset_reversal r on r.account_id = e.account_id and r.reversal_id = e.entry_id
  where e.kind = 2 and (:run_id is null or y.run_id = :run_id))
select r.risk_carrier_id, r.account_id,
  format('reversal %s of %s cents (cause %s): queued %s, paid out %s', r.reversal_id, r.cents, r.cause, coalesce(q.cents, 0), coalesce(e.cents, 0)) as what
from returned r left join payable q on q.account_id = r.account_id and q.entry_id = r.reversal_id and q.kind = 2
  left join payout_entry e on e.account_id = r.account_id and e.entry_id = r.reversal_id and e.kind = 2
where r.cents is null or case r.cause when 3 then 0 else r.cents end <> coalesce(q.cents, 0) + coalesce(e.cents, 0)
  or (q.entry_id is not null and e.entry_id is not null)
