-- 0047 Claims and declarations that come one by one and are written together: POST collects waiting requests (app/web/collector.py) and
-- one call writes all of them. Each record has its own outcome; one that is refused does not touch the others.
-- The rules are those of the files (app/claims/intake.py, app/declarations/queries.py); a test sends every bad record both ways.
-- Order of locks, as everywhere: the risk carrier, the running accounts in order of id, then the keys.

-- A group looks up a few keys. Each look-up is bounded (lateral … limit 1) and the functions forbid other joins, so that it is made by the whole
-- key, whatever the planner believes of a table that was empty when it planned.

-- As in 0010, without subqueries, so that the planner takes it into the statement: 30 times quicker, and a claim asks for it four times.
create or replace function payment_reference_digits(sequence_number bigint) returns text language sql immutable strict parallel safe as $$
  select substr('01987654321', ((sequence_number % 10 * 2 + sequence_number / 10 % 10 * 4 + sequence_number / 100 % 10 * 8 + sequence_number / 1000 % 10 * 5
    + sequence_number / 10000 % 10 * 10 + sequence_number / 100000 % 10 * 9 + sequence_number / 1000000 % 10 * 7 + sequence_number / 10000000 % 10 * 3
    + sequence_number / 100000000 % 10 * 6 + sequence_number / 1000000000 % 10 + sequence_number / 10000000000 % 10 * 2
    + sequence_number / 100000000000 % 10 * 4 + sequence_number / 1000000000000 % 10 * 8 + sequence_number / 10000000000000 % 10 * 5
    + sequence_number / 100000000000000 % 10 * 10) % 11)::int + 1, 1) || lpad(sequence_number::text, 15, '0')
$$;

-- One record on its way: what was sent, what was found out about it, and what it becomes when nothing stands in its way.
create type registration as (
  n int, key text, body_hash uuid, actor text, type text, source text, source_id text, content_hash uuid,
  given jsonb,                               -- what this idempotency key was answered before
  problem text, problem_value text, problem_detail text,
  known_id bigint, claim_id bigint, settles_claim_id bigint, account_id bigint, source_kind smallint, kind smallint, reason_id smallint, agb_id int,
  origin_declaration_id bigint, original_cents bigint, open_cents bigint, registered_on date, effective_on date, letter_date date, due_date date,
  number text, ground text, posting_kind smallint, queued boolean, line_declaration_number text, line_invoice_number text, lines jsonb
);

-- Locks those of the running accounts that can be had: all of them when p_wait, else without waiting. Returns what is locked.
create function lock_for_registration(p_accounts bigint[], p_wait boolean) returns bigint[] language plpgsql as $$
declare v_locked bigint[];
begin
  if p_wait then
    select array_agg(l.account_id) into v_locked
    from (select account_id from running_account where account_id = any (p_accounts) order by account_id for no key update) l;
  else
    select array_agg(l.account_id) into v_locked
    from (select account_id from running_account where account_id = any (p_accounts) order by account_id for no key update skip locked) l;
  end if;
  return coalesce(v_locked, '{}');
end $$;

