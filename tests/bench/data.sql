-- Data of the benchmark, made by sets, the same for the same settings:
--   bench.declarations   what risk carrier 1 has in its queue; claims = a fifth of it, running accounts = 6 of 100
--   bench.seed           salt of every draw
--   bench.date           business date of the (first) night
--   bench.nights         over how many nights the queue is spread, by the dates on which it is available
-- Rank 1 is the giant: a tenth of the declarations, a twentieth of the claims. The others follow zipf(0.9).
-- Risk carrier 2 has an account with one provider in twenty, in between those of carrier 1.
-- Everything lies on disk in the order in which files bring it (by file or day, then by account), not in the night's.

create function bench_int(name text) returns bigint language sql stable as $$ select current_setting('bench.' || name)::bigint $$;
create function bench_date() returns date language sql stable as $$ select current_setting('bench.date')::date $$;
-- a draw in [0, 1)
create function bench_draw(id bigint, salt int) returns double precision language sql immutable as
  $$ select (hashint8extended(id, salt) & 4503599627370495)::double precision / 4503599627370496 $$;
-- cents, exponential around the mean, at least a tenth of it
create function bench_cents(draw double precision, mean bigint) returns bigint language sql immutable as
  $$ select (mean / 10 + (-ln(1 - draw) * (mean - mean / 10))::bigint) $$;

select ensure_month_partitions((bench_date() - interval '7 months')::date, (bench_date() + interval '1 month')::date);

-- ---------------------------------------------------------------- parties
insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic) values
  (1, 'ONE', 'Meetverzekeraar Een N.V.', '10000001', 'NL91ABNA0417164300', 'ABNANL2A'),
  (2, 'TWO', 'Meetverzekeraar Twee N.V.', '10000002', 'NL20INGB0001234567', 'INGBNL2A');
insert into brand values (1, 'one', 'Een'), (2, 'two', 'Twee');
insert into uzovi_code values (1, '9901', 'one', '2010-01-01', null), (2, '9902', 'two', '2010-01-01', null);

create unlogged table bench_provider as
select p.provider_id, p.rank, p.codes, sum(p.codes) over (order by p.provider_id) - p.codes + 1 as first_agb_id,
  p.codes >= 3 as has_practice, p.codes >= 3 and p.draw < 0.4 as practice_has_iban
from (
  select i as provider_id, row_number() over (order by bench_draw(i, bench_int('seed')::int), i) as rank, bench_draw(i, 101) as draw,
    (case when row_number() over (order by bench_draw(i, bench_int('seed')::int), i) <= greatest(1, bench_int('declarations') / 10000) or bench_draw(i, 102) < 0.08 then 4
          when bench_draw(i, 102) < 0.20 then 3 when bench_draw(i, 102) < 0.40 then 2 else 1 end) as codes
  from generate_series(1, bench_int('declarations') * 6 / 100) i) p;
insert into provider (provider_id, number, name, kvk, legal_form, natural_person) overriding system value
select provider_id, 'P' || provider_id, 'Praktijk ' || provider_id, (20000000 + provider_id)::text,
  case when codes = 1 then 'eenmanszaak' else 'bv' end, codes = 1 from bench_provider order by provider_id;
insert into practice (provider_id, practice_id, code, name, valid_from) overriding system value
select provider_id, provider_id, 'A', 'Locatie A', '2015-01-01' from bench_provider where has_practice order by provider_id;
insert into agb_registration (agb_id, agb, provider_id, practice_id, valid_from) overriding system value
select first_agb_id + n, lpad((1000000 + first_agb_id + n)::text, 8, '0'), provider_id, case when has_practice and n > 0 then provider_id end, '2015-01-01'
from bench_provider, generate_series(0, codes - 1) n order by 1;
insert into payee_iban (provider_id, practice_id, iban, holder_name, valid_from)
select provider_id, practice_id,
  'NL' || lpad((98 - ('18231611' || lpad(account, 10, '0') || '232100')::numeric % 97)::text, 2, '0') || 'INGB' || lpad(account, 10, '0'),
  'Praktijk ' || provider_id, '2015-01-01'
from (
  select provider_id, null::int as practice_id, provider_id::text as account from bench_provider
  union all select provider_id, provider_id, (500000000 + provider_id)::text from bench_provider where practice_has_iban) x
order by 1, 2 nulls first;
insert into running_account (account_id, risk_carrier_id, provider_id, opened_on) overriding system value
select row_number() over (order by provider_id, carrier), carrier, provider_id, '2015-01-01'
from (select 1 as carrier, provider_id from bench_provider
      union all select 2, provider_id from bench_provider where provider_id % 20 = 0) x;

-- ---------------------------------------------------------------- policies
insert into reason_code (reason_id, risk_carrier_id, code) overriding system value
select c * 10 + r, c, code from generate_series(1, 2) c,
  (values (1, 'CM98'), (2, 'DS98'), (3, 'ADVANCE'), (4, 'DIRECT'), (5, 'SHARE')) x(r, code);
