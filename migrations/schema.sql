-- Made by ./dev docs from the migrations: read it, change nothing here. Partitions by month come later.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE TYPE public.registration AS (
	n integer,
	key text,
	body_hash uuid,
	actor text,
	type text,
	source text,
	source_id text,
	content_hash uuid,
	given jsonb,
	problem text,
	problem_value text,
	problem_detail text,
	known_id bigint,
	claim_id bigint,
	settles_claim_id bigint,
	account_id bigint,
	source_kind smallint,
	kind smallint,
	reason_id smallint,
	agb_id integer,
	origin_declaration_id bigint,
	original_cents bigint,
	open_cents bigint,
	registered_on date,
	effective_on date,
	letter_date date,
	due_date date,
	number text,
	ground text,
	posting_kind smallint,
	queued boolean,
	line_declaration_number text,
	line_invoice_number text,
	lines jsonb
);

CREATE FUNCTION public.account_agb_movements(p_account bigint, p_from date, p_until date, p_known_at timestamp with time zone, p_agbs integer[]) RETURNS TABLE(booking_date date, event_id bigint, kind smallint, line integer, payable_delta bigint, claims_delta bigint, on_account_delta bigint)
    LANGUAGE sql STABLE
    AS $$
with own_d as materialized (select declaration_id from declaration where account_id = p_account and agb_id = any (p_agbs)),
own_c as materialized (select claim_id from claim where account_id = p_account and agb_id = any (p_agbs)),
p as materialized (
  select x.booking_date, x.event_id, x.kind, x.line, x.payout_id, x.debit, x.credit, x.cents,
    d.declaration_id is not null as own_declaration, c.claim_id is not null as own_claim
  from posting x
    left join own_d d on d.declaration_id = case when x.kind between 1 and 4 then x.event_id when x.kind between 30 and 33 then x.reverses_event_id end
    left join own_c c on c.claim_id = x.claim_id
  where x.account_id = p_account and x.booking_date between p_from and p_until and x.recorded_at <= p_known_at
    and (d.declaration_id is not null or c.claim_id is not null or x.kind = 5)),
share as (
  select s.payout_id, sum(s.cents) as cents from (
    select p.payout_id, case p.kind when 1 then p.cents else -p.cents end as cents from p where p.own_declaration and p.kind between 1 and 4
    union all
    select e.payout_id, e.cents from payout_entry e
      join offset_reversal r on r.account_id = p_account and r.reversal_id = e.entry_id
      join own_d d on d.declaration_id = r.declaration_id
    where e.account_id = p_account and e.kind = 2) s
  group by s.payout_id)
select p.booking_date, p.event_id, p.kind, p.line,
  case when not p.own_declaration then 0 when p.credit = 1 then p.cents when p.debit = 1 then -p.cents else 0 end,
  case when not p.own_claim then 0 when p.debit in (2, 3, 4) then p.cents when p.credit in (2, 3, 4) then -p.cents else 0 end, 0::bigint
from p where p.kind <> 5 and (p.own_declaration or p.own_claim)
union all
select p.booking_date, p.event_id, p.kind, p.line, -s.cents::bigint, 0::bigint, 0::bigint
from p join share s on s.payout_id = p.payout_id where p.kind = 5 and s.cents <> 0
$$;

CREATE FUNCTION public.account_movements(p_account bigint, p_until date, p_known_at timestamp with time zone, p_claim bigint) RETURNS TABLE(booking_date date, event_id bigint, kind smallint, line integer, payable_delta bigint, claims_delta bigint, on_account_delta bigint)
    LANGUAGE sql STABLE
    AS $$
select p.booking_date, p.event_id, p.kind, p.line,
  case when p_claim is not null then 0 when p.credit = 1 then p.cents when p.debit = 1 then -p.cents else 0 end,
  case when p.debit in (2, 3, 4) then p.cents when p.credit in (2, 3, 4) then -p.cents else 0 end,
  case when p_claim is not null then 0 when p.credit = 8 then p.cents when p.debit = 8 then -p.cents else 0 end
from posting p
where p.account_id = p_account and p.booking_date <= p_until and p.recorded_at <= p_known_at
  and (p_claim is null or p.claim_id = p_claim) and (p.debit in (1, 2, 3, 4, 8) or p.credit in (1, 2, 3, 4, 8))
$$;

