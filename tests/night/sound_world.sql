-- A small world in which every check finds nothing: two risk carriers, two nights (2 March released, 3 March proven), and one of every
-- fact that moves money. Rows are written as the product writes them (docs of the tables in migrations/0001); ids are fixed, so that
-- a corruption can name them. Positions, payouts and batch totals are summed from the postings that stand here line by line.

create function pg_temp.post(kind int, account bigint, event bigint, amount bigint, day date, at timestamptz, line int default 0, claim bigint default null,
  payout bigint default null, after bigint default null, rev bigint default null, rev_line int default null, pass int default null)
returns void language sql as $$
  insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, reverses_event_id, recorded_at, line, booking_date, effective_date,
    reverses_line, kind, debit, credit, risk_carrier_id, pass)
  select account, event, claim, payout, amount, after, rev, at, line, day, day, rev_line, k.posting_kind_id, k.debit, k.credit, ra.risk_carrier_id, pass
  from posting_kind k, running_account ra where k.posting_kind_id = kind and ra.account_id = account
$$;
create function pg_temp.claim(account bigint, id bigint, kind int, reason int, agb int, amount bigint, registered date, due date, letter date default null,
  origin bigint default null, opening boolean default false, elsewhere boolean default false)
returns void language sql as $$
  insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id, original_cents, registered_on, letter_date, due_date,
    reference, ground, opening)
  select account, id, ra.risk_carrier_id, kind, reason, agb, origin, amount, registered, letter, due, human_reference('VOR', id, 2026), 'test', opening
  from running_account ra where ra.account_id = account;
  insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents)
  select account, id, n, c.risk_carrier_id, case n when 1 then amount - 100 else 100 end from claim c, generate_series(1, 2) n
  where c.account_id = account and c.claim_id = id and c.kind in (1, 2, 3, 5);
  insert into claim_reference select human_reference('VOR', id, 2026), c.risk_carrier_id, account, id from claim c where c.account_id = account and c.claim_id = id;
  insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date, open_principal_cents)
  select account, id, c.risk_carrier_id, c.kind, reason, agb, registered, due, 0 from claim c where c.account_id = account and c.claim_id = id;
  select pg_temp.post(case when opening then 8 when kind = 4 then 10 when kind = 8 then 40 else 7 end, account, id, amount, registered,
    registered + case when kind = 8 then time '06:00' else time '12:00' end, 0, id)   -- a night takes over, before it offsets
  where kind <> 4 or elsewhere;
$$;
create function pg_temp.declaration(account bigint, id bigint, agb int, amount bigint, available date, queued boolean default false)
returns void language sql as $$
  insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, awarded_cents, number)
  select account, id, ra.risk_carrier_id, agb, available, available - 1 + time '10:00', amount, 'D' || id from running_account ra where ra.account_id = account;
  insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents)
  select account, id, d.risk_carrier_id, 1, agb, available, available - 1, d.approved_at, amount from declaration d
  where d.account_id = account and d.declaration_id = id and queued;
$$;
create function pg_temp.settle(account bigint, id bigint, payout bigint, day date) returns void language sql as $$
  select pg_temp.post(1, account, id, d.awarded_cents, day, day + time '06:00', 0, null, payout) from declaration d where d.account_id = account and d.declaration_id = id;
  update posting set effective_date = day - 1 where account_id = account and event_id = id and kind = 1 and booking_date = day;   -- approved the day before
$$;
create function pg_temp.take(account bigint, id bigint, line int, claim bigint, amount bigint, after bigint, payout bigint, pass int, day date) returns void language sql as $$
  select pg_temp.post(2, account, id, amount, day, day + time '06:00', line, claim, payout, after, null, null, pass);
  update posting p set effective_date = least(day, greatest(day - 1, c.due_date)) from claim c
  where c.account_id = account and c.claim_id = claim and p.account_id = account and p.event_id = id and p.kind = 2 and p.line = take.line
$$;
create function pg_temp.pay(account bigint, id bigint, run bigint, iban int, held int default 0) returns void language sql as $$
  insert into payout (account_id, payout_id, run_id, risk_carrier_id, iban_id, business_date, entries, declarations, held, declared_cents, returned_cents,
    advance_cents, offset_cents, net_cents, first_entry_id, last_entry_id)
  select account, id, run, r.risk_carrier_id, iban, r.business_date, p.declarations + e.entries, p.declarations, held, p.declared, e.returned, e.advance, p.taken,
    p.declared + e.returned + e.advance - p.taken, least(p.first_id, e.first_id), greatest(p.last_id, e.last_id)
  from run r,
    (select count(*) filter (where kind = 1)::int as declarations, coalesce(sum(cents) filter (where kind = 1), 0) as declared,
       coalesce(sum(cents) filter (where kind between 2 and 4), 0) as taken, min(event_id) filter (where kind = 1) as first_id, max(event_id) filter (where kind = 1) as last_id
     from posting where account_id = account and payout_id = id) p,
    (select count(*)::int as entries, coalesce(sum(cents) filter (where kind = 2), 0) as returned, coalesce(sum(cents) filter (where kind = 3), 0) as advance,
       min(entry_id) as first_id, max(entry_id) as last_id from payout_entry where account_id = account and payout_id = id) e
  where r.run_id = run;
  select pg_temp.post(5, account, id, y.net_cents - y.advance_cents, y.business_date, y.business_date + time '06:00', 0, null, id)
  from payout y where y.account_id = account and y.payout_id = id and y.net_cents > y.advance_cents;
