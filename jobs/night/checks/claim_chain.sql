-- Offset lines of a claim follow each other without gap: what stays open after one is what the next one takes from, and the last one leaves
-- what the claim stood at then. Reversals say what stood open after them. Never below zero.
-- Protects: design §2 rows "offset" and "offset reversed": the lines of a claim are the fall of its open principal.
-- A night's lines of a claim, as steps from upper to lower, make one chain exactly when every upper end but the highest is the lower end of
-- another: compared by sums of hashes, which needs no sorting. Ids that are drawn under the lock of the running account (a payout's id for what
-- the night wrote) tell what came before and after.
-- Scope: run; claims that the night offset, and reversals since the night before
-- weight: 6
with night as (
  select p.account_id, p.claim_id, p.booking_date, min(p.risk_carrier_id) as risk_carrier_id, min(p.payout_id) as nth,
    max(p.open_after_cents + p.cents) as highest, min(p.open_after_cents) as lowest, count(*) as lines, count(p.open_after_cents) as told,
    sum_cents(hashint8(p.open_after_cents + p.cents)) as uppers, sum_cents(hashint8(p.open_after_cents)) as lowers
  from posting p
  where p.kind = 2 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.claim_id, p.account_id, p.booking_date),
suspect as (                                      -- in the night nothing else has moved the claim yet; where something has, all its postings are read
  select n.*, k.open_principal_cents from night n left join claim_position k on k.account_id = n.account_id and k.claim_id = n.claim_id
  where n.told < n.lines or n.lowest < 0 or n.uppers - hashint8(n.highest) <> n.lowers - hashint8(n.lowest)
    or k.open_principal_cents is distinct from n.lowest),
stood as (
  select s.account_id, s.claim_id, s.booking_date,
    coalesce(sum(case when p.debit = 2 then p.cents else -p.cents end), 0)::bigint as cents
  from suspect s left join posting p on p.account_id = s.account_id and p.claim_id = s.claim_id and 2 in (p.debit, p.credit)
    and (p.kind = 2 and p.booking_date <= s.booking_date or p.kind <> 2 and coalesce(p.payout_id, p.event_id) < s.nth)
  group by s.account_id, s.claim_id, s.booking_date),
reversal as (                                     -- what stood open after it, by the postings: a transaction reverses first, and adjusts after that
  select p.risk_carrier_id, p.account_id, p.claim_id, p.event_id, p.open_after_cents, sum(case when x.debit = 2 then x.cents else -x.cents end)::bigint as cents
  from offset_reversal r join posting p on p.account_id = r.account_id and p.event_id = r.reversal_id and p.kind = 30
    left join posting x on x.account_id = p.account_id and x.claim_id = p.claim_id and 2 in (x.debit, x.credit)
      and coalesce(x.payout_id, x.event_id) <= p.event_id and (x.recorded_at <> p.recorded_at or x.kind = 30)
  where (:run_id is null or r.risk_carrier_id = :carrier and r.decided_on >= :since)
  group by p.risk_carrier_id, p.account_id, p.claim_id, p.event_id, p.open_after_cents)
select s.risk_carrier_id, s.account_id,
  format('claim %s: %s offset lines of %s take it from %s to %s; %s; it stood at %s', s.claim_id, s.lines, s.booking_date, s.highest, s.lowest,
    case when s.uppers - hashint8(s.highest) = s.lowers - hashint8(s.lowest) then 'one chain' else 'not one chain' end, t.cents) as what
from suspect s join stood t on t.account_id = s.account_id and t.claim_id = s.claim_id and t.booking_date = s.booking_date
where s.told < s.lines or s.lowest < 0 or s.uppers - hashint8(s.highest) <> s.lowers - hashint8(s.lowest) or t.cents <> s.lowest
union all
select r.risk_carrier_id, r.account_id, format('claim %s: reversal %s says %s open after it, its postings say %s', r.claim_id, r.event_id, r.open_after_cents, r.cents)
from reversal r where r.open_after_cents is distinct from r.cents