CREATE FUNCTION public.analyze_night(p_day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO '$user', 'public'
    AS $$
begin
  execute format('analyze %s (booking_date, risk_carrier_id, kind, account_id, claim_id)', coalesce(to_regclass('posting' || to_char(p_day, '_YYYY_MM')), 'posting_other'::regclass));
  execute format('analyze %s', coalesce(to_regclass('decision' || to_char(p_day, '_YYYY_MM')), 'decision_other'::regclass));
  analyze payout, payout_entry, payable, run_batch, run;
end $$;

CREATE FUNCTION public.check_digit_11_10(digits text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
declare check_value int := 5; i int;
begin
  for i in 1..length(digits) loop
    check_value := ((case check_value when 0 then 10 else check_value end * 2) % 11 + substr(digits, i, 1)::int) % 10;
  end loop;
  return ((11 - (case check_value when 0 then 10 else check_value end * 2) % 11) % 10)::text;
end $$;

CREATE FUNCTION public.claim_lines_add_up() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare wrong text;
begin
  select format('claim %s of %s cents gets lines from %s on, of %s cents', n.claim_id, coalesce(c.original_cents::text, 'no'), n.first_line, n.cents) into wrong
  from (select account_id, claim_id, sum_cents(cents) as cents, min(line_no) as first_line, min(risk_carrier_id) as least_carrier, max(risk_carrier_id) as greatest_carrier
        from added group by account_id, claim_id) n
    left join claim c on c.account_id = n.account_id and c.claim_id = n.claim_id
  where n.cents is distinct from c.original_cents or n.first_line <> 1 or n.least_carrier <> c.risk_carrier_id or n.greatest_carrier <> c.risk_carrier_id
  limit 1;
  if wrong is not null then
    raise exception '%', wrong using errcode = 'check_violation', constraint = 'claim_lines_add_up', table = 'claim_line';
  end if;
  return null;
end $$;

CREATE FUNCTION public.claim_parts() RETURNS TABLE(risk_carrier_id integer, reason_id integer, account_id bigint, claim_id bigint, claimed_cents bigint, paid_cents bigint, offset_cents bigint, withdrawn_cents bigint, written_off_cents bigint, disputed_cents bigint, agency_cents bigint, open_cents bigint, held_cents bigint)
    LANGUAGE sql STABLE
    AS $$
with moved as (
  select p.account_id, p.claim_id,
    sum(case when p.kind in (7, 8, 9, 10, 20, 21, 23, 40, 43) then p.cents when p.kind in (41, 42) then -p.cents else 0 end)::bigint as claimed,
    sum(case when p.kind in (11, 12, 13, 15, 16, 17, 18) then p.cents when p.kind in (34, 35, 36) then -p.cents else 0 end)::bigint as paid,
    sum(case when p.kind in (2, 3, 4) then p.cents when p.kind in (30, 31, 32) then -p.cents else 0 end)::bigint as offset_cents,
    sum(case when p.kind in (22, 27, 28) then p.cents else 0 end)::bigint as withdrawn,
    sum(case when p.kind in (24, 25, 26) then p.cents else 0 end)::bigint as written_off
  from posting p where p.claim_id is not null group by p.account_id, p.claim_id),
kept as (
  select h.account_id, h.claim_id,
    sum(case when h.kind = 1 then coalesce(h.cents, 1000000000000) else 0 end)::bigint as in_dispute,
    sum(case when h.kind = 4 then coalesce(h.cents, 1000000000000) else 0 end)::bigint as at_agency
  from hold h where h.active and h.claim_id is not null and h.kind in (1, 4) group by h.account_id, h.claim_id),
standing as (
  select k.risk_carrier_id, k.reason_id, k.held_cents, m.*, coalesce(h.in_dispute, 0) as in_dispute,
    least(m.claimed - m.paid - m.offset_cents - m.withdrawn - m.written_off, coalesce(h.at_agency, 0)) as agency,
    m.claimed - m.paid - m.offset_cents - m.withdrawn - m.written_off as owed
  from moved m join claim_position k on k.account_id = m.account_id and k.claim_id = m.claim_id
    left join kept h on h.account_id = m.account_id and h.claim_id = m.claim_id)
select s.risk_carrier_id, s.reason_id, s.account_id, s.claim_id, s.claimed, s.paid, s.offset_cents, s.withdrawn, s.written_off,
  least(s.owed - s.agency, s.in_dispute), s.agency, s.owed - s.agency - least(s.owed - s.agency, s.in_dispute), s.held_cents
from standing s
$$;

CREATE FUNCTION public.claim_timeline(p_account bigint, p_claim bigint) RETURNS TABLE(on_date date, fact_id bigint, what text, cents bigint, cause text)
    LANGUAGE sql STABLE
    AS $$
with facts as (
  select c.registered_on as on_date, c.claim_id as fact_id, 'registered' as what, c.original_cents as cents, c.ground as cause
    from claim c where c.account_id = p_account and c.claim_id = p_claim
  union all select matured_on, claim_id, 'became a claim with a letter', null, 'open too long; due ' || due_date
    from claim_maturity where account_id = p_account and claim_id = p_claim
  union all select changed_on, change_id, 'due date changed', null, old_due_date || ' -> ' || new_due_date
    from claim_due_date where account_id = p_account and claim_id = p_claim
  union all select sent_on, step_id, case kind when 1 then 'notice ' when 2 then 'reminder ' else 'last notice ' end || step_no, asked_cents,
      'term until ' || term_end || coalesce(', reference ' || payment_reference, '')
    from claim_step where account_id = p_account and claim_id = p_claim
  union all select p.booking_date, p.event_id, case p.kind when 9 then 'advance paid' else 'advance paid elsewhere' end, p.cents, ''
    from posting p where p.account_id = p_account and p.claim_id = p_claim and p.kind in (9, 10)
  union all select p.booking_date, p.event_id, 'offset', sum(p.cents)::bigint, 'declaration ' || d.number
    from posting p join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
    where p.account_id = p_account and p.claim_id = p_claim and p.kind between 2 and 4 group by p.booking_date, p.event_id, d.number
  union all select t.taken_on, t.takeover_id, 'offset under an agreement', t.cents, 'agreement ' || t.number || ', ' || t.payer
    from takeover t where t.account_id = p_account and t.claim_id = p_claim
  union all select t.returned_on, t.return_id, 'came back from an agreement', t.cents, t.reason
    from takeover_return t where t.account_id = p_account and t.claim_id = p_claim
  union all select r.decided_on, r.reversal_id, 'offset reversed', r.cents, r.reason
    from offset_reversal r where r.account_id = p_account and r.claim_id = p_claim
  union all select p.booking_date, p.event_id, 'payment', sum(p.cents)::bigint, coalesce('reference ' || m.reference, 'no reference')
    from posting p join payment m on m.account_id = p.account_id and m.payment_id = p.event_id
    where p.account_id = p_account and p.claim_id = p_claim and p.kind between 11 and 18 group by p.booking_date, p.event_id, m.reference
  union all select decided_on, allocation_id, 'money on account given', cents, reason
    from allocation where account_id = p_account and claim_id = p_claim
  union all select decided_on, adjustment_id, case kind when 1 then 'adjusted' when 2 then 'withdrawn' else 'written off' end, delta_cents, reason
    from adjustment where account_id = p_account and claim_id = p_claim
  union all select charged_on, charge_id, case kind when 1 then 'costs charged' else 'interest charged' end, cents, reason
    from charge where account_id = p_account and claim_id = p_claim
  union all select from_date, hold_id, 'hold started', cents, reason from hold where account_id = p_account and (claim_id = p_claim or claim_id is null)
  union all select ended_on, hold_id, 'hold ended', cents, reason from hold
    where account_id = p_account and (claim_id = p_claim or claim_id is null) and ended_on is not null
  union all select valid_from, instruction_id, 'offset instruction', null, reason from offset_instruction where account_id = p_account and claim_id = p_claim
  union all select (body ->> 'requestedOn')::date, (body ->> 'id')::bigint, 'offset requested', null, actor
    from audit where account_id = p_account and subject = 'claim:' || p_claim and action = 'offset requested')
select on_date, fact_id, what, cents, cause from facts order by on_date, fact_id, what
$$;

CREATE FUNCTION public.claims_open_on(p_on date) RETURNS TABLE(risk_carrier_id integer, account_id bigint, claim_id bigint, due_date date, cents bigint)
    LANGUAGE sql STABLE
    AS $$
with later as (
  select p.account_id, p.claim_id,
    sum(case when p.debit in (2, 3, 4) then p.cents else 0 end - case when p.credit in (2, 3, 4) then p.cents else 0 end)::bigint as cents
  from posting p where p.booking_date > p_on and p.claim_id is not null group by p.account_id, p.claim_id),
changed as (
  select distinct on (x.account_id, x.claim_id) x.account_id, x.claim_id, x.due_date from (
    select c.account_id, c.claim_id, c.changed_on as on_date, c.change_id as nth, c.new_due_date as due_date from claim_due_date c
    union all select m.account_id, m.claim_id, m.matured_on, 0, m.due_date from claim_maturity m) x
  where x.on_date <= p_on order by x.account_id, x.claim_id, x.on_date desc, x.nth desc)
select k.risk_carrier_id, k.account_id, k.claim_id, coalesce(n.due_date, f.due_date),
  k.open_principal_cents + k.open_costs_cents + k.open_interest_cents - coalesce(l.cents, 0)
from claim_position k join claim f on f.account_id = k.account_id and f.claim_id = k.claim_id
  left join later l on l.account_id = k.account_id and l.claim_id = k.claim_id
  left join changed n on n.account_id = k.account_id and n.claim_id = k.claim_id
where k.open_principal_cents + k.open_costs_cents + k.open_interest_cents - coalesce(l.cents, 0) <> 0
$$;

CREATE FUNCTION public.claims_register(p_account bigint, p_on date, p_claim bigint) RETURNS TABLE(claim_id bigint, reference text, kind smallint, reason text, number text, amount_cents bigint, open_cents bigint, due_date date, queued boolean, withdrawn boolean, written_off_cents bigint, offset_cents bigint, paid_cents bigint, matured boolean, reminders bigint, hold_kinds smallint[])
    LANGUAGE sql STABLE
    AS $$
with booked as (
  select p.claim_id, sum(p.cents * ((p.debit in (2, 3, 4))::int - (p.credit in (2, 3, 4))::int))::bigint as open_cents,
    sum(p.cents * case when p.kind between 2 and 4 or p.kind = 41 then 1 when p.kind between 30 and 32 or p.kind = 43 then -1 else 0 end)::bigint as offset_cents,
    sum(p.cents * case when p.kind in (11, 12, 13, 15, 16, 17, 18) then 1 when p.kind between 34 and 36 then -1 else 0 end)::bigint
      as paid_cents,
    sum(p.cents * (p.kind between 24 and 26)::int)::bigint as written_off_cents
  from posting p where p.account_id = p_account and p.booking_date <= p_on and p.claim_id is not null group by p.claim_id),
changed as (
  select a.claim_id, bool_or(a.kind = 2) as withdrawn, sum(a.delta_cents) filter (where a.kind <> 3)::bigint as delta_cents
  from adjustment a where a.account_id = p_account and a.decided_on <= p_on group by a.claim_id)
select c.claim_id, c.reference, c.kind, r.code as reason, c.number, (c.original_cents + coalesce(x.delta_cents, 0))::bigint as amount_cents,
  coalesce(b.open_cents, 0) as open_cents, coalesce(m.due_date, p.due_date) as due_date,
  b.claim_id is null and not coalesce(x.withdrawn, false) as queued, coalesce(x.withdrawn, false) as withdrawn,
  coalesce(b.written_off_cents, 0) as written_off_cents, coalesce(b.offset_cents, 0) as offset_cents,
  coalesce(b.paid_cents, 0) as paid_cents, m.claim_id is not null as matured,
  (select count(*) from claim_step s where s.account_id = p_account and s.claim_id = c.claim_id and s.kind = 2 and s.sent_on <= p_on) as reminders,
  array(select distinct h.kind from hold h where h.account_id = p_account and (h.claim_id = c.claim_id or h.claim_id is null)
    and h.from_date <= p_on and (h.until_date is null or h.until_date >= p_on) and (h.ended_on is null or h.ended_on > p_on)) as hold_kinds
from claim c join claim_position p using (account_id, claim_id)
  left join booked b on b.claim_id = c.claim_id left join changed x on x.claim_id = c.claim_id
  left join claim_maturity m on m.account_id = p_account and m.claim_id = c.claim_id and m.matured_on <= p_on
  join reason_code r on r.reason_id = coalesce(m.to_reason_id, c.reason_id)
where c.account_id = p_account and c.registered_on <= p_on and (p_claim is null or c.claim_id = p_claim) order by c.claim_id
$$;

CREATE FUNCTION public.ensure_month_partitions(first_month date, last_month date) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
declare month date := date_trunc('month', first_month)::date; made int := 0; parent text; part text; taken boolean;
begin
  while month <= last_month loop
    foreach parent in array array['posting', 'decision'] loop
      part := parent || to_char(month, '_YYYY_MM');
      execute format('select exists (select 1 from %I where %I >= $1 and %I < $1 + interval ''1 month'')', parent || '_other',
        case parent when 'posting' then 'booking_date' else 'valid_from' end, case parent when 'posting' then 'booking_date' else 'valid_from' end) into taken using month;
      if to_regclass(part) is null and not taken then           -- rows of that month that already lie in the rest partition stay there
        execute format('create table %I partition of %I for values from (%L) to (%L)', part, parent, month, (month + interval '1 month')::date);
        perform secure_tenant_table(part::regclass);
        made := made + 1;
      end if;
    end loop;
    month := (month + interval '1 month')::date;
  end loop;
  return made;
end $_$;

CREATE FUNCTION public.human_reference(prefix text, id bigint, year integer) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  select prefix || '-' || year || '-' || n || '-' || check_digit_11_10(year || n) from (select lpad(id::text, greatest(8, length(id::text)), '0') as n) x
$$;

CREATE FUNCTION public.known_sources(p_carrier smallint, p_kind smallint) RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $$
with recursive s as (
  (select k.source from source_key k where k.risk_carrier_id = p_carrier and k.kind = p_kind order by k.source limit 1)
  union all
  select (select k.source from source_key k where k.risk_carrier_id = p_carrier and k.kind = p_kind and k.source > s.source order by k.source limit 1)
  from s where s.source is not null)
select source from s where source is not null
$$;

CREATE FUNCTION public.lock_for_registration(p_accounts bigint[], p_wait boolean) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.offset_merge(a_id bigint[], a_entries integer[], a_claims integer[], a_cents bigint[], a_cap bigint[], a_plain boolean[], a_slots integer[], a_payouts integer[], e_id bigint[], e_left bigint[], e_slot integer[], e_payout integer[], e_day date[], e_cents bigint[], c_id bigint[], c_due date[], c_cents bigint[], c_principal bigint[], c_costs bigint[], c_kept bigint[], c_slot integer[], c_limit integer[], c_group integer[], l_basis_points integer[], l_left bigint[], p_left bigint[], slots integer, payouts integer, x_entry integer[], x_claim integer[], y_entry integer[], y_claim integer[], passes smallint[], c_apart boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line integer, cents bigint, open_after bigint, pass smallint, payout integer, day date)
    LANGUAGE plpgsql IMMUTABLE ROWS 20000
    AS $$
declare
  n_c int := coalesce(array_length(c_id, 1), 0); n_l int := coalesce(array_length(l_left, 1), 0); top int := slots + 1;
  n_x int := coalesce(array_length(x_entry, 1), 0); n_y int := coalesce(array_length(y_entry, 1), 0); x int := 1; y int := 1; k int;
  e0 int; e1 int := 0; c0 int; c1 int := 0; i int; j int; g int; h int; s int; l int; n int; p int; at int; waiting int; this_pass smallint;
  c_left bigint[] := c_cents; lines int[]; taken bigint[]; head int[]; nxt int[]; limited int[]; none constant int := 2147483647; turns boolean; wanted bigint;
  spent boolean; group_first int[]; group_head int[]; group_next int[]; group_seen int[];
  acc_left bigint; money bigint; before bigint; owed bigint; kept bigint; take bigint; room bigint; rest bigint; used bigint; due date; from_day date; own boolean; many boolean; bound int;
  -- what an entry gave under a share: of this visit by limit (valid when the stamp fits), and of its earlier visits as a chain
  stamp int := 0; now_stamp int[]; now_cents bigint[]; e_gave int[]; gave_limit int[]; gave_cents bigint[]; gave_next int[]; gave int := 0;
  -- some claims may not be offset against every declaration; of an AGB code, of a claim by its pairs: 0 no declaration, 1 used up, 2 gives still
  narrow boolean := c_apart is not null or 4 <> all (passes); near_slot int[]; near_claim int[]; near int;
begin
  if n_c = 0 or coalesce(array_length(e_id, 1), 0) = 0 then return; end if;
  lines := array_fill(0, array[array_length(e_id, 1)]); taken := array_fill(0::bigint, array[payouts]); head := array_fill(0, array[top]); nxt := array_fill(0, array[n_c]);
  group_head := array_fill(0, array[slots + n_c + 1]); group_next := group_head; group_seen := group_head; limited := array_fill(none, array[top]); group_first := head;
  if n_l > 0 then
    now_stamp := array_fill(0, array[n_l]); now_cents := array_fill(0::bigint, array[n_l]); e_gave := array_fill(0, array[array_length(e_id, 1)]);
  end if;
  if narrow then near_slot := array_fill(0, array[slots]); near_claim := array_fill(0, array[n_c]); end if;
  for a in 1 .. array_length(a_id, 1) loop
    e0 := e1 + 1; e1 := e1 + a_entries[a];
    continue when a_claims[a] = 0;
    c0 := c1 + 1; c1 := c1 + a_claims[a]; account_id := a_id[a]; acc_left := a_cap[a]; what := 2; many := a_payouts[a] > 1; payout := e_payout[e0]; money := 0; spent := false;
    while x <= n_x and x_entry[x] < e0 loop x := x + 1; end loop;
    while y <= n_y and y_entry[y] < e0 loop y := y + 1; end loop;
    foreach this_pass in array passes loop
      pass := this_pass; own := this_pass = 3;
      if this_pass > 2 and a_plain[a] then
        continue when spent;                      -- the pass before left nothing to give
        -- No cap, floor or charge. The claims of an AGB (or all) without a limit are a chain that entries use up in turn, up to the
        -- first claim with a limit (bound); from there on group by group.
        waiting := 0; kind := 2; at := 0; j := 0; wanted := 0; head[top] := 0; limited[top] := none; group_first[top] := 0;
        s := top;
        for c in reverse c1 .. c0 loop
          if c_left[c] > 0 then
            l := c_limit[c];
            if own then s := c_slot[c]; elsif c_apart[c] then s := 0; else s := top; end if;
            if s = 0 then null;
            elsif l = 0 then nxt[c] := head[s]; head[s] := c; waiting := waiting + 1;
            else
              g := case when own then c_group[c] else l end;
              if limited[s] = none or group_seen[g] <> a * 4 + this_pass then group_seen[g] := a * 4 + this_pass; group_head[g] := 0; end if;
              nxt[c] := group_head[g]; group_head[g] := c; limited[s] := c; waiting := waiting + 1;
            end if;
          end if;
        end loop;
        if n_l > 0 and waiting > 0 then
          -- the groups of each AGB in the order of their first claims
          for c in reverse c1 .. c0 loop
            if c_limit[c] > 0 and c_left[c] > 0 then
              g := case when own then c_group[c] else c_limit[c] end; s := case when own then c_slot[c] when c_apart[c] then 0 else top end;
              if s > 0 and group_head[g] = c then group_next[g] := group_first[s]; group_first[s] := g; end if;
            end if;
          end loop;
        end if;
        turns := own and a_slots[a] > 1;
        if not turns then s := case when own then e_slot[e0] else top end; end if;
        if waiting > 0 then
          spent := true;
          for i in e0 .. e1 loop
            cents := e_left[i];
            continue when cents = 0;
            if turns or at = 0 then
              if turns then s := e_slot[i]; end if;
              if s <> at then                     -- the chain of another AGB code: j stands at its head, wanted is what j takes before a claim with a limit comes
                if wanted > 0 then c_left[j] := wanted; end if;
                at := s; j := head[s]; bound := limited[s]; wanted := 0;
                if j > 0 then
                  claim_id := c_id[j]; due := c_due[j]; kept := c_kept[j];
                  if j < bound then wanted := c_left[j]; end if;
                end if;
                if many then
                  p := e_payout[i];
                  if p <> payout then taken[payout] := taken[payout] + money; money := 0; payout := p; end if;
                end if;
              end if;
            elsif many then
              p := e_payout[i];
              if p <> payout then taken[payout] := taken[payout] + money; money := 0; payout := p; end if;
            end if;
            if cents < wanted then                -- most entries: one line, all that they may give
              entry_id := e_id[i]; line := lines[i] + 1; wanted := wanted - cents; open_after := kept + wanted; day := greatest(e_day[i], due);
              return next;
              e_left[i] := 0;
              if many then money := money + cents; end if;
              continue;
            end if;
            if wanted = 0 and bound = none then spent := false; continue; end if;
            entry_id := e_id[i]; line := lines[i]; from_day := e_day[i]; rest := cents;
            if many then money := money + rest; end if;
            if wanted > 0 then
              while rest >= wanted loop
                line := line + 1; cents := wanted; open_after := kept; day := greatest(from_day, due); rest := rest - wanted;
                return next;
                c_left[j] := 0; j := nxt[j]; waiting := waiting - 1; wanted := 0;
                exit when j = 0;
                claim_id := c_id[j]; due := c_due[j]; kept := c_kept[j];
                exit when j > bound;
                wanted := c_left[j];
              end loop;
              head[s] := j;
              if rest > 0 and wanted > 0 then
                line := line + 1; cents := rest; wanted := wanted - rest; open_after := kept + wanted; day := greatest(from_day, due); rest := 0;
                return next;
              end if;
            end if;
            if rest > 0 and bound < none then
              -- claims with a limit: from each group what its limit leaves, in the order of the claims, the chain in between
              stamp := stamp + 1; n := e_gave[i]; h := 0; g := group_first[s]; owed := 0;
              if j > 0 then owed := c_left[j]; end if;
              while n > 0 loop
                l := gave_limit[n]; now_cents[l] := gave_cents[n] + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp; n := gave_next[n];
              end loop;
              while rest > 0 and (g > 0 or j > 0) loop
                if j > 0 and (g = 0 or j < group_head[g]) then
                  take := least(rest, owed); owed := owed - take; rest := rest - take;
                  line := line + 1; cents := take; claim_id := c_id[j]; open_after := kept + owed; day := greatest(from_day, due);
                  return next;
                  if owed = 0 then
                    c_left[j] := 0; j := nxt[j]; waiting := waiting - 1;
                    if j > 0 then owed := c_left[j]; due := c_due[j]; kept := c_kept[j]; end if;
                  end if;
                  continue;
                end if;
                k := group_head[g]; l := c_limit[k]; used := c_left[k];
                room := case when l_basis_points[l] is null then l_left[l] else e_cents[i] * l_basis_points[l] / 10000 - case when now_stamp[l] = stamp then now_cents[l] else 0 end end;
                take := least(rest, used, room);
                if take > 0 then
                  claim_id := c_id[k]; used := used - take; c_left[k] := used; rest := rest - take;
                  line := line + 1; cents := take; open_after := c_kept[k] + used; day := greatest(from_day, c_due[k]);
                  return next;
                  if l_basis_points[l] is null then l_left[l] := l_left[l] - take;
                  else
                    now_cents[l] := take + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp;
                    gave := gave + 1; gave_limit[gave] := l; gave_cents[gave] := take; gave_next[gave] := e_gave[i]; e_gave[i] := gave;
                  end if;
                end if;
                n := group_next[g];
                if l_basis_points[l] is null and l_left[l] = 0 then k := 0; elsif used = 0 then k := nxt[k]; waiting := waiting - 1; else k := -1; end if;
                if k < 0 then h := g;
                else                                -- the group leaves its place; with a next claim it moves behind those that come before it
                  if h = 0 then group_first[s] := n; else group_next[h] := n; end if;
                  group_head[g] := k;
                  if k > 0 then
                    p := h; l := n;
                    while l > 0 and group_head[l] < k loop p := l; l := group_next[l]; end loop;
                    group_next[g] := l;
                    if p = 0 then group_first[s] := g; else group_next[p] := g; end if;
                    if p = h then n := g; end if;
                  end if;
                end if;
                g := n;
              end loop;
              g := group_first[s]; bound := case when g = 0 then none else group_head[g] end; limited[s] := bound; head[s] := j; wanted := 0;
              if j > 0 then
                claim_id := c_id[j]; c_left[j] := owed;
                if j < bound then wanted := owed; end if;
              end if;
            end if;
            if many then money := money - rest; end if;
            e_left[i] := rest;
            if rest > 0 then lines[i] := line; spent := false; end if;
            if waiting = 0 then spent := false; exit; end if;
          end loop;
          if wanted > 0 then c_left[j] := wanted; end if;
          if many then taken[payout] := taken[payout] + money; money := 0; end if;
        end if;
      else
        if this_pass > 2 then
          -- claims of one AGB (or of all) and one limit are a group; groups stand in the order of their first claim
          head[top] := 0;
          for c in c0 .. c1 loop
            g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
            group_head[g] := 0; group_next[g] := 0; head[greatest(c_slot[c], 1)] := 0;
          end loop;
          for c in reverse c1 .. c0 loop
            if c_left[c] > 0 and (case when own then c_slot[c] > 0 else c_apart[c] is not true end) then
              g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
              nxt[c] := group_head[g]; group_head[g] := c;
            end if;
          end loop;
          for c in reverse c1 .. c0 loop
            if c_left[c] > 0 and (case when own then c_slot[c] > 0 else c_apart[c] is not true end) then
              g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
              if group_head[g] = c then s := case when own then c_slot[c] else top end; group_next[g] := head[s]; head[s] := g; end if;
            end if;
          end loop;
        end if;
        k := case when this_pass = 1 then x else y end; i := e0 - 1; 
        loop
          if this_pass > 2 then
            i := i + 1;
            exit when i > e1 or acc_left <= 0;
            s := case when own then e_slot[i] else top end; g := head[s];
          elsif this_pass = 1 then
            exit when k > n_x or x_entry[k] > e1; i := x_entry[k]; j := x_claim[k]; k := k + 1; g := -1;
          else
            exit when k > n_y or y_entry[k] > e1; i := y_entry[k]; j := y_claim[k]; k := k + 1; g := -1;
          end if;
          rest := e_left[i];
          continue when rest = 0 or g = 0;
          p := e_payout[i]; room := acc_left;
          if p_left is not null then room := least(room, p_left[p]); end if;
          rest := least(rest, room); used := 0; h := 0;            -- what this entry may give now; what it gave; the group before
          stamp := stamp + 1; 
          if n_l > 0 then
            n := e_gave[i];
            while n > 0 loop
              l := gave_limit[n]; now_cents[l] := gave_cents[n] + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp; n := gave_next[n];
            end loop;
          end if;
          entry_id := e_id[i]; payout := p; from_day := e_day[i]; line := lines[i];
          while rest > 0 and g <> 0 loop
            if g > 0 then j := group_head[g]; end if;
            l := c_limit[j]; owed := c_left[j]; take := least(rest, owed);
            if l > 0 then
              room := case when l_basis_points[l] is null then l_left[l] else e_cents[i] * l_basis_points[l] / 10000 - case when now_stamp[l] = stamp then now_cents[l] else 0 end end;
              take := least(take, room);
            end if;
            exit when this_pass = 2 and take < greatest(c_cents[j], e_cents[i]);
            if take > 0 then
              claim_id := c_id[j]; day := greatest(from_day, c_due[j]); c_left[j] := owed - take; rest := rest - take; used := used + take;
              if l > 0 then
                if l_basis_points[l] is null then l_left[l] := l_left[l] - take;
                else
                  now_cents[l] := take + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp;
                  gave := gave + 1; gave_limit[gave] := l; gave_cents[gave] := take; gave_next[gave] := e_gave[i]; e_gave[i] := gave;
                end if;
              end if;
              loop                                                 -- principal first, then costs, then interest
                before := c_cents[j] - owed;
                if before < c_principal[j] then kind := 2; cents := least(take, c_principal[j] - before);
                elsif before < c_principal[j] + c_costs[j] then kind := 3; cents := least(take, c_principal[j] + c_costs[j] - before);
                else kind := 4; cents := take; end if;
                line := line + 1; open_after := c_kept[j] + c_principal[j] - least(before + cents, c_principal[j]);
                return next;
                owed := owed - cents; take := take - cents;
                exit when take = 0;
              end loop;
            end if;
            exit when g < 0;
            n := group_next[g];
            if owed = 0 or (l > 0 and l_basis_points[l] is null and l_left[l] = 0) then
              -- its next claim stands further on: the group moves behind those that come before it; used up, it goes
              if h = 0 then head[s] := n; else group_next[h] := n; end if;
              j := nxt[j]; group_head[g] := j;
              if j > 0 and owed = 0 and not (l > 0 and l_basis_points[l] is null and l_left[l] = 0) then
                at := h; k := n;
                while k > 0 and group_head[k] < j loop at := k; k := group_next[k]; end loop;
                group_next[g] := k;
                if at = 0 then head[s] := g; else group_next[at] := g; end if;
                if at = h then n := g; end if;
              end if;
            else
              h := g;
            end if;
            g := n;
          end loop;
          if used > 0 then
            e_left[i] := e_left[i] - used; lines[i] := line; acc_left := acc_left - used;
            if many then taken[p] := taken[p] + used; end if;
            if p_left is not null then p_left[p] := p_left[p] - used; end if;
          end if;
        end loop;
      end if;
    end loop;
    -- what became of each claim
    what := 4; entry_id := null; line := null; pass := null; payout := null; day := null; rest := null; used := null; money := 0;
    for c in c0 .. c1 loop
      claim_id := c_id[c]; cents := c_cents[c] - c_left[c];
      if cents > 0 then
        open_after := least(cents, c_principal[c]); entry_id := least(cents - open_after, c_costs[c]); kind := 0; money := money + cents;
      else
        if used is null then                      -- what the account gave, and whether an entry could still give, whatever the caps
          used := 0; rest := 0;
          for d in c0 .. c1 loop
            used := used + c_cents[d] - c_left[d];
          end loop;
          if narrow then
            for i in e0 .. e1 loop
              rest := rest + e_left[i]; near_slot[e_slot[i]] := greatest(near_slot[e_slot[i]], case when e_left[i] > 0 then 2 else 1 end);
            end loop;
            k := x;
            while 1 = any (passes) and k <= n_x and x_entry[k] <= e1 loop
              near_claim[x_claim[k]] := greatest(near_claim[x_claim[k]], case when e_left[x_entry[k]] > 0 then 2 else 1 end); k := k + 1;
            end loop;
          else
            for i in e0 .. e1 loop
              rest := e_left[i];
              exit when rest > 0;
            end loop;
          end if;
        end if;
        open_after := 0; entry_id := 0;
        if not narrow or 4 = any (passes) and c_apart[c] is not true then near := case when rest > 0 then 2 else 1 end;
        else near := greatest(near_claim[c], case when c_slot[c] > 0 and 3 = any (passes) then near_slot[c_slot[c]] else 0 end); end if;
        kind := case when near = 0 then 46 when acc_left <= 0 or (c_limit[c] > 0 and near = 2) then 41 when near = 2 then 43
          when a_cents[a] > used + case when near = 1 then rest else 0 end then 41 else 42 end;
      end if;
      return next;
    end loop;
    if not many then taken[e_payout[e0]] := money; end if;
  end loop;
  what := 3; account_id := null; claim_id := null; entry_id := null; open_after := null; kind := null;
  for p in 1 .. payouts loop
    if taken[p] > 0 then payout := p; cents := taken[p]; return next; end if;
  end loop;
end $$;

CREATE FUNCTION public.offset_merge(a_id bigint[], a_entries integer[], a_claims integer[], a_cents bigint[], a_cap bigint[], a_plain boolean[], a_slots integer[], a_payouts integer[], a_share integer[], s_entries integer[], s_payout integer[], e_id bigint[], e_left bigint[], e_day date[], e_at timestamp with time zone[], e_cents bigint[], c_id bigint[], c_due date[], c_cents bigint[], c_principal bigint[], c_costs bigint[], c_kept bigint[], c_slot integer[], c_limit integer[], c_group integer[], l_basis_points integer[], l_left bigint[], p_left bigint[], payouts integer, x_entry integer[], x_claim integer[], x_slot integer[], y_entry integer[], y_claim integer[], y_slot integer[], passes smallint[], c_apart boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line integer, cents bigint, open_after bigint, pass smallint, payout integer, day date)
    LANGUAGE plpgsql IMMUTABLE ROWS 20000
    AS $$
declare
  n_c int := coalesce(array_length(c_id, 1), 0); n_l int := coalesce(array_length(l_left, 1), 0); slots int := coalesce(array_length(s_entries, 1), 0); top int := slots + 1;
  n_x int := coalesce(array_length(x_entry, 1), 0); n_y int := coalesce(array_length(y_entry, 1), 0); x int; y int; z int; k int;
  e0 int; e1 int; c0 int; c1 int; s0 int; s1 int; t int; f int; i int; j int; g int; h int; l int; n int; p int; q0 int; q1 int; at int; waiting int;
  this_pass smallint; own boolean; fresh boolean; last boolean; by_code boolean := false;
  -- an exact pass after "own AGB" reads what every declaration has left, one by one
  one_by_one boolean := coalesce(array_position(passes, 3::smallint) < greatest(array_position(passes, 1::smallint), array_position(passes, 2::smallint)), false);
  c_left bigint[] := c_cents; a_left bigint[] := a_cap; lines int[]; taken bigint[]; head int[]; nxt int[]; limited int[]; none constant int := 2147483647; wanted bigint;
  group_first int[]; group_head int[]; group_next int[]; group_seen int[];
  acc_left bigint; money bigint; before bigint; owed bigint; kept bigint; take bigint; room bigint; rest bigint; used bigint; due date; from_day date; many boolean; bound int;
  -- of an AGB code: the first declaration that is not used up; what e_left and lines say of those before it is stale, and not read again. Stretches of declarations that are taken in the order of approval, and those in that order
  s_from int[]; r_n int := 0; r_before int; r_account int[]; r_slot int[]; r_first int[]; r_last int[]; turn int[]; turn_slot int[]; n_turn int;
  -- what an entry gave under a share: of this visit by limit (valid when the stamp fits), and of its earlier visits as a chain
  stamp int := 0; now_stamp int[]; now_cents bigint[]; e_gave int[]; gave_limit int[]; gave_cents bigint[]; gave_next int[]; gave int := 0;
  -- some claims may not be offset against every declaration; of an AGB code, of a claim by its pairs: 0 no declaration, 1 used up, 2 gives still
  narrow boolean := c_apart is not null or 4 <> all (passes); near_slot int[]; near_claim int[]; near int;
begin
  if n_c = 0 or coalesce(array_length(e_id, 1), 0) = 0 then return; end if;
  lines := array_fill(0, array[array_length(e_id, 1)]); taken := array_fill(0::bigint, array[payouts]); head := array_fill(0, array[top]); nxt := array_fill(0, array[n_c]);
  group_head := array_fill(0, array[slots + n_c + 1]); group_next := group_head; group_seen := group_head; limited := array_fill(none, array[top]); group_first := head; s_from := head;
  if n_l > 0 then
    now_stamp := array_fill(0, array[n_l]); now_cents := array_fill(0::bigint, array[n_l]); e_gave := array_fill(0, array[array_length(e_id, 1)]);
  end if;
  if narrow then near_slot := array_fill(0, array[slots]); near_claim := array_fill(0, array[n_c]); end if;
  if a_share is not null then
    e1 := 0;
    for a in 1 .. array_length(a_id, 1) loop
      e0 := e1 + 1; e1 := e1 + a_entries[a];
      if a_share[a] is not null then
        for e in e0 .. e1 loop
          e_left[e] := e_cents[e] * a_share[a] / 10000;
        end loop;
      end if;
    end loop;
  end if;
  foreach this_pass in array passes loop
    own := this_pass = 3; fresh := this_pass = passes[1]; last := this_pass = passes[array_length(passes, 1)]; e1 := 0; c1 := 0; s1 := 0; x := 1; y := 1; z := 1; n_turn := 0;
    if this_pass > 2 then
      if false = any (a_plain) or not own and not by_code then
        for a in 1 .. array_length(a_id, 1) loop   -- of these accounts every declaration waits for its turn
          s0 := s1 + 1; s1 := s1 + a_slots[a];
          for s in s0 .. s1 loop
            e0 := e1 + 1; e1 := e1 + s_entries[s];
            if a_claims[a] > 0 and e0 <= e1 and (not a_plain[a] or not own and not by_code) then
              r_n := r_n + 1; r_account[r_n] := a; r_slot[r_n] := s; r_first[r_n] := e0; r_last[r_n] := e1;
            end if;
          end loop;
        end loop;
        e1 := 0; s1 := 0;
      end if;
      if r_n > 0 then
        select array_agg(one.entry), array_agg(one.slot) into turn, turn_slot
        from (select stretched.entry, stretched.slot
              from (select stretch.account, stretch.slot, generate_series(stretch.first, stretch.last) as entry
                    from unnest(r_account[1:r_n], r_slot[1:r_n], r_first[1:r_n], r_last[1:r_n]) stretch (account, slot, first, last)) stretched
              where e_left[stretched.entry] > 0 order by stretched.account, e_at[stretched.entry], e_id[stretched.entry]) one;
        n_turn := coalesce(array_length(turn, 1), 0); r_n := 0;
      end if;
      by_code := by_code or own;
    end if;
    for a in 1 .. array_length(a_id, 1) loop
      e0 := e1 + 1; e1 := e1 + a_entries[a]; s0 := s1 + 1; s1 := s1 + a_slots[a];
      continue when a_claims[a] = 0;
      c0 := c1 + 1; c1 := c1 + a_claims[a]; account_id := a_id[a]; what := 2; pass := this_pass; many := a_payouts[a] > 1;
      if this_pass > 2 then
        while z <= n_turn and turn[z] < e0 loop z := z + 1; end loop;
      end if;
      if this_pass > 2 and a_plain[a] then
        -- No cap, floor, charge or amount a run. The claims of an AGB (or all) without a limit are a chain that entries use up in turn, up
        -- to the first claim with a limit (bound); from there on group by group.
        if own or z <= n_turn and turn[z] <= e1 then
          waiting := case when own then a_claims[a] else 0 end; kind := 2; head[top] := 0; limited[top] := none; group_first[top] := 0; r_before := r_n; k := 0;
          for c in reverse c1 .. c0 loop
            if c_left[c] > 0 then
              l := c_limit[c];
              if own then f := c_slot[c]; elsif c_apart[c] then f := 0; else f := top; waiting := waiting + 1; end if;
              if f = 0 then null;
              elsif l = 0 then nxt[c] := head[f]; head[f] := c;
              else
                g := case when own then c_group[c] else l end; k := g;
                if limited[f] = none or group_seen[g] <> a * 4 + this_pass then group_seen[g] := a * 4 + this_pass; group_head[g] := 0; end if;
                nxt[c] := group_head[g]; group_head[g] := c; limited[f] := c;
              end if;
            end if;
          end loop;
          if k > 0 then
            -- the groups of each AGB in the order of their first claims
            for c in reverse c1 .. c0 loop
              if c_limit[c] > 0 and c_left[c] > 0 then
                g := case when own then c_group[c] else c_limit[c] end; f := case when own then c_slot[c] when c_apart[c] then 0 else top end;
                if f > 0 and group_head[g] = c then group_next[g] := group_first[f]; group_first[f] := g; end if;
              end if;
            end loop;
          end if;
          t := e0 - 1;
          for s in case when own then s0 else top end .. case when own then s1 else top end loop
            j := head[s]; bound := limited[s]; money := 0;
            if own then
              f := t + 1; t := t + s_entries[s];
              payout := s_payout[s];
              if f <= t and j > 0 and j < bound and not one_by_one then
                -- most entries: one line, all that they may give; open_after less kept is what the claim may still take
                claim_id := c_id[j]; due := c_due[j]; kept := c_kept[j]; owed := c_left[j]; money := owed; open_after := kept + owed; f := t + 1; line := 1;
                for e in t + 1 - s_entries[s] .. t loop
                  cents := e_left[e];
                  if cents > 0 and cents < open_after - kept then
                    entry_id := e_id[e]; open_after := open_after - cents; day := greatest(e_day[e], due);
                    if not fresh then line := lines[e] + 1; end if;
                    return next;
                    continue;
                  end if;
                  continue when cents = 0;
                  entry_id := e_id[e]; line := lines[e]; from_day := e_day[e]; rest := cents;
                  loop
                    cents := open_after - kept;
                    exit when rest < cents;
                    line := line + 1; rest := rest - cents; open_after := kept; day := greatest(from_day, due);
                    return next;
                    c_left[j] := 0; j := nxt[j]; waiting := waiting - 1;
                    exit when j = 0 or j > bound;
                    claim_id := c_id[j]; due := c_due[j]; kept := c_kept[j]; owed := c_left[j]; money := money + owed; open_after := kept + owed;
                  end loop;
                  if j = 0 or j > bound then e_left[e] := rest; lines[e] := line; f := e; exit; end if;
                  if rest > 0 then
                    line := line + 1; cents := rest; open_after := open_after - rest; day := greatest(from_day, due);
                    return next;
                  end if;
                  line := 1;
                end loop;
                s_from[s] := f;
                if f > t then c_left[j] := open_after - kept; money := money - c_left[j]; end if;
              end if;
              if f <= t and not last then r_n := r_n + 1; r_account[r_n] := a; r_slot[r_n] := s; r_first[r_n] := f; r_last[r_n] := t; end if;
              if j = 0 and bound = none or f > t then      -- no claim with a limit, or nothing for it
                if many and money > 0 then taken[payout] := taken[payout] + money; end if;
                continue;
              end if;
              q0 := f; q1 := t;
            else
              q0 := z; q1 := n_turn; payout := s_payout[s0];
            end if;
            wanted := 0;
            if j > 0 then
              claim_id := c_id[j]; due := c_due[j]; kept := c_kept[j];
              if j < bound then wanted := c_left[j]; end if;
            end if;
            for q in q0 .. q1 loop
              i := q;
              if not own then
                i := turn[q];
                exit when i > e1;
              end if;
              cents := e_left[i];
              continue when cents = 0;
              if many and not own then
                p := s_payout[turn_slot[q]];
                if p <> payout then taken[payout] := taken[payout] + money; money := 0; payout := p; end if;
              end if;
              if cents < wanted then
                entry_id := e_id[i]; line := lines[i] + 1; wanted := wanted - cents; open_after := kept + wanted; day := greatest(e_day[i], due);
                return next;
                e_left[i] := 0; money := money + cents;
                continue;
              end if;
              exit when wanted = 0 and bound = none;
              entry_id := e_id[i]; line := lines[i]; from_day := e_day[i]; rest := cents; money := money + rest;
              if wanted > 0 then
                while rest >= wanted loop
                  line := line + 1; cents := wanted; open_after := kept; day := greatest(from_day, due); rest := rest - wanted;
                  return next;
                  c_left[j] := 0; j := nxt[j]; waiting := waiting - 1; wanted := 0;
                  exit when j = 0;
                  claim_id := c_id[j]; due := c_due[j]; kept := c_kept[j];
                  exit when j > bound;
                  wanted := c_left[j];
                end loop;
                if rest > 0 and wanted > 0 then
                  line := line + 1; cents := rest; wanted := wanted - rest; open_after := kept + wanted; day := greatest(from_day, due); rest := 0;
                  return next;
                end if;
              end if;
              if rest > 0 and bound < none then
                -- claims with a limit: from each group what its limit leaves, in the order of the claims, the chain in between
                stamp := stamp + 1; n := e_gave[i]; h := 0; g := group_first[s]; owed := 0;
                if j > 0 then owed := c_left[j]; end if;
                while n > 0 loop
                  l := gave_limit[n]; now_cents[l] := gave_cents[n] + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp; n := gave_next[n];
                end loop;
                while rest > 0 and (g > 0 or j > 0) loop
                  if j > 0 and (g = 0 or j < group_head[g]) then
                    take := least(rest, owed); owed := owed - take; rest := rest - take;
                    line := line + 1; cents := take; claim_id := c_id[j]; open_after := kept + owed; day := greatest(from_day, due);
                    return next;
                    if owed = 0 then
                      c_left[j] := 0; j := nxt[j]; waiting := waiting - 1;
                      if j > 0 then owed := c_left[j]; due := c_due[j]; kept := c_kept[j]; end if;
                    end if;
                    continue;
                  end if;
                  k := group_head[g]; l := c_limit[k]; used := c_left[k];
                  take := least(rest, used, e_cents[i] * l_basis_points[l] / 10000 - case when now_stamp[l] = stamp then now_cents[l] else 0 end);
                  if take > 0 then
                    claim_id := c_id[k]; used := used - take; c_left[k] := used; rest := rest - take;
                    line := line + 1; cents := take; open_after := c_kept[k] + used; day := greatest(from_day, c_due[k]);
                    return next;
                    now_cents[l] := take + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp;
                    gave := gave + 1; gave_limit[gave] := l; gave_cents[gave] := take; gave_next[gave] := e_gave[i]; e_gave[i] := gave;
                  end if;
                  n := group_next[g];
                  if used > 0 then h := g;
                  else                                -- used up: the group leaves its place; with a next claim it moves behind those that come before it
                    k := nxt[k]; waiting := waiting - 1;
                    if h = 0 then group_first[s] := n; else group_next[h] := n; end if;
                    group_head[g] := k;
                    if k > 0 then
                      p := h; l := n;
                      while l > 0 and group_head[l] < k loop p := l; l := group_next[l]; end loop;
                      group_next[g] := l;
                      if p = 0 then group_first[s] := g; else group_next[p] := g; end if;
                      if p = h then n := g; end if;
                    end if;
                  end if;
                  g := n;
                end loop;
                g := group_first[s]; bound := case when g = 0 then none else group_head[g] end; wanted := 0;
                if j > 0 then
                  claim_id := c_id[j]; c_left[j] := owed;
                  if j < bound then wanted := owed; end if;
                end if;
              end if;
              money := money - rest; e_left[i] := rest;
              if rest > 0 then lines[i] := line; end if;
              exit when waiting = 0;
            end loop;
            if wanted > 0 then c_left[j] := wanted; end if;
            if many and money > 0 then taken[payout] := taken[payout] + money; end if;
          end loop;
          if own and waiting = 0 then r_n := r_before; end if;   -- no claim waits for what is left
        end if;
      else
        if this_pass > 2 then
          -- claims of one AGB (or of all) and one limit are a group; groups stand in the order of their first claim
          head[top] := 0;
          for c in c0 .. c1 loop
            g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
            group_head[g] := 0; group_next[g] := 0; head[greatest(c_slot[c], 1)] := 0;
          end loop;
          for c in reverse c1 .. c0 loop
            if c_left[c] > 0 and (case when own then c_slot[c] > 0 else c_apart[c] is not true end) then
              g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
              nxt[c] := group_head[g]; group_head[g] := c;
            end if;
          end loop;
          for c in reverse c1 .. c0 loop
            if c_left[c] > 0 and (case when own then c_slot[c] > 0 else c_apart[c] is not true end) then
              g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
              if group_head[g] = c then f := case when own then c_slot[c] else top end; group_next[g] := head[f]; head[f] := g; end if;
            end if;
          end loop;
        elsif this_pass = 1 then
          while x <= n_x and x_entry[x] < e0 loop x := x + 1; end loop;
          k := x;
        else
          while y <= n_y and y_entry[y] < e0 loop y := y + 1; end loop;
          k := y;
        end if;
        acc_left := a_left[a];
        loop
          if this_pass > 2 then
            exit when z > n_turn or acc_left <= 0;
            i := turn[z];
            exit when i > e1;
            n := turn_slot[z]; z := z + 1; f := case when own then n else top end; g := head[f];
          elsif this_pass = 1 then
            exit when k > n_x or x_entry[k] > e1; i := x_entry[k]; j := x_claim[k]; n := x_slot[k]; k := k + 1; g := -1;
          else
            exit when k > n_y or y_entry[k] > e1; i := y_entry[k]; j := y_claim[k]; n := y_slot[k]; k := k + 1; g := -1;
          end if;
          rest := e_left[i];
          continue when rest = 0 or g = 0;
          p := s_payout[n]; room := acc_left;
          if p_left is not null then room := least(room, p_left[p]); end if;
          rest := least(rest, room); used := 0; h := 0;            -- what this entry may give now; what it gave; the group before
          stamp := stamp + 1;
          if n_l > 0 then
            n := e_gave[i];
            while n > 0 loop
              l := gave_limit[n]; now_cents[l] := gave_cents[n] + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp; n := gave_next[n];
            end loop;
          end if;
          entry_id := e_id[i]; payout := p; from_day := e_day[i]; line := lines[i];
          while rest > 0 and g <> 0 loop
            if g > 0 then j := group_head[g]; end if;
            l := c_limit[j]; owed := c_left[j]; take := least(rest, owed);
            if l > 0 then
              room := case when l_basis_points[l] is null then l_left[l] else e_cents[i] * l_basis_points[l] / 10000 - case when now_stamp[l] = stamp then now_cents[l] else 0 end end;
              take := least(take, room);
            end if;
            exit when this_pass = 2 and take < greatest(c_cents[j], e_cents[i]);
            if take > 0 then
              claim_id := c_id[j]; day := greatest(from_day, c_due[j]); c_left[j] := owed - take; rest := rest - take; used := used + take;
              if l > 0 then
                if l_basis_points[l] is null then l_left[l] := l_left[l] - take;
                else
                  now_cents[l] := take + case when now_stamp[l] = stamp then now_cents[l] else 0 end; now_stamp[l] := stamp;
                  gave := gave + 1; gave_limit[gave] := l; gave_cents[gave] := take; gave_next[gave] := e_gave[i]; e_gave[i] := gave;
                end if;
              end if;
              loop                                                 -- principal first, then costs, then interest
                before := c_cents[j] - owed;
                if before < c_principal[j] then kind := 2; cents := least(take, c_principal[j] - before);
                elsif before < c_principal[j] + c_costs[j] then kind := 3; cents := least(take, c_principal[j] + c_costs[j] - before);
                else kind := 4; cents := take; end if;
                line := line + 1; open_after := c_kept[j] + c_principal[j] - least(before + cents, c_principal[j]);
                return next;
                owed := owed - cents; take := take - cents;
                exit when take = 0;
              end loop;
            end if;
            exit when g < 0;
            n := group_next[g];
            if owed = 0 or (l > 0 and l_basis_points[l] is null and l_left[l] = 0) then
              -- its next claim stands further on: the group moves behind those that come before it; used up, it goes
              if h = 0 then head[f] := n; else group_next[h] := n; end if;
              j := nxt[j]; group_head[g] := j;
              if j > 0 and owed = 0 and not (l > 0 and l_basis_points[l] is null and l_left[l] = 0) then
                at := h; k := n;
                while k > 0 and group_head[k] < j loop at := k; k := group_next[k]; end loop;
                group_next[g] := k;
                if at = 0 then head[f] := g; else group_next[at] := g; end if;
                if at = h then n := g; end if;
              end if;
            else
              h := g;
            end if;
            g := n;
          end loop;
          if used > 0 then
            e_left[i] := e_left[i] - used; lines[i] := line; acc_left := acc_left - used;
            if many then taken[p] := taken[p] + used; end if;
            if p_left is not null then p_left[p] := p_left[p] - used; end if;
          end if;
        end loop;
        a_left[a] := acc_left;
      end if;
      continue when not last;
      -- what became of each claim
      what := 4; entry_id := null; line := null; pass := null; payout := null; day := null; rest := null; used := null; money := 0;
      for c in c0 .. c1 loop
        claim_id := c_id[c]; cents := c_cents[c] - c_left[c];
        if cents > 0 then
          open_after := least(cents, c_principal[c]); entry_id := least(cents - open_after, c_costs[c]); kind := 0; money := money + cents;
        else
          if used is null then                      -- what the account gave, and whether an entry could still give, whatever the caps
            used := 0; rest := 0; t := e0 - 1;
            for d in c0 .. c1 loop
              used := used + c_cents[d] - c_left[d];
            end loop;
            for s in s0 .. s1 loop
              f := greatest(t + 1, s_from[s]); t := t + s_entries[s];
              if narrow and s_entries[s] > 0 then near_slot[s] := 1; end if;
              for e in f .. t loop
                if e_left[e] > 0 then
                  rest := rest + e_left[e];
                  exit when not narrow;
                  near_slot[s] := 2;
                end if;
              end loop;
              exit when rest > 0 and not narrow;
            end loop;
            if narrow and 1 = any (passes) then
              while x <= n_x and x_entry[x] < e0 loop x := x + 1; end loop;
              k := x;
              while k <= n_x and x_entry[k] <= e1 loop
                near_claim[x_claim[k]] := greatest(near_claim[x_claim[k]], case when e_left[x_entry[k]] > 0 and x_entry[k] >= s_from[x_slot[k]] then 2 else 1 end); k := k + 1;
              end loop;
            end if;
          end if;
          open_after := 0; entry_id := 0;
          if not narrow or 4 = any (passes) and c_apart[c] is not true then near := case when rest > 0 then 2 else 1 end;
          else near := greatest(near_claim[c], case when c_slot[c] > 0 and 3 = any (passes) then near_slot[c_slot[c]] else 0 end); end if;
          kind := case when near = 0 then 46 when a_left[a] <= 0 or (c_limit[c] > 0 and near = 2) then 41 when near = 2 then 43
            when a_cents[a] > used + case when near = 1 then rest else 0 end then 41 else 42 end;
        end if;
        return next;
      end loop;
      if not many then taken[s_payout[s0]] := money; end if;
    end loop;
  end loop;
  what := 3; account_id := null; claim_id := null; entry_id := null; open_after := null; kind := null;
  for p in 1 .. payouts loop
    if taken[p] > 0 then payout := p; cents := taken[p]; return next; end if;
  end loop;
end $$;

CREATE FUNCTION public.payment_reference_digits(sequence_number bigint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  select substr('01987654321', ((sequence_number % 10 * 2 + sequence_number / 10 % 10 * 4 + sequence_number / 100 % 10 * 8 + sequence_number / 1000 % 10 * 5
    + sequence_number / 10000 % 10 * 10 + sequence_number / 100000 % 10 * 9 + sequence_number / 1000000 % 10 * 7 + sequence_number / 10000000 % 10 * 3
    + sequence_number / 100000000 % 10 * 6 + sequence_number / 1000000000 % 10 + sequence_number / 10000000000 % 10 * 2
    + sequence_number / 100000000000 % 10 * 4 + sequence_number / 1000000000000 % 10 * 8 + sequence_number / 10000000000000 % 10 * 5
    + sequence_number / 100000000000000 % 10 * 10) % 11)::int + 1, 1) || lpad(sequence_number::text, 15, '0')
$$;

CREATE FUNCTION public.register_claims(p_carrier smallint, p_business_date date, p_recorded_at timestamp with time zone, p_wait boolean, p_rows jsonb) RETURNS TABLE(n integer, outcome text, problem_value text, problem_detail text, account_id bigint, settles_claim_id bigint, answer jsonb)
    LANGUAGE plpgsql
    SET lock_timeout TO '5s'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

CREATE FUNCTION public.register_declarations(p_carrier smallint, p_business_date date, p_recorded_at timestamp with time zone, p_wait boolean, p_rows jsonb) RETURNS TABLE(n integer, outcome text, problem_value text, problem_detail text, account_id bigint, settles_claim_id bigint, answer jsonb)
    LANGUAGE plpgsql
    SET lock_timeout TO '5s'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

CREATE FUNCTION public.secure_tenant_table(t regclass) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare has_carrier boolean; has_account boolean; has_provider boolean; staff text; portal text;
begin
  select bool_or(attname = 'risk_carrier_id'), bool_or(attname = 'account_id'), bool_or(attname = 'provider_id')
    into has_carrier, has_account, has_provider from pg_attribute where attrelid = t and attnum > 0 and not attisdropped;
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy books_all on %s to vereffen_owner, vereffen_worker using (true) with check (true)', t);
  execute format('create policy books_read on %s for select to vereffen_readonly using (true)', t);
  if has_carrier then staff := 'risk_carrier_id = any ((select seen_risk_carriers())::int[])';
  elsif has_provider then staff := 'exists (select 1 from running_account ra where ra.provider_id = ' || t::text || '.provider_id and ra.risk_carrier_id = any ((select seen_risk_carriers())::int[]))';
  end if;
  if staff is not null then execute format('create policy staff_carrier on %s to vereffen_staff using (%s) with check (%s)', t, staff, staff); end if;
  if has_account then portal := 'account_id = any ((select seen_accounts())::bigint[])';
  elsif has_provider then portal := 'provider_id = (select seen_provider())';
  end if;
  if portal is not null then execute format('create policy portal_own on %s for select to vereffen_portal using (%s)', t, portal); end if;
end $$;

CREATE FUNCTION public.seen_accounts() RETURNS bigint[]
    LANGUAGE sql STABLE
    AS $$ select nullif(current_setting('vereffen.accounts', true), '')::bigint[] $$;

CREATE FUNCTION public.seen_provider() RETURNS integer
    LANGUAGE sql STABLE
    AS $$ select nullif(current_setting('vereffen.provider_id', true), '')::int $$;

CREATE FUNCTION public.seen_risk_carriers() RETURNS integer[]
    LANGUAGE sql STABLE
    AS $$ select nullif(current_setting('vereffen.risk_carriers', true), '')::int[] $$;

CREATE FUNCTION public.write_registrations(p_carrier smallint, p_booking date, p_available date, p_recorded_at timestamp with time zone, p_rows public.registration[]) RETURNS TABLE(n integer, outcome text, problem_value text, problem_detail text, account_id bigint, settles_claim_id bigint, answer jsonb)
    LANGUAGE plpgsql
    AS $$
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

CREATE AGGREGATE public.sum_cents(bigint) (
    SFUNC = int8pl,
    STYPE = bigint,
    INITCOND = '0',
    COMBINEFUNC = int8pl,
    PARALLEL = safe
);

CREATE SEQUENCE public.event_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.adjustment (
    account_id bigint NOT NULL,
    adjustment_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    claim_id bigint NOT NULL,
    kind smallint NOT NULL,
    delta_cents bigint NOT NULL,
    decided_on date NOT NULL,
    effective_date date NOT NULL,
    reason text NOT NULL,
    CONSTRAINT adjustment_delta_cents_check CHECK ((delta_cents <> 0)),
    CONSTRAINT adjustment_kind_check CHECK (((kind >= 1) AND (kind <= 3)))
);

ALTER TABLE ONLY public.adjustment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.agb_registration (
    agb_id integer NOT NULL,
    agb text NOT NULL,
    provider_id integer NOT NULL,
    practice_id integer,
    valid_from date NOT NULL,
    valid_until date,
    CONSTRAINT agb_registration_agb_check CHECK ((agb ~ '^[0-9]{8}$'::text))
);

ALTER TABLE ONLY public.agb_registration FORCE ROW LEVEL SECURITY;

ALTER TABLE public.agb_registration ALTER COLUMN agb_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.agb_registration_agb_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.agency_policy (
    policy_version_id integer NOT NULL,
    reason_id smallint NOT NULL,
    after_step smallint NOT NULL,
    on_the_day boolean NOT NULL,
    idle_days integer DEFAULT 0 NOT NULL,
    minimum_cents bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.agency_policy FORCE ROW LEVEL SECURITY;

CREATE TABLE public.allocation (
    account_id bigint NOT NULL,
    allocation_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    payment_id bigint,
    claim_id bigint NOT NULL,
    cents bigint NOT NULL,
    decided_on date NOT NULL,
    effective_date date NOT NULL,
    reason text NOT NULL,
    CONSTRAINT allocation_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.allocation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.api_token (
    token_id integer NOT NULL,
    name text NOT NULL,
    secret_sha256 bytea NOT NULL,
    scopes text[] NOT NULL,
    carriers smallint[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT api_token_check CHECK ((expires_at > created_at)),
    CONSTRAINT api_token_check1 CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT api_token_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9.-]{0,59}$'::text)),
    CONSTRAINT api_token_scopes_check CHECK ((cardinality(scopes) > 0)),
    CONSTRAINT api_token_secret_sha256_check CHECK ((length(secret_sha256) = 32))
);

ALTER TABLE public.api_token ALTER COLUMN token_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_token_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit (
    audit_id bigint NOT NULL,
    risk_carrier_id smallint,
    account_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    body jsonb NOT NULL
);

ALTER TABLE ONLY public.audit FORCE ROW LEVEL SECURITY;

ALTER TABLE public.audit ALTER COLUMN audit_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.batch (
    batch_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    idempotency_key text NOT NULL,
    file_name text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    parts integer NOT NULL,
    business_date date NOT NULL,
    received_at timestamp with time zone NOT NULL,
    received_by text NOT NULL,
    keep_days integer NOT NULL,
    job_id bigint NOT NULL,
    outcome text,
    ended_at timestamp with time zone,
    content_until timestamp with time zone,
    content_deleted_at timestamp with time zone,
    kind text,
    source text,
    cut_off_date date,
    declared_rows bigint,
    declared_cents bigint,
    read bigint,
    added bigint,
    known bigint,
    changed bigint,
    control_total_cents bigint,
    rejection_count bigint,
    rejections_kept integer,
    import_id bigint,
    CONSTRAINT batch_check CHECK (((outcome IS NULL) = (ended_at IS NULL))),
    CONSTRAINT batch_check1 CHECK (((outcome IS NULL) = (content_until IS NULL))),
    CONSTRAINT batch_check2 CHECK (((outcome IS NULL) = (read IS NULL))),
    CONSTRAINT batch_file_name_check CHECK (((length(file_name) >= 1) AND (length(file_name) <= 200))),
    CONSTRAINT batch_keep_days_check CHECK ((keep_days >= 0)),
    CONSTRAINT batch_outcome_check CHECK ((outcome = ANY (ARRAY['loaded'::text, 'refused'::text]))),
    CONSTRAINT batch_parts_check CHECK ((parts > 0)),
    CONSTRAINT batch_sha256_check CHECK ((length(sha256) = 32)),
    CONSTRAINT batch_size_bytes_check CHECK ((size_bytes > 0))
);

ALTER TABLE ONLY public.batch FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.batch_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.batch_part (
    batch_id bigint NOT NULL,
    part_no integer NOT NULL,
    risk_carrier_id smallint NOT NULL,
    written_at timestamp with time zone NOT NULL,
    content bytea NOT NULL
);
ALTER TABLE ONLY public.batch_part ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.batch_part FORCE ROW LEVEL SECURITY;

CREATE TABLE public.batch_rejection (
    batch_id bigint NOT NULL,
    rejection_no integer NOT NULL,
    risk_carrier_id smallint NOT NULL,
    line bigint,
    code text NOT NULL,
    field text NOT NULL,
    value text,
    message text NOT NULL
);

ALTER TABLE ONLY public.batch_rejection FORCE ROW LEVEL SECURITY;

CREATE TABLE public.brand (
    risk_carrier_id smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL
);

ALTER TABLE ONLY public.brand FORCE ROW LEVEL SECURITY;

CREATE TABLE public.charge (
    account_id bigint NOT NULL,
    charge_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    claim_id bigint NOT NULL,
    kind smallint NOT NULL,
    cents bigint NOT NULL,
    charged_on date NOT NULL,
    reason text NOT NULL,
    CONSTRAINT charge_cents_check CHECK ((cents > 0)),
    CONSTRAINT charge_kind_check CHECK ((kind = ANY (ARRAY[1, 2])))
);

ALTER TABLE ONLY public.charge FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    kind smallint NOT NULL,
    reason_id smallint NOT NULL,
    agb_id integer NOT NULL,
    origin_declaration_id bigint,
    settles_claim_id bigint,
    original_cents bigint NOT NULL,
    registered_on date NOT NULL,
    letter_date date,
    due_date date NOT NULL,
    reference text NOT NULL,
    number text,
    ground text NOT NULL,
    opening boolean DEFAULT false NOT NULL,
    import_id bigint,
    CONSTRAINT claim_check CHECK (((letter_date IS NULL) OR (due_date >= letter_date))),
    CONSTRAINT claim_kind_check CHECK (((kind >= 1) AND (kind <= 8))),
    CONSTRAINT claim_original_cents_check CHECK (((original_cents >= 1) AND (original_cents <= '1000000000000'::bigint)))
);

ALTER TABLE ONLY public.claim FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_due_date (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    change_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    changed_on date NOT NULL,
    old_due_date date NOT NULL,
    new_due_date date NOT NULL,
    import_id bigint
);

ALTER TABLE ONLY public.claim_due_date FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_line (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    line_no integer NOT NULL,
    risk_carrier_id smallint NOT NULL,
    declaration_number text,
    invoice_number text,
    period_from date,
    period_until date,
    description text,
    cents bigint NOT NULL,
    was_cents bigint,
    becomes_cents bigint,
    CONSTRAINT claim_line_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.claim_line FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_maturity (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    matured_on date NOT NULL,
    from_reason_id smallint NOT NULL,
    to_reason_id smallint NOT NULL,
    letter_date date NOT NULL,
    due_date date NOT NULL
);

ALTER TABLE ONLY public.claim_maturity FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_position (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    kind smallint NOT NULL,
    reason_id smallint NOT NULL,
    agb_id integer NOT NULL,
    registered_on date NOT NULL,
    due_date date NOT NULL,
    offset_requested_on date,
    last_answer smallint DEFAULT 0 NOT NULL,
    open_principal_cents bigint NOT NULL,
    open_costs_cents bigint DEFAULT 0 NOT NULL,
    open_interest_cents bigint DEFAULT 0 NOT NULL,
    held_cents bigint DEFAULT 0 NOT NULL,
    reminder_term_ends date[],
    CONSTRAINT claim_position_open_costs_cents_check CHECK ((open_costs_cents >= 0)),
    CONSTRAINT claim_position_open_interest_cents_check CHECK ((open_interest_cents >= 0)),
    CONSTRAINT claim_position_open_principal_cents_check CHECK ((open_principal_cents >= 0)),
    CONSTRAINT held_within_open CHECK (((held_cents >= 0) AND (held_cents <= ((open_principal_cents + open_costs_cents) + open_interest_cents))))
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.claim_position FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_reference (
    reference text NOT NULL,
    risk_carrier_id smallint NOT NULL,
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL
);

ALTER TABLE ONLY public.claim_reference FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_settlement (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    settlement_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    settled_on date NOT NULL,
    cents bigint NOT NULL,
    import_id bigint,
    CONSTRAINT claim_settlement_cents_check CHECK ((cents >= 0))
);

ALTER TABLE ONLY public.claim_settlement FORCE ROW LEVEL SECURITY;

CREATE TABLE public.claim_step (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    step_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    kind smallint NOT NULL,
    step_no smallint NOT NULL,
    sent_on date NOT NULL,
    term_end date NOT NULL,
    payment_reference text,
    asked_cents bigint NOT NULL,
    channel text DEFAULT 'letter'::text NOT NULL,
    CONSTRAINT claim_step_asked_cents_check CHECK ((asked_cents >= 0)),
    CONSTRAINT claim_step_check CHECK ((term_end >= sent_on)),
    CONSTRAINT claim_step_kind_check CHECK (((kind >= 1) AND (kind <= 3)))
);

ALTER TABLE ONLY public.claim_step FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    run_id bigint NOT NULL,
    valid_from date NOT NULL,
    open_cents bigint NOT NULL,
    held_cents bigint NOT NULL,
    offset_cents bigint NOT NULL,
    fact_date date,
    policy_version_id integer NOT NULL,
    answer smallint NOT NULL,
    with_money boolean NOT NULL,
    hold_kind smallint,
    risk_carrier_id smallint NOT NULL
)
PARTITION BY RANGE (valid_from);

ALTER TABLE ONLY public.decision FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_answer (
    answer smallint NOT NULL,
    code text NOT NULL,
    text_nl text NOT NULL,
    text_en text NOT NULL
);

CREATE TABLE public.decision_other (
    account_id bigint CONSTRAINT decision_account_id_not_null NOT NULL,
    claim_id bigint CONSTRAINT decision_claim_id_not_null NOT NULL,
    run_id bigint CONSTRAINT decision_run_id_not_null NOT NULL,
    valid_from date CONSTRAINT decision_valid_from_not_null NOT NULL,
    open_cents bigint CONSTRAINT decision_open_cents_not_null NOT NULL,
    held_cents bigint CONSTRAINT decision_held_cents_not_null NOT NULL,
    offset_cents bigint CONSTRAINT decision_offset_cents_not_null NOT NULL,
    fact_date date,
    policy_version_id integer CONSTRAINT decision_policy_version_id_not_null NOT NULL,
    answer smallint CONSTRAINT decision_answer_not_null NOT NULL,
    with_money boolean CONSTRAINT decision_with_money_not_null NOT NULL,
    hold_kind smallint,
    risk_carrier_id smallint CONSTRAINT decision_risk_carrier_id_not_null NOT NULL
);

ALTER TABLE ONLY public.decision_other FORCE ROW LEVEL SECURITY;

CREATE TABLE public.declaration (
    account_id bigint NOT NULL,
    declaration_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    agb_id integer NOT NULL,
    available_on date NOT NULL,
    approved_at timestamp with time zone NOT NULL,
    awarded_cents bigint NOT NULL,
    import_id bigint,
    number text NOT NULL,
    invoice_number text,
    treated_from date,
    treated_until date,
    CONSTRAINT declaration_awarded_cents_check CHECK (((awarded_cents >= 1) AND (awarded_cents <= '1000000000000'::bigint)))
);

ALTER TABLE ONLY public.declaration FORCE ROW LEVEL SECURITY;

CREATE TABLE public.declaration_withdrawal (
    account_id bigint NOT NULL,
    withdrawal_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    declaration_id bigint NOT NULL,
    decided_on date NOT NULL,
    reason text NOT NULL,
    settled boolean NOT NULL
);

ALTER TABLE ONLY public.declaration_withdrawal FORCE ROW LEVEL SECURITY;

CREATE TABLE public.dunning_policy (
    policy_version_id integer NOT NULL,
    reason_id smallint NOT NULL,
    step_no smallint NOT NULL,
    days_after_due integer NOT NULL,
    on_the_day boolean NOT NULL,
    term_days integer NOT NULL,
    minimum_cents bigint DEFAULT 0 NOT NULL,
    CONSTRAINT dunning_policy_step_no_check CHECK (((step_no >= 1) AND (step_no <= 9)))
);

ALTER TABLE ONLY public.dunning_policy FORCE ROW LEVEL SECURITY;

CREATE TABLE public.dunning_proposal (
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    kind smallint NOT NULL,
    step_no smallint NOT NULL,
    run_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    proposed_on date NOT NULL,
    open_cents bigint NOT NULL,
    CONSTRAINT dunning_proposal_kind_check CHECK (((kind >= 1) AND (kind <= 3)))
);

ALTER TABLE ONLY public.dunning_proposal FORCE ROW LEVEL SECURITY;

CREATE TABLE public.gate_policy (
    policy_version_id integer NOT NULL,
    feed text NOT NULL,
    max_age_days integer NOT NULL
);

ALTER TABLE ONLY public.gate_policy FORCE ROW LEVEL SECURITY;

CREATE TABLE public.hold (
    account_id bigint NOT NULL,
    hold_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    claim_id bigint,
    kind smallint NOT NULL,
    for_dunning boolean NOT NULL,
    for_offset boolean NOT NULL,
    for_payout boolean NOT NULL,
    for_agency boolean NOT NULL,
    cents bigint,
    from_date date NOT NULL,
    until_date date,
    ended_on date,
    active boolean NOT NULL,
    reason text NOT NULL,
    owner text NOT NULL,
    CONSTRAINT hold_cents_check CHECK ((cents > 0)),
    CONSTRAINT hold_check CHECK (((until_date IS NULL) OR (until_date >= from_date))),
    CONSTRAINT hold_check1 CHECK (((claim_id IS NOT NULL) OR (cents IS NULL))),
    CONSTRAINT hold_kind_check CHECK (((kind >= 1) AND (kind <= 9)))
);

ALTER TABLE ONLY public.hold FORCE ROW LEVEL SECURITY;

CREATE TABLE public.idempotency_key (
    risk_carrier_id smallint NOT NULL,
    key text NOT NULL,
    body_hash uuid NOT NULL,
    answer jsonb NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.idempotency_key FORCE ROW LEVEL SECURITY;

CREATE TABLE public.import_file (
    import_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    file_name text NOT NULL,
    sha256 bytea NOT NULL,
    cut_off_date date,
    row_count bigint NOT NULL,
    control_total_cents bigint,
    added bigint NOT NULL,
    known bigint NOT NULL,
    changed bigint NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    loaded_by text NOT NULL,
    CONSTRAINT import_file_kind_check CHECK ((kind = ANY (ARRAY['providers'::text, 'claims'::text, 'declarations'::text, 'opening-claims'::text, 'policy'::text])))
);

ALTER TABLE ONLY public.import_file FORCE ROW LEVEL SECURITY;

CREATE TABLE public.incident (
    incident_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    account_id bigint,
    run_id bigint,
    check_name text NOT NULL,
    what text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    resolved_by text,
    resolution text,
    job_id bigint
);

ALTER TABLE ONLY public.incident FORCE ROW LEVEL SECURITY;

CREATE TABLE public.job (
    job_id bigint NOT NULL,
    risk_carrier_id smallint,
    kind text NOT NULL,
    subject text NOT NULL,
    business_date date,
    payload jsonb NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    holder text,
    fence integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    waiting_for text,
    stage text,
    done bigint,
    total bigint,
    result jsonb,
    error_code text,
    error_text text,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT job_check CHECK (((state = 'running'::text) = (lease_until IS NOT NULL))),
    CONSTRAINT job_check1 CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT job_check2 CHECK (((state = 'failed'::text) <= (error_code IS NOT NULL))),
    CONSTRAINT job_check3 CHECK (((kind <> 'night'::text) OR ((business_date IS NOT NULL) AND (risk_carrier_id IS NOT NULL)))),
    CONSTRAINT job_kind_check CHECK ((kind ~ '^[a-z]+$'::text)),
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text]))),
    CONSTRAINT job_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 100)))
);