$$;
create function pg_temp.decide(account bigint, claim bigint, run bigint, open bigint, held bigint, answer int, with_money boolean default true) returns void language sql as $$
  insert into decision (account_id, claim_id, run_id, valid_from, open_cents, held_cents, offset_cents, policy_version_id, answer, with_money, risk_carrier_id)
  select account, claim, run, r.business_date, open, held,
    (select coalesce(sum(cents), 0) from posting p where p.account_id = account and p.claim_id = claim and p.kind between 2 and 4 and p.booking_date = r.business_date),
    r.policy_version_id, answer, with_money, r.risk_carrier_id from run r where r.run_id = run
$$;

-- ---------------------------------------------------------------- parties and policies
insert into risk_carrier values (1, 'ONE', 'Een', '10000001', 'NL91ABNA0417164300', null, '2026-03-03'), (2, 'TWO', 'Twee', '10000002', 'NL20INGB0001234567', null, '2026-03-02');
insert into provider (provider_id, number, name, legal_form, natural_person) overriding system value select n, 'P' || n, 'Praktijk ' || n, 'bv', false from generate_series(1, 8) n;
insert into practice (provider_id, practice_id, code, name, valid_from) overriding system value values (1, 1, 'A', 'Locatie A', '2020-01-01');
insert into agb_registration (agb_id, agb, provider_id, practice_id, valid_from) overriding system value
select n, lpad(n::text, 8, '0'), case when n > 8 then 1 else n end, case when n > 8 then 1 end, '2020-01-01' from generate_series(1, 9) n;   -- 9: the practice of provider 1
insert into payee_iban (iban_id, provider_id, practice_id, iban, holder_name, valid_from) overriding system value
select n, case when n > 8 then 1 else n end, case when n > 8 then 1 end,
  'NL' || lpad((98 - ('10112310041716430' || n || '232100')::numeric % 97)::text, 2, '0') || 'ABNA041716430' || n, 'P', '2020-01-01' from generate_series(1, 9) n;
insert into running_account (account_id, risk_carrier_id, provider_id, opened_on) overriding system value
select a, c, p, '2020-01-01' from (select n as a, 1 as c, n as p from generate_series(1, 6) n union all values (7, 2, 1), (8, 2, 2), (9, 1, 7), (10, 1, 8)) x;
insert into reason_code (reason_id, risk_carrier_id, code) overriding system value
select n, 1, 'R' || n from generate_series(1, 9) n union all select 11, 2, 'R1';
insert into policy_version (policy_version_id, risk_carrier_id, version, valid_from, name, toml, sha256, applied_at, applied_by, passes, claim_order, cap_basis_points)
overriding system value select n, n, 1, '2020-01-01', 'test', '', '', '2020-01-01', 'test', '{1,3,4}', 'priority', 8000 from generate_series(1, 2) n;
-- 1 quiet credit, 2 after reminder 1, 3 advance, 4 a half of each declaration and only by the own AGB code, 5 at most 15.00 a night and not by it, 6 withdrawn, 7 matured credit (after due), 8 never, 9 on request
insert into reason_policy (policy_version_id, reason_id, priority, title_nl, title_en, owning_team, interest_regime, quiet, matures_days, matures_to, payment_term_days,
  offset_start, offset_mode, offset_basis_points, offset_fixed_cents, passes)
select 1, n, n, 't', 't', 't', 'none', n in (1, 3, 6), case n when 1 then 30 end, case n when 1 then 7 end, 30,
  (array[1, 3, 1, 1, 1, 1, 2, 0, 4])[n], case n when 4 then 1 when 5 then 2 else 3 end, case n when 4 then 5000 end, case n when 5 then 1500 end,
  case n when 4 then array[3::smallint] when 5 then array[1::smallint, 4::smallint] end
