-- No posting without the fact that caused it (kinds 1-4 are proven by declaration_settled and offset_lines).
-- Protects: design §2, "booked when"; contract: posting.event_id is the fact.
-- Scope: run; from the previous night on, so that what was booked by day is seen too
-- weight: 2
-- Invariant: L7
with p as materialized (
  select * from posting
  where kind >= 5 and (:run_id is null or booking_date between :since and :day and risk_carrier_id = :carrier
    and (kind > 5 or event_id is distinct from payout_id))),   -- that the payout of a night's payment exists is proven by payout_totals
orphan as (
  select p.* from p where p.kind = 5 and not exists (select 1 from payout f where f.account_id = p.account_id and f.payout_id = p.event_id)
  union all
  select p.* from p where p.kind = 6 and not exists (
    select 1 from payout_confirmation f where f.account_id = p.account_id and f.confirmation_id = p.event_id and f.payout_id = p.payout_id)
  union all
  select p.* from p where (p.kind between 7 and 10 or p.kind = 40) and not exists (
    select 1 from claim f where f.account_id = p.account_id and f.claim_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind in (11, 12, 13, 14, 18) and not exists (
    select 1 from payment f where f.account_id = p.account_id and f.payment_id = p.event_id)
  union all
  select p.* from p where p.kind in (15, 16, 17) and not exists (
    select 1 from allocation f where f.account_id = p.account_id and f.allocation_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind in (20, 21) and not exists (
    select 1 from charge f where f.account_id = p.account_id and f.charge_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind in (22, 23, 24, 25, 26, 27, 28, 34, 35, 36, 42) and not exists (
    select 1 from adjustment f where f.account_id = p.account_id and f.adjustment_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind in (30, 31, 32) and not exists (
    select 1 from offset_reversal f where f.account_id = p.account_id and f.reversal_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind = 41 and not exists (
    select 1 from takeover f where f.account_id = p.account_id and f.takeover_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind = 43 and not exists (
    select 1 from takeover_return f where f.account_id = p.account_id and f.return_id = p.event_id and f.claim_id = p.claim_id)
  union all
  select p.* from p where p.kind = 33 and not exists (
    select 1 from declaration_withdrawal f where f.account_id = p.account_id and f.withdrawal_id = p.event_id))
select o.risk_carrier_id, o.account_id,
  format('posting of kind %s (%s cents, booked %s) names event %s, and that fact does not exist', o.kind, o.cents, o.booking_date, o.event_id) as what
from orphan o
