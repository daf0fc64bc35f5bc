-- The lines of a claim, when it has lines, add up to its original amount.
-- Protects: CR-4 (the amount changes only by a reasoned entry); letters and specifications show what was booked.
-- Scope: run; claims registered from the night before on
-- Invariant: C1
select c.risk_carrier_id, c.account_id,
  format('claim %s of %s cents has %s lines of %s cents', c.claim_id, c.original_cents, count(*), sum(l.cents)) as what
from claim c join claim_line l on l.account_id = c.account_id and l.claim_id = c.claim_id
where (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
group by c.account_id, c.claim_id
having sum(l.cents) <> c.original_cents or min(l.risk_carrier_id) <> c.risk_carrier_id or max(l.risk_carrier_id) <> c.risk_carrier_id
