-- Gives back what is still open of claims that were taken over into the running account $4: there it is lowered, at its debtor it is open again.
-- Reads: takeover, claim_position, hold. Writes: adjustment, takeover_return, posting, claim_position.
-- Repeatable: in the transaction that marks the payer done (run_agreement), under the lock of all running accounts that it moves.
-- $1 risk carrier, $2 business date, $3 run, $4 payer's account, $5 recorded at, $6 what to give back (JSON: account_id and claim_id of the
--   debtor, takeover_id, cents, booking_date)
with
asked as materialized (
  select a.*, nextval('event_id') as return_id
  from jsonb_to_recordset($6::jsonb) as a(account_id bigint, claim_id bigint, takeover_id bigint, cents bigint, booking_date date)),
source as materialized (
  select a.*, t.risk_carrier_id, t.number, c.original_cents = a.cents as whole,
    'Teruggegeven aan de schuldenaar: niet verrekend onder overeenkomst ' || t.number as reason
  from asked a join takeover t on t.account_id = a.account_id and t.takeover_id = a.takeover_id and t.claim_id = a.claim_id and t.payer_account_id = $4::bigint
    join claim c on c.account_id = $4 and c.claim_id = a.takeover_id),
lowered as (
  insert into adjustment (account_id, adjustment_id, risk_carrier_id, claim_id, kind, delta_cents, decided_on, effective_date, reason)
  select $4, s.return_id, $1::smallint, s.takeover_id, case when s.whole then 2 else 1 end, -s.cents, $2::date, $2, s.reason from source s),
returned as (
  insert into takeover_return (account_id, return_id, risk_carrier_id, claim_id, takeover_id, run_id, cents, returned_on, reason)
  select s.account_id, s.return_id, s.risk_carrier_id, s.claim_id, s.takeover_id, $3::bigint, s.cents, s.booking_date,
    'Niet verrekend onder overeenkomst ' || s.number from source s),
booked as (
  insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
  select $4, s.return_id, s.takeover_id, s.cents, $5::timestamptz, 0, $2, $2, 42, 13, 2, $1 from source s
  union all
  select s.account_id, s.return_id, s.claim_id, s.cents, $5, 0, s.booking_date, $2, 43, 2, 13, s.risk_carrier_id from source s),
moved as (
  update claim_position p set open_principal_cents = p.open_principal_cents + m.cents,
    held_cents = least(p.open_principal_cents + p.open_costs_cents + p.open_interest_cents + m.cents, m.held)   -- what comes back may be held meanwhile
  from (select x.*, (select case when bool_or(h.cents is null) then 9223372036854775807 else coalesce(sum(h.cents), 0)::bigint end from hold h
          where h.account_id = x.account_id and h.claim_id = x.claim_id and h.active and h.ended_on is null and h.for_offset) as held
        from (select $4 as account_id, s.takeover_id as claim_id, -s.cents as cents from source s
          union all select s.account_id, s.claim_id, sum(s.cents)::bigint from source s group by 1, 2) x) m
  where p.account_id = m.account_id and p.claim_id = m.claim_id returning abs(m.cents) as cents)
select (select count(*) from asked) as asked, (select count(*) from source) as found,
  (select coalesce(sum(m.cents), 0)::bigint from moved m) as moved_cents, (select coalesce(2 * sum(s.cents), 0)::bigint from source s) as cents