from generate_series(1, 9) n;
insert into reason_policy (policy_version_id, reason_id, priority, title_nl, title_en, owning_team, interest_regime, quiet, payment_term_days, offset_start, offset_mode)
values (2, 11, 1, 't', 't', 't', 'none', false, 30, 1, 3);
insert into run (run_id, risk_carrier_id, business_date, payment_date, policy_version_id, state, cut_off_at, released_at, fence) values
  (2000, 1, '2026-03-02', '2026-03-02', 1, 'released', '2026-03-02 05:00Z', '2026-03-02 07:00Z', 1),
  (3000, 1, '2026-03-03', '2026-03-03', 1, 'proven', '2026-03-03 05:00Z', null, 1),
  (3500, 2, '2026-03-02', '2026-03-02', 2, 'released', '2026-03-02 05:00Z', '2026-03-02 07:00Z', 1);

-- ---------------------------------------------------------------- account 1: a reminded claim, a credit, reversals, adjustments
select pg_temp.claim(1, 100, 1, 2, 1, 50000, '2026-01-05', '2026-02-04', '2026-01-05');
insert into payment_reference values (payment_reference_digits(100), 1, 1, '2026-01-05', 'claim letter'), (payment_reference_digits(101), 1, 1, '2026-02-05', 'reminder 1');
insert into payment_reference_claim values (payment_reference_digits(100), 1, 100, 1), (payment_reference_digits(101), 1, 100, 1);
insert into claim_step (account_id, claim_id, step_id, risk_carrier_id, kind, step_no, sent_on, term_end, payment_reference, asked_cents) values
  (1, 100, 101, 1, 1, 1, '2026-01-05', '2026-02-04', payment_reference_digits(100), 50000), (1, 100, 102, 1, 2, 1, '2026-02-05', '2026-02-19', payment_reference_digits(101), 50000);
update claim_position set reminder_term_ends = '{2026-02-19}' where claim_id = 100;
insert into charge values (1, 103, 1, 100, 2, 300, '2026-02-20', 'rente'), (1, 104, 1, 100, 1, 400, '2026-02-20', 'kosten');
select pg_temp.post(20, 1, 103, 300, '2026-02-20', '2026-02-20 09:00Z', 0, 100), pg_temp.post(21, 1, 104, 400, '2026-02-20', '2026-02-20 09:01Z', 0, 100);
insert into payment values (1, 105, 1, '2026-02-21', '2026-02-22', 900, payment_reference_digits(101));
select pg_temp.post(12, 1, 105, 400, '2026-02-22', '2026-02-22 09:00Z', 0, 100), pg_temp.post(13, 1, 105, 300, '2026-02-22', '2026-02-22 09:00Z', 1, 100),
  pg_temp.post(11, 1, 105, 200, '2026-02-22', '2026-02-22 09:00Z', 2, 100);
select pg_temp.declaration(1, 110, 1, 30000, '2026-03-02'), pg_temp.declaration(1, 111, 1, 10000, '2026-03-02'), pg_temp.declaration(1, 112, 9, 8000, '2026-03-02');
select pg_temp.claim(1, 113, 2, 1, 1, 5000, '2026-02-25', '2026-02-25', null, 110);
select pg_temp.settle(1, 110, 2001, '2026-03-02'), pg_temp.settle(1, 111, 2001, '2026-03-02'), pg_temp.settle(1, 112, 2002, '2026-03-02');
select pg_temp.take(1, 110, 1, 113, 5000, 0, 2001, 1, '2026-03-02'), pg_temp.take(1, 110, 2, 100, 19000, 30800, 2001, 3, '2026-03-02'),
  pg_temp.take(1, 111, 1, 100, 8000, 22800, 2001, 3, '2026-03-02'), pg_temp.take(1, 112, 1, 100, 6400, 16400, 2002, 4, '2026-03-02');
select pg_temp.pay(1, 2001, 2000, 1), pg_temp.pay(1, 2002, 2000, 9);
select pg_temp.decide(1, 100, 2000, 49800, 0, 2), pg_temp.decide(1, 113, 2000, 5000, 0, 1);
-- by day: a part of an offset is given back; adjusted down, up, written off; the credit adjusted below what was offset already
insert into offset_reversal values (1, 2500, 1, 111, 100, 1, 3000, '2026-03-03', '2026-03-02', 'besluit', 1, null), (1, 2505, 1, 110, 113, 1, 1000, '2026-03-03', '2026-03-02', 'aanpassing', 2, 2506);
insert into adjustment values (1, 2502, 1, 100, 1, -1000, '2026-03-03', '2026-03-02', 'x'), (1, 2503, 1, 100, 1, 500, '2026-03-03', '2026-03-02', 'x'),
  (1, 2504, 1, 100, 3, -900, '2026-03-03', '2026-03-02', 'x'), (1, 2506, 1, 113, 1, -1000, '2026-03-03', '2026-03-02', 'x');
