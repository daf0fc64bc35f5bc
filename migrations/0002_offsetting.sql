-- 0002 Offsetting: the merge (a pure function of its rows) and the decision that reads them. Preview, "why (not)?", what-if and
-- the night call offset_decide; execution inserts what it returns (law 3). Both only read.

-- The merge. Entries (what is payable) and claims come as arrays, ordered by account; offset lines, the result of each claim and
-- the total of each payout come out. No table is touched. Linear in entries + claims + lines, times the limits of an account.
--   e_*: entries in order of approval. e_give: what the entry may give at most. e_payout: ordinal of its payout. e_agb: its AGB.
--   c_*: claims in order of the policy. c_due: due date. c_cents: offsettable; c_principal, c_costs: how much of that is principal, costs
--        (the rest is interest); c_open: principal that is open. c_limit: 0, or the ordinal of the limit that it shares with others
--        of its account (limits of one account are numbered in a row).
--   l_basis_points / l_cents: the limits: a share of each entry / an amount a run. p_budget: what a payout may lose at most.
--   x_*: pairs by exact reference; y_*: pairs by exact amount (ordinals of entry and claim, ordered by entry).
--   passes: 1 exact reference, 2 exact amount, 3 own AGB, 4 same legal entity.
-- Out: what 2 = offset line (part 2 principal, 3 costs, 4 interest), 3 = total of a payout, 4 = result of a claim
--      (answer 0 = it took money, 41 cap, 42 used up, 43 floor).
create function offset_merge(
  e_account bigint[], e_id bigint[], e_cents bigint[], e_give bigint[], e_payout int[], e_agb int[], e_day date[], e_account_cap bigint[],
  c_account bigint[], c_id bigint[], c_due date[], c_cents bigint[], c_principal bigint[], c_costs bigint[], c_open bigint[], c_agb int[], c_limit int[],
  l_basis_points int[], l_cents bigint[], p_budget bigint[],
  x_entry int[], x_claim int[], y_entry int[], y_claim int[], passes smallint[])
returns table (what smallint, account_id bigint, entry_id bigint, claim_id bigint, part smallint, line int, cents bigint, open_after bigint,
               pass smallint, payout int, day date, principal bigint, costs bigint, answer smallint)
language plpgsql immutable rows 40000 as $$
declare
  n_e int := coalesce(array_length(e_id, 1), 0); n_c int := coalesce(array_length(c_id, 1), 0);
  n_x int := coalesce(array_length(x_entry, 1), 0); n_y int := coalesce(array_length(y_entry, 1), 0);
  e0 int := 1; e1 int; c0 int := 1; c1 int; x0 int := 1; y0 int := 1; i int; j int; k int; p int; s int;
  e_left bigint[] := e_give; c_left bigint[] := c_cents; p_left bigint[] := p_budget; l_left bigint[] := l_cents; lines int[];
  acc bigint; acc_left bigint; money bigint; owed bigint; take bigint; room bigint; rest bigint; piece bigint; used bigint;
  simple boolean; first_agb int; agb int; this_pass smallint;
  slots int; head int[]; nxt int[]; slot_limit int[]; slot_agb int[]; best int;   -- chains of claims of one pass, by (AGB, limit)
  given bigint[]; limits int; l_first int; l int;                                -- given[(entry, limit)]: taken from this entry under a share