insert into policy_version (policy_version_id, risk_carrier_id, version, valid_from, name, toml, sha256, applied_at, applied_by, passes, claim_order, cap_basis_points)
overriding system value
select c, c, 1, '2020-01-01', 'bench', '', sha256(''), bench_date() - interval '1 year', 'bench', '{3,4}', 'priority', 7000 from generate_series(1, 2) c;
insert into reason_policy (policy_version_id, reason_id, priority, title_nl, title_en, owning_team, interest_regime, quiet, payment_term_days,
  offset_start, offset_mode, offset_basis_points)
select c, c * 10 + r, priority, code, code, 'bench', 'none', quiet, 30, offset_start, mode, basis_points from generate_series(1, 2) c,
  (values (1, 'CM98', 20, false, 2, 3, null), (2, 'DS98', 30, false, 3, 3, null), (3, 'ADVANCE', 10, true, 1, 3, null),
          (4, 'DIRECT', 40, false, 1, 3, null), (5, 'SHARE', 50, false, 1, 1, 2500)) x(r, code, priority, quiet, offset_start, mode, basis_points);
insert into dunning_policy (policy_version_id, reason_id, step_no, days_after_due, on_the_day, term_days)
select c, c * 10 + r, 1, 0, false, 14 from generate_series(1, 2) c, generate_series(1, 2) r;

-- ---------------------------------------------------------------- how much each account has
create unlogged table bench_account as
with size as (select bench_int('declarations') as d, bench_int('declarations') / 5 as c),
share as (
  select rank, sum(power(rank, -0.9)) over (order by rank) / sum(power(rank, -0.9)) over () as upto from bench_provider where rank > 1),
part as (
  select rank, round(upto * (d - d / 10))::bigint as d_upto, round(upto * (c - c / 20))::bigint as c_upto from share, size),
counts as (
  select rank, d_upto - coalesce(lag(d_upto) over (order by rank), 0) as declarations, c_upto - coalesce(lag(c_upto) over (order by rank), 0) as claims from part
  union all select 1, d / 10, c / 20 from size)
select a.account_id, a.risk_carrier_id, p.provider_id, p.rank, p.first_agb_id, p.codes,
  case a.risk_carrier_id when 1 then n.declarations else 5 end as declarations, case a.risk_carrier_id when 1 then n.claims else 1 end as claims
from running_account a join bench_provider p using (provider_id) join counts n using (rank);

insert into import_file (import_id, risk_carrier_id, kind, source, file_name, sha256, cut_off_date, row_count, added, known, changed, loaded_at, loaded_by)
select c * 10 + f, c, case f when 0 then 'claims' else 'declarations' end, 'bench', 'bench-' || f, sha256((c * 10 + f)::text::bytea),
  bench_date() - 1, 0, 0, 0, 0, bench_date() - interval '10 hours', 'bench'
from generate_series(1, 2) c, generate_series(0, 4) f;

-- ---------------------------------------------------------------- claims: registered over half a year
create unlogged table bench_claim as
select b.*, human_reference('VOR', b.claim_id, extract(year from b.registered_on)::int) as reference from (
select row_number() over (order by c.registered_on, c.account_id, c.n) as claim_id, c.*,
  (case when pick < 0.60 then 1 when pick < 0.78 then 2 when pick < 0.90 then 3 when pick < 0.98 then 4 else 5 end)::smallint as reason,
  bench_cents(bench_draw(key, 202), bench_int('claim_mean_cents')) as cents
from (
  select a.*, n, a.account_id * 1000000 + n as key, bench_draw(a.account_id * 1000000 + n, 201) as pick,
    (bench_date() - 1 - (bench_draw(a.account_id * 1000000 + n, 203) * 180)::int) as registered_on
  from bench_account a, generate_series(1, a.claims) n) c) b;
alter table bench_claim add primary key (claim_id);
insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, original_cents, registered_on, letter_date, due_date, reference, ground, import_id)
select account_id, claim_id, risk_carrier_id, case reason when 3 then 4 else 1 end, risk_carrier_id * 10 + reason,
  first_agb_id + (bench_draw(key, 204) * codes)::int % codes, cents, registered_on, case when reason <> 3 then registered_on end,
  case when reason = 3 then registered_on else registered_on + 30 end, reference, 'bench', risk_carrier_id * 10
from bench_claim order by claim_id;
insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, description, cents)
select account_id, claim_id, 1, risk_carrier_id, 'bench', cents from bench_claim order by claim_id;
insert into claim_reference select reference, risk_carrier_id, account_id, claim_id from bench_claim order by claim_id;
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
select account_id, claim_id, claim_id, cents, registered_on, 0, registered_on, registered_on, case reason when 3 then 10 else 7 end, 2,
  case reason when 3 then 12 else 5 end, risk_carrier_id from bench_claim order by claim_id;
