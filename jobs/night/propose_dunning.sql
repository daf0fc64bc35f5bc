-- Which claims are due for their next reminder, and which are ready for the agency. Proposals only: a person or a command takes them over.
-- Reads: claim_position, claim, policies, hold, payout, payment. Writes: dunning_proposal. Repeatable: one proposal a claim, kind and step.
-- $1 risk carrier, $2 business date, $3 policy version, $4 run
with account_hold as materialized (
  select account_id, bool_or(for_dunning) as dunning, bool_or(for_agency) as agency from hold
  where risk_carrier_id = $1::smallint and claim_id is null and (ended_on is null or ended_on > $2) and (from_date <= $2::date or active) and (until_date is null or until_date >= $2) group by account_id),
claim_hold as materialized (
  select account_id, claim_id,
    case when bool_or(for_dunning and cents is null) then 9223372036854775807 else coalesce(sum(cents) filter (where for_dunning), 0)::bigint end as dunning,
    case when bool_or(for_agency and cents is null) then 9223372036854775807 else coalesce(sum(cents) filter (where for_agency), 0)::bigint end as agency
  from hold where risk_carrier_id = $1 and claim_id is not null and (ended_on is null or ended_on > $2) and (from_date <= $2 or active) and (until_date is null or until_date >= $2) group by account_id, claim_id),
open_claim as materialized (
  select c.account_id, c.claim_id, c.reason_id, c.due_date, c.reminder_term_ends, coalesce(cardinality(c.reminder_term_ends), 0) as reminders,
    c.open_principal_cents + c.open_costs_cents + c.open_interest_cents as open_cents
  from claim_position c join reason_policy rp on rp.policy_version_id = $3::int and rp.reason_id = c.reason_id
  where c.risk_carrier_id = $1 and not rp.quiet and c.kind <> 8 and c.registered_on <= $2 and c.open_principal_cents + c.open_costs_cents + c.open_interest_cents > 0),
reminder as (
  select o.account_id, o.claim_id, 1 as kind, d.step_no, greatest(0, o.open_cents - coalesce(ch.dunning, 0)) as open_cents
  from open_claim o join dunning_policy d on d.policy_version_id = $3 and d.reason_id = o.reason_id and d.step_no = o.reminders + 1
    left join claim_hold ch on ch.account_id = o.account_id and ch.claim_id = o.claim_id left join account_hold ah on ah.account_id = o.account_id
  where o.due_date + d.days_after_due + case when d.on_the_day then 0 else 1 end <= $2
    and (o.reminders = 0 or o.reminder_term_ends[o.reminders] + case when d.on_the_day then 0 else 1 end <= $2)
    and not coalesce(ah.dunning, false) and o.open_cents - coalesce(ch.dunning, 0) >= greatest(1, d.minimum_cents)),
agency as (
  select o.account_id, o.claim_id, 2 as kind, a.after_step, greatest(0, o.open_cents - coalesce(ch.agency, 0)) as open_cents
  from open_claim o join agency_policy a on a.policy_version_id = $3 and a.reason_id = o.reason_id and o.reminders >= a.after_step
    left join claim_hold ch on ch.account_id = o.account_id and ch.claim_id = o.claim_id left join account_hold ah on ah.account_id = o.account_id
  where o.reminder_term_ends[a.after_step] + case when a.on_the_day then 0 else 1 end <= $2
    and not coalesce(ah.agency, false) and o.open_cents - coalesce(ch.agency, 0) >= greatest(1, a.minimum_cents)
    and (a.idle_days = 0 or $2 >= a.idle_days + greatest(o.reminder_term_ends[a.after_step],
      (select max(y.business_date) from payout y where y.account_id = o.account_id and y.declarations > 0),
      (select max(m.received_on) from payment m where m.account_id = o.account_id))))
insert into dunning_proposal (account_id, claim_id, kind, step_no, run_id, risk_carrier_id, proposed_on, open_cents)
select account_id, claim_id, kind, step_no, $4::bigint, $1, $2, open_cents from reminder union all select account_id, claim_id, kind, after_step, $4, $1, $2, open_cents from agency
on conflict do nothing
