-- Reminders of a claim come in order without gap, each after the term of the one before, and their term ends are those that offset reads.
-- Protects: guard "offset only after the reminder's term" (VGZ's order); design §1 step.
-- Scope: run (the risk carrier)
-- Invariant: C5, C7
with reminder as (
  select s.risk_carrier_id, s.account_id, s.claim_id, array_agg(s.term_end order by s.step_no) as ends, array_agg(s.step_no order by s.step_no) as numbers,
    bool_or(s.sent_on < s.before) as too_soon, bool_or(s.term_end < s.sent_on) as ends_before
  from (select x.*, lag(x.term_end) over (partition by x.account_id, x.claim_id order by x.step_no) as before from claim_step x
        where x.kind = 2 and (:run_id is null or x.risk_carrier_id = :carrier)) s
  group by s.risk_carrier_id, s.account_id, s.claim_id),
position as (
  select k.risk_carrier_id, k.account_id, k.claim_id, nullif(k.reminder_term_ends, '{}') as ends from claim_position k
  where k.reminder_term_ends <> '{}' and (:run_id is null or k.risk_carrier_id = :carrier))
select coalesce(r.risk_carrier_id, k.risk_carrier_id), coalesce(r.account_id, k.account_id),
  format('claim %s: reminders %s with term ends %s; its position says %s%s', coalesce(r.claim_id, k.claim_id), r.numbers::text, r.ends::text, k.ends::text,
    case when r.too_soon then '; one was sent within the term of the one before' else '' end) as what
from reminder r full join position k on k.account_id = r.account_id and k.claim_id = r.claim_id
where r.ends is distinct from k.ends or r.too_soon or r.ends_before or r.numbers[array_upper(r.numbers, 1)] <> cardinality(r.numbers)
