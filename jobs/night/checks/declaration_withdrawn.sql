-- A declaration withdrawn before settlement was never settled and nothing of it is owed. Withdrawn after, all that was offset from it and
-- still stood is reversed (33 takes the settlement back for that sum), and what was paid becomes a claim:
--   awarded = settlement taken back (33) + claim for the paid part (7) + what its credit notes and corrections claimed at that moment.
-- Protects: design §2 row "declaration withdrawn".
-- Scope: run; withdrawals decided from the night before on
-- Invariant: L6, D4
with w as (select x.* from declaration_withdrawal x where (:run_id is null or x.risk_carrier_id = :carrier and x.decided_on > :since)),
settled as (
  select w.account_id, w.withdrawal_id,
    coalesce(sum(p.cents) filter (where p.kind = 1), 0)::bigint as settled, coalesce(sum(p.cents) filter (where p.kind between 2 and 4), 0)::bigint as offset_cents
  from w join posting p on p.account_id = w.account_id and p.event_id = w.declaration_id and p.kind between 1 and 4 group by w.account_id, w.withdrawal_id),
taken_back as (
  select w.account_id, w.withdrawal_id, sum(p.cents)::bigint as cents, bool_and(p.reverses_event_id = w.declaration_id and p.line = 0) as fits
  from w join posting p on p.account_id = w.account_id and p.event_id = w.withdrawal_id and p.kind = 33 group by w.account_id, w.withdrawal_id),
reversed as (
  select w.account_id, w.withdrawal_id, sum(r.cents)::bigint as cents, coalesce(sum(r.cents) filter (where r.cause = 3), 0)::bigint as by_withdrawal
  from w join offset_reversal r on r.account_id = w.account_id and r.declaration_id = w.declaration_id group by w.account_id, w.withdrawal_id),
moment as (                                       -- when it happened: everything of a withdrawal is booked at once
  select w.account_id, w.withdrawal_id, min(p.recorded_at) as recorded_at
  from w left join offset_reversal r on r.account_id = w.account_id and r.declaration_id = w.declaration_id and r.cause = 3
    left join claim c on c.account_id = w.account_id and c.origin_declaration_id = w.declaration_id and c.kind = 7
    join posting p on p.account_id = w.account_id and p.event_id in (w.withdrawal_id, r.reversal_id, c.claim_id) group by w.account_id, w.withdrawal_id),
claimed as (                                      -- credits as they stood then: what is adjusted later does not count
  select w.account_id, w.withdrawal_id,
    coalesce(sum(c.original_cents) filter (where c.kind = 7), 0)::bigint as paid_part,
    coalesce(sum(c.original_cents + coalesce(a.delta, 0)) filter (where c.kind in (2, 3)), 0)::bigint as credited
  from w left join moment t on t.account_id = w.account_id and t.withdrawal_id = w.withdrawal_id
    join claim c on c.account_id = w.account_id and c.origin_declaration_id = w.declaration_id and c.kind in (2, 3, 7)
    left join lateral (
      select sum(x.delta_cents) as delta from adjustment x join posting p on p.account_id = x.account_id and p.event_id = x.adjustment_id and p.kind in (22, 23)
      where x.account_id = c.account_id and x.claim_id = c.claim_id and x.kind in (1, 2) and x.decided_on <= w.decided_on
        and p.recorded_at <= coalesce(t.recorded_at, 'infinity')) a on true
  group by w.account_id, w.withdrawal_id)
select w.risk_carrier_id, w.account_id,
  format('withdrawal %s of declaration %s (settled: %s): awarded %s, settled %s, offset %s, reversed %s, settlement taken back %s, paid part claimed %s, credited %s',
    w.withdrawal_id, w.declaration_id, w.settled, d.awarded_cents, coalesce(s.settled, 0), coalesce(s.offset_cents, 0), coalesce(r.cents, 0),
    coalesce(t.cents, 0), coalesce(c.paid_part, 0), coalesce(c.credited, 0)) as what
from w left join declaration d on d.account_id = w.account_id and d.declaration_id = w.declaration_id
  left join settled s on s.account_id = w.account_id and s.withdrawal_id = w.withdrawal_id
  left join taken_back t on t.account_id = w.account_id and t.withdrawal_id = w.withdrawal_id
  left join reversed r on r.account_id = w.account_id and r.withdrawal_id = w.withdrawal_id
  left join claimed c on c.account_id = w.account_id and c.withdrawal_id = w.withdrawal_id
where case when w.settled then
    coalesce(s.settled, 0) is distinct from d.awarded_cents or coalesce(s.offset_cents, 0) <> coalesce(r.cents, 0)
    or coalesce(t.cents, 0) <> coalesce(r.by_withdrawal, 0) or not coalesce(t.fits, true)
    or coalesce(t.cents, 0) + coalesce(c.paid_part, 0) + coalesce(c.credited, 0) <> d.awarded_cents
  else coalesce(s.settled, 0) + coalesce(c.paid_part, 0) + coalesce(c.credited, 0) <> 0 end
