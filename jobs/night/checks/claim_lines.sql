-- The lines of a claim, when it has lines, add up to its original amount.
-- Protects: CR-4 (the amount changes only by a reasoned entry); letters and specifications show what was booked.
-- Scope: run; claims registered from the night before on
select c.risk_carrier_id, c.account_id, format('claim %s of %s cents has %s lines of %s cents', c.claim_id, c.original_cents, l.lines, l.cents) as what
from claim c join (
    select account_id, claim_id, count(*) as lines, sum(cents)::bigint as cents, min(risk_carrier_id) as least_carrier, max(risk_carrier_id) as greatest_carrier
    from claim_line group by account_id, claim_id) l
  on l.account_id = c.account_id and l.claim_id = c.claim_id
where (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  and (l.cents <> c.original_cents or l.least_carrier <> c.risk_carrier_id or l.greatest_carrier <> c.risk_carrier_id)