select pg_temp.post(30, 1, 2500, 3000, '2026-03-03', '2026-03-02 10:00Z', 0, 100, null, 19400, 111, 1), pg_temp.post(22, 1, 2502, 1000, '2026-03-03', '2026-03-02 10:01Z', 0, 100),
  pg_temp.post(23, 1, 2503, 500, '2026-03-03', '2026-03-02 10:02Z', 0, 100), pg_temp.post(24, 1, 2504, 900, '2026-03-03', '2026-03-02 10:03Z', 0, 100),
  pg_temp.post(30, 1, 2505, 1000, '2026-03-03', '2026-03-02 10:04Z', 0, 113, null, 1000, 110, 1), pg_temp.post(22, 1, 2506, 1000, '2026-03-03', '2026-03-02 10:04Z', 0, 113);
-- the second night gives the reversed money back, without declarations
insert into payout_entry values (1, 2500, 3001, 1, 2, 3000), (1, 2505, 3001, 1, 2, 1000);
select pg_temp.pay(1, 3001, 3000, 1);
select pg_temp.decide(1, 100, 3000, 18000, 0, 40, false);
insert into payment_file values (2600, 1, 2000, 1, 'VEREFFEN-1', '2026-03-02', 6, 35200, '', '2026-03-02 07:00Z');
insert into payment_instruction values (1, 2001, 2600, 1, 8000), (1, 2002, 2600, 1, 1600), (2, 2003, 2600, 1, 12000), (5, 2005, 2600, 1, 6000), (6, 2006, 2600, 1, 6000), (9, 2007, 2600, 1, 1600);
insert into payout_confirmation values (1, 2601, 1, 2001, '2026-03-03', 8000);
select pg_temp.post(6, 1, 2601, 8000, '2026-03-03', '2026-03-03 09:00Z', 0, null, 2001);

-- ---------------------------------------------------------------- account 2: advances; go-live with a payment before and after; a payment freed
select pg_temp.claim(2, 150, 4, 3, 2, 12000, '2026-03-01', '2026-03-01'), pg_temp.claim(2, 151, 4, 3, 2, 4000, '2026-03-01', '2026-03-01', null, null, false, true);
select pg_temp.post(9, 2, 150, 12000, '2026-03-02', '2026-03-02 06:00Z', 0, 150, 2003, 12000);
insert into payout_entry values (2, 150, 2003, 1, 3, 12000);
select pg_temp.pay(2, 2003, 2000, 2);
select pg_temp.declaration(2, 152, 2, 10000, '2026-03-03');
select pg_temp.settle(2, 152, 3002, '2026-03-03'), pg_temp.take(2, 152, 1, 150, 7500, 4500, 3002, 3, '2026-03-03');
insert into charge values (2, 153, 1, 150, 1, 500, '2026-03-03', 'kosten');
select pg_temp.post(21, 2, 153, 500, '2026-03-03', '2026-03-02 17:00Z', 0, 150), pg_temp.post(3, 2, 152, 500, '2026-03-03', '2026-03-03 06:00Z', 2, 150, 3002, pass => 3);
update posting set effective_date = '2026-03-02' where account_id = 2 and event_id = 152 and kind = 3;
select pg_temp.pay(2, 3002, 3000, 2);
select pg_temp.decide(2, 150, 3000, 12500, 0, 2), pg_temp.decide(2, 151, 3000, 3500, 0, 41), pg_temp.decide(2, 151, 2000, 4000, 0, 40, false);
insert into offset_instruction (account_id, instruction_id, risk_carrier_id, floor_cents, valid_from, reason) values (2, 160, 1, 2000, '2026-01-01', 'bodem');
select pg_temp.claim(2, 170, 1, 2, 2, 7000, '2026-02-01', '2026-03-20', '2026-02-01', null, true);
insert into payment values (2, 171, 1, '2026-01-20', '2026-02-01', 2000, null, true), (2, 172, 1, '2026-02-10', '2026-02-10', 5500, null, false);
select pg_temp.post(18, 2, 171, 2000, '2026-02-01', '2026-02-01 12:30Z', 0, 170), pg_temp.post(11, 2, 172, 5000, '2026-02-10', '2026-02-10 12:30Z', 0, 170),
  pg_temp.post(14, 2, 172, 500, '2026-02-10', '2026-02-10 12:30Z', 1);
insert into adjustment values (2, 173, 1, 170, 1, -1000, '2026-02-11', '2026-02-11', 'x');
select pg_temp.post(22, 2, 173, 1000, '2026-02-11', '2026-02-11 12:30Z', 0, 170), pg_temp.post(34, 2, 173, 1000, '2026-02-11', '2026-02-11 12:30Z', 1, 170);
-- by day: of the 500 on account of the payment 300 go to an advance, and 200 of the 1000 that the adjustment freed
insert into allocation values (2, 2521, 1, 172, 151, 300, '2026-03-03', '2026-03-03', 'x'), (2, 2522, 1, null, 151, 200, '2026-03-03', '2026-03-03', 'x');
select pg_temp.post(15, 2, 2521, 300, '2026-03-03', '2026-03-02 16:00Z', 0, 151), pg_temp.post(15, 2, 2522, 200, '2026-03-03', '2026-03-02 16:01Z', 0, 151);

