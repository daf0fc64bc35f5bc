-- One batch of a night: what decide.sql decided for the running accounts $4..$5, written in the same statement.
-- Reads:  what decide.sql reads. Writes: posting, payout, payout_entry, decision, claim_position, run_parked. What it settles leaves the queue by
--   leave_queue.sql, next: counting what a part of this statement deletes would cost more than that.
-- Repeatable: it runs in the transaction that marks the batch done, under the lock of its running accounts; what it settled has left
--   the queue, and a second settlement of a declaration would meet the key (account, event, kind, line).
-- $1 to $7 as in decide.sql, $8 recorded at
,
ids as materialized (                             -- [ordinal of the payout] = its id; 0 where an IBAN has no payout
  select array_agg(case when f.payout is null then 0 else nextval('event_id') end order by g) as id
  from generate_series(1, (select z.payouts from sizes z)) g left join paid_out f on f.payout = g),
changed as not materialized (                       -- claims that gave money or have another answer; an advance that is paid now opens instead
  select * from answered where (cents > 0 or answer <> last_answer) and claim_id not in (select o.entry_id from other o where o.kind = 3)),
new_payout as (
  insert into payout (account_id, payout_id, run_id, risk_carrier_id, iban_id, business_date, entries, declarations, held,
    declared_cents, returned_cents, advance_cents, offset_cents, net_cents, first_entry_id, last_entry_id)
  select account_id, ((select id from ids))[payout], $6, $1, iban_id, $2, entries, declarations, case when payout_hold then 1 else 0 end,
    declared_cents, returned_cents, advance_cents, offset_cents, cents - offset_cents, first_entry_id, last_entry_id
  from paid_out
  returning entries, declared_cents, returned_cents, advance_cents, offset_cents, net_cents),
new_entry as (
  insert into payout_entry (account_id, entry_id, payout_id, risk_carrier_id, kind, cents)
  select account_id, entry_id, ((select id from ids))[payout], $1, kind, cents from other
  where account_id not in (select account_id from unpayable)),
settled as (
  insert into posting (account_id, event_id, payout_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
  select account_id, entry_id, ((select id from ids))[payout], cents, $8, 0, $2, least(payable_on, $2), 1, 5, 1, $1
  from entry where kind = 1 and (not (select exists (select 1 from unpayable)) or account_id not in (select account_id from unpayable))),
offset_lines as (
  insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id, pass)
  select account_id, entry_id, claim_id, ((select id from ids))[payout], cents, open_after, $8, line, $2, least(day, $2), kind, 1, kind, $1, pass
  from merged where what = 2),
paid_postings as (
  insert into posting (account_id, event_id, payout_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
  select account_id, ((select id from ids))[payout], ((select id from ids))[payout], cents - advance_cents - offset_cents, $8, 0, $2, $2, 5, 1, 6, $1
  from paid_out where cents > advance_cents + offset_cents),
advances as (
  insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
  select account_id, entry_id, entry_id, ((select id from ids))[payout], cents, cents, $8, 0, $2, least(payable_on, $2), 9, 2, 6, $1
  from other where kind = 3 and account_id not in (select account_id from unpayable)
  returning account_id, claim_id, cents),
new_decision as (
  insert into decision (account_id, claim_id, run_id, valid_from, open_cents, held_cents, offset_cents, fact_date, policy_version_id, answer, with_money, hold_kind, risk_carrier_id)
  select account_id, claim_id, $6, $2, open_cents, held_cents, cents, fact_date, $3, answer, with_money, hold_kind, $1 from answered),
claim_taken as (
  update claim_position p set open_principal_cents = p.open_principal_cents - s.principal, open_costs_cents = p.open_costs_cents - s.costs,
    open_interest_cents = p.open_interest_cents - s.interest, last_answer = s.answer
  from changed s where p.account_id between $4 and $5 and p.account_id = s.account_id and p.claim_id = s.claim_id
    and p.open_principal_cents + p.open_costs_cents + p.open_interest_cents = s.open_cents
    and p.held_cents <= s.held_cents   -- less is counted now than on the night's date when a hold ended while the night waited
  returning s.cents),
advance_opened as (
  update claim_position p set open_principal_cents = p.open_principal_cents + s.cents, last_answer = 0
  from advances s where p.account_id between $4 and $5 and p.account_id = s.account_id and p.claim_id = s.claim_id
  returning 1),
set_aside as (
  insert into run_parked (run_id, account_id, risk_carrier_id, reason, detail, entries, cents)
  select $6, account_id, $1, 'no IBAN', 'Geen geldige IBAN op de boekdatum; voeg er een toe en draai de nacht van de volgende dag.', entries, cents from unpayable),
n as (
  select (select count(*) from advances) as advances, (select count(*) from changed) as claims,
    count(*) filter (where with_money) as in_scope, count(*) filter (where with_money and cents > 0) as offset_claims,
    count(*) filter (where with_money and cents = 0) as left_out_claims, (select count(*) from unpayable) as parked
  from answered),
y as (
  select coalesce(sum(entries), 0)::bigint as entries, count(*) as payouts, coalesce(sum(declared_cents), 0)::bigint as declared_cents, coalesce(sum(returned_cents), 0)::bigint as returned_cents,
    coalesce(sum(advance_cents), 0)::bigint as advance_cents, coalesce(sum(offset_cents), 0)::bigint as offset_cents, coalesce(sum(net_cents), 0)::bigint as net_cents from new_payout),
t as (select count(*) as claims_taken, coalesce(sum(cents), 0)::bigint as taken_cents from claim_taken)
select y.entries, n.advances, (select count(*) from advance_opened) as advances_opened,
  n.claims, t.claims_taken, n.in_scope, n.offset_claims, n.left_out_claims, t.taken_cents,
  (select coalesce(sum(cents), 0)::bigint from merged where what = 2) as line_cents, n.parked,
  y.payouts, y.declared_cents, y.returned_cents, y.advance_cents, y.offset_cents, y.net_cents
from n, y, t