ALTER TABLE ONLY public.job FORCE ROW LEVEL SECURITY;

ALTER TABLE public.job ALTER COLUMN job_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.job_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.job_schedule (
    risk_carrier_id smallint,
    kind text NOT NULL,
    start_time time without time zone NOT NULL,
    days smallint[] NOT NULL,
    next_day boolean NOT NULL,
    active boolean NOT NULL,
    scheduled_through date NOT NULL,
    CONSTRAINT job_schedule_check CHECK (((kind = 'night'::text) = (risk_carrier_id IS NOT NULL))),
    CONSTRAINT job_schedule_days_check CHECK (((days <@ ARRAY[(1)::smallint, (2)::smallint, (3)::smallint, (4)::smallint, (5)::smallint, (6)::smallint, (7)::smallint]) AND (cardinality(days) > 0))),
    CONSTRAINT job_schedule_kind_check CHECK ((kind = ANY (ARRAY['night'::text, 'checks'::text])))
);

ALTER TABLE ONLY public.job_schedule FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ledger_account (
    ledger_account_id smallint NOT NULL,
    code text NOT NULL,
    name_nl text NOT NULL,
    name_en text NOT NULL
);

CREATE TABLE public.offset_agreement (
    account_id bigint NOT NULL,
    agreement_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    debtor_account_id bigint NOT NULL,
    reason_id smallint NOT NULL,
    number text NOT NULL,
    evidence text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    reason text NOT NULL,
    ended_on date,
    end_reason text,
    CONSTRAINT offset_agreement_check CHECK ((account_id <> debtor_account_id)),
    CONSTRAINT offset_agreement_check1 CHECK ((valid_until >= valid_from)),
    CONSTRAINT offset_agreement_check2 CHECK (((ended_on IS NULL) = (end_reason IS NULL)))
);