-- ---------------------------------------------------------------- account 3: percentage, fixed amount, holds in part and in whole, caps
select pg_temp.claim(3, 200, 1, 4, 3, 20000, '2026-02-01', '2026-03-03', '2026-02-01'), pg_temp.claim(3, 201, 1, 5, 3, 9000, '2026-02-01', '2026-03-03', '2026-02-01'),
  pg_temp.claim(3, 202, 2, 1, 3, 6000, '2026-02-20', '2026-02-20', null, 203), pg_temp.claim(3, 204, 3, 1, 3, 700, '2026-02-20', '2026-02-20', null, 203),
  pg_temp.claim(3, 205, 1, 8, 3, 300, '2026-02-01', '2026-03-03', '2026-02-01'), pg_temp.claim(3, 206, 1, 9, 3, 400, '2026-02-01', '2026-03-03', '2026-02-01');
select pg_temp.declaration(3, 203, 3, 7000, '2026-03-02'), pg_temp.declaration(3, 207, 3, 10000, '2026-03-03'), pg_temp.declaration(3, 208, 3, 1000, '2026-03-04', true);
insert into hold (account_id, hold_id, risk_carrier_id, claim_id, kind, for_dunning, for_offset, for_payout, for_agency, cents, from_date, until_date, ended_on, active, reason, owner) values
  (3, 209, 1, null, 3, false, false, true, false, null, '2026-02-21', '2026-03-02', '2026-03-03', false, 'x', 'x'),
  (3, 210, 1, 202, 1, true, true, false, true, 2000, '2026-02-21', null, null, true, 'x', 'x'), (3, 211, 1, 204, 3, true, true, false, true, null, '2026-02-21', '2026-12-31', null, true, 'x', 'x'),
  (3, 212, 1, 201, 1, true, true, false, true, null, '2026-02-21', '2026-02-25', '2026-02-26', false, 'x', 'x'), (3, 213, 1, 201, 2, true, true, false, true, null, '2026-03-10', null, null, false, 'x', 'x');
insert into offset_instruction (account_id, instruction_id, risk_carrier_id, cap_cents, valid_from, reason) values (3, 214, 1, 8000, '2026-03-03', 'maximum');
insert into offset_instruction (account_id, instruction_id, risk_carrier_id, claim_id, mode, valid_from, reason) values (3, 216, 1, 206, 0, '2026-03-03', 'bezwaar');
select pg_temp.settle(3, 203, 2004, '2026-03-02'), pg_temp.pay(3, 2004, 2000, 3, 1);
select pg_temp.settle(3, 207, 3003, '2026-03-03'), pg_temp.take(3, 207, 1, 202, 1500, 4500, 3003, 3, '2026-03-03'), pg_temp.take(3, 207, 2, 200, 5000, 15000, 3003, 3, '2026-03-03'),
  pg_temp.take(3, 207, 3, 201, 1500, 7500, 3003, 4, '2026-03-03'), pg_temp.pay(3, 3003, 3000, 3);
select pg_temp.decide(3, 200, 3000, 20000, 0, 2), pg_temp.decide(3, 201, 3000, 9000, 0, 2), pg_temp.decide(3, 202, 3000, 6000, 2000, 2), pg_temp.decide(3, 204, 3000, 700, 700, 21),
  pg_temp.decide(3, 205, 3000, 300, 0, 30), pg_temp.decide(3, 206, 3000, 400, 0, 35);

-- ---------------------------------------------------------------- account 4: insolvent, stands still; a matured credit; a changed due date
insert into hold (account_id, hold_id, risk_carrier_id, kind, for_dunning, for_offset, for_payout, for_agency, from_date, active, reason, owner)
values (4, 250, 1, 5, true, true, true, true, '2026-02-01', true, 'faillissement', 'x');
select pg_temp.claim(4, 251, 2, 1, 4, 900, '2026-01-10', '2026-01-10'), pg_temp.claim(4, 252, 1, 2, 4, 800, '2026-01-10', '2026-02-09', '2026-01-10');
insert into claim_maturity values (4, 251, 1, '2026-02-09', 1, 7, '2026-02-09', '2026-03-11');
update claim_position set reason_id = 7, due_date = '2026-03-11' where claim_id = 251;
insert into claim_due_date values (4, 252, 253, 1, '2026-01-20', '2026-02-09', '2026-02-20'), (4, 252, 254, 1, '2026-01-21', '2026-02-20', '2026-03-20');
update claim_position set due_date = '2026-03-20' where claim_id = 252;
select pg_temp.declaration(4, 255, 4, 5000, '2026-03-03');
select pg_temp.settle(4, 255, 3004, '2026-03-03'), pg_temp.pay(4, 3004, 3000, 4, 1);
select pg_temp.decide(4, 251, 3000, 900, 0, 20), pg_temp.decide(4, 252, 3000, 800, 0, 20);

