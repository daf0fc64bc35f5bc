-- Data of the statement's benchmark: one risk carrier, 1,000 running accounts, 60 nights. Running account 1 is the one that is asked for:
-- 16,000 claims, and a night settles 1,000 of its declarations, 400 of them with an offset, and pays once: 100,120 postings.
-- The others have five declarations a night and a payout each, written after it, so that a night of account 1 lies together on disk.
select ensure_month_partitions(date '2026-06-01', date '2026-10-01');
insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic) values
  (1, 'ONE', 'Meetverzekeraar Een N.V.', '10000001', 'NL91ABNA0417164300', 'ABNANL2A');
insert into brand values (1, 'one', 'Een');
insert into uzovi_code values (1, '9901', 'one', '2010-01-01', null);
insert into provider (provider_id, number, name, kvk, legal_form, natural_person) overriding system value
select p, 'P' || p, 'Praktijk ' || p, (20000000 + p)::text, 'bv', false from generate_series(1, 1000) p;
insert into agb_registration (agb_id, agb, provider_id, valid_from) overriding system value
select p * 10 + n, lpad((1000000 + p * 10 + n)::text, 8, '0'), p, '2015-01-01' from generate_series(1, 1000) p, generate_series(0, 4) n;
insert into payee_iban (provider_id, iban, holder_name, valid_from)
select p, 'NL' || lpad((98 - ('18231611' || lpad(p::text, 10, '0') || '232100')::numeric % 97)::text, 2, '0') || 'INGB' || lpad(p::text, 10, '0'),
  'Praktijk ' || p, '2015-01-01' from generate_series(1, 1000) p;
insert into running_account (account_id, risk_carrier_id, provider_id, opened_on) overriding system value
select p, 1, p, '2015-01-01' from generate_series(1, 1000) p;
insert into reason_code (reason_id, risk_carrier_id, code) overriding system value values (1, 1, 'CM98'), (2, 1, 'DS98');
insert into policy_version (policy_version_id, risk_carrier_id, version, valid_from, name, toml, sha256, applied_at, applied_by, passes, claim_order)
overriding system value values (1, 1, 1, '2020-01-01', 'bench', '', sha256(''), '2020-01-01', 'bench', '{3,4}', 'priority');
insert into reason_policy (policy_version_id, reason_id, priority, title_nl, title_en, owning_team, interest_regime, quiet, payment_term_days, offset_start, offset_mode)
select 1, r, r, 'Controle achteraf', 'Check afterwards', 'bench', 'none', false, 30, 1, 3 from generate_series(1, 2) r;

create unlogged table bench_night as
select n, date '2026-07-06' + n + 2 * (n / 5) as day, 1000000 + n * 20000 as first_id from generate_series(0, 59) n;

insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, original_cents, registered_on, letter_date, due_date, reference, number, ground)
select 1, c, 1, 1, 1 + c % 2, 10 + c % 5, 100000, '2026-06-15', '2026-06-15', '2026-07-15', human_reference('VOR', c, 2026), 'V' || c, 'bench' from generate_series(1, 16000) c;
insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date, open_principal_cents)
select account_id, claim_id, 1, kind, reason_id, agb_id, registered_on, due_date, original_cents - 5000 * (1 + (claim_id <= 8000)::int) from claim;
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
select 1, claim_id, claim_id, original_cents, registered_on, 0, registered_on, registered_on, 7, 2, 5, 1 from claim order by claim_id;

insert into run (run_id, risk_carrier_id, business_date, payment_date, policy_version_id, state)
select 900000 + n, 1, day, day, 1, 'released' from bench_night;
-- within a night: the declarations of account 1, then five of every other account; ids as a file brings them
insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, awarded_cents, number, invoice_number)
select a, first_id + i, 1, a * 10 + i % 5, day, (day - 1)::timestamp at time zone 'UTC' + i * interval '1 second', 20000, 'D' || first_id + i, 'F' || first_id + i
from bench_night, lateral (select 1 as a, i from generate_series(1, 1000) i union all select 2 + (i - 1001) / 5, i from generate_series(1001, 5995) i) x
order by n, i;
insert into payout (account_id, payout_id, run_id, risk_carrier_id, iban_id, business_date, entries, declarations, declared_cents, returned_cents,
  advance_cents, offset_cents, net_cents, first_entry_id, last_entry_id)
select a, first_id + 10000 + a, 900000 + n, 1, i.iban_id, day, d, d, d * 20000, 0, 0, o * 5000, d * 20000 - o * 5000, first, first + d - 1
from bench_night, lateral (
  select p as a, case p when 1 then 1000 else 5 end as d, case p when 1 then 400 else 0 end as o, first_id + case p when 1 then 1 else 1001 + (p - 2) * 5 end as first
  from generate_series(1, 1000) p) x join payee_iban i on i.provider_id = a order by n, a;
insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id, pass)
select a, event_id, claim_id, first_id + 10000 + a, cents, open_after, day + interval '20 hours', line, day, day, kind, debit, credit, 1, pass
from bench_night, lateral (
  select 1 as a, first_id + i as event_id, null::bigint as claim_id, 20000 as cents, null::bigint as open_after, 0 as line, 1 as kind, 5 as debit, 1 as credit, null::smallint as pass
    from generate_series(1, 1000) i
  union all select 1, first_id + i, 1 + (n * 400 + i - 1) % 16000, 5000, 95000, 1, 2, 1, 2, 3::smallint from generate_series(1, 400) i
  union all select 2 + (i - 1001) / 5, first_id + i, null, 20000, null, 0, 1, 5, 1, null from generate_series(1001, 5995) i
  union all select p, first_id + 10000 + p, null, case p when 1 then 18000000 else 100000 end, null, 0, 5, 1, 6, null from generate_series(1, 1000) p) x
order by n, a, event_id, kind, line;
insert into payout_confirmation (account_id, confirmation_id, risk_carrier_id, payout_id, confirmed_on, cents)
select y.account_id, 5000000 + y.payout_id, 1, y.payout_id, y.business_date + 1, y.net_cents from payout y where y.account_id = 1;
insert into posting (account_id, event_id, payout_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
select account_id, confirmation_id, payout_id, cents, confirmed_on + interval '9 hours', 0, confirmed_on, confirmed_on, 6, 6, 7, 1 from payout_confirmation;
select setval('event_id', 20000000);
select setval(pg_get_serial_sequence(t, c), 100000) from (values ('provider', 'provider_id'), ('agb_registration', 'agb_id'), ('running_account', 'account_id'),
  ('policy_version', 'policy_version_id')) x(t, c);
drop table bench_night;
