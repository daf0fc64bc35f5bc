-- The decision row of a claim says what the postings of that night took from it; its answer fits that, and what it could take is what was
-- open and not held.
-- Protects: law 3 (decisions are rows that execution follows); guard "held cents are not offset".
-- Scope: run
-- weight: 7
with taken as (
  select p.account_id, p.claim_id, p.booking_date, p.risk_carrier_id, sum_cents(p.cents) as cents from posting p
  where p.kind between 2 and 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.account_id, p.claim_id, p.booking_date, p.risk_carrier_id),
decided as (select d.* from decision d where (:run_id is null or d.valid_from = :day and d.risk_carrier_id = :carrier))
select coalesce(d.risk_carrier_id, t.risk_carrier_id), coalesce(d.account_id, t.account_id),
  format('claim %s on %s: decided %s of %s open, %s held (answer %s, run %s); postings took %s', coalesce(d.claim_id, t.claim_id),
    coalesce(d.valid_from, t.booking_date), d.offset_cents, d.open_cents, d.held_cents, d.answer, d.run_id, coalesce(t.cents, 0)) as what
from decided d full join taken t on t.account_id = d.account_id and t.claim_id = d.claim_id and t.booking_date = d.valid_from
  left join decision_answer a on a.answer = d.answer left join run r on r.run_id = d.run_id
where d.claim_id is null or d.offset_cents <> coalesce(t.cents, 0) or d.offset_cents > greatest(0, d.open_cents - d.held_cents)
  or a.answer is null or (d.answer in (1, 2)) <> (d.offset_cents > 0) or (d.answer = 1) <> (d.offset_cents > 0 and d.offset_cents = d.open_cents)
  or r.business_date is distinct from d.valid_from or r.risk_carrier_id <> d.risk_carrier_id or r.policy_version_id <> d.policy_version_id