insert into audit (risk_carrier_id, occurred_at, actor, action, subject, body)
select distinct risk_carrier_id, registered_on::timestamptz, 'bench', 'claims imported', 'import:' || risk_carrier_id * 10, '{}'::jsonb from bench_claim order by 2, 1;
-- reason 2 waits for its reminder: sent on the day after the due date, with a term of 14 days
insert into claim_step (account_id, claim_id, step_id, risk_carrier_id, kind, step_no, sent_on, term_end, asked_cents)
select account_id, claim_id, bench_int('claims') * 2 + claim_id, risk_carrier_id, 2, 1, registered_on + 31, registered_on + 45, cents
from bench_claim where reason = 2 and registered_on + 31 < bench_date() order by claim_id;
-- a tenth of the claims is held: half of those whole, half in part; and one account in two hundred as a whole
insert into hold (account_id, hold_id, risk_carrier_id, claim_id, kind, for_dunning, for_offset, for_payout, for_agency, cents, from_date, active, reason, owner)
select account_id, bench_int('claims') * 3 + claim_id, risk_carrier_id, claim_id, 1, true, true, false, true,
  case when bench_draw(key, 206) < 0.5 then greatest(1, cents / 2) end, registered_on + 1, true, 'bench', 'bench'
from bench_claim where bench_draw(key, 205) < 0.1 order by claim_id;
insert into hold (account_id, hold_id, risk_carrier_id, kind, for_dunning, for_offset, for_payout, for_agency, from_date, active, reason, owner)
select account_id, bench_int('claims') * 4 + account_id, risk_carrier_id, 3, false, true, false, false, bench_date() - 10, true, 'bench', 'bench'
from bench_account where rank > 10 and bench_draw(account_id, 301) < 0.005 order by account_id;
insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
select risk_carrier_id, account_id, from_date, 'bench', 'hold recorded', 'hold:' || hold_id, jsonb_build_object('id', hold_id) from hold order by hold_id;
insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date, open_principal_cents, held_cents, reminder_term_ends)
select c.account_id, c.claim_id, c.risk_carrier_id, k.kind, k.reason_id, k.agb_id, k.registered_on, k.due_date, c.cents,
  case when h.hold_id is null then 0 else least(c.cents, coalesce(h.cents, c.cents)) end, case when s.claim_id is not null then array[s.term_end] end
from bench_claim c join claim k using (account_id, claim_id) left join hold h using (account_id, claim_id) left join claim_step s using (account_id, claim_id)
order by c.claim_id;

-- ---------------------------------------------------------------- the queue: four files of the day before, each sorted by account
create unlogged table bench_declaration as
select row_number() over (order by available_on, file, account_id, approved_at, n) + bench_int('claims') * 8 as declaration_id, x.*
from (
  select a.account_id, a.risk_carrier_id, n, a.first_agb_id + (bench_draw(key, 401) * a.codes)::int % a.codes as agb_id, a.available_on,
    1 + (bench_draw(key, 402) * 4)::int % 4 as file, bench_cents(bench_draw(key, 403), 16000) as cents,
    (a.available_on - 1 + bench_draw(key, 404) * interval '14 hours') at time zone 'UTC' as approved_at
  from (
    select *, account_id * 1000000 + n as key, bench_date() + floor(bench_draw(account_id * 1000000 + n, 405) * bench_int('nights'))::int as available_on
    from bench_account, generate_series(1, declarations) n) a) x;
insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, awarded_cents, import_id, number, invoice_number, treated_from, treated_until)
select account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, cents, risk_carrier_id * 10 + file, 'D' || declaration_id,
  'F' || declaration_id / 3, bench_date() - 40, bench_date() - 38 from bench_declaration order by declaration_id;
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents)
select account_id, declaration_id, risk_carrier_id, 1, agb_id, available_on, (approved_at at time zone 'Europe/Amsterdam')::date, approved_at, cents
from bench_declaration order by declaration_id;
insert into audit (risk_carrier_id, occurred_at, actor, action, subject, body)
select risk_carrier_id, loaded_at - interval '1 day', 'bench', kind || ' imported', 'import:' || import_id, '{}'::jsonb from import_file
union all select risk_carrier_id, applied_at, 'bench', 'policy applied', 'policy:' || policy_version_id, '{}' from policy_version;
update import_file f set row_count = n.rows, added = n.rows
from (select risk_carrier_id * 10 + file as import_id, count(*) as rows from bench_declaration group by 1
      union all select risk_carrier_id * 10, count(*) from bench_claim group by 1) n where n.import_id = f.import_id;

select setval('event_id', (select max(declaration_id) from bench_declaration));
select setval(pg_get_serial_sequence(t, c), n) from (values
  ('provider', 'provider_id', (select max(provider_id) from provider)), ('practice', 'practice_id', (select max(practice_id) from practice)),
  ('agb_registration', 'agb_id', (select max(agb_id) from agb_registration)), ('running_account', 'account_id', (select max(account_id) from running_account)),
  ('reason_code', 'reason_id', 100), ('policy_version', 'policy_version_id', 100)) x(t, c, n);
create table bench_giant as select account_id from bench_account where rank = 1 and risk_carrier_id = 1;
drop table bench_provider, bench_account, bench_claim, bench_declaration;
