-- Nothing is booked before its fact: no posting on a claim before its registration, and none earlier than the day on which it was decided,
-- charged, received or became available.
-- Protects: design §2 "booked when"; a booking date never runs ahead of what it books.
-- Scope: all
-- Invariant: L9
select p.risk_carrier_id, p.account_id, format('event %s (kind %s, %s cents) is booked on %s; its fact is of %s', p.event_id, p.kind, p.cents, p.booking_date, f.on_date) as what
from posting p join (
  select a.account_id, a.adjustment_id as event_id, a.decided_on as on_date from adjustment a
  union all select c.account_id, c.charge_id, c.charged_on from charge c
    where not exists (select 1 from claim k where k.account_id = c.account_id and k.claim_id = c.claim_id and k.opening)
  union all select m.account_id, m.payment_id, m.recorded_on from payment m
  union all select a.account_id, a.allocation_id, a.decided_on from allocation a
  union all select r.account_id, r.reversal_id, r.decided_on from offset_reversal r
  union all select w.account_id, w.withdrawal_id, w.decided_on from declaration_withdrawal w
  union all select t.account_id, t.takeover_id, t.taken_on from takeover t
  union all select t.account_id, t.return_id, t.returned_on from takeover_return t
  union all select f.account_id, f.confirmation_id, f.confirmed_on from payout_confirmation f) f on f.account_id = p.account_id and f.event_id = p.event_id
where p.kind > 5 and p.kind not between 7 and 10 and p.booking_date < f.on_date
union all
select p.risk_carrier_id, p.account_id, format('event %s (kind %s, %s cents) is booked on claim %s on %s, before its registration on %s', p.event_id, p.kind, p.cents,
  p.claim_id, p.booking_date, c.registered_on)
from posting p join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
where p.booking_date < c.registered_on