-- ---------------------------------------------------------------- account 5: a declaration withdrawn after settlement, one before; interim replaced by final
select pg_temp.declaration(5, 300, 5, 9000, '2026-03-02'), pg_temp.declaration(5, 301, 5, 2500, '2026-03-02');
select pg_temp.claim(5, 302, 5, 1, 5, 3000, '2026-02-20', '2026-02-20'), pg_temp.claim(5, 303, 2, 1, 5, 500, '2026-02-20', '2026-02-20', null, 301);
insert into adjustment values (5, 304, 1, 303, 2, -500, '2026-02-21', '2026-02-21', 'declaratie ingetrokken'), (5, 2520, 1, 302, 1, -400, '2026-03-03', '2026-03-02', 'final settlement');
insert into declaration_withdrawal values (5, 305, 1, 301, '2026-02-21', 'x', false), (5, 2510, 1, 300, '2026-03-03', 'x', true);
select pg_temp.post(22, 5, 304, 500, '2026-02-21', '2026-02-21 09:00Z', 0, 303);
select pg_temp.settle(5, 300, 2005, '2026-03-02'), pg_temp.take(5, 300, 1, 302, 3000, 0, 2005, 3, '2026-03-02'), pg_temp.pay(5, 2005, 2000, 5);
select pg_temp.decide(5, 302, 2000, 3000, 0, 1);
select pg_temp.claim(5, 2507, 2, 1, 5, 1000, '2026-03-03', '2026-03-03', null, 300), pg_temp.claim(5, 2508, 7, 6, 5, 5000, '2026-03-03', '2026-03-03', null, 300);
insert into offset_reversal values (5, 2509, 1, 300, 302, 1, 3000, '2026-03-03', '2026-03-02', 'ingetrokken', 3, 2510);
select pg_temp.post(30, 5, 2509, 3000, '2026-03-03', '2026-03-02 14:00Z', 0, 302, null, 3000, 300, 1), pg_temp.post(33, 5, 2510, 3000, '2026-03-03', '2026-03-02 14:00Z', 0, null, null, null, 300, 0),
  pg_temp.post(22, 5, 2520, 400, '2026-03-03', '2026-03-02 15:00Z', 0, 302);
insert into claim_settlement values (5, 302, 2519, 1, '2026-03-03', 2600, null);
insert into claim_reference values (human_reference('VOR', 2519, 2026), 1, 5, 302);

-- ---------------------------------------------------------------- account 6: parked in the second night; accounts 7 and 8: the other risk carrier
select pg_temp.declaration(6, 350, 6, 6000, '2026-03-02'), pg_temp.declaration(6, 351, 6, 1500, '2026-03-03', true);
select pg_temp.settle(6, 350, 2006, '2026-03-02'), pg_temp.pay(6, 2006, 2000, 6);
insert into run_parked values (3000, 6, 1, 'failed', 'x', 1, 1500);
select pg_temp.claim(7, 400, 1, 11, 1, 1000, '2026-02-01', '2026-03-03', '2026-02-01');
select pg_temp.declaration(7, 401, 1, 2000, '2026-03-02'), pg_temp.declaration(8, 402, 2, 3000, '2026-03-03', true);
select pg_temp.settle(7, 401, 3501, '2026-03-02'), pg_temp.take(7, 401, 1, 400, 1000, 0, 3501, 3, '2026-03-02'), pg_temp.pay(7, 3501, 3500, 1);
select pg_temp.decide(7, 400, 3500, 1000, 0, 1);

-- ---------------------------------------------------------------- account 9 pays under agreements for account 10 and for account 8 of the other risk carrier
-- Of its 8000 it may give 6400: 1000 to its own claim, then by due date 4000 and 800 of account 10 and 600 of the 900 of account 8.
insert into reason_code (reason_id, risk_carrier_id, code) overriding system value values (10, 1, 'R10');
insert into reason_policy (policy_version_id, reason_id, priority, title_nl, title_en, owning_team, interest_regime, quiet, payment_term_days, offset_start, offset_mode, passes)
values (1, 10, 10, 't', 't', 't', 'none', true, 30, 1, 3, '{3}');   -- 10: taken over; its passes are for claims of the account's own
insert into offset_agreement (account_id, agreement_id, risk_carrier_id, debtor_account_id, reason_id, number, evidence, valid_from, reason) values
  (9, 480, 1, 10, 10, 'OVK-1', 'archief', '2026-01-01', 'x'), (9, 481, 1, 8, 10, 'OVK-2', 'archief', '2026-01-01', 'x');