-- Writes the claims among p_rows that are new, and the keys and audit rows of all; returns what each became. The caller has locked the accounts.
create function write_registrations(p_carrier smallint, p_booking date, p_available date, p_recorded_at timestamptz, p_rows registration[])
returns table (n int, outcome text, problem_value text, problem_detail text, account_id bigint, settles_claim_id bigint, answer jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
  v_new registration[] := array(select r from unnest(p_rows) r where r.claim_id is not null order by r.account_id, r.claim_id);
begin
  if cardinality(v_new) > 0 then
    insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id, original_cents, registered_on, letter_date,
      due_date, reference, number, ground, opening)
    select r.account_id, r.claim_id, p_carrier, r.kind, r.reason_id, r.agb_id, r.origin_declaration_id, r.original_cents, r.registered_on, r.letter_date,
      r.due_date, human_reference('VOR', r.claim_id, extract(year from r.registered_on)::int), r.number, r.ground, false
    from unnest(v_new) r where r.settles_claim_id is null;
    insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, declaration_number, invoice_number, period_from, period_until, description,
      cents, was_cents, becomes_cents)
    select r.account_id, r.claim_id, l.line_no, p_carrier, coalesce(l."declarationNumber", r.line_declaration_number),
      coalesce(l."invoiceNumber", r.line_invoice_number), l."periodFrom", l."periodUntil", l.description, abs(l.cents), l."wasCents", l."becomesCents"
    from unnest(v_new) r cross join lateral
      rows from (jsonb_to_recordset(r.lines) as ("declarationNumber" text, "invoiceNumber" text, "periodFrom" date, "periodUntil" date, description text,
        cents bigint, "wasCents" bigint, "becomesCents" bigint))
      with ordinality as l("declarationNumber", "invoiceNumber", "periodFrom", "periodUntil", description, cents, "wasCents", "becomesCents", line_no)
    where r.settles_claim_id is null and r.lines is not null
    union all  -- a claim without lines has one, so that lines always sum to the claim
    select r.account_id, r.claim_id, 1, p_carrier, r.line_declaration_number, r.line_invoice_number, null, null, r.ground, r.original_cents, null, null
    from unnest(v_new) r where r.settles_claim_id is null and r.lines is null;
    insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date, open_principal_cents)
    select r.account_id, r.claim_id, p_carrier, r.kind, r.reason_id, r.agb_id, r.registered_on, r.due_date, r.open_cents
    from unnest(v_new) r where r.settles_claim_id is null;
    insert into claim_settlement (account_id, claim_id, settlement_id, risk_carrier_id, settled_on, cents)
    select r.account_id, r.settles_claim_id, r.claim_id, p_carrier, r.letter_date, r.original_cents
    from unnest(v_new) r where r.settles_claim_id is not null;
    insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
    select r.account_id, r.claim_id, r.claim_id, r.original_cents, p_recorded_at, 0, p_booking, r.effective_on, k.posting_kind_id, k.debit, k.credit, p_carrier
    from unnest(v_new) r join posting_kind k on k.posting_kind_id = r.posting_kind where r.settles_claim_id is null;
    insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents)
    select r.account_id, r.claim_id, p_carrier, 3, r.agb_id, greatest(r.registered_on, p_available), r.registered_on,
      r.registered_on::timestamp at time zone 'Europe/Amsterdam', r.original_cents
    from unnest(v_new) r where r.queued;
    insert into claim_reference (reference, risk_carrier_id, account_id, claim_id)
    select human_reference('VOR', r.claim_id, extract(year from r.registered_on)::int), p_carrier, r.account_id, coalesce(r.settles_claim_id, r.claim_id)
    from unnest(v_new) r;
    insert into payment_reference (reference, risk_carrier_id, account_id, issued_on, document)
    select payment_reference_digits(r.claim_id), p_carrier, r.account_id, r.letter_date, 'claim letter' from unnest(v_new) r where r.letter_date is not null;
    insert into payment_reference_claim (reference, account_id, claim_id, risk_carrier_id)
    select payment_reference_digits(r.claim_id), r.account_id, coalesce(r.settles_claim_id, r.claim_id), p_carrier
    from unnest(v_new) r where r.letter_date is not null;
    insert into claim_step (account_id, claim_id, risk_carrier_id, kind, step_no, sent_on, term_end, payment_reference, asked_cents)
    select r.account_id, coalesce(r.settles_claim_id, r.claim_id), p_carrier, 1,
      case when r.settles_claim_id is null then 1 else 1 + coalesce((select max(s.step_no) from claim_step s
        where s.account_id = r.account_id and s.claim_id = r.settles_claim_id and s.kind = 1), 1) end,
      r.letter_date, r.due_date, payment_reference_digits(r.claim_id), r.original_cents
    from unnest(v_new) r where r.letter_date is not null;
    insert into source_key (risk_carrier_id, kind, source, source_id, account_id, fact_id, content_hash)
    select p_carrier, r.source_kind, r.source, r.source_id, r.account_id, coalesce(r.settles_claim_id, r.claim_id), r.content_hash
    from unnest(v_new) r order by r.source, r.source_id;
  end if;
  return query
  with changed as (  -- a due date changed at the source comes through, and the old one stays readable (CR-7)
    insert into claim_due_date (account_id, claim_id, risk_carrier_id, changed_on, old_due_date, new_due_date)
    select r.account_id, r.known_id, p_carrier, p_booking, p.due_date, r.due_date
    from unnest(p_rows) r join claim c on c.account_id = r.account_id and c.claim_id = r.known_id
      join claim_position p on p.account_id = r.account_id and p.claim_id = r.known_id
    where r.source_kind = 3 and r.problem is null and r.settles_claim_id is null and r.due_date <> p.due_date
    returning account_id, claim_id, old_due_date, new_due_date),
  moved as (
    update claim_position p set due_date = c.new_due_date from changed c where p.account_id = c.account_id and p.claim_id = c.claim_id returning p.claim_id),
  told as (
    select r.n, r.key, r.body_hash, r.actor, r.account_id, r.claim_id, r.known_id, r.settles_claim_id, r.original_cents, c.old_due_date,
      jsonb_build_object('type', r.type, 'id', r.source_id,
        'reference', coalesce(k.reference, human_reference('VOR', r.claim_id, extract(year from r.registered_on)::int)),
        'amountCents', r.original_cents, 'dueDate', coalesce(c.new_due_date, p.due_date, r.due_date),
        'paymentReference', case when r.letter_date is not null then payment_reference_digits(coalesce(r.claim_id, r.known_id)) end,
        'known', r.known_id is not null) as answer
    from unnest(p_rows) r
      left join claim k on k.account_id = r.account_id and k.claim_id = r.known_id
      left join claim_position p on p.account_id = r.account_id and p.claim_id = r.known_id
      left join changed c on c.account_id = r.account_id and c.claim_id = r.known_id
    where r.claim_id is not null or r.known_id is not null),
  keyed as (
    insert into idempotency_key (risk_carrier_id, key, body_hash, answer, recorded_at)
    select p_carrier, t.key, t.body_hash, t.answer, p_recorded_at from told t order by t.key),
  audited as (
    insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
    select p_carrier, t.account_id, p_recorded_at, t.actor, case when t.known_id is null then 'claim registered' else 'due date changed' end,
      'claim:' || coalesce(t.claim_id, t.known_id), jsonb_build_object('id', coalesce(t.claim_id, t.known_id)) || (t.answer - '{type,id,known}'::text[])
    from told t where t.claim_id is not null or t.old_due_date is not null order by t.n)
  select r.n, case when r.problem is not null then r.problem when r.given is not null then 'replayed' when r.known_id is not null then 'known' else 'created' end,
    r.problem_value, r.problem_detail, r.account_id, case when r.claim_id is not null then r.settles_claim_id end, coalesce(r.given, t.answer)
  from unnest(p_rows) r left join told t on t.n = r.n;
