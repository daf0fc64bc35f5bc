-- One batch of a night: decide for the running accounts $4..$5 and write it all, in one statement.
-- Reads:  what offset_decide reads. Writes: posting, payout, payout_entry, decision, claim_position, run_parked; deletes from payable.
-- Repeatable: it runs in the transaction that marks the batch done, under the lock of its running accounts; what it settled has left
--   the queue, and a second settlement of a declaration would meet the key (account, event, kind, line).
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account, $6 run, $7 recorded at
with s as materialized (select * from offset_decide($1::smallint, $2::date, $3::int, $4::bigint, $5::bigint, $6::bigint)),
few as materialized (select * from s where what > 2 or (what = 1 and kind > 1)),     -- s is long: it is read here and for the postings only
ids as materialized (                             -- [ordinal of the payout] = its id; 0 where an IBAN has no payout
  select array_agg(case when f.payout is null then 0 else nextval('event_id') end) as id
  from (select g, f.payout from generate_series(1, (select max(payout) from few)) g left join few f on f.what = 3 and f.payout = g order by g) f),
changed as materialized (                         -- claims that gave money or have another answer; an advance that is paid now opens instead
  select account_id, claim_id, kind, cents, more from few
  where what = 4 and (cents > 0 or kind <> more[6]) and claim_id not in (select entry_id from few where what = 1 and kind = 3)),
new_payout as (
  insert into payout (account_id, payout_id, run_id, risk_carrier_id, iban_id, business_date, entries, declarations, held,
    declared_cents, returned_cents, advance_cents, offset_cents, net_cents, first_entry_id, last_entry_id)
  select account_id, ((select id from ids))[payout], $6, $1, more[1], $2, more[2], more[3], more[10],
    more[6], more[7], more[8], more[9], more[6] + more[7] + more[8] - more[9], more[4], more[5]
  from few where what = 3
  returning entries, declared_cents, returned_cents, advance_cents, offset_cents, net_cents),
new_entry as (
  insert into payout_entry (account_id, entry_id, payout_id, risk_carrier_id, kind, cents)
  select account_id, entry_id, ((select id from ids))[payout], $1, kind, cents from few where what = 1),
new_posting as (
  insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id, pass)
  select account_id, case what when 3 then ((select id from ids))[payout] else entry_id end, case when what = 1 and kind = 3 then entry_id else claim_id end,
    ((select id from ids))[payout], cents, case when what = 1 and kind = 3 then cents else open_after end, $7, coalesce(line, 0), $2, coalesce(least(day, $2), $2),
    case what when 1 then case kind when 1 then 1 else 9 end when 2 then kind else 5 end,
    case what when 1 then case kind when 1 then 5 else 2 end else 1 end,
    case what when 1 then case kind when 1 then 1 else 6 end when 2 then kind else 6 end, $1, pass
  from s where what < 4 and cents > 0 and (what > 1 or kind <> 2)),
new_decision as (
  insert into decision (account_id, claim_id, run_id, valid_from, open_cents, held_cents, offset_cents, fact_date, policy_version_id, answer, with_money, hold_kind, risk_carrier_id)
  select account_id, claim_id, $6, $2, more[1], more[2], cents, day, $3, kind, more[8] = 1, more[7], $1 from few where what = 4),
claim_taken as (
  update claim_position p set open_principal_cents = p.open_principal_cents - s.more[3], open_costs_cents = p.open_costs_cents - s.more[4],
    open_interest_cents = p.open_interest_cents - s.more[5], last_answer = s.kind
  from changed s where p.account_id = s.account_id and p.claim_id = s.claim_id
    and p.open_principal_cents + p.open_costs_cents + p.open_interest_cents = s.more[1] and p.held_cents = s.more[2]
  returning s.cents),
advance_opened as (
  update claim_position p set open_principal_cents = p.open_principal_cents + s.cents, last_answer = 0
  from few s where s.what = 1 and s.kind = 3 and p.account_id = s.account_id and p.claim_id = s.entry_id
  returning 1),
unpayable as (
  insert into run_parked (run_id, account_id, risk_carrier_id, reason, detail, entries, cents)
  select $6, account_id, $1, 'no IBAN', 'Geen geldige IBAN op de boekdatum; voeg er een toe en draai de nacht van de volgende dag.', line, cents from few where what = 5),
left_queue as (
  delete from payable q where q.account_id between $4 and $5 and q.risk_carrier_id = $1 and q.available_on <= $2   -- the same statement reads the same snapshot: the rows that were decided
    and q.account_id not in (select account_id from few where what = 5 union all select account_id from run_parked where run_id = $6)
  returning 1),
n as (
  select count(*) filter (where what = 1 and kind = 3) as advances,
    (select count(*) from changed) as claims,
    count(*) filter (where what = 4 and more[8] = 1) as in_scope, count(*) filter (where what = 4 and more[8] = 1 and cents > 0) as offset_claims,
    count(*) filter (where what = 4 and more[8] = 1 and cents = 0) as left_out_claims, count(*) filter (where what = 5) as parked
  from few),
y as (
  select coalesce(sum(entries), 0)::bigint as entries, count(*) as payouts, coalesce(sum(declared_cents), 0)::bigint as declared_cents, coalesce(sum(returned_cents), 0)::bigint as returned_cents,
    coalesce(sum(advance_cents), 0)::bigint as advance_cents, coalesce(sum(offset_cents), 0)::bigint as offset_cents, coalesce(sum(net_cents), 0)::bigint as net_cents from new_payout),
t as (select count(*) as claims_taken, coalesce(sum(cents), 0)::bigint as taken_cents from claim_taken)
select y.entries, (select count(*) from left_queue) as left_queue, n.advances, (select count(*) from advance_opened) as advances_opened,
  n.claims, t.claims_taken, n.in_scope, n.offset_claims, n.left_out_claims, t.taken_cents,
  (select coalesce(sum(cents), 0)::bigint from s where what = 2) as line_cents, n.parked,
  y.payouts, y.declared_cents, y.returned_cents, y.advance_cents, y.offset_cents, y.net_cents
from n, y, t
