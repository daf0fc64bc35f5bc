-- Money on account that was given to a claim is booked in full on it (15 principal, 16 costs, 17 interest), and no payment gives more than what
-- was put on account of it (14).
-- Protects: design §2 row "payment received"; a cent of a provider pays one claim.
-- Scope: run; what was given from the night before on
-- Invariant: L6, P1
with given as (
  select f.account_id, f.allocation_id, f.risk_carrier_id, f.payment_id, f.claim_id, f.cents from allocation f
  where (:run_id is null or f.risk_carrier_id = :carrier and f.decided_on > :since)),
unbooked as (
  select g.risk_carrier_id, g.account_id, g.allocation_id, g.claim_id, g.cents, coalesce(sum(p.cents), 0)::bigint as booked
  from given g left join posting p on p.account_id = g.account_id and p.event_id = g.allocation_id and p.claim_id = g.claim_id and p.kind in (15, 16, 17)
    and (:run_id is null or p.booking_date >= :since)
  group by g.risk_carrier_id, g.account_id, g.allocation_id, g.claim_id, g.cents
  having coalesce(sum(p.cents), 0) <> g.cents),
-- the payment may be of years ago, so its postings are looked up by their key, whatever the night
above as (
  select g.risk_carrier_id, g.account_id, g.payment_id, o.cents as on_account, a.cents as taken
  from (select distinct risk_carrier_id, account_id, payment_id from given where payment_id is not null) g
    cross join lateral (select coalesce(sum(p.cents), 0)::bigint as cents from posting p
      where p.account_id = g.account_id and p.event_id = g.payment_id and p.kind = 14) o
    cross join lateral (select sum(x.cents)::bigint as cents from allocation x where x.account_id = g.account_id and x.payment_id = g.payment_id) a
  where a.cents > o.cents)
select u.risk_carrier_id, u.account_id, format('allocation %s of %s cents to claim %s is booked for %s', u.allocation_id, u.cents, u.claim_id, u.booked) as what
from unbooked u
union all
select v.risk_carrier_id, v.account_id, format('of payment %s %s cents were put on account, and %s are given to claims', v.payment_id, v.on_account, v.taken)
from above v
