-- What an agreement moved is whole: the payer's claim (40) and the debtor's relief (41) are the same cents, what went back (42, 43) too and never
-- more than was taken over, and so ledger account 13 is zero over both running accounts together.
-- Protects: OF-10; both parties' books tell of the same cents (no debt is lost or doubled on its way from one running account to another).
-- A finding is on the payer's running account: it is of the night's risk carrier, which the debtor need not be, and its payout is what is kept.
-- Scope: run; what the night moved, and claims and adjustments from the night before on
-- Invariant: L11
with pair as (
  select t.risk_carrier_id, t.account_id, t.takeover_id as event_id, t.claim_id, t.cents, t.payer_account_id, t.takeover_id, 40 as at_payer, 41 as at_debtor
  from takeover t where (:run_id is null or t.run_id = :run_id)
  union all
  select r.risk_carrier_id, r.account_id, r.return_id, r.claim_id, r.cents, t.payer_account_id, r.takeover_id, 42, 43
  from takeover_return r left join takeover t on t.account_id = r.account_id and t.takeover_id = r.takeover_id and t.claim_id = r.claim_id
  where (:run_id is null or r.run_id = :run_id)),
booked as (
  select x.*, p.cents as payer_cents, d.cents as debtor_cents, c.claim_id as payer_claim
  from pair x
    left join posting p on p.account_id = x.payer_account_id and p.event_id = x.event_id and p.kind = x.at_payer and p.claim_id = x.takeover_id
      and (:run_id is null or p.booking_date >= :since)
    left join posting d on d.account_id = x.account_id and d.event_id = x.event_id and d.kind = x.at_debtor and d.claim_id = x.claim_id
      and (:run_id is null or d.booking_date >= :since)
    left join claim c on c.account_id = x.payer_account_id and c.claim_id = x.takeover_id and c.kind = 8)
select coalesce(ra.risk_carrier_id, b.risk_carrier_id), b.payer_account_id,
  format('claim %s of account %s: %s cents %s under an agreement (event %s); booked %s at the payer (account %s, claim %s), %s at the debtor', b.claim_id, b.account_id, b.cents,
    case b.at_payer when 40 then 'taken over' else 'given back' end, b.event_id, b.payer_cents, b.payer_account_id, b.payer_claim, b.debtor_cents) as what
from booked b left join running_account ra on ra.account_id = b.payer_account_id
where b.payer_cents is distinct from b.cents or b.debtor_cents is distinct from b.cents or b.payer_claim is null
union all
select ra.risk_carrier_id, ra.account_id, format('takeover %s of %s cents: %s cents went back', t.takeover_id, t.cents, sum(r.cents))
from takeover_return r join takeover t on t.account_id = r.account_id and t.takeover_id = r.takeover_id
  join running_account ra on ra.account_id = t.payer_account_id
where :run_id is null or r.takeover_id in (select x.takeover_id from takeover_return x where x.run_id = :run_id)
group by ra.account_id, t.account_id, t.takeover_id having sum(r.cents) > t.cents
union all                                         -- the payer's side without the debtor's (the debtor's without the payer's: above)
select c.risk_carrier_id, c.account_id, format('claim %s says that it was taken over, and nobody tells from whom', c.claim_id)
from claim c where c.kind = 8 and (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  and not exists (select 1 from takeover t where t.payer_account_id = c.account_id and t.takeover_id = c.claim_id and t.cents = c.original_cents)
union all
select a.risk_carrier_id, a.account_id, format('adjustment %s of claim %s: %s cents are booked as given back, and nobody got them', a.adjustment_id, a.claim_id, p.cents)
from adjustment a join posting p on p.account_id = a.account_id and p.event_id = a.adjustment_id and p.kind = 42
  and (:run_id is null or p.booking_date >= :since)
where (:run_id is null or a.risk_carrier_id = :carrier and a.decided_on >= :since)
  and not exists (
    select 1 from takeover_return r join takeover t on t.account_id = r.account_id and t.takeover_id = r.takeover_id
    where r.return_id = a.adjustment_id and t.payer_account_id = a.account_id and t.takeover_id = a.claim_id)
