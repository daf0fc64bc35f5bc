-- What is settled or paid out has left the queue, and a withdrawn declaration is not in it.
-- Protects: declaration settled exactly once; money returned or advanced once.
-- Scope: run
-- Invariant: D3
select q.risk_carrier_id, q.account_id, format('entry %s of kind %s (%s cents) is queued, and settled on %s', q.entry_id, q.kind, q.cents, p.booking_date) as what
from payable q join posting p on p.account_id = q.account_id and p.event_id = q.entry_id and p.kind = case q.kind when 1 then 1 when 3 then 9 end
where :run_id is null
union all                                         -- the queue is short after a night, whatever the planner remembers: look each row up by the key
select q.risk_carrier_id, q.account_id, format('entry %s of kind %s (%s cents) is queued, and settled on %s', q.entry_id, q.kind, q.cents, p.booking_date)
from payable q cross join lateral (
  select p.booking_date from posting p
  where p.account_id = q.account_id and p.event_id = q.entry_id and p.kind = case q.kind when 1 then 1 when 3 then 9 end and p.booking_date = :day limit 1) p
where :run_id is not null and q.risk_carrier_id = :carrier
union all
select q.risk_carrier_id, q.account_id, format('entry %s of kind %s (%s cents) is queued, and is in payout %s', q.entry_id, q.kind, q.cents, e.payout_id)
from payable q join payout_entry e on e.account_id = q.account_id and e.entry_id = q.entry_id
where (:run_id is null or q.risk_carrier_id = :carrier)
union all
select q.risk_carrier_id, q.account_id, format('declaration %s is queued, and was withdrawn on %s', q.entry_id, w.decided_on)
from declaration_withdrawal w join payable q on q.account_id = w.account_id and q.entry_id = w.declaration_id and q.kind = 1
where (:run_id is null or q.risk_carrier_id = :carrier)
