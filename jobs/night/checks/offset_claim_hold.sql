-- No offset of what a hold on the claim kept out of it on that day.
-- Protects: guard "no offset while held or disputed", against the hold rows themselves.
-- Scope: run
with offset_claim as (
  select d.account_id, d.claim_id, d.valid_from, d.risk_carrier_id, d.open_cents, d.offset_cents, min(y.payout_id) as mark
  from decision d join payout y on y.account_id = d.account_id and y.run_id = d.run_id
  where d.offset_cents > 0 and (:run_id is null or d.valid_from = :day and d.risk_carrier_id = :carrier)
  group by d.account_id, d.claim_id, d.valid_from, d.risk_carrier_id, d.open_cents, d.offset_cents)
select o.risk_carrier_id, o.account_id,
  format('claim %s: %s of %s cents offset on %s while holds keep %s%s', o.claim_id, o.offset_cents, o.open_cents, o.valid_from, coalesce(sum(h.cents), 0),
    case when bool_or(h.cents is null) then ' and all of it' else '' end) as what
from offset_claim o join hold h on h.account_id = o.account_id and h.claim_id = o.claim_id and h.for_offset
where h.hold_id < o.mark and h.from_date <= o.valid_from
  and coalesce(h.until_date, 'infinity') >= o.valid_from and coalesce(h.ended_on, 'infinity') > o.valid_from
group by o.risk_carrier_id, o.account_id, o.claim_id, o.valid_from, o.open_cents, o.offset_cents
having bool_or(h.cents is null) or o.offset_cents > o.open_cents - sum(h.cents)