select pg_temp.claim(9, 489, 1, 6, 7, 1000, '2026-02-01', '2026-03-03'), pg_temp.claim(10, 490, 1, 6, 8, 4000, '2026-02-01', '2026-02-20'),
  pg_temp.claim(10, 491, 1, 6, 8, 800, '2026-02-01', '2026-02-21'), pg_temp.claim(8, 405, 1, 11, 2, 900, '2026-02-01', '2026-03-03', '2026-02-01');
select pg_temp.declaration(9, 509, 7, 8000, '2026-03-02');
select pg_temp.claim(9, t.id, 8, 10, 7, t.cents, '2026-03-02', t.due), pg_temp.post(41, t.debtor, t.id, t.cents, t.booked, '2026-03-02 06:00', 0, t.claim)
from (values (502, 10, 490, 4000, date '2026-02-20', date '2026-03-02'), (503, 10, 491, 800, '2026-02-21', '2026-03-02'),
  (505, 8, 405, 600, '2026-03-03', '2026-03-03')) t (id, debtor, claim, cents, due, booked);   -- 2 March is closed at the other risk carrier
insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents) select 9, c.claim_id, 1, 1, c.original_cents from claim c where c.kind = 8;
insert into takeover (account_id, takeover_id, risk_carrier_id, claim_id, payer_account_id, agreement_id, run_id, cents, taken_on, number, payer, policy_version_id, payer_claim)
values (10, 502, 1, 490, 9, 480, 2000, 4000, '2026-03-02', 'OVK-1', 'Praktijk 7', 1, 'VOR-502'), (10, 503, 1, 491, 9, 480, 2000, 800, '2026-03-02', 'OVK-1', 'Praktijk 7', 1, 'VOR-503'),
  (8, 505, 2, 405, 9, 481, 2000, 600, '2026-03-03', 'OVK-2', 'Praktijk 7', 1, 'VOR-505');
select pg_temp.settle(9, 509, 2007, '2026-03-02'), pg_temp.take(9, 509, 1, 489, 1000, 0, 2007, 3, '2026-03-02'), pg_temp.take(9, 509, 2, 502, 4000, 0, 2007, 4, '2026-03-02'),
  pg_temp.take(9, 509, 3, 503, 800, 0, 2007, 4, '2026-03-02'), pg_temp.take(9, 509, 4, 505, 600, 0, 2007, 4, '2026-03-02'), pg_temp.pay(9, 2007, 2000, 7);
select pg_temp.decide(9, 489, 2000, 1000, 0, 1), pg_temp.decide(9, 502, 2000, 4000, 0, 1), pg_temp.decide(9, 503, 2000, 800, 0, 1), pg_temp.decide(9, 505, 2000, 600, 0, 1),
  pg_temp.decide(10, 490, 2000, 0, 0, 50, false), pg_temp.decide(10, 491, 2000, 0, 0, 50, false), pg_temp.decide(8, 405, 3500, 900, 0, 40, false);
-- by day 700 of it is reversed; the second night gives the money back to account 9 and the debt to account 10
insert into offset_reversal values (9, 2530, 1, 509, 502, 2, 700, '2026-03-03', '2026-03-02', 'besluit', 1, null);
select pg_temp.post(30, 9, 2530, 700, '2026-03-03', '2026-03-02 17:00Z', 0, 502, null, 700, 509, 2);
insert into adjustment values (9, 3010, 1, 502, 1, -700, '2026-03-03', '2026-03-03', 'x');
insert into takeover_return values (10, 3010, 1, 490, 502, 3000, 700, '2026-03-03', 'x');
select pg_temp.post(42, 9, 3010, 700, '2026-03-03', '2026-03-03 06:00Z', 0, 502), pg_temp.post(43, 10, 3010, 700, '2026-03-03', '2026-03-03 06:00Z', 0, 490);
insert into payout_entry values (9, 2530, 3005, 1, 2, 700);
select pg_temp.pay(9, 3005, 3000, 7);
select pg_temp.decide(10, 490, 3000, 700, 0, 40, false);
insert into run_agreement values (2000, 9, 1), (3000, 9, 1);

-- a reversal that waits in the queue, and an advance that does
insert into offset_reversal values (1, 3600, 1, 112, 100, 1, 400, '2026-03-03', '2026-03-03', 'besluit', 1, null);
select pg_temp.post(30, 1, 3600, 400, '2026-03-04', '2026-03-03 10:00Z', 0, 100, null, 18400, 112, 1);
select pg_temp.claim(8, 403, 4, 11, 2, 2200, '2026-03-03', '2026-03-03');
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents) values
  (1, 3600, 1, 2, 9, '2026-03-04', '2026-03-04', '2026-03-03', 400), (8, 403, 2, 3, 2, '2026-03-03', '2026-03-03', '2026-03-03', 2200);