begin
  if n_c > 0 and n_e > 0 then lines := array_fill(0, array[n_e]); end if;
  while e0 <= n_e loop
    -- the entries e0..e1 and claims c0..c1 of one running account
    acc := e_account[e0]; e1 := e0; money := e_left[e0]; first_agb := e_agb[e0]; simple := true;
    while e1 < n_e and e_account[e1 + 1] = acc loop
      e1 := e1 + 1; money := money + e_left[e1];
      if e_agb[e1] <> first_agb then simple := false; end if;
    end loop;
    while c0 <= n_c and c_account[c0] < acc loop c0 := c0 + 1; end loop;
    c1 := c0 - 1; owed := 0; limits := 0; l_first := null;
    while c1 < n_c and c_account[c1 + 1] = acc loop
      c1 := c1 + 1; owed := owed + c_left[c1]; l := c_limit[c1];
      if c_agb[c1] <> first_agb then simple := false; end if;
      if l <> 0 then l_first := least(l, l_first); limits := greatest(l, limits); end if;
    end loop;
    if c1 >= c0 then
      acc_left := e_account_cap[e0];
      if l_first is not null then
        simple := false; limits := limits - l_first + 1; given := array_fill(0::bigint, array[(e1 - e0 + 1) * limits]);
      end if;
      while x0 <= n_x and x_entry[x0] < e0 loop x0 := x0 + 1; end loop;
      while y0 <= n_y and y_entry[y0] < e0 loop y0 := y0 + 1; end loop;
      foreach this_pass in array passes loop
        exit when money <= 0 or owed <= 0 or acc_left <= 0;
        i := e0; j := c0; k := case this_pass when 1 then x0 else y0 end;
        if this_pass > 2 and not simple then
          slots := 0; head := '{}'; slot_limit := '{}'; slot_agb := '{}'; nxt := array_fill(0, array[c1 - c0 + 1]);
          for c in reverse c1..c0 loop
            if c_left[c] > 0 then
              agb := case this_pass when 3 then c_agb[c] else 0 end; s := 1;
              while s <= slots and not (slot_agb[s] = agb and slot_limit[s] = c_limit[c]) loop s := s + 1; end loop;
              if s > slots then slots := s; head[s] := 0; slot_limit[s] := c_limit[c]; slot_agb[s] := agb; end if;
              nxt[c - c0 + 1] := head[s]; head[s] := c;
            end if;
          end loop;
        end if;
        loop
          -- choose the next entry i, claim j and the room that a limit leaves
          room := null; l := 0;
          if this_pass <= 2 then
            if this_pass = 1 then exit when k > n_x or x_entry[k] > e1; i := x_entry[k]; j := x_claim[k];
            else exit when k > n_y or y_entry[k] > e1; i := y_entry[k]; j := y_claim[k]; end if;
            k := k + 1; l := c_limit[j];
            if l <> 0 then
              room := case when l_basis_points[l] is not null then e_cents[i] * l_basis_points[l] / 10000 - given[(i - e0) * limits + l - l_first + 1] else l_left[l] end;
            end if;
            if this_pass = 2 and least(e_left[i], c_left[j], p_left[e_payout[i]], acc_left, room) < greatest(c_cents[j], e_cents[i]) then continue; end if;
          else
            exit when acc_left <= 0;
            while i <= e1 and (e_left[i] <= 0 or p_left[e_payout[i]] <= 0) loop i := i + 1; end loop;
            exit when i > e1;
            if simple then
              while j <= c1 and c_left[j] = 0 loop j := j + 1; end loop;
              exit when j > c1;
            else
              best := 0; agb := case this_pass when 3 then e_agb[i] else 0 end;
              for s in 1..slots loop
                if slot_agb[s] = agb then
                  while head[s] <> 0 and c_left[head[s]] = 0 loop head[s] := nxt[head[s] - c0 + 1]; end loop;
                  if head[s] <> 0 and (best = 0 or head[s] < best) then
                    l := slot_limit[s];
                    piece := case when l = 0 then null when l_basis_points[l] is not null
                      then e_cents[i] * l_basis_points[l] / 10000 - given[(i - e0) * limits + l - l_first + 1] else l_left[l] end;
                    if l = 0 or piece > 0 then best := head[s]; room := piece; end if;
                  end if;
                end if;
              end loop;
              if best = 0 then i := i + 1; continue; end if;
              j := best; l := c_limit[j];
            end if;
          end if;
          p := e_payout[i]; take := least(e_left[i], c_left[j], p_left[p], acc_left, room);
          continue when take <= 0;
          -- take it: principal first, then costs, then interest
          what := 2; account_id := acc; entry_id := e_id[i]; claim_id := c_id[j]; pass := this_pass; payout := p; day := greatest(e_day[i], c_due[j]);
          rest := take;
          loop
            used := c_cents[j] - c_left[j];
            if used < c_principal[j] then part := 2; piece := least(rest, c_principal[j] - used);
            elsif used < c_principal[j] + c_costs[j] then part := 3; piece := least(rest, c_principal[j] + c_costs[j] - used);
            else part := 4; piece := rest; end if;
            c_left[j] := c_left[j] - piece; rest := rest - piece; lines[i] := lines[i] + 1; line := lines[i]; cents := piece;
            open_after := c_open[j] - least(used + piece, c_principal[j]); return next;
            exit when rest = 0;
          end loop;
          e_left[i] := e_left[i] - take; p_left[p] := p_left[p] - take; acc_left := acc_left - take; money := money - take; owed := owed - take;
          if l <> 0 then
            if l_basis_points[l] is not null then
              s := (i - e0) * limits + l - l_first + 1; given[s] := given[s] + take;
            else l_left[l] := l_left[l] - take; end if;
          end if;
        end loop;
      end loop;
      -- the result of each claim
      entry_id := null; line := null; pass := null; payout := null; day := null; open_after := null; part := null;
      room := 0; rest := 0;                       -- what the entries still hold, whatever the caps; what they might still give
      for i in e0..e1 loop
        rest := rest + e_left[i]; room := room + e_cents[i] - (e_give[i] - e_left[i]);
      end loop;
      what := 4; account_id := acc;
      for j in c0..c1 loop
        claim_id := c_id[j]; cents := c_cents[j] - c_left[j]; principal := least(cents, c_principal[j]); costs := least(cents - principal, c_costs[j]);
        answer := case when cents > 0 then 0 when acc_left <= 0 or (c_limit[j] <> 0 and rest > 0) then 41 when rest > 0 then 43 when room > 0 then 41 else 42 end;
        return next;
      end loop;
      principal := null; costs := null; answer := null; claim_id := null;
      c0 := c1 + 1;
    end if;
    e0 := e1 + 1;
  end loop;
  what := 3; account_id := null; cents := 0;
  for p in 1..coalesce(array_length(p_budget, 1), 0) loop
    if p_left[p] <> p_budget[p] then payout := p; cents := p_budget[p] - p_left[p]; return next; end if;
  end loop;