end $$;

-- Registers the claims of one risk carrier. p_rows: n, key, body_hash, actor, type, kind, source, id, content_hash, agb, reason_code, cents, letter_date,
-- due_date (as the source says), number, ground, settles, lines. Not p_wait: a record whose running account is locked by another comes back 'busy'.
create function register_claims(p_carrier smallint, p_business_date date, p_recorded_at timestamptz, p_wait boolean, p_rows jsonb)
returns table (n int, outcome text, problem_value text, problem_detail text, account_id bigint, settles_claim_id bigint, answer jsonb)
language plpgsql set lock_timeout = '5s' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  v_closed date; v_booking date; v_policy int; v_wanted bigint[]; v_locked bigint[]; v_rows registration[];
begin
  select closed_through into v_closed from risk_carrier where risk_carrier_id = p_carrier for share;
  v_booking := greatest(p_business_date, v_closed + 1);
  select v.policy_version_id into v_policy from policy_version v where v.risk_carrier_id = p_carrier and v.valid_from <= p_business_date
    order by v.valid_from desc, v.version desc limit 1;
  select array_agg(w.account_id) into v_wanted from (
    select ra.account_id from jsonb_to_recordset(p_rows) as s(agb text) join agb_registration a on a.agb = s.agb
      join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = p_carrier
    union
    select k.account_id from jsonb_to_recordset(p_rows) as s(source text, id text, settles text) cross join lateral (values (s.id), (s.settles)) y(id)
      cross join lateral (select z.account_id from source_key z where z.risk_carrier_id = p_carrier and z.kind = 3 and z.source = s.source
        and z.source_id = y.id limit 1) k) w;
  v_locked := lock_for_registration(v_wanted, p_wait);
  select array_agg(o::registration) into v_rows from (
    select q.n, q.key, q.body_hash, q.actor, q.type, q.source, q.id, q.content_hash, q.given, q.problem,
      case q.problem when 'key_used_otherwise' then q.key when 'other_content' then q.id when 'unknown_reason_code' then q.reason_code
        when 'letter_in_future' then q.letter_date::text when 'unknown_agb' then q.agb when 'other_carrier' then q.agb when 'busy' then null
        else q.settles end,
      q.detail, case when q.problem is null and q.given is null then q.known_id end,
      case when q.problem is null and q.given is null and q.known_id is null then nextval('event_id') end,
      q.settles_claim_id, q.account_id, 3::smallint, q.kind, q.reason_id, q.agb_id, null::bigint, q.cents, q.cents, v_booking, q.letter_date, q.letter_date,
      q.due_date, q.number, q.ground, 7::smallint, false, null::text, null::text, q.lines
    from (
      select s.*, k.fact_id as known_id, i.answer as given, rp.reason_id, a.agb_id, coalesce(k.account_id, ra.account_id) as account_id,
        case when s.settles is not null then c.claim_id end as settles_claim_id,
        case when i.key is not null then case when i.body_hash <> s.body_hash then 'key_used_otherwise' end
          when k.fact_id is not null and k.content_hash <> s.content_hash then 'other_content'
          when k.fact_id is not null then case when k.account_id <> all (v_locked) then 'busy' end
          when a.agb_id is null then 'unknown_agb' when ra.account_id is null then 'other_carrier'
          when rp.reason_id is null then 'unknown_reason_code'
          when s.letter_date > v_booking then 'letter_in_future'
          when s.settles is not null and c.claim_id is null then 'unknown_interim'
          when s.settles is not null and exists (select 1 from claim_settlement t where t.account_id = c.account_id and t.claim_id = c.claim_id) then 'interim_settled'
          when c.account_id <> ra.account_id then 'interim_of_other'
          when ra.account_id <> all (v_locked) then 'busy' end as problem,
        case when i.key is not null or k.fact_id is not null then null
          when a.agb_id is null then s.letter_date::text when ra.account_id is null then p.name
          when rp.reason_id is null then coalesce((select string_agg(z.code, ', ' order by z.code) from reason_policy y join reason_code z using (reason_id)
            where y.policy_version_id = v_policy), 'no reason codes')
          else v_booking::text end as detail,
        case when k.fact_id is null then coalesce(s.stated_due_date, s.letter_date + rp.payment_term_days) else s.stated_due_date end as due_date
      from jsonb_to_recordset(p_rows) as s(n int, key text, body_hash uuid, actor text, type text, kind smallint, source text, id text, content_hash uuid,
        agb text, reason_code text, cents bigint, letter_date date, stated_due_date date, number text, ground text, settles text, lines jsonb)
      left join lateral (select z.key, z.body_hash, z.answer from idempotency_key z where z.risk_carrier_id = p_carrier and z.key = s.key limit 1) i on true
      left join lateral (select z.account_id, z.fact_id, z.content_hash from source_key z where z.risk_carrier_id = p_carrier and z.kind = 3 and z.source = s.source
        and z.source_id = s.id limit 1) k on true
      left join agb_registration a on a.agb = s.agb and a.valid_from <= s.letter_date and coalesce(a.valid_until, 'infinity') >= s.letter_date
      left join provider p on p.provider_id = a.provider_id
      left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = p_carrier
      left join reason_code r on r.risk_carrier_id = p_carrier and r.code = s.reason_code
      left join reason_policy rp on rp.policy_version_id = v_policy and rp.reason_id = r.reason_id
      left join lateral (select z.account_id, z.fact_id, z.content_hash from source_key z where z.risk_carrier_id = p_carrier and z.kind = 3 and z.source = s.source
        and z.source_id = s.settles limit 1) sk on true
      left join lateral (select z.account_id, z.claim_id, z.kind from claim z where z.account_id = sk.account_id and z.claim_id = sk.fact_id limit 1) c
        on c.kind = 5
      order by coalesce(k.account_id, ra.account_id), s.n) q) o;
  return query select * from write_registrations(p_carrier, v_booking, v_booking, p_recorded_at, v_rows);
