-- The offset lines of a claim in a night: together they are what its decision row says, and its answer fits that; what could be taken was open
-- and not held. They follow each other without gap: what stays open after one is what the next one takes from, and the last one leaves what the
-- claim stood at then. Reversals say what stood open after them. Never below zero.
-- Protects: design §2 rows "offset" and "offset reversed" (the fall of the open principal); law 3 (decisions are rows that execution follows);
-- guard "held cents are not offset"; the claim is one of the same running account and risk carrier (art. 6:127 BW).
-- The lines, as steps from an upper to a lower end, make one chain exactly when every upper end but the highest is the lower end of another:
-- compared by sums of hashes, which needs no sorting. Ids that are drawn under the lock of the running account (a payout's id for what the
-- night wrote) tell what came before and after.
-- Scope: run; claims that the night decided on, and reversals from the night before on
-- weight: 7
-- Invariant: L4, C15, D1
with night as (
  select p.account_id, p.claim_id, p.booking_date, p.risk_carrier_id, sum_cents(p.cents) as cents,
    max(p.open_after_cents + p.cents) filter (where p.kind = 2) as highest,
    min(coalesce(p.open_after_cents, -1)) filter (where p.kind = 2) as lowest,   -- a line that does not say what it leaves: as if below zero
    sum_cents(hashint8(p.open_after_cents + p.cents) - hashint8(p.open_after_cents)::bigint) filter (where p.kind = 2) as ends
  from posting p
  where p.kind between 2 and 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.claim_id, p.account_id, p.booking_date, p.risk_carrier_id),
compared as materialized (                        -- the lines, the decision and the position of each claim meet once; what agrees is done with
  select account_id, claim_id, booking_date, coalesce(d.risk_carrier_id, n.risk_carrier_id) as risk_carrier_id, n.highest, n.lowest, n.cents,
    d.run_id, d.answer, d.open_cents, d.held_cents, d.offset_cents, x.gap, x.moved, x.undecided
  from (select y.*, y.valid_from as booking_date from decision y where (:run_id is null or y.valid_from = :day and y.risk_carrier_id = :carrier)) d
    full join night n using (account_id, claim_id, booking_date)
    left join claim_position k using (account_id, claim_id) left join claim c using (account_id, claim_id)
    left join decision_answer a on a.answer = d.answer left join run r on r.run_id = d.run_id
    cross join lateral (select
      n.lowest < 0 or n.ends <> hashint8(n.highest)::bigint - hashint8(n.lowest) as gap,
      n.lowest is not null and k.open_principal_cents is distinct from n.lowest as moved,   -- in the night nothing else has moved the claim yet; where something has, all its postings are read
      c.risk_carrier_id is distinct from d.risk_carrier_id or d.offset_cents <> coalesce(n.cents, 0) or d.offset_cents > greatest(0, d.open_cents - d.held_cents)
        or a.answer is null or (d.answer in (1, 2)) <> (d.offset_cents > 0) or (d.answer = 1) <> (d.offset_cents > 0 and d.offset_cents = d.open_cents)
        or r.business_date is distinct from d.valid_from or r.risk_carrier_id <> d.risk_carrier_id or r.policy_version_id <> d.policy_version_id as undecided) x
  where x.gap or x.moved or x.undecided),
suspect as (
  select c.*, (select min(p.payout_id) from posting p
    where p.account_id = c.account_id and p.claim_id = c.claim_id and p.booking_date = c.booking_date and p.kind between 2 and 4) as nth
  from compared c where c.gap or c.moved),
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
  where (:run_id is null or r.risk_carrier_id = :carrier and r.decided_on > :since)
  group by p.risk_carrier_id, p.account_id, p.claim_id, p.event_id, p.open_after_cents)
select s.risk_carrier_id, s.account_id,
  format('claim %s: offset lines of %s take it from %s to %s; %s; it stood at %s', s.claim_id, s.booking_date, s.highest, s.lowest,
    case when s.gap then 'not one chain' else 'one chain' end, t.cents) as what
from suspect s join stood t on t.account_id = s.account_id and t.claim_id = s.claim_id and t.booking_date = s.booking_date
where s.gap or t.cents <> s.lowest
union all
select r.risk_carrier_id, r.account_id, format('claim %s: reversal %s says %s open after it, its postings say %s', r.claim_id, r.event_id, r.open_after_cents, r.cents)
from reversal r where r.open_after_cents is distinct from r.cents
union all
select c.risk_carrier_id, c.account_id,
  format('claim %s on %s: decided %s of %s open, %s held (answer %s, run %s); postings took %s', c.claim_id, c.booking_date, c.offset_cents, c.open_cents, c.held_cents,
    c.answer, c.run_id, coalesce(c.cents, 0))
from compared c where c.undecided
