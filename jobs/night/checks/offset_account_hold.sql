-- No offset on a running account that stands still: insolvency, cession, attachment, dispute, block of the whole account on that day.
-- Protects: design §1 legal defaults (automatic offset stops); facts, not the decision's own reading of them.
-- Scope: run
-- Invariant: C10, C19, C20
select y.risk_carrier_id, y.account_id,
  format('payout %s of %s offsets %s cents; hold %s (kind %s) on the account runs from %s', y.payout_id, y.business_date, y.offset_cents, h.hold_id, h.kind, h.from_date) as what
from payout y join hold h on h.account_id = y.account_id and h.claim_id is null and h.for_offset
where (:run_id is null or y.run_id = :run_id) and y.offset_cents > 0
  and h.hold_id < y.payout_id and h.from_date <= y.business_date          -- ids come from one sequence: it was there when the night decided
  and coalesce(h.until_date, 'infinity') >= y.business_date and coalesce(h.ended_on, 'infinity') > y.business_date