end $$;

-- Registers declarations (type 1), credit notes (2), corrections (3) and advances (4) of one risk carrier. p_rows: n, key, body_hash, actor, name, type,
-- source, id, content_hash, agb, cents (without sign), approved_at, on_date, number, invoice_number, treated_from, treated_until, names (the claim that a
-- declaration names, the declaration that a credit names), reason_code, ground, elsewhere, lines. A call has at most one credit of each declaration.
-- Declarations need no lock: until the night's planner closes the day, which the share of the risk carrier's row forbids, nobody looks at them.
create function register_declarations(p_carrier smallint, p_business_date date, p_recorded_at timestamptz, p_wait boolean, p_rows jsonb)
returns table (n int, outcome text, problem_value text, problem_detail text, account_id bigint, settles_claim_id bigint, answer jsonb)
language plpgsql set lock_timeout = '5s' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  v_closed date; v_available date; v_policy int; v_wanted bigint[]; v_locked bigint[]; v_rows registration[];
  v_credits boolean := exists (select 1 from jsonb_to_recordset(p_rows) as s(type smallint) where s.type > 1);
begin
  select closed_through into v_closed from risk_carrier where risk_carrier_id = p_carrier for share;
  v_available := greatest(p_business_date, v_closed + 1);
  if v_credits then
    select v.policy_version_id into v_policy from policy_version v where v.risk_carrier_id = p_carrier and v.valid_from <= p_business_date
      order by v.valid_from desc, v.version desc limit 1;
    select array_agg(w.account_id) into v_wanted from (
      select k.account_id from jsonb_to_recordset(p_rows) as s(type smallint, source text, names text)
        cross join lateral (select z.account_id from source_key z where z.risk_carrier_id = p_carrier and z.kind = 1 and z.source = s.source
          and z.source_id = s.names limit 1) k where s.type in (2, 3)
      union
      select ra.account_id from jsonb_to_recordset(p_rows) as s(type smallint, agb text) join agb_registration a on a.agb = s.agb
        join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = p_carrier where s.type = 4) w;
    v_locked := lock_for_registration(v_wanted, p_wait);
  end if;
  return query
  with found as materialized (
    select o.*, case when o.problem is null and o.given is null then coalesce(o.known_id, nextval('event_id')) end as declaration_id,
      o.problem is null and o.given is null and o.known_id is null as fresh
    from (
      select s.*, i.answer as given, k.fact_id as known_id, a.agb_id, coalesce(k.account_id, ra.account_id) as account_id, cr.claim_id as offset_claim_id,
        case when i.key is not null then case when i.body_hash <> s.body_hash then 'key_used_otherwise' end
          when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
          when a.agb_id is null then 'unknown_agb' when ra.account_id is null then 'other_carrier'
          when s.approved_on > p_business_date then 'approved_after_cut_off'
          when s.names is not null and cr.claim_id is null then 'unknown_claim' end as problem,
        p.name as provider_name
      from (select t.*, (t.approved_at at time zone 'Europe/Amsterdam')::date as approved_on,
          coalesce(t.treated_from, (t.approved_at at time zone 'Europe/Amsterdam')::date) as agb_on
        from jsonb_to_recordset(p_rows) as t(n int, key text, body_hash uuid, actor text, name text, type smallint, source text, id text,
          content_hash uuid, agb text, cents bigint, approved_at timestamptz, number text, invoice_number text, treated_from date, treated_until date,
          names text) where t.type = 1) s
      left join lateral (select z.key, z.body_hash, z.answer from idempotency_key z where z.risk_carrier_id = p_carrier and z.key = s.key limit 1) i on true
      left join lateral (select z.account_id, z.fact_id, z.content_hash from source_key z where z.risk_carrier_id = p_carrier and z.kind = 1 and z.source = s.source
        and z.source_id = s.id limit 1) k on true
      left join agb_registration a on a.agb = s.agb and a.valid_from <= s.agb_on and coalesce(a.valid_until, 'infinity') >= s.agb_on
      left join provider p on p.provider_id = a.provider_id
      left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = p_carrier
      left join lateral (select z.claim_id, z.account_id from claim_reference z where z.reference = s.names limit 1) cr on cr.account_id = ra.account_id
      order by coalesce(k.account_id, ra.account_id), s.approved_at, s.n) o),
  added as (
    insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, awarded_cents, number, invoice_number,
      treated_from, treated_until)
    select f.account_id, f.declaration_id, p_carrier, f.agb_id, v_available, f.approved_at, f.cents, f.number, f.invoice_number, f.treated_from,
      f.treated_until from found f where f.fresh),
  queued as (
    insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents, offset_claim_id)
    select f.account_id, f.declaration_id, p_carrier, 1, f.agb_id, v_available, f.approved_on, f.approved_at, f.cents, f.offset_claim_id
    from found f where f.fresh),
  told as (
    select f.n, f.fresh, f.key, f.body_hash, f.actor, f.account_id, f.declaration_id,
      jsonb_build_object('type', f.name, 'id', f.id, 'number', f.number, 'awardedCents', f.cents, 'availableOn', coalesce(d.available_on, v_available),
        'known', not f.fresh) as answer
    from found f left join declaration d on not f.fresh and d.account_id = f.account_id and d.declaration_id = f.declaration_id
    where f.declaration_id is not null),
  keyed as (
    insert into idempotency_key (risk_carrier_id, key, body_hash, answer, recorded_at)
    select p_carrier, t.key, t.body_hash, t.answer, p_recorded_at from told t order by t.key),
  sourced as (
    insert into source_key (risk_carrier_id, kind, source, source_id, account_id, fact_id, content_hash)
    select p_carrier, 1, f.source, f.id, f.account_id, f.declaration_id, f.content_hash from found f where f.fresh order by f.source, f.id),
  audited as (
    insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
    select p_carrier, t.account_id, p_recorded_at, t.actor, 'declaration registered', 'declaration:' || t.declaration_id,
      jsonb_build_object('id', t.declaration_id) || (t.answer - '{type,id,known,number}'::text[])
    from told t where t.fresh order by t.n)
  select f.n, case when f.problem is not null then f.problem when f.given is not null then 'replayed' when f.fresh then 'created' else 'known' end,
    case f.problem when 'key_used_otherwise' then f.key when 'other_content' then f.id when 'unknown_claim' then f.names
      when 'approved_after_cut_off' then f.approved_on::text else f.agb end,
    case f.problem when 'unknown_agb' then f.agb_on::text when 'approved_after_cut_off' then p_business_date::text when 'other_carrier' then f.provider_name end,
    f.account_id, null::bigint, coalesce(f.given, t.answer)
  from found f left join told t on t.n = f.n;
  if not v_credits then return; end if;

  select array_agg(o::registration) into v_rows from (
    select q.n, q.key, q.body_hash, q.actor, q.name, q.source, q.id, q.content_hash, q.given, q.problem,
      case q.problem when 'key_used_otherwise' then q.key when 'other_content' then q.id when 'unknown_reason_code' then q.reason_code
        when 'unknown_agb' then q.agb when 'other_carrier' then q.agb when 'credit_above_rest' then (-q.cents)::text when 'busy' then null else q.names end,
      q.detail, case when q.problem is null and q.given is null then q.known_id end,
      case when q.problem is null and q.given is null and q.known_id is null then nextval('event_id') end,
      null::bigint, q.account_id, case q.type when 4 then 4 else 2 end::smallint, q.type, q.reason_id, q.agb_id, q.declaration_id, q.cents,
      case when q.elsewhere is false then 0 else q.cents end, q.registered_on, q.dated, null::date, q.registered_on, q.number, q.ground,
      case when q.type < 4 then 7 when q.elsewhere then 10 end::smallint, q.elsewhere is false, q.declaration_number, q.declaration_invoice_number, q.lines
    from (
      select s.*, k.fact_id as known_id, i.answer as given, rp.reason_id, coalesce(d.agb_id, a.agb_id) as agb_id,
        coalesce(k.account_id, d.account_id, ra.account_id) as account_id, d.declaration_id, d.number as declaration_number,
        d.invoice_number as declaration_invoice_number, greatest(s.dated, v_closed + 1) as registered_on,
        case when i.key is not null then case when i.body_hash <> s.body_hash then 'key_used_otherwise' end
          when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
          when s.type < 4 and d.declaration_id is null then 'unknown_declaration'
          when s.type < 4 and w.withdrawal_id is not null then 'declaration_withdrawn'
          when s.type = 4 and a.agb_id is null then 'unknown_agb' when s.type = 4 and ra.account_id is null then 'other_carrier'
          when rp.reason_id is null then 'unknown_reason_code'
          when coalesce(d.account_id, ra.account_id) <> all (v_locked) then 'busy'
          when e.credited_cents + s.cents > d.awarded_cents then 'credit_above_rest' end as problem,
        case when i.key is not null or k.fact_id is not null then null
          when s.type = 4 and a.agb_id is null then s.dated::text when s.type = 4 and ra.account_id is null then p.name
          when rp.reason_id is null then coalesce((select string_agg(z.code, ', ' order by z.code) from reason_policy y join reason_code z using (reason_id)
            where y.policy_version_id = v_policy), 'no reason codes')
          else greatest(0, d.awarded_cents - e.credited_cents)::text end as detail
      from (select t.*, coalesce(t.on_date, p_business_date) as dated
        from jsonb_to_recordset(p_rows) as t(n int, key text, body_hash uuid, actor text, name text, type smallint, source text, id text, content_hash uuid,
          agb text, cents bigint, on_date date, number text, names text, reason_code text, ground text, elsewhere boolean, lines jsonb)
        where t.type > 1) s
      left join lateral (select z.key, z.body_hash, z.answer from idempotency_key z where z.risk_carrier_id = p_carrier and z.key = s.key limit 1) i on true
      left join lateral (select z.account_id, z.fact_id, z.content_hash from source_key z where z.risk_carrier_id = p_carrier and z.kind = case s.type when 4 then 4 else 2 end and z.source = s.source
        and z.source_id = s.id limit 1) k on true
      left join lateral (select z.account_id, z.fact_id, z.content_hash from source_key z where z.risk_carrier_id = p_carrier and z.kind = 1 and z.source = s.source
        and z.source_id = s.names limit 1) dk on s.type < 4
      left join lateral (select z.* from declaration z where z.account_id = dk.account_id and z.declaration_id = dk.fact_id limit 1) d on true
      left join declaration_withdrawal w on w.account_id = d.account_id and w.declaration_id = d.declaration_id
      left join agb_registration a on s.type = 4 and a.agb = s.agb and a.valid_from <= s.dated and coalesce(a.valid_until, 'infinity') >= s.dated
      left join provider p on p.provider_id = a.provider_id
      left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = p_carrier
      left join reason_code r on r.risk_carrier_id = p_carrier and r.code = s.reason_code
      left join reason_policy rp on rp.policy_version_id = v_policy and rp.reason_id = r.reason_id
      -- a declaration is credited to at most its awarded amount less earlier credits, as they stand after adjustments
      left join lateral (
        select coalesce(sum(c.original_cents + coalesce((select sum(j.delta_cents) from adjustment j
          where j.account_id = c.account_id and j.claim_id = c.claim_id and j.kind <> 3), 0)), 0)::bigint as credited_cents
        from claim c where c.account_id = d.account_id and c.origin_declaration_id = d.declaration_id and c.kind in (2, 3)) e on true
      order by coalesce(k.account_id, d.account_id, ra.account_id), s.n) q) o;
  return query select * from write_registrations(p_carrier, v_available, v_available, p_recorded_at, v_rows);
end $$;
