-- A payout that is held has a reason: a hold on the payouts of its running account, or an incident.
-- Protects: liveness: nothing of a provider stays behind without somebody who is told.
-- Scope: all
-- Invariant: G5
select y.risk_carrier_id, y.account_id, format('payout %s of %s (%s cents) is held (%s) by no hold and no incident', y.payout_id, y.business_date, y.net_cents, y.held) as what
from payout y
where y.held <> 0
  and not exists (select 1 from hold h where h.account_id = y.account_id and h.claim_id is null and h.for_payout)
  and not exists (select 1 from incident i where i.account_id = y.account_id)