end $$;

-- The decision for the running accounts p_first..p_last of one risk carrier on one business date: everything that the night will write.
--   what 1 = an entry that leaves the queue (kind 1 declaration, 2 offset given back, 3 advance), 2 = an offset line, 3 = a payout,
--   4 = a claim: used_* and its answer (with_money: the account had declarations; else the row is here since its answer changed),
--   5 = a running account that cannot be paid (no IBAN on that day): its entries stay in the queue.
create function offset_decide(p_carrier smallint, p_date date, p_policy int, p_first bigint, p_last bigint, p_run bigint)
returns table (what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line int, cents bigint, open_after bigint,
               pass smallint, payout int, day date, iban_id int, entries int, declarations int, last_entry_id bigint,
               declared_cents bigint, returned_cents bigint, advance_cents bigint, offset_cents bigint, held smallint,
               open_cents bigint, held_cents bigint, used_principal bigint, used_costs bigint, used_interest bigint,
               answer smallint, last_answer smallint, fact_date date, hold_kind smallint, with_money boolean)
language sql stable rows 60000 as $$
with policy as materialized (
  select * from policy_version where policy_version_id = p_policy),
held_now as materialized (                        -- claims whose holds begin or end by this date and were not counted anew yet (a preview of a later day)
  select h.account_id, h.claim_id,
    case when bool_or(h.cents is null and h.from_date <= p_date and (h.until_date is null or h.until_date >= p_date)) then 9223372036854775807
      else coalesce(sum(h.cents) filter (where h.from_date <= p_date and (h.until_date is null or h.until_date >= p_date)), 0)::bigint end as cents
  from hold h where h.account_id between p_first and p_last and h.claim_id is not null and h.ended_on is null and h.for_offset
  group by h.account_id, h.claim_id
  having bool_or(not h.active and h.from_date <= p_date and (h.until_date is null or h.until_date >= p_date)) or bool_or(h.active and h.until_date < p_date)),
parked as materialized (select rp.account_id from run_parked rp where rp.run_id = p_run),
account_hold as materialized (                    -- holds on whole running accounts
  select h.account_id, min(h.kind) filter (where h.for_offset) as offset_hold, bool_or(h.for_payout) as payout_hold
  from hold h where h.account_id between p_first and p_last and h.claim_id is null and h.ended_on is null
    and h.from_date <= p_date and (h.until_date is null or h.until_date >= p_date) group by h.account_id),
account_rule as materialized (                    -- the newest instruction for a whole running account
  select distinct on (oi.account_id) oi.* from offset_instruction oi where oi.account_id between p_first and p_last and oi.claim_id is null
    and oi.valid_from <= p_date and (oi.valid_until is null or oi.valid_until >= p_date) order by oi.account_id, oi.valid_from desc, oi.instruction_id desc),
