-- Books what agreements take over into the running account $4: a claim of kind 8 there, as much less open on the claim that it comes from.
-- Reads: claim, claim_position, provider. Writes: claim, claim_line, claim_reference, claim_position, takeover, posting.
-- Repeatable: in the transaction that marks the payer done (run_agreement), under the lock of all running accounts that it moves.
-- $1 risk carrier, $2 business date, $3 run, $4 payer's account, $5 its AGB registration, $6 recorded at, $7 what to take over (JSON, in the
--   order in which it is to be offset: account_id, claim_id, cents, agreement_id, number, reason_id, policy_version_id of the debtor's policy, booking_date)
with
asked as materialized (
  select x.*, nextval('event_id') as takeover_id from (
    select a.* from jsonb_to_recordset($7::jsonb) as a(nth int, account_id bigint, claim_id bigint, cents bigint, agreement_id bigint, number text, reason_id smallint, policy_version_id int, booking_date date)
    order by a.nth) x),
source as materialized (
  select a.*, c.risk_carrier_id, c.reference, p.due_date, v.name as debtor, w.name as payer,
    'Overgenomen van ' || v.name || ' (' || c.reference || '), overeenkomst ' || a.number as ground
  from asked a join claim c on c.account_id = a.account_id and c.claim_id = a.claim_id
    join claim_position p on p.account_id = a.account_id and p.claim_id = a.claim_id
    join running_account ra on ra.account_id = a.account_id join provider v on v.provider_id = ra.provider_id
    join running_account rw on rw.account_id = $4::bigint join provider w on w.provider_id = rw.provider_id),
new_claim as (
  insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, original_cents, registered_on, due_date, reference, ground)
  select $4, s.takeover_id, $1::smallint, 8, s.reason_id, $5::int, s.cents, $2::date, s.due_date,
    human_reference('VOR', s.takeover_id, extract(year from $2::date)::int), s.ground
  from source s),
new_line as (
  insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, description, cents)
  select $4, s.takeover_id, 1, $1, s.ground, s.cents from source s),
new_reference as (
  insert into claim_reference (reference, risk_carrier_id, account_id, claim_id)
  select human_reference('VOR', s.takeover_id, extract(year from $2)::int), $1, $4, s.takeover_id from source s),
new_position as (
  insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date, open_principal_cents)
  select $4, s.takeover_id, $1, 8, s.reason_id, $5, $2, s.due_date, s.cents from source s),
new_takeover as (
  insert into takeover (account_id, takeover_id, risk_carrier_id, claim_id, payer_account_id, agreement_id, run_id, policy_version_id, cents, taken_on, number, payer, payer_claim)
  select s.account_id, s.takeover_id, s.risk_carrier_id, s.claim_id, $4, s.agreement_id, $3::bigint, s.policy_version_id, s.cents, s.booking_date, s.number, s.payer,
    human_reference('VOR', s.takeover_id, extract(year from $2)::int) from source s),
booked as (
  insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
  select $4, s.takeover_id, s.takeover_id, s.cents, $6::timestamptz, 0, $2, $2, 40, 2, 13, $1 from source s
  union all
  select s.account_id, s.takeover_id, s.claim_id, s.cents, $6, 0, s.booking_date, $2, 41, 13, 2, s.risk_carrier_id from source s),
taken as (
  update claim_position p set open_principal_cents = p.open_principal_cents - t.cents
  from (select s.account_id, s.claim_id, sum(s.cents)::bigint as cents from source s group by 1, 2) t
  where p.account_id = t.account_id and p.claim_id = t.claim_id returning t.cents)
select (select count(*) from asked) as asked, (select count(*) from source) as found, (select coalesce(sum(t.cents), 0)::bigint from taken t) as taken_cents,
  (select coalesce(sum(s.cents), 0)::bigint from source s) as cents
