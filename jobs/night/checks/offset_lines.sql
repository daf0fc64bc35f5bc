-- The offset lines of a claim in a night: together they are what its decision row says, and its answer fits that; what could be taken was open
-- and not held. They follow each other without gap: what stays open after one is what the next one takes from, and the last one leaves what the
-- claim stood at then. Reversals say what stood open after them. Never below zero.
-- Protects: design §2 rows "offset" and "offset reversed" (the fall of the open principal); law 3 (decisions are rows that execution follows);
-- guard "held cents are not offset"; the claim is one of the same running account and risk carrier (art. 6:127 BW).
-- The lines, as steps from an upper to a lower end, make one chain exactly when every upper end but the highest is the lower end of another:
-- compared by sums of hashes, which needs no sorting. Ids that are drawn under the lock of the running account (a payout's id for what the
-- night wrote) tell what came before and after.
-- Scope: run; claims that the night decided on, and reversals from the night before on
-- weight: 9
-- Invariant: L4, C15, D1
with night as (
  select p.account_id, p.claim_id, p.booking_date, min(p.risk_carrier_id) as risk_carrier_id, min(p.payout_id) as nth, sum_cents(p.cents) as cents,
    max(p.open_after_cents + p.cents) filter (where p.kind = 2) as highest, min(p.open_after_cents) filter (where p.kind = 2) as lowest,
    count(*) filter (where p.kind = 2 and p.open_after_cents is null) as untold,
    sum_cents(hashint8(p.open_after_cents + p.cents) - hashint8(p.open_after_cents)::bigint) filter (where p.kind = 2) as ends
  from posting p
  where p.kind between 2 and 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.claim_id, p.account_id, p.booking_date),
broken as (select n.*, n.untold > 0 or n.lowest < 0 or n.ends <> hashint8(n.highest)::bigint - hashint8(n.lowest) as gap from night n),
suspect as (                                      -- in the night nothing else has moved the claim yet; where something has, all its postings are read
  select b.* from broken b left join claim_position k on k.account_id = b.account_id and k.claim_id = b.claim_id
  where b.lowest is not null and (b.gap or k.open_principal_cents is distinct from b.lowest)),
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
select coalesce(d.risk_carrier_id, n.risk_carrier_id), coalesce(d.account_id, n.account_id),
  format('claim %s on %s: decided %s of %s open, %s held (answer %s, run %s); postings took %s', coalesce(d.claim_id, n.claim_id),
    coalesce(d.valid_from, n.booking_date), d.offset_cents, d.open_cents, d.held_cents, d.answer, d.run_id, coalesce(n.cents, 0))
from (select x.* from decision x where (:run_id is null or x.valid_from = :day and x.risk_carrier_id = :carrier)) d
  full join night n on n.account_id = d.account_id and n.claim_id = d.claim_id and n.booking_date = d.valid_from
  left join claim c on c.account_id = d.account_id and c.claim_id = d.claim_id
  left join decision_answer a on a.answer = d.answer left join run r on r.run_id = d.run_id
where c.risk_carrier_id is distinct from d.risk_carrier_id or d.offset_cents <> coalesce(n.cents, 0) or d.offset_cents > greatest(0, d.open_cents - d.held_cents)
  or a.answer is null or (d.answer in (1, 2)) <> (d.offset_cents > 0) or (d.answer = 1) <> (d.offset_cents > 0 and d.offset_cents = d.open_cents)
  or r.business_date is distinct from d.valid_from or r.risk_carrier_id <> d.risk_carrier_id or r.policy_version_id <> d.policy_version_id