claim_rule as materialized (
  select distinct on (oi.account_id, oi.claim_id) oi.* from offset_instruction oi where oi.account_id between p_first and p_last and oi.claim_id is not null
    and oi.valid_from <= p_date and (oi.valid_until is null or oi.valid_until >= p_date) order by oi.account_id, oi.claim_id, oi.valid_from desc, oi.instruction_id desc),
payee as materialized (                           -- where the money of an AGB code goes on this day: the practice's IBAN, else the entity's
  select a.agb_id, coalesce(
    (select i.iban_id from payee_iban i where i.provider_id = a.provider_id and i.practice_id = a.practice_id and i.valid_from <= p_date and (i.valid_until is null or i.valid_until >= p_date)),
    (select i.iban_id from payee_iban i where i.provider_id = a.provider_id and i.practice_id is null and i.valid_from <= p_date and (i.valid_until is null or i.valid_until >= p_date))) as iban_id
  from running_account ra join agb_registration a using (provider_id) where ra.account_id between p_first and p_last and ra.risk_carrier_id = p_carrier),
queued as materialized (
  select q.account_id, q.entry_id, q.kind, q.agb_id, q.cents, q.payable_on, q.approved_at, q.offset_claim_id, y.iban_id
  from payable q left join payee y using (agb_id)
  where q.account_id between p_first and p_last and q.risk_carrier_id = p_carrier and q.available_on <= p_date
    and not exists (select 1 from parked k where k.account_id = q.account_id)),
unpayable as materialized (select q.account_id, count(*)::int as entries, sum(q.cents)::bigint as cents from queued q
  where q.account_id in (select n.account_id from queued n where n.iban_id is null) group by q.account_id),
entry as materialized (
  select row_number() over w as ordinal, dense_rank() over (order by q.account_id, q.iban_id)::int as payout, q.*,
    case when q.kind <> 1 then 0 when coalesce(ar.cap_basis_points, p.cap_basis_points) is null then q.cents
         else q.cents * coalesce(ar.cap_basis_points, p.cap_basis_points) / 10000 end as give,
    coalesce(ar.cap_cents, p.cap_cents, 9223372036854775807) as account_cap, coalesce(ar.floor_cents, p.floor_cents) as floor_cents
  from queued q cross join policy p left join account_rule ar on ar.account_id = q.account_id
  where not exists (select 1 from unpayable u where u.account_id = q.account_id)
  window w as (order by q.account_id, q.approved_at, q.entry_id)),
payouts as materialized (
  select e.payout, e.account_id, e.iban_id, count(*)::int as entries, (count(*) filter (where e.kind = 1))::int as declarations,
    min(e.entry_id) as first_entry_id, max(e.entry_id) as last_entry_id,
    coalesce(sum(e.cents) filter (where e.kind = 1), 0)::bigint as declared_cents, coalesce(sum(e.cents) filter (where e.kind = 2), 0)::bigint as returned_cents,
    coalesce(sum(e.cents) filter (where e.kind = 3), 0)::bigint as advance_cents, greatest(0, sum(e.cents) - max(e.floor_cents))::bigint as budget
  from entry e group by e.payout, e.account_id, e.iban_id),