ALTER TABLE ONLY public.offset_agreement FORCE ROW LEVEL SECURITY;

CREATE TABLE public.offset_instruction (
    account_id bigint NOT NULL,
    instruction_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    claim_id bigint,
    mode smallint,
    basis_points integer,
    fixed_cents bigint,
    cap_basis_points integer,
    cap_cents bigint,
    floor_cents bigint,
    valid_from date NOT NULL,
    valid_until date,
    reason text NOT NULL,
    CONSTRAINT offset_instruction_basis_points_check CHECK (((basis_points >= 1) AND (basis_points <= 10000))),
    CONSTRAINT offset_instruction_cap_basis_points_check CHECK (((cap_basis_points >= 0) AND (cap_basis_points <= 10000))),
    CONSTRAINT offset_instruction_cap_cents_check CHECK ((cap_cents >= 0)),
    CONSTRAINT offset_instruction_check CHECK (((NOT (mode IS DISTINCT FROM 1)) = (basis_points IS NOT NULL))),
    CONSTRAINT offset_instruction_check1 CHECK (((NOT (mode IS DISTINCT FROM 2)) = (fixed_cents IS NOT NULL))),
    CONSTRAINT offset_instruction_check2 CHECK (((claim_id IS NULL) OR ((cap_basis_points IS NULL) AND (cap_cents IS NULL) AND (floor_cents IS NULL)))),
    CONSTRAINT offset_instruction_fixed_cents_check CHECK ((fixed_cents > 0)),
    CONSTRAINT offset_instruction_floor_cents_check CHECK ((floor_cents >= 0)),
    CONSTRAINT offset_instruction_mode_check CHECK (((mode >= 0) AND (mode <= 3)))
);

