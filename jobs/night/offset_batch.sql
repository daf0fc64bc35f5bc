-- One batch of a night: decide for the running accounts $4..$5 and write it all, in one statement.
-- Reads:  what offset_decide reads. Writes: posting, payout, payout_entry, decision, claim_position, run_parked; deletes from payable.
-- Repeatable: it runs in the transaction that marks the batch done, under the lock of its running accounts; what it settled has left
--   the queue, and a second settlement of a declaration would meet the key (account, event, kind, line).
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account, $6 run, $7 recorded at
with s as materialized (select * from offset_decide($1::smallint, $2::date, $3::int, $4::bigint, $5::bigint, $6::bigint)),
ids as materialized (select array_agg(nextval('event_id') order by payout) as id from s where what = 3),
new_payout as (
  insert into payout (account_id, payout_id, run_id, risk_carrier_id, iban_id, business_date, entries, declarations, held,
    declared_cents, returned_cents, advance_cents, offset_cents, net_cents, first_entry_id, last_entry_id)
  select account_id, ((select id from ids))[payout], $6, $1, iban_id, $2, entries, declarations, held,
    declared_cents, returned_cents, advance_cents, offset_cents, declared_cents + returned_cents + advance_cents - offset_cents, entry_id, last_entry_id
  from s where what = 3
  returning declared_cents, returned_cents, advance_cents, offset_cents, net_cents),
new_entry as (
  insert into payout_entry (account_id, entry_id, payout_id, risk_carrier_id, kind, cents)
  select account_id, entry_id, ((select id from ids))[payout], $1, kind, cents from s where what = 1 and kind <> 1),
new_posting as (
  insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id, pass)
  select account_id, case what when 3 then ((select id from ids))[payout] else entry_id end, case when what = 1 and kind = 3 then entry_id else claim_id end,
    ((select id from ids))[payout], case what when 3 then declared_cents + returned_cents - offset_cents else cents end,
    case when what = 1 and kind = 3 then cents else open_after end, $7, coalesce(line, 0), $2, coalesce(least(day, $2), $2),
    case what when 1 then case kind when 1 then 1 else 9 end when 2 then kind else 5 end,
    case what when 1 then case kind when 1 then 5 else 2 end else 1 end,
    case what when 1 then case kind when 1 then 1 else 6 end when 2 then kind else 6 end, $1, pass
  from s
  where case what when 1 then kind <> 2 when 2 then true when 3 then declared_cents + returned_cents > offset_cents else false end),
new_decision as (
  insert into decision (account_id, claim_id, run_id, valid_from, open_cents, held_cents, offset_cents, fact_date, policy_version_id, answer, with_money, hold_kind, risk_carrier_id)
  select account_id, claim_id, $6, $2, open_cents, held_cents, offset_cents, fact_date, $3, answer, with_money, hold_kind, $1 from s where what = 4),
claim_taken as (
  update claim_position p set open_principal_cents = p.open_principal_cents - s.used_principal, open_costs_cents = p.open_costs_cents - s.used_costs,
    open_interest_cents = p.open_interest_cents - s.used_interest, last_answer = s.answer
  from s where s.what = 4 and (s.offset_cents > 0 or s.answer <> s.last_answer) and p.account_id = s.account_id and p.claim_id = s.claim_id
    and p.open_principal_cents + p.open_costs_cents + p.open_interest_cents = s.open_cents and p.held_cents = s.held_cents
  returning 1),
advance_opened as (
  update claim_position p set open_principal_cents = p.open_principal_cents + s.cents, last_answer = 0
  from s where s.what = 1 and s.kind = 3 and p.account_id = s.account_id and p.claim_id = s.entry_id
  returning 1),
unpayable as (
  insert into run_parked (run_id, account_id, risk_carrier_id, reason, detail, entries, cents)
  select $6, account_id, $1, 'no IBAN', 'Geen geldige IBAN op de boekdatum; voeg er een toe en draai de nacht van de volgende dag.', entries, cents from s where what = 5),
left_queue as (
  delete from payable q where q.account_id between $4 and $5 and q.risk_carrier_id = $1 and q.available_on <= $2   -- the same statement reads the same snapshot: the rows that were decided
    and q.account_id not in (select account_id from s where what = 5)
    and q.account_id not in (select account_id from run_parked where run_id = $6)
  returning 1),
n as (
  select count(*) filter (where what = 1) as entries, count(*) filter (where what = 1 and kind = 3) as advances,
    count(*) filter (where what = 4 and (offset_cents > 0 or answer <> last_answer)) as claims,
    count(*) filter (where what = 4 and with_money) as in_scope, count(*) filter (where what = 4 and with_money and offset_cents > 0) as offset_claims,
    count(*) filter (where what = 4 and with_money and offset_cents = 0) as left_out_claims,
    coalesce(sum(cents) filter (where what = 2), 0)::bigint as offset_cents, count(*) filter (where what = 5) as parked
  from s),
y as (
  select count(*) as payouts, coalesce(sum(declared_cents), 0)::bigint as declared_cents, coalesce(sum(returned_cents), 0)::bigint as returned_cents,
    coalesce(sum(advance_cents), 0)::bigint as advance_cents, coalesce(sum(offset_cents), 0)::bigint as offset_cents, coalesce(sum(net_cents), 0)::bigint as net_cents from new_payout)
select n.entries, (select count(*) from left_queue) as left_queue, n.advances, (select count(*) from advance_opened) as advances_opened,
  n.claims, (select count(*) from claim_taken) as claims_taken, n.in_scope, n.offset_claims, n.left_out_claims, n.offset_cents as line_cents, n.parked,
  y.payouts, y.declared_cents, y.returned_cents, y.advance_cents, y.offset_cents, y.net_cents
from n, y
