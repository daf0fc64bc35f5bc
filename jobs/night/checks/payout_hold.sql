-- No money leaves for a running account whose payouts are held: a night holds what a hold covers on its date, and no payment file takes a payout
-- while a hold was in force from the night to the day of payment.
-- Protects: guard "a payout waits while a hold on payouts runs" (insolvency, attachment: paying the provider does not free the insurer).
-- Scope: run; before its release what the night itself made, after it what its files took
-- Invariant: C19
select y.risk_carrier_id, y.account_id,
  format('payout %s of %s (%s cents) is free, while hold %s (kind %s) on payouts runs from %s', y.payout_id, y.business_date, y.net_cents, h.hold_id, h.kind, h.from_date) as what
from payout y join run r on r.run_id = y.run_id join hold h on h.account_id = y.account_id and h.claim_id is null and h.for_payout
where (:run_id is null or y.run_id = :run_id) and y.held = 0 and r.state <> 'released'
  and h.hold_id < y.payout_id and h.from_date <= y.business_date   -- ids come from one sequence: it was there when the night decided
  and coalesce(h.until_date, 'infinity') >= y.business_date and h.ended_on is null
union all
select i.risk_carrier_id, i.account_id,
  format('payout %s of %s (%s cents) went to the bank in file %s for %s, while hold %s (kind %s) on payouts ran from %s', i.payout_id, y.business_date, i.cents, f.message_id,
    f.execution_date, h.hold_id, h.kind, h.from_date)
from payment_instruction i join payment_file f on f.payment_file_id = i.payment_file_id join payout y on y.account_id = i.account_id and y.payout_id = i.payout_id
  join hold h on h.account_id = i.account_id and h.claim_id is null and h.for_payout
where (:run_id is null or y.run_id = :run_id)
  and h.hold_id < f.payment_file_id and h.from_date <= y.business_date
  and coalesce(h.until_date, 'infinity') >= f.execution_date and coalesce(h.ended_on, 'infinity') > f.execution_date
