-- No offset of what a hold on the claim kept out of it on that day.
-- Protects: guard "no offset while held or disputed", against the hold rows themselves.
-- Scope: run
-- Invariant: C8, C9, C10
with kept as (                                    -- holds on claims that were in force on the day of an offset; ids tell that they were there at the time
  select d.account_id, d.claim_id, d.valid_from, d.risk_carrier_id, d.open_cents, d.offset_cents, h.cents, h.hold_id
  from hold h join decision d on d.account_id = h.account_id and d.claim_id = h.claim_id
  where h.for_offset and d.offset_cents > 0 and (:run_id is null or d.valid_from = :day and d.risk_carrier_id = :carrier and h.risk_carrier_id = :carrier)
    and h.from_date <= d.valid_from and coalesce(h.until_date, 'infinity') >= d.valid_from and coalesce(h.ended_on, 'infinity') > d.valid_from
    and h.hold_id < (select min(y.payout_id) from payout y where y.account_id = d.account_id and y.run_id = d.run_id))
select k.risk_carrier_id, k.account_id,
  format('claim %s: %s of %s cents offset on %s while holds keep %s%s', k.claim_id, k.offset_cents, k.open_cents, k.valid_from, coalesce(sum(k.cents), 0),
    case when bool_or(k.cents is null) then ' and all of it' else '' end) as what
from kept k group by k.risk_carrier_id, k.account_id, k.claim_id, k.valid_from, k.open_cents, k.offset_cents
having bool_or(k.cents is null) or k.offset_cents > k.open_cents - sum(k.cents)