ALTER TABLE ONLY public.offset_instruction FORCE ROW LEVEL SECURITY;

CREATE TABLE public.offset_reversal (
    account_id bigint NOT NULL,
    reversal_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    declaration_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    offset_line integer NOT NULL,
    cents bigint NOT NULL,
    decided_on date NOT NULL,
    effective_date date NOT NULL,
    reason text NOT NULL,
    cause smallint NOT NULL,
    cause_id bigint,
    CONSTRAINT offset_reversal_cause_check CHECK (((cause >= 1) AND (cause <= 3))),
    CONSTRAINT offset_reversal_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.offset_reversal FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payable (
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    kind smallint NOT NULL,
    agb_id integer NOT NULL,
    available_on date NOT NULL,
    payable_on date NOT NULL,
    approved_at timestamp with time zone NOT NULL,
    cents bigint NOT NULL,
    offset_claim_id bigint,
    CONSTRAINT payable_cents_check CHECK ((cents > 0)),
    CONSTRAINT payable_kind_check CHECK (((kind >= 1) AND (kind <= 3)))
);

ALTER TABLE ONLY public.payable FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payee_iban (
    iban_id integer NOT NULL,
    provider_id integer NOT NULL,
    practice_id integer,
    iban text NOT NULL,
    holder_name text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    CONSTRAINT payee_iban_iban_check CHECK ((iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'::text))
);

ALTER TABLE ONLY public.payee_iban FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payee_iban ALTER COLUMN iban_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payee_iban_iban_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment (
    account_id bigint NOT NULL,
    payment_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    received_on date NOT NULL,
    recorded_on date NOT NULL,
    cents bigint NOT NULL,
    reference text,
    opening boolean DEFAULT false NOT NULL,
    CONSTRAINT payment_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.payment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payment_file (
    payment_file_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    run_id bigint NOT NULL,
    sequence_no smallint NOT NULL,
    message_id text NOT NULL,
    execution_date date NOT NULL,
    transactions integer NOT NULL,
    control_sum_cents bigint NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    debtor_name text,
    debtor_iban text,
    debtor_bic text
);

ALTER TABLE ONLY public.payment_file FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payment_instruction (
    account_id bigint NOT NULL,
    payout_id bigint NOT NULL,
    payment_file_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    cents bigint NOT NULL,
    CONSTRAINT payment_instruction_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.payment_instruction FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payment_reference (
    reference text NOT NULL,
    risk_carrier_id smallint NOT NULL,
    account_id bigint NOT NULL,
    issued_on date NOT NULL,
    document text NOT NULL
);

ALTER TABLE ONLY public.payment_reference FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payment_reference_claim (
    reference text NOT NULL,
    account_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL
);

ALTER TABLE ONLY public.payment_reference_claim FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payout (
    account_id bigint NOT NULL,
    payout_id bigint NOT NULL,
    run_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    iban_id integer NOT NULL,
    business_date date NOT NULL,
    entries integer NOT NULL,
    declarations integer NOT NULL,
    held smallint DEFAULT 0 NOT NULL,
    declared_cents bigint NOT NULL,
    returned_cents bigint NOT NULL,
    advance_cents bigint NOT NULL,
    offset_cents bigint NOT NULL,
    net_cents bigint NOT NULL,
    first_entry_id bigint NOT NULL,
    last_entry_id bigint NOT NULL,
    CONSTRAINT net_is_gross_less_offset CHECK ((net_cents = (((declared_cents + returned_cents) + advance_cents) - offset_cents))),
    CONSTRAINT payout_advance_cents_check CHECK ((advance_cents >= 0)),
    CONSTRAINT payout_declared_cents_check CHECK ((declared_cents >= 0)),
    CONSTRAINT payout_net_cents_check CHECK ((net_cents >= 0)),
    CONSTRAINT payout_offset_cents_check CHECK ((offset_cents >= 0)),
    CONSTRAINT payout_returned_cents_check CHECK ((returned_cents >= 0))
);

ALTER TABLE ONLY public.payout FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payout_confirmation (
    account_id bigint NOT NULL,
    confirmation_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    payout_id bigint NOT NULL,
    confirmed_on date NOT NULL,
    cents bigint NOT NULL,
    CONSTRAINT payout_confirmation_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.payout_confirmation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payout_entry (
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    payout_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    kind smallint NOT NULL,
    cents bigint NOT NULL,
    CONSTRAINT payout_entry_cents_check CHECK ((cents > 0)),
    CONSTRAINT payout_entry_kind_check CHECK ((kind = ANY (ARRAY[2, 3])))
);

ALTER TABLE ONLY public.payout_entry FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payout_redirection (
    account_id bigint NOT NULL,
    redirection_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    payout_id bigint NOT NULL,
    iban_id integer NOT NULL,
    decided_on date NOT NULL,
    reason text NOT NULL
);

ALTER TABLE ONLY public.payout_redirection FORCE ROW LEVEL SECURITY;

CREATE TABLE public.person (
    person_id integer NOT NULL,
    login text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    carriers smallint[] NOT NULL,
    password_hash text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    last_seen_at timestamp with time zone,
    disabled_at timestamp with time zone,
    disabled_by text,
    CONSTRAINT person_check CHECK (((disabled_at IS NULL) = (disabled_by IS NULL))),
    CONSTRAINT person_login_check CHECK ((login ~ '^[a-z0-9][a-z0-9.@_-]{0,79}$'::text)),
    CONSTRAINT person_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT person_password_hash_check CHECK ((password_hash ~~ '$argon2id$%'::text)),
    CONSTRAINT person_role_check CHECK ((role = ANY (ARRAY['finance'::text, 'supervisor'::text, 'auditor'::text, 'administrator'::text])))
);

ALTER TABLE public.person ALTER COLUMN person_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.person_person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.person_session (
    secret_sha256 bytea NOT NULL,
    person_id integer NOT NULL,
    began_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT person_session_secret_sha256_check CHECK ((length(secret_sha256) = 32))
);

CREATE TABLE public.policy_version (
    policy_version_id integer NOT NULL,
    risk_carrier_id smallint NOT NULL,
    version integer NOT NULL,
    valid_from date NOT NULL,
    name text NOT NULL,
    toml text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    applied_by text NOT NULL,
    passes smallint[] NOT NULL,
    claim_order text NOT NULL,
    cap_basis_points integer,
    cap_cents bigint,
    floor_cents bigint DEFAULT 0 NOT NULL,
    CONSTRAINT policy_version_cap_basis_points_check CHECK (((cap_basis_points >= 0) AND (cap_basis_points <= 10000))),
    CONSTRAINT policy_version_cap_cents_check CHECK ((cap_cents >= 0)),
    CONSTRAINT policy_version_claim_order_check CHECK ((claim_order = ANY (ARRAY['priority'::text, 'due_date'::text]))),
    CONSTRAINT policy_version_floor_cents_check CHECK ((floor_cents >= 0))
);

ALTER TABLE ONLY public.policy_version FORCE ROW LEVEL SECURITY;

ALTER TABLE public.policy_version ALTER COLUMN policy_version_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.policy_version_policy_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.posting (
    account_id bigint NOT NULL,
    event_id bigint NOT NULL,
    claim_id bigint,
    payout_id bigint,
    cents bigint NOT NULL,
    open_after_cents bigint,
    reverses_event_id bigint,
    recorded_at timestamp with time zone NOT NULL,
    line integer NOT NULL,
    booking_date date NOT NULL,
    effective_date date NOT NULL,
    reverses_line integer,
    kind smallint NOT NULL,
    debit smallint NOT NULL,
    credit smallint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    pass smallint,
    CONSTRAINT posting_cents_check CHECK ((cents > 0)),
    CONSTRAINT posting_kind_fits CHECK (((((kind * 10000) + (debit * 100)) + credit) = ANY ('{10501,20102,30103,40104,50106,60607,70205,80212,90206,100212,110702,120703,130704,140708,150802,160803,170804,181202,200411,210310,220502,230205,240902,250903,260904,271104,281003,300201,310301,320401,330105,340208,350308,360408,400213,411302,421302,430213}'::integer[]))),
    CONSTRAINT posting_open_after_cents_check CHECK ((open_after_cents >= 0))
)
PARTITION BY RANGE (booking_date);

ALTER TABLE ONLY public.posting FORCE ROW LEVEL SECURITY;

CREATE TABLE public.posting_kind (
    posting_kind_id smallint NOT NULL,
    code text NOT NULL,
    debit smallint NOT NULL,
    credit smallint NOT NULL
);

CREATE TABLE public.posting_other (
    account_id bigint CONSTRAINT posting_account_id_not_null NOT NULL,
    event_id bigint CONSTRAINT posting_event_id_not_null NOT NULL,
    claim_id bigint,
    payout_id bigint,
    cents bigint CONSTRAINT posting_cents_not_null NOT NULL,
    open_after_cents bigint,
    reverses_event_id bigint,
    recorded_at timestamp with time zone CONSTRAINT posting_recorded_at_not_null NOT NULL,
    line integer CONSTRAINT posting_line_not_null NOT NULL,
    booking_date date CONSTRAINT posting_booking_date_not_null NOT NULL,
    effective_date date CONSTRAINT posting_effective_date_not_null NOT NULL,
    reverses_line integer,
    kind smallint CONSTRAINT posting_kind_not_null NOT NULL,
    debit smallint CONSTRAINT posting_debit_not_null NOT NULL,
    credit smallint CONSTRAINT posting_credit_not_null NOT NULL,
    risk_carrier_id smallint CONSTRAINT posting_risk_carrier_id_not_null NOT NULL,
    pass smallint,
    CONSTRAINT posting_cents_check CHECK ((cents > 0)),
    CONSTRAINT posting_kind_fits CHECK (((((kind * 10000) + (debit * 100)) + credit) = ANY ('{10501,20102,30103,40104,50106,60607,70205,80212,90206,100212,110702,120703,130704,140708,150802,160803,170804,181202,200411,210310,220502,230205,240902,250903,260904,271104,281003,300201,310301,320401,330105,340208,350308,360408,400213,411302,421302,430213}'::integer[]))),
    CONSTRAINT posting_open_after_cents_check CHECK ((open_after_cents >= 0))
);

ALTER TABLE ONLY public.posting_other FORCE ROW LEVEL SECURITY;

CREATE TABLE public.practice (
    provider_id integer NOT NULL,
    practice_id integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_until date
);

ALTER TABLE ONLY public.practice FORCE ROW LEVEL SECURITY;

ALTER TABLE public.practice ALTER COLUMN practice_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.practice_practice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.provider (
    provider_id integer NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    kvk text,
    legal_form text NOT NULL,
    natural_person boolean NOT NULL,
    CONSTRAINT provider_kvk_check CHECK ((kvk ~ '^[0-9]{8}$'::text))
);

ALTER TABLE ONLY public.provider FORCE ROW LEVEL SECURITY;

ALTER TABLE public.provider ALTER COLUMN provider_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.provider_provider_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reason_code (
    reason_id smallint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    code text NOT NULL
);

ALTER TABLE ONLY public.reason_code FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reason_code ALTER COLUMN reason_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reason_code_reason_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reason_policy (
    policy_version_id integer NOT NULL,
    reason_id smallint NOT NULL,
    priority smallint NOT NULL,
    title_nl text NOT NULL,
    title_en text NOT NULL,
    owning_team text NOT NULL,
    appeal_days integer,
    interest_regime text NOT NULL,
    quiet boolean NOT NULL,
    matures_days integer,
    matures_to smallint,
    payment_term_days integer NOT NULL,
    offset_start smallint NOT NULL,
    offset_start_reminder smallint DEFAULT 1 NOT NULL,
    offset_mode smallint NOT NULL,
    offset_basis_points integer,
    offset_fixed_cents bigint,
    offset_charges boolean DEFAULT false NOT NULL,
    passes smallint[],
    CONSTRAINT reason_policy_check CHECK (((offset_mode = 1) = (offset_basis_points IS NOT NULL))),
    CONSTRAINT reason_policy_check1 CHECK (((offset_mode = 2) = (offset_fixed_cents IS NOT NULL))),
    CONSTRAINT reason_policy_interest_regime_check CHECK ((interest_regime = ANY (ARRAY['none'::text, '6:119'::text, '6:119a'::text]))),
    CONSTRAINT reason_policy_offset_basis_points_check CHECK (((offset_basis_points >= 1) AND (offset_basis_points <= 10000))),
    CONSTRAINT reason_policy_offset_fixed_cents_check CHECK ((offset_fixed_cents > 0)),
    CONSTRAINT reason_policy_offset_mode_check CHECK (((offset_mode >= 0) AND (offset_mode <= 3))),
    CONSTRAINT reason_policy_offset_start_check CHECK (((offset_start >= 0) AND (offset_start <= 4))),
    CONSTRAINT reason_policy_offset_start_reminder_check CHECK (((offset_start_reminder >= 1) AND (offset_start_reminder <= 9))),
    CONSTRAINT reason_policy_passes_check CHECK (((cardinality(passes) > 0) AND (passes <@ '{1,2,3,4}'::smallint[])))
);

ALTER TABLE ONLY public.reason_policy FORCE ROW LEVEL SECURITY;

CREATE VIEW public.redirected_payout WITH (security_invoker='true') AS
 SELECT DISTINCT ON (account_id, payout_id) account_id,
    payout_id,
    iban_id
   FROM public.payout_redirection
  ORDER BY account_id, payout_id, redirection_id DESC;

CREATE TABLE public.risk_carrier (
    risk_carrier_id smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kvk text NOT NULL,
    debtor_iban text NOT NULL,
    debtor_bic text,
    closed_through date,
    lock_only boolean,
    CONSTRAINT risk_carrier_kvk_check CHECK ((kvk ~ '^[0-9]{8}$'::text))
);

ALTER TABLE ONLY public.risk_carrier FORCE ROW LEVEL SECURITY;

CREATE TABLE public.run (
    run_id bigint DEFAULT nextval('public.event_id'::regclass) NOT NULL,
    risk_carrier_id smallint NOT NULL,
    business_date date NOT NULL,
    payment_date date NOT NULL,
    policy_version_id integer,
    state text NOT NULL,
    state_reason text,
    cut_off_at timestamp with time zone,
    released_at timestamp with time zone,
    holder text,
    fence integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    CONSTRAINT run_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'planned'::text, 'matching'::text, 'proven'::text, 'released'::text, 'stopped'::text])))
);

ALTER TABLE ONLY public.run FORCE ROW LEVEL SECURITY;

CREATE TABLE public.run_agreement (
    run_id bigint NOT NULL,
    account_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL
);

ALTER TABLE ONLY public.run_agreement FORCE ROW LEVEL SECURITY;

CREATE TABLE public.run_batch (
    run_id bigint NOT NULL,
    batch_no integer NOT NULL,
    risk_carrier_id smallint NOT NULL,
    first_account_id bigint NOT NULL,
    last_account_id bigint NOT NULL,
    planned_entries bigint NOT NULL,
    state smallint DEFAULT 0 NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    entries bigint,
    declared_cents bigint,
    returned_cents bigint,
    advance_cents bigint,
    offset_cents bigint,
    net_cents bigint,
    payouts bigint,
    in_scope bigint,
    offset_claims bigint,
    left_out_claims bigint,
    fence integer,
    CONSTRAINT run_batch_check CHECK (((state <> 1) OR ((((declared_cents + returned_cents) + advance_cents) = (offset_cents + net_cents)) AND (in_scope = (offset_claims + left_out_claims))))),
    CONSTRAINT run_batch_state_check CHECK (((state >= 0) AND (state <= 2)))
);

ALTER TABLE ONLY public.run_batch FORCE ROW LEVEL SECURITY;

CREATE TABLE public.run_parked (
    run_id bigint NOT NULL,
    account_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    entries bigint NOT NULL,
    cents bigint NOT NULL
);

ALTER TABLE ONLY public.run_parked FORCE ROW LEVEL SECURITY;

CREATE TABLE public.running_account (
    account_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    provider_id integer NOT NULL,
    opened_on date NOT NULL,
    lock_only boolean
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.running_account FORCE ROW LEVEL SECURITY;

ALTER TABLE public.running_account ALTER COLUMN account_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.running_account_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.schema_migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.sign_in_try (
    try_id bigint NOT NULL,
    login_sha256 bytea NOT NULL,
    network text NOT NULL,
    tried_at timestamp with time zone NOT NULL,
    succeeded boolean NOT NULL,
    CONSTRAINT sign_in_try_login_sha256_check CHECK ((length(login_sha256) = 32))
);

ALTER TABLE public.sign_in_try ALTER COLUMN try_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sign_in_try_try_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.source_key (
    risk_carrier_id smallint NOT NULL,
    kind smallint NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    account_id bigint NOT NULL,
    fact_id bigint NOT NULL,
    content_hash uuid NOT NULL
);

ALTER TABLE ONLY public.source_key FORCE ROW LEVEL SECURITY;

CREATE TABLE public.takeover (
    account_id bigint NOT NULL,
    takeover_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    claim_id bigint NOT NULL,
    payer_account_id bigint NOT NULL,
    agreement_id bigint NOT NULL,
    run_id bigint NOT NULL,
    policy_version_id integer NOT NULL,
    cents bigint NOT NULL,
    taken_on date NOT NULL,
    number text NOT NULL,
    payer text NOT NULL,
    payer_claim text NOT NULL,
    CONSTRAINT takeover_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.takeover FORCE ROW LEVEL SECURITY;

CREATE TABLE public.takeover_return (
    account_id bigint NOT NULL,
    return_id bigint NOT NULL,
    risk_carrier_id smallint NOT NULL,
    claim_id bigint NOT NULL,
    takeover_id bigint NOT NULL,
    run_id bigint NOT NULL,
    cents bigint NOT NULL,
    returned_on date NOT NULL,
    reason text NOT NULL,
    CONSTRAINT takeover_return_cents_check CHECK ((cents > 0))
);

ALTER TABLE ONLY public.takeover_return FORCE ROW LEVEL SECURITY;

CREATE TABLE public.uzovi_code (
    risk_carrier_id smallint NOT NULL,
    uzovi text NOT NULL,
    brand_code text,
    valid_from date NOT NULL,
    valid_until date,
    CONSTRAINT uzovi_code_uzovi_check CHECK ((uzovi ~ '^[0-9]{4}$'::text))
);

ALTER TABLE ONLY public.uzovi_code FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY public.decision ATTACH PARTITION public.decision_other DEFAULT;

ALTER TABLE ONLY public.posting ATTACH PARTITION public.posting_other DEFAULT;

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (account_id, adjustment_id);

ALTER TABLE ONLY public.agb_registration
    ADD CONSTRAINT agb_registration_agb_daterange_excl EXCLUDE USING gist (agb WITH =, daterange(valid_from, valid_until, '[]'::text) WITH &&);

ALTER TABLE ONLY public.agb_registration
    ADD CONSTRAINT agb_registration_pkey PRIMARY KEY (agb_id);

ALTER TABLE ONLY public.agency_policy
    ADD CONSTRAINT agency_policy_pkey PRIMARY KEY (policy_version_id, reason_id);

ALTER TABLE ONLY public.allocation
    ADD CONSTRAINT allocation_pkey PRIMARY KEY (account_id, allocation_id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (token_id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY public.batch_part
    ADD CONSTRAINT batch_part_pkey PRIMARY KEY (batch_id, part_no);

ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY public.batch_rejection
    ADD CONSTRAINT batch_rejection_pkey PRIMARY KEY (batch_id, rejection_no);

ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_risk_carrier_id_idempotency_key_key UNIQUE (risk_carrier_id, idempotency_key);

ALTER TABLE ONLY public.brand
    ADD CONSTRAINT brand_pkey PRIMARY KEY (risk_carrier_id, code);

ALTER TABLE ONLY public.charge
    ADD CONSTRAINT charge_pkey PRIMARY KEY (account_id, charge_id);

ALTER TABLE ONLY public.claim_due_date
    ADD CONSTRAINT claim_due_date_pkey PRIMARY KEY (account_id, claim_id, change_id);

ALTER TABLE ONLY public.claim_line
    ADD CONSTRAINT claim_line_pkey PRIMARY KEY (account_id, claim_id, line_no);

ALTER TABLE ONLY public.claim_maturity
    ADD CONSTRAINT claim_maturity_pkey PRIMARY KEY (account_id, claim_id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (account_id, claim_id);

ALTER TABLE ONLY public.claim_position
    ADD CONSTRAINT claim_position_pkey PRIMARY KEY (account_id, claim_id);

ALTER TABLE ONLY public.claim_reference
    ADD CONSTRAINT claim_reference_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.claim_settlement
    ADD CONSTRAINT claim_settlement_pkey PRIMARY KEY (account_id, claim_id);

ALTER TABLE ONLY public.claim_step
    ADD CONSTRAINT claim_step_account_id_claim_id_kind_step_no_key UNIQUE (account_id, claim_id, kind, step_no);

ALTER TABLE ONLY public.claim_step
    ADD CONSTRAINT claim_step_pkey PRIMARY KEY (account_id, claim_id, step_id);

ALTER TABLE public.claim_line
    ADD CONSTRAINT correction_line_adds_up CHECK (((was_cents - becomes_cents) = cents)) NOT VALID;

ALTER TABLE ONLY public.decision_answer
    ADD CONSTRAINT decision_answer_code_key UNIQUE (code);

ALTER TABLE ONLY public.decision_answer
    ADD CONSTRAINT decision_answer_pkey PRIMARY KEY (answer);

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (account_id, claim_id, valid_from);

ALTER TABLE ONLY public.decision_other
    ADD CONSTRAINT decision_other_pkey PRIMARY KEY (account_id, claim_id, valid_from);

ALTER TABLE ONLY public.declaration
    ADD CONSTRAINT declaration_pkey PRIMARY KEY (account_id, declaration_id);

ALTER TABLE ONLY public.declaration_withdrawal
    ADD CONSTRAINT declaration_withdrawal_account_id_declaration_id_key UNIQUE (account_id, declaration_id);

ALTER TABLE ONLY public.declaration_withdrawal
    ADD CONSTRAINT declaration_withdrawal_pkey PRIMARY KEY (account_id, withdrawal_id);

ALTER TABLE ONLY public.dunning_policy
    ADD CONSTRAINT dunning_policy_pkey PRIMARY KEY (policy_version_id, reason_id, step_no);

ALTER TABLE ONLY public.dunning_proposal
    ADD CONSTRAINT dunning_proposal_pkey PRIMARY KEY (account_id, claim_id, kind, step_no);

ALTER TABLE ONLY public.gate_policy
    ADD CONSTRAINT gate_policy_pkey PRIMARY KEY (policy_version_id, feed);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (account_id, hold_id);

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (risk_carrier_id, key);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_pkey PRIMARY KEY (import_id);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_risk_carrier_id_kind_sha256_key UNIQUE (risk_carrier_id, kind, sha256);

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (incident_id);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_once UNIQUE NULLS NOT DISTINCT (risk_carrier_id, kind, subject);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.job_schedule
    ADD CONSTRAINT job_schedule_once UNIQUE NULLS NOT DISTINCT (risk_carrier_id, kind);

ALTER TABLE ONLY public.ledger_account
    ADD CONSTRAINT ledger_account_code_key UNIQUE (code);

ALTER TABLE ONLY public.ledger_account
    ADD CONSTRAINT ledger_account_pkey PRIMARY KEY (ledger_account_id);

ALTER TABLE ONLY public.offset_agreement
    ADD CONSTRAINT offset_agreement_pkey PRIMARY KEY (account_id, agreement_id);

ALTER TABLE ONLY public.offset_instruction
    ADD CONSTRAINT offset_instruction_pkey PRIMARY KEY (account_id, instruction_id);

ALTER TABLE ONLY public.offset_reversal
    ADD CONSTRAINT offset_reversal_pkey PRIMARY KEY (account_id, reversal_id);

ALTER TABLE ONLY public.offset_agreement
    ADD CONSTRAINT one_agreement_a_day EXCLUDE USING gist (account_id WITH =, debtor_account_id WITH =, daterange(valid_from, LEAST(COALESCE(valid_until, 'infinity'::date), COALESCE((ended_on - 1), 'infinity'::date)), '[]'::text) WITH &&) WHERE (((ended_on IS NULL) OR (ended_on > valid_from)));

ALTER TABLE ONLY public.payable
    ADD CONSTRAINT payable_pkey PRIMARY KEY (account_id, entry_id);

ALTER TABLE ONLY public.payee_iban
    ADD CONSTRAINT payee_iban_pkey PRIMARY KEY (iban_id);

ALTER TABLE ONLY public.payee_iban
    ADD CONSTRAINT payee_iban_provider_id_coalesce_daterange_excl EXCLUDE USING gist (provider_id WITH =, COALESCE(practice_id, 0) WITH =, daterange(valid_from, valid_until, '[]'::text) WITH &&);

ALTER TABLE ONLY public.payment_file
    ADD CONSTRAINT payment_file_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY public.payment_file
    ADD CONSTRAINT payment_file_pkey PRIMARY KEY (payment_file_id);

ALTER TABLE ONLY public.payment_file
    ADD CONSTRAINT payment_file_run_id_sequence_no_key UNIQUE (run_id, sequence_no);

ALTER TABLE ONLY public.payment_instruction
    ADD CONSTRAINT payment_instruction_pkey PRIMARY KEY (account_id, payout_id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (account_id, payment_id);

ALTER TABLE ONLY public.payment_reference_claim
    ADD CONSTRAINT payment_reference_claim_pkey PRIMARY KEY (account_id, claim_id, reference);

ALTER TABLE ONLY public.payment_reference
    ADD CONSTRAINT payment_reference_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.payout
    ADD CONSTRAINT payout_account_id_run_id_iban_id_key UNIQUE (account_id, run_id, iban_id);

ALTER TABLE ONLY public.payout_confirmation
    ADD CONSTRAINT payout_confirmation_account_id_payout_id_key UNIQUE (account_id, payout_id);

ALTER TABLE ONLY public.payout_confirmation
    ADD CONSTRAINT payout_confirmation_pkey PRIMARY KEY (account_id, confirmation_id);

ALTER TABLE ONLY public.payout_entry
    ADD CONSTRAINT payout_entry_pkey PRIMARY KEY (account_id, entry_id);

ALTER TABLE ONLY public.payout
    ADD CONSTRAINT payout_pkey PRIMARY KEY (account_id, payout_id);

ALTER TABLE ONLY public.payout_redirection
    ADD CONSTRAINT payout_redirection_pkey PRIMARY KEY (account_id, payout_id, redirection_id);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_login_key UNIQUE (login);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY public.person_session
    ADD CONSTRAINT person_session_pkey PRIMARY KEY (secret_sha256);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (policy_version_id);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_risk_carrier_id_version_key UNIQUE (risk_carrier_id, version);

ALTER TABLE ONLY public.posting_kind
    ADD CONSTRAINT posting_kind_code_key UNIQUE (code);

ALTER TABLE ONLY public.posting_kind
    ADD CONSTRAINT posting_kind_pkey PRIMARY KEY (posting_kind_id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (account_id, event_id, kind, line, booking_date);

ALTER TABLE ONLY public.posting_other
    ADD CONSTRAINT posting_other_pkey PRIMARY KEY (account_id, event_id, kind, line, booking_date);

ALTER TABLE ONLY public.practice
    ADD CONSTRAINT practice_pkey PRIMARY KEY (practice_id);

ALTER TABLE ONLY public.practice
    ADD CONSTRAINT practice_provider_id_code_key UNIQUE (provider_id, code);

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_number_key UNIQUE (number);

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_pkey PRIMARY KEY (provider_id);

ALTER TABLE ONLY public.reason_code
    ADD CONSTRAINT reason_code_pkey PRIMARY KEY (reason_id);

ALTER TABLE ONLY public.reason_code
    ADD CONSTRAINT reason_code_risk_carrier_id_code_key UNIQUE (risk_carrier_id, code);

ALTER TABLE ONLY public.reason_policy
    ADD CONSTRAINT reason_policy_pkey PRIMARY KEY (policy_version_id, reason_id);

ALTER TABLE ONLY public.risk_carrier
    ADD CONSTRAINT risk_carrier_code_key UNIQUE (code);

ALTER TABLE ONLY public.risk_carrier
    ADD CONSTRAINT risk_carrier_pkey PRIMARY KEY (risk_carrier_id);

ALTER TABLE ONLY public.run_agreement
    ADD CONSTRAINT run_agreement_pkey PRIMARY KEY (run_id, account_id);

ALTER TABLE ONLY public.run_batch
    ADD CONSTRAINT run_batch_pkey PRIMARY KEY (run_id, batch_no);

ALTER TABLE ONLY public.run_parked
    ADD CONSTRAINT run_parked_pkey PRIMARY KEY (run_id, account_id);

ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_risk_carrier_id_business_date_key UNIQUE (risk_carrier_id, business_date);

ALTER TABLE ONLY public.running_account
    ADD CONSTRAINT running_account_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.running_account
    ADD CONSTRAINT running_account_risk_carrier_id_provider_id_key UNIQUE (risk_carrier_id, provider_id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.sign_in_try
    ADD CONSTRAINT sign_in_try_pkey PRIMARY KEY (try_id);

ALTER TABLE ONLY public.source_key
    ADD CONSTRAINT source_key_pkey PRIMARY KEY (risk_carrier_id, kind, source, source_id);

ALTER TABLE ONLY public.takeover
    ADD CONSTRAINT takeover_pkey PRIMARY KEY (account_id, takeover_id);

ALTER TABLE ONLY public.takeover_return
    ADD CONSTRAINT takeover_return_pkey PRIMARY KEY (account_id, return_id);

ALTER TABLE ONLY public.uzovi_code
    ADD CONSTRAINT uzovi_code_pkey PRIMARY KEY (risk_carrier_id, uzovi, valid_from);

ALTER TABLE ONLY public.uzovi_code
    ADD CONSTRAINT uzovi_code_uzovi_daterange_excl EXCLUDE USING gist (uzovi WITH =, daterange(valid_from, valid_until, '[]'::text) WITH &&);

CREATE INDEX agb_registration_agb ON public.agb_registration USING btree (agb);

CREATE INDEX agb_registration_provider ON public.agb_registration USING btree (provider_id);

CREATE INDEX batch_content ON public.batch USING btree (content_until) WHERE ((content_until IS NOT NULL) AND (content_deleted_at IS NULL));

CREATE INDEX batch_listed ON public.batch USING btree (risk_carrier_id, batch_id);

CREATE INDEX batch_part_begun ON public.batch_part USING btree (written_at) WHERE (part_no = 1);

CREATE INDEX claim_origin ON public.claim USING btree (account_id, origin_declaration_id) WHERE (origin_declaration_id IS NOT NULL);

CREATE INDEX declaration_available ON public.declaration USING brin (available_on) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX declaration_invoice ON public.declaration USING brin (invoice_number text_bloom_ops (n_distinct_per_range='2500', false_positive_rate='0.01')) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX hold_claim ON public.hold USING btree (account_id, claim_id) WHERE (ended_on IS NULL);

CREATE INDEX hold_due ON public.hold USING btree (risk_carrier_id, from_date) WHERE ((ended_on IS NULL) AND (NOT active));

CREATE INDEX hold_number ON public.hold USING btree (hold_id);

CREATE INDEX hold_until ON public.hold USING btree (risk_carrier_id, until_date) WHERE ((ended_on IS NULL) AND (until_date IS NOT NULL));

CREATE INDEX job_open ON public.job USING btree (not_before) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX offset_agreement_debtor ON public.offset_agreement USING btree (debtor_account_id);

CREATE INDEX payee_iban_provider ON public.payee_iban USING btree (provider_id);

CREATE INDEX payment_number ON public.payment USING btree (payment_id);

CREATE INDEX payment_reference_claim_reference ON public.payment_reference_claim USING btree (reference);

CREATE INDEX payout_held ON public.payout USING btree (risk_carrier_id, run_id) WHERE (held <> 0);

CREATE UNIQUE INDEX payout_number ON public.payout USING btree (payout_id);

CREATE INDEX payout_run ON public.payout USING btree (run_id, account_id);

CREATE INDEX person_session_person ON public.person_session USING btree (person_id);

CREATE INDEX posting_booked ON ONLY public.posting USING brin (booking_date);

CREATE INDEX posting_claim ON ONLY public.posting USING btree (account_id, claim_id) WHERE (claim_id IS NOT NULL);

CREATE INDEX posting_other_account_id_claim_id_idx ON public.posting_other USING btree (account_id, claim_id) WHERE (claim_id IS NOT NULL);

CREATE INDEX posting_reverses ON ONLY public.posting USING btree (account_id, reverses_event_id) WHERE (reverses_event_id IS NOT NULL);

CREATE INDEX posting_other_account_id_reverses_event_id_idx ON public.posting_other USING btree (account_id, reverses_event_id) WHERE (reverses_event_id IS NOT NULL);

CREATE INDEX posting_other_booking_date_idx ON public.posting_other USING brin (booking_date);

CREATE INDEX running_account_provider ON public.running_account USING btree (provider_id);

CREATE INDEX sign_in_try_at ON public.sign_in_try USING btree (tried_at);

CREATE INDEX sign_in_try_login ON public.sign_in_try USING btree (login_sha256, tried_at);

CREATE INDEX sign_in_try_network ON public.sign_in_try USING btree (network, tried_at);

CREATE INDEX takeover_payer ON public.takeover USING btree (payer_account_id, takeover_id);

ALTER INDEX public.decision_pkey ATTACH PARTITION public.decision_other_pkey;

ALTER INDEX public.posting_claim ATTACH PARTITION public.posting_other_account_id_claim_id_idx;

ALTER INDEX public.posting_reverses ATTACH PARTITION public.posting_other_account_id_reverses_event_id_idx;

ALTER INDEX public.posting_booked ATTACH PARTITION public.posting_other_booking_date_idx;

ALTER INDEX public.posting_pkey ATTACH PARTITION public.posting_other_pkey;

CREATE TRIGGER claim_lines_add_up AFTER INSERT ON public.claim_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.claim_lines_add_up();

ALTER TABLE ONLY public.agb_registration
    ADD CONSTRAINT agb_registration_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practice(practice_id);

ALTER TABLE ONLY public.agb_registration
    ADD CONSTRAINT agb_registration_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES public.provider(provider_id);

ALTER TABLE ONLY public.agency_policy
    ADD CONSTRAINT agency_policy_policy_version_id_fkey FOREIGN KEY (policy_version_id) REFERENCES public.policy_version(policy_version_id);

ALTER TABLE ONLY public.agency_policy
    ADD CONSTRAINT agency_policy_reason_id_fkey FOREIGN KEY (reason_id) REFERENCES public.reason_code(reason_id);

ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.brand
    ADD CONSTRAINT brand_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.dunning_policy
    ADD CONSTRAINT dunning_policy_policy_version_id_fkey FOREIGN KEY (policy_version_id) REFERENCES public.policy_version(policy_version_id);

ALTER TABLE ONLY public.dunning_policy
    ADD CONSTRAINT dunning_policy_reason_id_fkey FOREIGN KEY (reason_id) REFERENCES public.reason_code(reason_id);

ALTER TABLE ONLY public.gate_policy
    ADD CONSTRAINT gate_policy_policy_version_id_fkey FOREIGN KEY (policy_version_id) REFERENCES public.policy_version(policy_version_id);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.job_schedule
    ADD CONSTRAINT job_schedule_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.payee_iban
    ADD CONSTRAINT payee_iban_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practice(practice_id);

ALTER TABLE ONLY public.payee_iban
    ADD CONSTRAINT payee_iban_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES public.provider(provider_id);

ALTER TABLE ONLY public.payment_file
    ADD CONSTRAINT payment_file_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.run(run_id);

ALTER TABLE ONLY public.payment_instruction
    ADD CONSTRAINT payment_instruction_payment_file_id_fkey FOREIGN KEY (payment_file_id) REFERENCES public.payment_file(payment_file_id);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.posting_kind
    ADD CONSTRAINT posting_kind_credit_fkey FOREIGN KEY (credit) REFERENCES public.ledger_account(ledger_account_id);

ALTER TABLE ONLY public.posting_kind
    ADD CONSTRAINT posting_kind_debit_fkey FOREIGN KEY (debit) REFERENCES public.ledger_account(ledger_account_id);

ALTER TABLE ONLY public.practice
    ADD CONSTRAINT practice_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES public.provider(provider_id);

ALTER TABLE ONLY public.reason_code
    ADD CONSTRAINT reason_code_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.reason_policy
    ADD CONSTRAINT reason_policy_matures_to_fkey FOREIGN KEY (matures_to) REFERENCES public.reason_code(reason_id);

ALTER TABLE ONLY public.reason_policy
    ADD CONSTRAINT reason_policy_policy_version_id_fkey FOREIGN KEY (policy_version_id) REFERENCES public.policy_version(policy_version_id);

ALTER TABLE ONLY public.reason_policy
    ADD CONSTRAINT reason_policy_reason_id_fkey FOREIGN KEY (reason_id) REFERENCES public.reason_code(reason_id);

ALTER TABLE ONLY public.run_batch
    ADD CONSTRAINT run_batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.run(run_id);

ALTER TABLE ONLY public.run_parked
    ADD CONSTRAINT run_parked_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.run(run_id);

ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_policy_version_id_fkey FOREIGN KEY (policy_version_id) REFERENCES public.policy_version(policy_version_id);

ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.running_account
    ADD CONSTRAINT running_account_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES public.provider(provider_id);

ALTER TABLE ONLY public.running_account
    ADD CONSTRAINT running_account_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE ONLY public.uzovi_code
    ADD CONSTRAINT uzovi_code_risk_carrier_id_fkey FOREIGN KEY (risk_carrier_id) REFERENCES public.risk_carrier(risk_carrier_id);

ALTER TABLE public.adjustment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.agb_registration ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.agency_policy ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.allocation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batch ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batch_part ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batch_rejection ENABLE ROW LEVEL SECURITY;

CREATE POLICY books_all ON public.adjustment TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.agb_registration TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.agency_policy TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.allocation TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.audit TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.batch TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.batch_part TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.batch_rejection TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.brand TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.charge TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_due_date TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_line TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_maturity TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_position TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_reference TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_settlement TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.claim_step TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.decision TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.decision_other TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.declaration TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.declaration_withdrawal TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.dunning_policy TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.dunning_proposal TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.gate_policy TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.hold TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.idempotency_key TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.import_file TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.incident TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.job TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.job_schedule TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.offset_agreement TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.offset_instruction TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.offset_reversal TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payable TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payee_iban TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payment TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payment_file TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payment_instruction TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payment_reference TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payment_reference_claim TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payout TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payout_confirmation TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payout_entry TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.payout_redirection TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.policy_version TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.posting TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.posting_other TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.practice TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.provider TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.reason_code TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.reason_policy TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.risk_carrier TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.run TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.run_agreement TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.run_batch TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.run_parked TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.running_account TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.source_key TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.takeover TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.takeover_return TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_all ON public.uzovi_code TO vereffen_owner, vereffen_worker USING (true) WITH CHECK (true);

CREATE POLICY books_read ON public.adjustment FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.agb_registration FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.agency_policy FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.allocation FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.audit FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.batch FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.batch_part FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.batch_rejection FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.brand FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.charge FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_due_date FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_line FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_maturity FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_position FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_reference FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_settlement FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.claim_step FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.decision FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.decision_other FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.declaration FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.declaration_withdrawal FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.dunning_policy FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.dunning_proposal FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.gate_policy FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.hold FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.idempotency_key FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.import_file FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.incident FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.job FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.job_schedule FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.offset_agreement FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.offset_instruction FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.offset_reversal FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payable FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payee_iban FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payment FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payment_file FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payment_instruction FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payment_reference FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payment_reference_claim FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payout FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payout_confirmation FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payout_entry FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.payout_redirection FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.policy_version FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.posting FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.posting_other FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.practice FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.provider FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.reason_code FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.reason_policy FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.risk_carrier FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.run FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.run_agreement FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.run_batch FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.run_parked FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.running_account FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.source_key FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.takeover FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.takeover_return FOR SELECT TO vereffen_readonly USING (true);

CREATE POLICY books_read ON public.uzovi_code FOR SELECT TO vereffen_readonly USING (true);

ALTER TABLE public.brand ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.charge ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_due_date ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_maturity ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_position ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_reference ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_settlement ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.claim_step ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_other ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.declaration ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.declaration_withdrawal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.dunning_policy ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.dunning_proposal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.gate_policy ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_file ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.incident ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job_schedule ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.offset_agreement ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.offset_instruction ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.offset_reversal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payable ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payee_iban ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_file ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_instruction ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_reference ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_reference_claim ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payout ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payout_confirmation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payout_entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payout_redirection ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.policy_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY portal_own ON public.adjustment FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.agb_registration FOR SELECT TO vereffen_portal USING ((provider_id = ( SELECT public.seen_provider() AS seen_provider)));

CREATE POLICY portal_own ON public.allocation FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.audit FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.brand FOR SELECT TO vereffen_portal USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE (ra.risk_carrier_id = brand.risk_carrier_id))));

CREATE POLICY portal_own ON public.charge FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_due_date FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_line FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_maturity FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_position FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_reference FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_settlement FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.claim_step FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.decision FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.decision_other FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.declaration FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.declaration_withdrawal FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.dunning_proposal FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.hold FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.incident FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.offset_agreement FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.offset_instruction FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.offset_reversal FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payable FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payee_iban FOR SELECT TO vereffen_portal USING ((provider_id = ( SELECT public.seen_provider() AS seen_provider)));

CREATE POLICY portal_own ON public.payment FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payment_instruction FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payment_reference FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payment_reference_claim FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payout FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payout_confirmation FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payout_entry FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.payout_redirection FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.posting FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.posting_other FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.practice FOR SELECT TO vereffen_portal USING ((provider_id = ( SELECT public.seen_provider() AS seen_provider)));

CREATE POLICY portal_own ON public.provider FOR SELECT TO vereffen_portal USING ((provider_id = ( SELECT public.seen_provider() AS seen_provider)));

CREATE POLICY portal_own ON public.reason_code FOR SELECT TO vereffen_portal USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE (ra.risk_carrier_id = reason_code.risk_carrier_id))));

CREATE POLICY portal_own ON public.risk_carrier FOR SELECT TO vereffen_portal USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE (ra.risk_carrier_id = risk_carrier.risk_carrier_id))));

CREATE POLICY portal_own ON public.run_agreement FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.run_parked FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.running_account FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.source_key FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.takeover FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

CREATE POLICY portal_own ON public.takeover_return FOR SELECT TO vereffen_portal USING ((account_id = ANY (( SELECT public.seen_accounts() AS seen_accounts)::bigint[])));

ALTER TABLE public.posting ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.posting_other ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.practice ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reason_code ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reason_policy ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.risk_carrier ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run_agreement ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run_batch ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run_parked ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.running_account ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.source_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY staff_carrier ON public.adjustment TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.agb_registration TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = agb_registration.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = agb_registration.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))))));