funded as materialized (select distinct e.account_id from entry e where e.kind = 1),
considered as materialized (                      -- every claim with something open (or closed since its last answer), and what keeps it out of offset
  select c.account_id, c.claim_id, c.agb_id, c.due_date, c.last_answer, c.held_cents, c.open_principal_cents, rp.priority,
    c.open_principal_cents + c.open_costs_cents + c.open_interest_cents as open_cents,
    greatest(0, c.open_principal_cents + case when rp.offset_charges then c.open_costs_cents + c.open_interest_cents else 0 end - c.held_cents) as offsettable,
    least(c.open_principal_cents, greatest(0, c.open_principal_cents + case when rp.offset_charges then c.open_costs_cents + c.open_interest_cents else 0 end - c.held_cents)) as principal,
    case when rp.offset_charges then c.open_costs_cents else 0 end as costs,
    f.account_id is not null and c.open_principal_cents + c.open_costs_cents + c.open_interest_cents > 0 as with_money,
    coalesce(cr.mode, ar.mode, rp.offset_mode) as mode,
    case when cr.mode is not null then cr.instruction_id when ar.mode is not null then ar.instruction_id else -rp.reason_id end as limit_source,
    case when cr.mode is not null then cr.basis_points when ar.mode is not null then ar.basis_points else rp.offset_basis_points end as basis_points,
    case when cr.mode is not null then cr.fixed_cents when ar.mode is not null then ar.fixed_cents else rp.offset_fixed_cents end as fixed_cents,
    (case when c.open_principal_cents + c.open_costs_cents + c.open_interest_cents = 0 then case when c.kind = 4 and c.last_answer in (0, 45) then 45 else 50 end
      when ah.offset_hold is not null then 20
      when rp.offset_start = 0 then 30
      when coalesce(cr.mode, ar.mode, rp.offset_mode) = 0 then 35
      when rp.offset_start = 2 and c.due_date >= p_date then 31
      when rp.offset_start = 3 and c.reminder_term_ends[rp.offset_start_reminder] is null then 32
      when rp.offset_start = 3 and c.reminder_term_ends[rp.offset_start_reminder] >= p_date then 33
      when rp.offset_start = 4 and (c.offset_requested_on is null or c.offset_requested_on > p_date) then 34
      when c.held_cents > 0 and c.open_principal_cents + case when rp.offset_charges then c.open_costs_cents + c.open_interest_cents else 0 end <= c.held_cents then 21
      when exists (select 1 from unpayable u where u.account_id = c.account_id) or exists (select 1 from parked k where k.account_id = c.account_id) then 44
      when f.account_id is null then 40
      else 0 end)::smallint as blocked_by,
    case when rp.offset_start = 2 then c.due_date when rp.offset_start = 3 then c.reminder_term_ends[rp.offset_start_reminder] when rp.offset_start = 4 then c.offset_requested_on end as fact_date,
    case when ah.offset_hold is not null then ah.offset_hold
      when c.held_cents > 0 then (select min(h.kind) from hold h where h.account_id = c.account_id and h.claim_id = c.claim_id and h.ended_on is null and h.for_offset
        and h.from_date <= p_date and (h.until_date is null or h.until_date >= p_date)) end as hold_kind,
    case p.claim_order when 'priority' then rp.priority::int else c.due_date - date '2000-01-01' end as sort_1,
    case p.claim_order when 'priority' then c.due_date - date '2000-01-01' else rp.priority::int end as sort_2
  from (select cp.account_id, cp.claim_id, cp.risk_carrier_id, cp.kind, cp.reason_id, cp.agb_id, cp.registered_on, cp.due_date, cp.offset_requested_on, cp.last_answer,
          cp.open_principal_cents, cp.open_costs_cents, cp.open_interest_cents, cp.reminder_term_ends,
          case when hn.claim_id is null then cp.held_cents else least(hn.cents, cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents) end as held_cents
        from claim_position cp left join held_now hn on hn.account_id = cp.account_id and hn.claim_id = cp.claim_id
        where cp.account_id between p_first and p_last and cp.risk_carrier_id = p_carrier and cp.registered_on <= p_date
          and (cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents > 0 or cp.last_answer not in (1, 45, 50))) c
    cross join policy p join reason_policy rp on rp.policy_version_id = p_policy and rp.reason_id = c.reason_id
    left join funded f on f.account_id = c.account_id left join account_hold ah on ah.account_id = c.account_id
    left join account_rule ar on ar.account_id = c.account_id left join claim_rule cr on cr.account_id = c.account_id and cr.claim_id = c.claim_id),
candidate as materialized (
  select row_number() over (order by c.account_id, c.sort_1, c.sort_2, c.claim_id) as ordinal, c.*,
    case when c.mode = 3 then 0 else dense_rank() over (order by c.mode = 3, c.account_id, c.limit_source) end::int as limit_no
  from considered c where c.blocked_by = 0),
limits as (select distinct limit_no, basis_points, fixed_cents from candidate where mode <> 3),
exact_reference as (
  select e.ordinal::int as entry, c.ordinal::int as claim from candidate c join claim k on k.account_id = c.account_id and k.claim_id = c.claim_id
    join entry e on e.account_id = c.account_id and e.entry_id = k.origin_declaration_id where e.kind = 1 and k.origin_declaration_id is not null
      and 1 = any ((select passes from policy)::smallint[])
  union
  select e.ordinal::int, c.ordinal::int from entry e join candidate c on c.account_id = e.account_id and c.claim_id = e.offset_claim_id
    where e.kind = 1 and e.offset_claim_id is not null and 1 = any ((select passes from policy)::smallint[])),
