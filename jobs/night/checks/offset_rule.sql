-- A claim is offset only as the policy of the night (or the newest instruction for the claim or its running account) says: not before its start
-- (never, at once, after the due date, after the term of reminder n, on request), not at all where it is switched off; by a percentage at most
-- that share of each declaration, by a fixed amount at most that amount a night. Claims under the same rule share it.
-- Protects: law 5 (VGZ: reminder first; Zilveren Kruis: at once); guards "percentage" and "fixed amount" (OF-3). Reads steps, changes of the due
-- date and instructions themselves, not what the decision made of them.
-- Scope: run
-- weight: 4
-- Invariant: C7
with changed as (                                 -- changed on the day or later: one of these was the due date when the night decided
  select x.account_id, x.claim_id, d.valid_from, min(least(x.old_due_date, x.new_due_date)) as due_date
  from claim_due_date x join decision d on d.account_id = x.account_id and d.claim_id = x.claim_id and x.changed_on >= d.valid_from
  where (:run_id is null or d.valid_from = :day and x.changed_on >= :day)
  group by x.account_id, x.claim_id, d.valid_from),
instructed as (                                   -- the newest instruction for the claim, and for the running account, at the time
  select distinct on (oi.account_id, y.run_id, oi.claim_id) oi.account_id, y.run_id, oi.claim_id as for_claim, oi.instruction_id, oi.mode, oi.basis_points, oi.fixed_cents
  from offset_instruction oi join payout y on y.account_id = oi.account_id and (:run_id is null or y.run_id = :run_id)
    and oi.valid_from <= y.business_date and coalesce(oi.valid_until, 'infinity') >= y.business_date and oi.instruction_id < y.payout_id
  order by oi.account_id, y.run_id, oi.claim_id, oi.valid_from desc, oi.instruction_id desc),
ruled as materialized (                           -- of the claims that were offset only those that something is said of: a share, an amount a night, or a fault
  select d.account_id, d.claim_id, d.valid_from, d.risk_carrier_id, d.offset_cents, k.offset_requested_on, rp.offset_start, rp.offset_start_reminder, s.term_end,
    u.due_then, u.mode, u.basis_points, u.fixed_cents, n.unruled,
    case when own.mode is not null then own.instruction_id when whole.mode is not null then whole.instruction_id else -rp.reason_id end as rule
  from decision d join claim_position k on k.account_id = d.account_id and k.claim_id = d.claim_id
    left join (select x.account_id, x.claim_id, x.matured_on, x.from_reason_id, f.due_date   -- a credit matures after the offsets of its night
        from claim_maturity x join claim f on f.account_id = x.account_id and f.claim_id = x.claim_id) m
      on m.account_id = d.account_id and m.claim_id = d.claim_id and m.matured_on >= d.valid_from
    left join reason_policy rp on rp.policy_version_id = d.policy_version_id and rp.reason_id = coalesce(m.from_reason_id, k.reason_id)
    left join changed x on x.account_id = d.account_id and x.claim_id = d.claim_id and x.valid_from = d.valid_from
    left join instructed own on own.account_id = d.account_id and own.run_id = d.run_id and own.for_claim = d.claim_id
    left join instructed whole on whole.account_id = d.account_id and whole.run_id = d.run_id and whole.for_claim is null
    left join lateral (                           -- only where a reminder counts is one looked up
      select x.term_end from claim_step x where rp.offset_start = 3 and x.account_id = d.account_id and x.claim_id = d.claim_id and x.kind = 2
        and x.step_no = rp.offset_start_reminder offset 0) s on true
    cross join lateral (select least(coalesce(m.due_date, k.due_date), x.due_date) as due_then, coalesce(own.mode, whole.mode, rp.offset_mode) as mode,
      case when own.mode is not null then own.basis_points when whole.mode is not null then whole.basis_points else rp.offset_basis_points end as basis_points,
      case when own.mode is not null then own.fixed_cents when whole.mode is not null then whole.fixed_cents else rp.offset_fixed_cents end as fixed_cents) u
    cross join lateral (select rp.offset_start is null or u.mode = 0
      or case rp.offset_start when 0 then true when 1 then false when 2 then u.due_then >= d.valid_from
        when 3 then coalesce(s.term_end, 'infinity') >= d.valid_from else coalesce(k.offset_requested_on, 'infinity') > d.valid_from end as unruled) n
  where d.offset_cents > 0 and (:run_id is null or d.valid_from = :day and d.risk_carrier_id = :carrier)
    and (n.unruled or u.basis_points is not null or u.fixed_cents is not null)),
shared as (                                       -- few claims: look their lines up, the night is long
  select r.account_id, r.valid_from, r.rule, r.basis_points, p.event_id, min(r.risk_carrier_id) as risk_carrier_id, sum(p.cents)::bigint as cents
  from ruled r cross join lateral (
    select x.event_id, x.cents from posting x
    where x.account_id = r.account_id and x.claim_id = r.claim_id and x.booking_date = r.valid_from and (:run_id is null or x.booking_date = :day) and x.kind between 2 and 4
    offset 0) p
  where r.basis_points is not null
  group by r.account_id, r.valid_from, r.rule, r.basis_points, p.event_id)
select r.risk_carrier_id, r.account_id,
  format('claim %s: %s cents offset on %s; start %s, mode %s, due on %s, term of reminder %s ends %s, requested on %s', r.claim_id, r.offset_cents, r.valid_from,
    r.offset_start, r.mode, r.due_then, r.offset_start_reminder, r.term_end, r.offset_requested_on) as what
from ruled r where r.unruled
union all
select r.risk_carrier_id, r.account_id,
  format('%s cents offset on %s under rule %s, at most %s a night', sum(r.offset_cents), r.valid_from, r.rule, r.fixed_cents) as what
from ruled r where r.fixed_cents is not null
group by r.risk_carrier_id, r.account_id, r.valid_from, r.rule, r.fixed_cents having sum(r.offset_cents) > r.fixed_cents
union all
select s.risk_carrier_id, s.account_id,
  format('declaration %s of %s cents gives %s under rule %s, at most %s of 10000', s.event_id, d.awarded_cents, s.cents, s.rule, s.basis_points)
from shared s left join declaration d on d.account_id = s.account_id and d.declaration_id = s.event_id
where s.cents > coalesce(d.awarded_cents, 0) * s.basis_points / 10000
