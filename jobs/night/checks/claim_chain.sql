-- Offset lines of a claim follow each other without gap: what stays open after one is what the next one takes from, and the first and
-- the last fit the other postings of the claim. The same for reversals, upwards. Never below zero.
-- Protects: design §2 rows "offset" and "offset reversed": the lines of a claim are the fall of its open principal.
-- A moment is what one transaction did to the claim (recorded_at), and moments follow each other by the ids that were drawn under the lock
-- of the running account (a payout's id for what the night wrote). Where other kinds share a moment, only the links inside are looked at.
-- Scope: run; claims that the night offset
-- weight: 10
with touched as (
  select distinct p.account_id, p.claim_id from posting p
  where p.kind in (2, 30) and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)),
move as (
  select p.account_id, p.claim_id, p.risk_carrier_id, p.event_id, p.line, p.recorded_at, p.kind, p.open_after_cents,
    case p.kind when 2 then p.open_after_cents + p.cents else p.open_after_cents end as upper,
    case p.kind when 30 then p.open_after_cents - p.cents else p.open_after_cents end as lower,
    case when p.debit = 2 then p.cents else -p.cents end as signed,
    min(coalesce(p.payout_id, p.event_id)) over moment as nth, min(p.kind) over moment = max(p.kind) over moment as pure
  from touched t join posting p on p.account_id = t.account_id and p.claim_id = t.claim_id and 2 in (p.debit, p.credit)
  window moment as (partition by p.account_id, p.claim_id, p.recorded_at)),
chained as (
  select m.*, sum(signed) over (partition by account_id, claim_id order by nth, recorded_at)::bigint as closing,
    lag(lower) over chain as above, lead(lower) over chain as below
  from move m
  window chain as (partition by account_id, claim_id, nth, recorded_at, kind order by upper desc))
select c.risk_carrier_id, c.account_id,
  format('claim %s: line %s of event %s (kind %s) leaves %s open and takes from %s; the line before it left %s, the claim stands at %s',
    c.claim_id, c.line, c.event_id, c.kind, c.open_after_cents, c.upper, c.above, c.closing) as what
from chained c
where c.kind in (2, 30)
  and (c.open_after_cents is null or c.lower < 0 or c.above <> c.upper
    or c.pure and c.kind = 2 and c.below is null and c.lower <> c.closing
    or c.pure and c.kind = 30 and c.above is null and c.upper <> c.closing)