CREATE POLICY staff_carrier ON public.agency_policy FOR SELECT TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.policy_version v
  WHERE (v.policy_version_id = agency_policy.policy_version_id))));

CREATE POLICY staff_carrier ON public.allocation TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.audit TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.batch TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.batch_part TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.batch_rejection TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.brand TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.charge TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_due_date TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_line TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_maturity TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_position TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_reference TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_settlement TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.claim_step TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.decision TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.decision_other TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.declaration TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.declaration_withdrawal TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.dunning_policy FOR SELECT TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.policy_version v
  WHERE (v.policy_version_id = dunning_policy.policy_version_id))));

CREATE POLICY staff_carrier ON public.dunning_proposal TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.gate_policy FOR SELECT TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.policy_version v
  WHERE (v.policy_version_id = gate_policy.policy_version_id))));

CREATE POLICY staff_carrier ON public.hold TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.idempotency_key TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.import_file TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.incident TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.job TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.job_schedule TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.offset_agreement TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.offset_instruction TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.offset_reversal TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payable TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payee_iban TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = payee_iban.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = payee_iban.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))))));

CREATE POLICY staff_carrier ON public.payment TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payment_file TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payment_instruction TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payment_reference TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payment_reference_claim TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payout TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payout_confirmation TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payout_entry TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.payout_redirection TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.policy_version TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.posting TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.posting_other TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.practice TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = practice.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = practice.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))))));