-- a payout that goes to the IBAN of the provider's own choice after its night
insert into payout_redirection values (3, 3601, 1, 3003, 3, '2026-03-03', 'besluit');

insert into payment_file values (3602, 2, 3500, 1, 'VEREFFEN-2', '2026-03-02', 1, 1000, '', '2026-03-02 07:00Z');
insert into payment_instruction values (7, 3501, 3602, 2, 1000);

-- ---------------------------------------------------------------- what is summed
update claim_position k set open_principal_cents = p.principal, open_costs_cents = p.costs, open_interest_cents = p.interest
from (select account_id, claim_id, coalesce(sum(case when debit = 2 then cents when credit = 2 then -cents end), 0) as principal,
        coalesce(sum(case when debit = 3 then cents when credit = 3 then -cents end), 0) as costs,
        coalesce(sum(case when debit = 4 then cents when credit = 4 then -cents end), 0) as interest
      from posting where claim_id is not null group by account_id, claim_id) p
where p.account_id = k.account_id and p.claim_id = k.claim_id;
update claim_position set held_cents = case claim_id when 202 then 2000 else 700 end where claim_id in (202, 204);
insert into run_batch (run_id, batch_no, risk_carrier_id, first_account_id, last_account_id, planned_entries, state, fence) values
  (2000, 1, 1, 0, 3, 5, 1, 1), (2000, 2, 1, 4, 9223372036854775807, 2, 1, 1), (3000, 1, 1, 0, 2, 3, 1, 1), (3000, 2, 1, 3, 9223372036854775807, 3, 2, 1),
  (3000, 3, 1, 3, 5, 2, 1, 1), (3000, 4, 1, 6, 9223372036854775807, 1, 1, 1), (3500, 1, 2, 0, 9223372036854775807, 1, 1, 1);
update run_batch b set entries = y.entries, declared_cents = y.declared, returned_cents = y.returned, advance_cents = y.advance, offset_cents = y.taken, net_cents = y.net,
  payouts = y.payouts, in_scope = d.in_scope, offset_claims = d.taken, left_out_claims = d.in_scope - d.taken
from run_batch x cross join lateral (
    select coalesce(sum(entries), 0) as entries, coalesce(sum(declared_cents), 0) as declared, coalesce(sum(returned_cents), 0) as returned, coalesce(sum(advance_cents), 0) as advance,
      coalesce(sum(offset_cents), 0) as taken, coalesce(sum(net_cents), 0) as net, count(*) as payouts
    from payout where run_id = x.run_id and account_id between x.first_account_id and x.last_account_id) y
  cross join lateral (
    select count(*) as in_scope, count(*) filter (where offset_cents > 0) as taken from decision
    where run_id = x.run_id and with_money and account_id between x.first_account_id and x.last_account_id) d
where b.run_id = x.run_id and b.batch_no = x.batch_no and b.state = 1;
insert into audit (risk_carrier_id, occurred_at, actor, action, subject, body)
select risk_carrier_id, '2026-03-02', 'night', 'batch settled', 'run:' || run_id, jsonb_build_object('batch', batch_no) from run_batch where state = 1;
insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
select distinct p.risk_carrier_id, case when p.payout_id is null then p.account_id end, p.recorded_at, 'test', 'booked', 'test', '{}'::jsonb from posting p
union all select risk_carrier_id, account_id, '2026-02-01', 'test', 'hold recorded', 'hold:' || hold_id, '{}' from hold
union all select risk_carrier_id, account_id, recorded_on, 'test', 'payment recorded', 'payment:' || payment_id, '{}' from payment
union all select risk_carrier_id, account_id, valid_from, 'test', 'agreement registered', 'account:' || account_id, jsonb_build_object('number', number) from offset_agreement
union all select risk_carrier_id, account_id, decided_on, 'test', 'payout redirected', 'payout:' || payout_id, '{}' from payout_redirection
union all select risk_carrier_id, null, '2020-01-01', 'test', 'policy applied', 'policy:' || policy_version_id, '{}' from policy_version
union all select risk_carrier_id, null, created_at, 'night', 'payments.released', 'payment_file:' || payment_file_id, '{}' from payment_file
union all select risk_carrier_id, null, cut_off_at, 'night', 'night ' || state, 'run:' || run_id, '{}' from run;
update claim_position k set last_answer = d.answer
from (select distinct on (account_id, claim_id) account_id, claim_id, answer from decision order by account_id, claim_id, valid_from desc) d
where d.account_id = k.account_id and d.claim_id = k.claim_id;
select setval('event_id', 10000);