exact_amount as (
  select e.ordinal::int as entry, c.ordinal::int as claim
  from (select x.*, row_number() over (partition by x.account_id, x.cents order by x.ordinal) as nth from entry x
        where x.kind = 1 and 2 = any ((select passes from policy)::smallint[])) e
  join (select x.*, row_number() over (partition by x.account_id, x.offsettable order by x.ordinal) as nth from candidate x
        where 2 = any ((select passes from policy)::smallint[])) c
    on c.account_id = e.account_id and c.offsettable = e.cents and c.nth = e.nth),
e as (select array_agg(x.account_id) as account, array_agg(x.entry_id) as id, array_agg(x.cents) as cents, array_agg(x.give) as give, array_agg(x.payout) as payout,
        array_agg(x.agb_id) as agb, array_agg(x.payable_on) as day, array_agg(x.account_cap) as account_cap from (select * from entry order by ordinal) x),
c as (select array_agg(x.account_id) as account, array_agg(x.claim_id) as id, array_agg(x.due_date) as due, array_agg(x.offsettable) as cents, array_agg(x.principal) as principal,
        array_agg(least(x.costs, x.offsettable - x.principal)) as costs, array_agg(x.open_principal_cents) as open, array_agg(x.agb_id) as agb, array_agg(x.limit_no) as limit_no
      from (select * from candidate order by ordinal) x),
l as (select array_agg(x.basis_points order by x.limit_no) as basis_points, array_agg(x.fixed_cents order by x.limit_no) as cents from limits x),
merged as materialized (
  select m.* from e cross join c cross join l
    cross join (select array_agg(budget order by payout) as budget from payouts) b
    cross join (select array_agg(entry order by entry, claim) as entry, array_agg(claim order by entry, claim) as claim from exact_reference) x
    cross join (select array_agg(entry order by entry, claim) as entry, array_agg(claim order by entry, claim) as claim from exact_amount) y
    cross join lateral offset_merge(e.account, e.id, e.cents, e.give, e.payout, e.agb, e.day, e.account_cap,
      c.account, c.id, c.due, c.cents, c.principal, c.costs, c.open, c.agb, c.limit_no, l.basis_points, l.cents, b.budget,
      x.entry, x.claim, y.entry, y.claim, (select passes from policy)) m)
select 1::smallint, n.account_id, n.entry_id, null::bigint, n.kind, 0, n.cents, null::bigint, null::smallint, n.payout, n.payable_on,
  null::int, null::int, null::int, null::bigint, null::bigint, null::bigint, null::bigint, null::bigint, null::smallint,
  null::bigint, null::bigint, null::bigint, null::bigint, null::bigint, null::smallint, null::smallint, null::date, null::smallint, null::boolean
from entry n
union all
select 2::smallint, m.account_id, m.entry_id, m.claim_id, m.part, m.line, m.cents, m.open_after, m.pass, m.payout, m.day,
  null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from merged m where m.what = 2
union all
select 3::smallint, y.account_id, y.first_entry_id, null, null, null, null, null, null, y.payout, null,
  y.iban_id, y.entries, y.declarations, y.last_entry_id, y.declared_cents, y.returned_cents, y.advance_cents, coalesce(m.cents, 0),
  (case when ah.payout_hold then 1 else 0 end)::smallint, null, null, null, null, null, null, null, null, null, null
from payouts y left join merged m on m.what = 3 and m.payout = y.payout left join account_hold ah on ah.account_id = y.account_id
union all
select 4::smallint, k.account_id, null, k.claim_id, null, null, null, null, null, null, null, null, null, null, null, null, null, null, coalesce(m.cents, 0), null,
  k.open_cents, k.held_cents, coalesce(m.principal, 0), coalesce(m.costs, 0), coalesce(m.cents - m.principal - m.costs, 0), a.answer, k.last_answer,
  k.fact_date, k.hold_kind, k.with_money
from considered k left join merged m on m.what = 4 and m.account_id = k.account_id and m.claim_id = k.claim_id
  cross join lateral (select (case when k.blocked_by <> 0 then k.blocked_by when m.cents > 0 and m.cents = k.open_cents then 1 when m.cents > 0 then 2 else m.answer end)::smallint as answer) a
where k.with_money or a.answer <> k.last_answer
union all
select 5::smallint, u.account_id, null, null, null, null, u.cents, null, null, null, null, null, u.entries, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from unpayable u
$$;