CREATE POLICY staff_carrier ON public.provider TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = provider.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.running_account ra
  WHERE ((ra.provider_id = provider.provider_id) AND (ra.risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))))));

CREATE POLICY staff_carrier ON public.reason_code TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.reason_policy FOR SELECT TO vereffen_staff USING ((EXISTS ( SELECT 1
   FROM public.policy_version v
  WHERE (v.policy_version_id = reason_policy.policy_version_id))));

CREATE POLICY staff_carrier ON public.risk_carrier TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.run TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.run_agreement TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.run_batch TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.run_parked TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.running_account TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.source_key TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.takeover TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.takeover_return TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

CREATE POLICY staff_carrier ON public.uzovi_code TO vereffen_staff USING ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[]))) WITH CHECK ((risk_carrier_id = ANY (( SELECT public.seen_risk_carriers() AS seen_risk_carriers)::integer[])));

ALTER TABLE public.takeover ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.takeover_return ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.uzovi_code ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO vereffen_staff;
GRANT USAGE ON SCHEMA public TO vereffen_worker;
GRANT USAGE ON SCHEMA public TO vereffen_readonly;
GRANT USAGE ON SCHEMA public TO vereffen_portal;
GRANT USAGE ON SCHEMA public TO vereffen_loader;

REVOKE ALL ON FUNCTION public.analyze_night(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.analyze_night(p_day date) TO vereffen_worker;

GRANT USAGE ON SEQUENCE public.event_id TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.event_id TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.adjustment TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.adjustment TO vereffen_worker;
GRANT SELECT ON TABLE public.adjustment TO vereffen_readonly;
GRANT SELECT ON TABLE public.adjustment TO vereffen_portal;

GRANT SELECT ON TABLE public.agb_registration TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.agb_registration TO vereffen_worker;
GRANT SELECT ON TABLE public.agb_registration TO vereffen_readonly;
GRANT SELECT ON TABLE public.agb_registration TO vereffen_portal;

GRANT UPDATE(practice_id) ON TABLE public.agb_registration TO vereffen_worker;

GRANT UPDATE(valid_until) ON TABLE public.agb_registration TO vereffen_worker;

GRANT USAGE ON SEQUENCE public.agb_registration_agb_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.agb_registration_agb_id_seq TO vereffen_staff;

GRANT SELECT ON TABLE public.agency_policy TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.agency_policy TO vereffen_worker;
GRANT SELECT ON TABLE public.agency_policy TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.allocation TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.allocation TO vereffen_worker;
GRANT SELECT ON TABLE public.allocation TO vereffen_readonly;
GRANT SELECT ON TABLE public.allocation TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.api_token TO vereffen_worker;

GRANT UPDATE(last_used_at) ON TABLE public.api_token TO vereffen_worker;

GRANT UPDATE(revoked_at) ON TABLE public.api_token TO vereffen_worker;

GRANT UPDATE(revoked_by) ON TABLE public.api_token TO vereffen_worker;

GRANT SELECT,INSERT ON TABLE public.audit TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.audit TO vereffen_worker;
GRANT SELECT ON TABLE public.audit TO vereffen_readonly;

GRANT USAGE ON SEQUENCE public.audit_audit_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.audit_audit_id_seq TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.batch TO vereffen_staff;
GRANT SELECT ON TABLE public.batch TO vereffen_readonly;
GRANT SELECT ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(outcome) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(ended_at) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(content_until) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(content_deleted_at) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(kind) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(source) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(cut_off_date) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(declared_rows) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(declared_cents) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(read) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(added) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(known) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(changed) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(control_total_cents) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(rejection_count) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(rejections_kept) ON TABLE public.batch TO vereffen_worker;

GRANT UPDATE(import_id) ON TABLE public.batch TO vereffen_worker;

GRANT USAGE ON SEQUENCE public.batch_id TO vereffen_staff;

GRANT SELECT,DELETE ON TABLE public.batch_part TO vereffen_worker;
GRANT INSERT ON TABLE public.batch_part TO vereffen_staff;

GRANT SELECT ON TABLE public.batch_rejection TO vereffen_staff;
GRANT SELECT ON TABLE public.batch_rejection TO vereffen_readonly;
GRANT SELECT,INSERT ON TABLE public.batch_rejection TO vereffen_worker;

GRANT SELECT ON TABLE public.brand TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.brand TO vereffen_worker;
GRANT SELECT ON TABLE public.brand TO vereffen_readonly;
GRANT SELECT ON TABLE public.brand TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.charge TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.charge TO vereffen_worker;
GRANT SELECT ON TABLE public.charge TO vereffen_readonly;
GRANT SELECT ON TABLE public.charge TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.claim TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim TO vereffen_worker;
GRANT SELECT ON TABLE public.claim TO vereffen_readonly;
GRANT SELECT ON TABLE public.claim TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.claim_due_date TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_due_date TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_due_date TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.claim_line TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_line TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_line TO vereffen_readonly;
GRANT SELECT ON TABLE public.claim_line TO vereffen_portal;

GRANT SELECT ON TABLE public.claim_maturity TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_maturity TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_maturity TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.claim_position TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_position TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_position TO vereffen_readonly;
GRANT SELECT ON TABLE public.claim_position TO vereffen_portal;

GRANT UPDATE(reason_id) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(reason_id) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(due_date) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(due_date) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(offset_requested_on) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(offset_requested_on) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(last_answer) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(last_answer) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(open_principal_cents) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(open_principal_cents) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(open_costs_cents) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(open_costs_cents) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(open_interest_cents) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(open_interest_cents) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(held_cents) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(held_cents) ON TABLE public.claim_position TO vereffen_staff;

GRANT UPDATE(reminder_term_ends) ON TABLE public.claim_position TO vereffen_worker;
GRANT UPDATE(reminder_term_ends) ON TABLE public.claim_position TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.claim_reference TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_reference TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_reference TO vereffen_readonly;

GRANT SELECT ON TABLE public.claim_settlement TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_settlement TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_settlement TO vereffen_readonly;
GRANT SELECT ON TABLE public.claim_settlement TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.claim_step TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.claim_step TO vereffen_worker;
GRANT SELECT ON TABLE public.claim_step TO vereffen_readonly;
GRANT SELECT ON TABLE public.claim_step TO vereffen_portal;

GRANT SELECT ON TABLE public.decision TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.decision TO vereffen_worker;
GRANT SELECT ON TABLE public.decision TO vereffen_readonly;

GRANT SELECT ON TABLE public.decision_answer TO vereffen_staff;
GRANT SELECT ON TABLE public.decision_answer TO vereffen_worker;
GRANT SELECT ON TABLE public.decision_answer TO vereffen_readonly;
GRANT SELECT ON TABLE public.decision_answer TO vereffen_portal;

GRANT SELECT ON TABLE public.decision_other TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.decision_other TO vereffen_worker;
GRANT SELECT ON TABLE public.decision_other TO vereffen_readonly;

GRANT SELECT ON TABLE public.declaration TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.declaration TO vereffen_worker;
GRANT SELECT ON TABLE public.declaration TO vereffen_readonly;
GRANT SELECT ON TABLE public.declaration TO vereffen_portal;
GRANT INSERT ON TABLE public.declaration TO vereffen_loader;

GRANT SELECT,INSERT ON TABLE public.declaration_withdrawal TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.declaration_withdrawal TO vereffen_worker;
GRANT SELECT ON TABLE public.declaration_withdrawal TO vereffen_readonly;

GRANT SELECT ON TABLE public.dunning_policy TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.dunning_policy TO vereffen_worker;
GRANT SELECT ON TABLE public.dunning_policy TO vereffen_readonly;

GRANT SELECT ON TABLE public.dunning_proposal TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.dunning_proposal TO vereffen_worker;
GRANT SELECT ON TABLE public.dunning_proposal TO vereffen_readonly;

GRANT SELECT ON TABLE public.gate_policy TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.gate_policy TO vereffen_worker;
GRANT SELECT ON TABLE public.gate_policy TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.hold TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.hold TO vereffen_worker;
GRANT SELECT ON TABLE public.hold TO vereffen_readonly;

GRANT UPDATE(until_date) ON TABLE public.hold TO vereffen_worker;
GRANT UPDATE(until_date) ON TABLE public.hold TO vereffen_staff;

GRANT UPDATE(ended_on) ON TABLE public.hold TO vereffen_worker;
GRANT UPDATE(ended_on) ON TABLE public.hold TO vereffen_staff;

GRANT UPDATE(active) ON TABLE public.hold TO vereffen_worker;
GRANT UPDATE(active) ON TABLE public.hold TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.idempotency_key TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.idempotency_key TO vereffen_worker;
GRANT SELECT ON TABLE public.idempotency_key TO vereffen_readonly;

GRANT SELECT ON TABLE public.import_file TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.import_file TO vereffen_worker;
GRANT SELECT ON TABLE public.import_file TO vereffen_readonly;

GRANT SELECT ON TABLE public.incident TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.incident TO vereffen_worker;
GRANT SELECT ON TABLE public.incident TO vereffen_readonly;

GRANT UPDATE(resolved_at) ON TABLE public.incident TO vereffen_worker;
GRANT UPDATE(resolved_at) ON TABLE public.incident TO vereffen_staff;

GRANT UPDATE(resolved_by) ON TABLE public.incident TO vereffen_worker;
GRANT UPDATE(resolved_by) ON TABLE public.incident TO vereffen_staff;

GRANT UPDATE(resolution) ON TABLE public.incident TO vereffen_worker;
GRANT UPDATE(resolution) ON TABLE public.incident TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.job TO vereffen_staff;
GRANT SELECT,INSERT,DELETE ON TABLE public.job TO vereffen_worker;
GRANT SELECT ON TABLE public.job TO vereffen_readonly;

GRANT UPDATE(state) ON TABLE public.job TO vereffen_worker;
GRANT UPDATE(state) ON TABLE public.job TO vereffen_staff;

GRANT UPDATE(attempts) ON TABLE public.job TO vereffen_worker;
GRANT UPDATE(attempts) ON TABLE public.job TO vereffen_staff;

GRANT UPDATE(not_before) ON TABLE public.job TO vereffen_worker;
GRANT UPDATE(not_before) ON TABLE public.job TO vereffen_staff;

GRANT UPDATE(holder) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(fence) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(lease_until) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(waiting_for) ON TABLE public.job TO vereffen_worker;
GRANT UPDATE(waiting_for) ON TABLE public.job TO vereffen_staff;

GRANT UPDATE(stage) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(done) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(total) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(result) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(error_code) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(error_text) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(started_at) ON TABLE public.job TO vereffen_worker;

GRANT UPDATE(ended_at) ON TABLE public.job TO vereffen_worker;
GRANT UPDATE(ended_at) ON TABLE public.job TO vereffen_staff;

GRANT SELECT ON TABLE public.job_schedule TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.job_schedule TO vereffen_worker;
GRANT SELECT ON TABLE public.job_schedule TO vereffen_readonly;

GRANT UPDATE(start_time) ON TABLE public.job_schedule TO vereffen_worker;

GRANT UPDATE(days) ON TABLE public.job_schedule TO vereffen_worker;

GRANT UPDATE(next_day) ON TABLE public.job_schedule TO vereffen_worker;

GRANT UPDATE(active) ON TABLE public.job_schedule TO vereffen_worker;

GRANT UPDATE(scheduled_through) ON TABLE public.job_schedule TO vereffen_worker;

GRANT SELECT ON TABLE public.ledger_account TO vereffen_staff;
GRANT SELECT ON TABLE public.ledger_account TO vereffen_worker;
GRANT SELECT ON TABLE public.ledger_account TO vereffen_readonly;
GRANT SELECT ON TABLE public.ledger_account TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.offset_agreement TO vereffen_staff;
GRANT SELECT ON TABLE public.offset_agreement TO vereffen_worker;
GRANT SELECT ON TABLE public.offset_agreement TO vereffen_readonly;
GRANT SELECT ON TABLE public.offset_agreement TO vereffen_portal;

GRANT UPDATE(ended_on) ON TABLE public.offset_agreement TO vereffen_staff;

GRANT UPDATE(end_reason) ON TABLE public.offset_agreement TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.offset_instruction TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.offset_instruction TO vereffen_worker;
GRANT SELECT ON TABLE public.offset_instruction TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.offset_reversal TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.offset_reversal TO vereffen_worker;
GRANT SELECT ON TABLE public.offset_reversal TO vereffen_readonly;
GRANT SELECT ON TABLE public.offset_reversal TO vereffen_portal;

GRANT SELECT,INSERT,DELETE ON TABLE public.payable TO vereffen_staff;
GRANT SELECT,INSERT,DELETE ON TABLE public.payable TO vereffen_worker;
GRANT SELECT ON TABLE public.payable TO vereffen_readonly;
GRANT INSERT ON TABLE public.payable TO vereffen_loader;

GRANT SELECT ON TABLE public.payee_iban TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payee_iban TO vereffen_worker;
GRANT SELECT ON TABLE public.payee_iban TO vereffen_readonly;
GRANT SELECT ON TABLE public.payee_iban TO vereffen_portal;

GRANT UPDATE(holder_name) ON TABLE public.payee_iban TO vereffen_worker;

GRANT UPDATE(valid_until) ON TABLE public.payee_iban TO vereffen_worker;

GRANT USAGE ON SEQUENCE public.payee_iban_iban_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.payee_iban_iban_id_seq TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.payment TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payment TO vereffen_worker;
GRANT SELECT ON TABLE public.payment TO vereffen_readonly;
GRANT SELECT ON TABLE public.payment TO vereffen_portal;

GRANT SELECT ON TABLE public.payment_file TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payment_file TO vereffen_worker;
GRANT SELECT ON TABLE public.payment_file TO vereffen_readonly;

GRANT SELECT ON TABLE public.payment_instruction TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payment_instruction TO vereffen_worker;
GRANT SELECT ON TABLE public.payment_instruction TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.payment_reference TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payment_reference TO vereffen_worker;
GRANT SELECT ON TABLE public.payment_reference TO vereffen_readonly;

GRANT SELECT,INSERT ON TABLE public.payment_reference_claim TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payment_reference_claim TO vereffen_worker;
GRANT SELECT ON TABLE public.payment_reference_claim TO vereffen_readonly;

GRANT SELECT ON TABLE public.payout TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payout TO vereffen_worker;
GRANT SELECT ON TABLE public.payout TO vereffen_readonly;
GRANT SELECT ON TABLE public.payout TO vereffen_portal;

GRANT UPDATE(held) ON TABLE public.payout TO vereffen_worker;

GRANT SELECT,INSERT ON TABLE public.payout_confirmation TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payout_confirmation TO vereffen_worker;
GRANT SELECT ON TABLE public.payout_confirmation TO vereffen_readonly;

GRANT SELECT ON TABLE public.payout_entry TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payout_entry TO vereffen_worker;
GRANT SELECT ON TABLE public.payout_entry TO vereffen_readonly;
GRANT SELECT ON TABLE public.payout_entry TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.payout_redirection TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.payout_redirection TO vereffen_worker;
GRANT SELECT ON TABLE public.payout_redirection TO vereffen_readonly;
GRANT SELECT ON TABLE public.payout_redirection TO vereffen_portal;

GRANT SELECT,INSERT ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(name) ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(role) ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(carriers) ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(password_hash) ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(last_seen_at) ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(disabled_at) ON TABLE public.person TO vereffen_worker;

GRANT UPDATE(disabled_by) ON TABLE public.person TO vereffen_worker;

GRANT SELECT,INSERT,DELETE ON TABLE public.person_session TO vereffen_worker;

GRANT UPDATE(seen_at) ON TABLE public.person_session TO vereffen_worker;

GRANT SELECT ON TABLE public.policy_version TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.policy_version TO vereffen_worker;
GRANT SELECT ON TABLE public.policy_version TO vereffen_readonly;

GRANT USAGE ON SEQUENCE public.policy_version_policy_version_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.policy_version_policy_version_id_seq TO vereffen_staff;

GRANT SELECT,INSERT ON TABLE public.posting TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.posting TO vereffen_worker;
GRANT SELECT ON TABLE public.posting TO vereffen_readonly;
GRANT SELECT ON TABLE public.posting TO vereffen_portal;

GRANT SELECT ON TABLE public.posting_kind TO vereffen_staff;
GRANT SELECT ON TABLE public.posting_kind TO vereffen_worker;
GRANT SELECT ON TABLE public.posting_kind TO vereffen_readonly;
GRANT SELECT ON TABLE public.posting_kind TO vereffen_portal;

GRANT SELECT ON TABLE public.posting_other TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.posting_other TO vereffen_worker;
GRANT SELECT ON TABLE public.posting_other TO vereffen_readonly;

GRANT SELECT ON TABLE public.practice TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.practice TO vereffen_worker;
GRANT SELECT ON TABLE public.practice TO vereffen_readonly;
GRANT SELECT ON TABLE public.practice TO vereffen_portal;

GRANT UPDATE(name) ON TABLE public.practice TO vereffen_worker;

GRANT UPDATE(valid_until) ON TABLE public.practice TO vereffen_worker;

GRANT USAGE ON SEQUENCE public.practice_practice_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.practice_practice_id_seq TO vereffen_staff;

GRANT SELECT ON TABLE public.provider TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.provider TO vereffen_worker;
GRANT SELECT ON TABLE public.provider TO vereffen_readonly;
GRANT SELECT ON TABLE public.provider TO vereffen_portal;

GRANT UPDATE(name) ON TABLE public.provider TO vereffen_worker;

GRANT UPDATE(kvk) ON TABLE public.provider TO vereffen_worker;

GRANT UPDATE(legal_form) ON TABLE public.provider TO vereffen_worker;

GRANT UPDATE(natural_person) ON TABLE public.provider TO vereffen_worker;

GRANT USAGE ON SEQUENCE public.provider_provider_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.provider_provider_id_seq TO vereffen_staff;

GRANT SELECT ON TABLE public.reason_code TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.reason_code TO vereffen_worker;
GRANT SELECT ON TABLE public.reason_code TO vereffen_readonly;
GRANT SELECT ON TABLE public.reason_code TO vereffen_portal;

GRANT USAGE ON SEQUENCE public.reason_code_reason_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.reason_code_reason_id_seq TO vereffen_staff;

GRANT SELECT ON TABLE public.reason_policy TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.reason_policy TO vereffen_worker;
GRANT SELECT ON TABLE public.reason_policy TO vereffen_readonly;

GRANT SELECT ON TABLE public.redirected_payout TO vereffen_staff;
GRANT SELECT ON TABLE public.redirected_payout TO vereffen_worker;
GRANT SELECT ON TABLE public.redirected_payout TO vereffen_readonly;
GRANT SELECT ON TABLE public.redirected_payout TO vereffen_portal;

GRANT SELECT ON TABLE public.risk_carrier TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.risk_carrier TO vereffen_worker;
GRANT SELECT ON TABLE public.risk_carrier TO vereffen_readonly;
GRANT SELECT ON TABLE public.risk_carrier TO vereffen_portal;

GRANT UPDATE(name) ON TABLE public.risk_carrier TO vereffen_worker;

GRANT UPDATE(debtor_iban) ON TABLE public.risk_carrier TO vereffen_worker;

GRANT UPDATE(debtor_bic) ON TABLE public.risk_carrier TO vereffen_worker;

GRANT UPDATE(closed_through) ON TABLE public.risk_carrier TO vereffen_worker;

GRANT UPDATE(lock_only) ON TABLE public.risk_carrier TO vereffen_staff;

GRANT SELECT ON TABLE public.run TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.run TO vereffen_worker;
GRANT SELECT ON TABLE public.run TO vereffen_readonly;

GRANT UPDATE(policy_version_id) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(state) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(state_reason) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(cut_off_at) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(released_at) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(holder) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(fence) ON TABLE public.run TO vereffen_worker;

GRANT UPDATE(lease_until) ON TABLE public.run TO vereffen_worker;

GRANT SELECT ON TABLE public.run_agreement TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.run_agreement TO vereffen_worker;
GRANT SELECT ON TABLE public.run_agreement TO vereffen_readonly;

GRANT SELECT ON TABLE public.run_batch TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.run_batch TO vereffen_worker;
GRANT SELECT ON TABLE public.run_batch TO vereffen_readonly;

GRANT UPDATE(state) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(attempts) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(entries) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(declared_cents) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(returned_cents) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(advance_cents) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(offset_cents) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(net_cents) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(payouts) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(in_scope) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(offset_claims) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(left_out_claims) ON TABLE public.run_batch TO vereffen_worker;

GRANT UPDATE(fence) ON TABLE public.run_batch TO vereffen_worker;

GRANT SELECT ON TABLE public.run_parked TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.run_parked TO vereffen_worker;
GRANT SELECT ON TABLE public.run_parked TO vereffen_readonly;

GRANT SELECT ON TABLE public.running_account TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.running_account TO vereffen_worker;
GRANT SELECT ON TABLE public.running_account TO vereffen_readonly;
GRANT SELECT ON TABLE public.running_account TO vereffen_portal;

GRANT UPDATE(lock_only) ON TABLE public.running_account TO vereffen_worker;
GRANT UPDATE(lock_only) ON TABLE public.running_account TO vereffen_staff;

GRANT USAGE ON SEQUENCE public.running_account_account_id_seq TO vereffen_worker;
GRANT USAGE ON SEQUENCE public.running_account_account_id_seq TO vereffen_staff;

GRANT SELECT(name) ON TABLE public.schema_migration TO vereffen_readonly;

GRANT SELECT,INSERT,DELETE ON TABLE public.sign_in_try TO vereffen_worker;

GRANT UPDATE(succeeded) ON TABLE public.sign_in_try TO vereffen_worker;

GRANT SELECT,INSERT ON TABLE public.source_key TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.source_key TO vereffen_worker;
GRANT SELECT ON TABLE public.source_key TO vereffen_readonly;
GRANT INSERT ON TABLE public.source_key TO vereffen_loader;

GRANT SELECT ON TABLE public.takeover TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.takeover TO vereffen_worker;
GRANT SELECT ON TABLE public.takeover TO vereffen_readonly;
GRANT SELECT ON TABLE public.takeover TO vereffen_portal;

GRANT SELECT ON TABLE public.takeover_return TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.takeover_return TO vereffen_worker;
GRANT SELECT ON TABLE public.takeover_return TO vereffen_readonly;
GRANT SELECT ON TABLE public.takeover_return TO vereffen_portal;

GRANT SELECT ON TABLE public.uzovi_code TO vereffen_staff;
GRANT SELECT,INSERT ON TABLE public.uzovi_code TO vereffen_worker;
GRANT SELECT ON TABLE public.uzovi_code TO vereffen_readonly;
