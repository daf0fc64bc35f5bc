-- 0002 Offsetting: the merge (a pure function of its rows) and the decision that reads them. Preview, "why (not)?", what-if and
-- the night call offset_decide; execution inserts what it returns (law 3). Both only read.

-- The merge. Running accounts, their declarations and their claims come as arrays, in the same order of account; offset lines, the
-- result of each claim and the total of each payout come out. No table is touched. Linear in declarations + claims + lines, whatever
-- the number of AGB codes and limits of an account: what may be taken next stands at the head of a chain.
--   a_*: accounts: how many declarations and claims each has, cents declared, what it may lose in this run, plain: no such cap, no
--        floor under its payouts, no costs or interest to offset; how many AGB codes and payouts it has.
--   e_*: declarations in order of approval; e_left: what each may give at most; e_slot: ordinal of its AGB code; e_payout: of its payout.
--   c_*: claims in order of the policy; c_cents: what may be offset, of it c_principal and c_costs (the rest is interest); c_kept:
--        open principal that may not be; c_slot: ordinal of the AGB code, 0 when no declaration has it; c_limit: 0, or the ordinal of the
--        limit that it shares with others of its account; c_group: ordinal of (slot, limit).
--   l_*: the limits: a share of each declaration, or an amount a run. p_left: what each payout may lose, null when there is no floor.
--   slots, payouts: how many ordinals there are. x_*: pairs by exact reference; y_*: by exact amount (ordinals, in order of declaration).
--   passes: 1 exact reference, 2 exact amount (both whole), 3 own AGB, 4 same legal entity.
-- Out: what 2 = offset line (kind 2 principal, 3 costs, 4 interest), 3 = total of a payout (payout, cents),
--      4 = result of a claim (cents; open_after: of it principal; entry_id: of it costs; kind 0 = it took money, 41 cap, 42 used up, 43 floor).
create function offset_merge(
  a_id bigint[], a_entries int[], a_claims int[], a_cents bigint[], a_cap bigint[], a_plain boolean[], a_slots int[], a_payouts int[],
  e_id bigint[], e_left bigint[], e_slot int[], e_payout int[], e_day date[], e_cents bigint[],
  c_id bigint[], c_due date[], c_cents bigint[], c_principal bigint[], c_costs bigint[], c_kept bigint[], c_slot int[], c_limit int[], c_group int[],
  l_basis_points int[], l_left bigint[], p_left bigint[], slots int, payouts int,
  x_entry int[], x_claim int[], y_entry int[], y_claim int[], passes smallint[])
returns table (what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line int, cents bigint, open_after bigint,
               pass smallint, payout int, day date)
language plpgsql immutable rows 20000 as $$
declare
  n_c int := coalesce(array_length(c_id, 1), 0); n_l int := coalesce(array_length(l_left, 1), 0); top int := slots + 1;
  n_x int := coalesce(array_length(x_entry, 1), 0); n_y int := coalesce(array_length(y_entry, 1), 0); x int := 1; y int := 1; k int;
  e0 int; e1 int := 0; c0 int; c1 int := 0; i int; j int; g int; h int; s int; l int; n int; p int; at int; waiting int; this_pass smallint;
  c_left bigint[] := c_cents; lines int[]; taken bigint[]; head int[]; nxt int[]; limited int[];
  group_first int[]; group_head int[]; group_next int[]; group_seen int[];
  acc_left bigint; money bigint; before bigint; owed bigint; kept bigint; take bigint; room bigint; rest bigint; used bigint; due date; from_day date; own boolean; several boolean; many boolean; bound int;
  -- what an entry gave under a share: of this visit by limit (valid when the stamp fits), and of its earlier visits as a chain
  stamp int := 0; now_stamp int[]; now_cents bigint[]; e_gave int[]; gave_limit int[]; gave_cents bigint[]; gave_next int[]; gave int := 0;
begin
  if n_c = 0 or coalesce(array_length(e_id, 1), 0) = 0 then return; end if;
  lines := array_fill(0, array[array_length(e_id, 1)]); taken := array_fill(0::bigint, array[payouts]); head := array_fill(0, array[top]); nxt := array_fill(0, array[n_c]);
  group_head := array_fill(0, array[n_c + 1]); group_next := group_head; group_seen := group_head; limited := head; group_first := head;
  if n_l > 0 then
    now_stamp := array_fill(0, array[n_l]); now_cents := array_fill(0::bigint, array[n_l]); e_gave := array_fill(0, array[array_length(e_id, 1)]);
  end if;
  for a in 1 .. array_length(a_id, 1) loop
    e0 := e1 + 1; e1 := e1 + a_entries[a];
    continue when a_claims[a] = 0;
    c0 := c1 + 1; c1 := c1 + a_claims[a]; account_id := a_id[a]; acc_left := a_cap[a]; what := 2; many := a_payouts[a] > 1; several := many or a_slots[a] > 1; payout := e_payout[e0]; money := 0;
    while x <= n_x and x_entry[x] < e0 loop x := x + 1; end loop;
    while y <= n_y and y_entry[y] < e0 loop y := y + 1; end loop;
    foreach this_pass in array passes loop
      pass := this_pass; own := this_pass = 3;
      if this_pass > 2 and a_plain[a] then
        -- No cap, floor or charge. The claims of an AGB (or all) without a limit are a chain that entries use up in turn, up to the
        -- first claim with a limit (bound); from there on group by group.
        waiting := 0; kind := 2; at := 0; j := 0; owed := 0; head[top] := 0; limited[top] := 0; group_first[top] := 0;
        s := top;
        for c in reverse c1 .. c0 loop
          if c_left[c] > 0 then
            l := c_limit[c];
            if own then s := c_slot[c]; end if;
            if s = 0 then null;
            elsif l = 0 then nxt[c] := head[s]; head[s] := c; waiting := waiting + 1;
            else
              g := case when own then c_group[c] else l end;
              if limited[s] = 0 or group_seen[g] <> a * 4 + this_pass then group_seen[g] := a * 4 + this_pass; group_head[g] := 0; end if;
              nxt[c] := group_head[g]; group_head[g] := c; limited[s] := c; waiting := waiting + 1;
            end if;
          end if;
        end loop;
        if n_l > 0 and waiting > 0 then
          -- the groups of each AGB in the order of their first claims
          for c in reverse c1 .. c0 loop
            if c_limit[c] > 0 and c_left[c] > 0 then
              g := case when own then c_group[c] else c_limit[c] end; s := case when own then c_slot[c] else top end;
              if s > 0 and group_head[g] = c then group_next[g] := group_first[s]; group_first[s] := g; end if;
            end if;
          end loop;
        end if;
        s := case when own then e_slot[e0] else top end;
        if waiting > 0 then
          for i in e0 .. e1 loop
            cents := e_left[i];
            continue when cents = 0;
            if several then
              if own then s := e_slot[i]; end if;
              if many then
                p := e_payout[i];
                if p <> payout then taken[payout] := taken[payout] + money; money := 0; payout := p; end if;
              end if;
            end if;
            if s <> at then
              if j > 0 then c_left[j] := owed; end if;
              if at > 0 then head[at] := j; end if;
              at := s; j := head[s]; bound := limited[s];
              if bound = 0 then bound := 2147483647; end if;
              if j > 0 then claim_id := c_id[j]; owed := c_left[j]; due := c_due[j]; kept := c_kept[j]; end if;
            end if;
            if j = 0 then
              continue when bound = 2147483647;
            elsif cents < owed and j < bound then  -- most entries: one line, all that they may give
              entry_id := e_id[i]; line := lines[i] + 1; owed := owed - cents; open_after := kept + owed; day := greatest(e_day[i], due);
              return next;
              e_left[i] := 0;
              if many then money := money + cents; end if;
              continue;
            end if;
            entry_id := e_id[i]; line := lines[i]; from_day := e_day[i]; rest := cents;
            if many then money := money + rest; end if;
            if j > 0 and j < bound then
              while rest >= owed loop
                line := line + 1; cents := owed; open_after := kept; day := greatest(from_day, due); rest := rest - owed;
                return next;
                c_left[j] := 0; j := nxt[j]; waiting := waiting - 1;
                if j = 0 then owed := 0; exit; end if;
                claim_id := c_id[j]; owed := c_left[j]; due := c_due[j]; kept := c_kept[j];
                exit when j > bound;
              end loop;
              if rest > 0 and j > 0 and j < bound then
                line := line + 1; cents := rest; owed := owed - rest; open_after := kept + owed; day := greatest(from_day, due); rest := 0;
                return next;
              end if;
            end if;
            if rest > 0 and bound < 2147483647 then
              -- claims with a limit: from each group what its limit leaves, in the order of the claims, the chain in between
              stamp := stamp + 1; n := e_gave[i]; h := 0; g := group_first[s];
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
              g := group_first[s]; bound := case when g = 0 then 2147483647 else group_head[g] end; limited[s] := case when g = 0 then 0 else bound end;
              if j > 0 then claim_id := c_id[j]; end if;
            end if;
            if many then money := money - rest; end if;
            e_left[i] := rest;
            if rest > 0 then lines[i] := line; end if;
            exit when waiting = 0;
          end loop;
          if j > 0 then c_left[j] := owed; end if;
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
            if c_left[c] > 0 and (not own or c_slot[c] > 0) then
              g := case when own then c_group[c] when c_limit[c] > 0 then c_limit[c] else n_l + 1 end;
              nxt[c] := group_head[g]; group_head[g] := c;
            end if;
          end loop;
          for c in reverse c1 .. c0 loop
            if c_left[c] > 0 and (not own or c_slot[c] > 0) then
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
          for i in e0 .. e1 loop
            rest := e_left[i];
            exit when rest > 0;
          end loop;
        end if;
        open_after := 0; entry_id := 0;
        kind := case when acc_left <= 0 or (c_limit[c] > 0 and rest > 0) then 41 when rest > 0 then 43 when a_cents[a] > used then 41 else 42 end;
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

-- The decision for the running accounts p_first..p_last of one risk carrier on one business date: everything that the night will write.
--   what 1 = an entry that leaves the queue (kind 1 declaration, 2 offset given back, 3 advance), 2 = an offset line (kind as posted),
--   3 = a payout: cents = what posting 5 takes (net less advances); more = {IBAN, entries, declarations, first entry, last entry,
--       declared, returned, advance and offset cents, 1 when the account is held for payout},
--   4 = a claim: kind = answer, cents = offset, day = the date that decided; more = {open, held, used principal, used costs, used interest,
--       last answer, kind of hold, 1 with money (the account had declarations) or 0 (the row is here since its answer changed)},
--   5 = a running account that cannot be paid (no IBAN on that day): its entries (line) stay in the queue.
-- The rows are narrow since most are entries and lines: a column that they leave empty would cost a twentieth of the night.
create function offset_decide(p_carrier smallint, p_date date, p_policy int, p_first bigint, p_last bigint, p_run bigint)
returns table (what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line int, cents bigint, open_after bigint,
               pass smallint, payout int, day date, more bigint[])
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
payee as materialized (                           -- the AGB codes of accounts with a queue: numbered (slot), where their money goes (payout), what they may give
  select y.*, (row_number() over (order by y.account_id, y.agb_id))::int as slot, (dense_rank() over (order by y.account_id, y.iban_id))::int as payout
  from (
    select ra.account_id, a.agb_id, coalesce(ar.cap_basis_points, p.cap_basis_points, 10000) as cap_basis_points,
      coalesce(ar.cap_cents, p.cap_cents, 9223372036854775807) as account_cap, coalesce(ar.floor_cents, p.floor_cents) as floor_cents,
      (select coalesce(min(i.iban_id) filter (where i.practice_id is not null), min(i.iban_id)) from payee_iban i   -- the practice's IBAN, else the entity's
        where i.provider_id = any (array[a.provider_id]) and (i.practice_id = a.practice_id or i.practice_id is null)  -- written so, the btree index serves: a third of the GiST's time
          and i.valid_from <= p_date and (i.valid_until is null or i.valid_until >= p_date)) as iban_id
    from running_account ra join agb_registration a using (provider_id) cross join policy p left join account_rule ar on ar.account_id = ra.account_id
    where ra.account_id between p_first and p_last and ra.risk_carrier_id = p_carrier
      and exists (select 1 from payable q where q.account_id = ra.account_id and q.available_on <= p_date)) y),
entry as materialized (                           -- the queue, in order of approval
  select q.account_id, q.entry_id, q.kind, q.cents, q.payable_on, q.offset_claim_id, y.slot, y.payout, y.cap_basis_points
  from payable q left join payee y using (agb_id)
  where q.account_id between p_first and p_last and q.risk_carrier_id = p_carrier and q.available_on <= p_date
    and q.account_id not in (select k.account_id from parked k)
  order by q.account_id, q.approved_at, q.entry_id),
other as materialized (select e.* from entry e where e.kind <> 1),
paid as materialized (                            -- per account and IBAN; without a payout where an AGB code has no IBAN
  select x.*, y.iban_id, y.account_cap, y.floor_cents, coalesce(o.returned_cents, 0)::bigint as returned_cents, coalesce(o.advance_cents, 0)::bigint as advance_cents,
    x.entries - coalesce(o.entries, 0)::int as declarations
  from (
    select e.account_id, e.payout, count(*)::int as entries, min(e.entry_id) as first_entry_id, max(e.entry_id) as last_entry_id, sum(e.cents)::bigint as cents
    from entry e group by e.account_id, e.payout) x
  left join (select distinct on (payee.payout) * from payee order by payee.payout) y using (payout)
  left join (
    select o.payout, count(*) as entries, sum(o.cents) filter (where o.kind = 2) as returned_cents, sum(o.cents) filter (where o.kind = 3) as advance_cents
    from other o group by o.payout) o using (payout)),
account as materialized (
  select x.account_id, sum(x.entries)::int as entries, sum(x.declarations)::int as declarations, sum(x.cents)::bigint as cents,
    sum(x.cents - x.returned_cents - x.advance_cents)::bigint as declared_cents,
    max(x.account_cap) as account_cap, max(x.floor_cents) as floor_cents, bool_or(x.iban_id is null) as unpayable, count(*)::int as payouts
  from paid x group by x.account_id),
considered as materialized (                      -- every claim with something open (or closed since its last answer), and what keeps it out of offset
  select c.account_id, c.claim_id, c.agb_id, c.due_date, c.last_answer, c.held_cents_now as held_cents, c.open_principal_cents, c.priority, c.open_cents,
    c.offset_base - c.held_cents_now as offsettable, least(c.open_principal_cents, c.offset_base - c.held_cents_now) as principal,
    case when c.offset_charges then c.open_costs_cents else 0 end as costs,
    coalesce(f.declarations > 0 and not f.unpayable, false) and c.open_cents > 0 as with_money,
    coalesce(cr.mode, ar.mode, c.offset_mode) as mode,
    case when cr.mode is not null then cr.instruction_id when ar.mode is not null then ar.instruction_id else -c.reason_id end as limit_source,
    case when cr.mode is not null then cr.basis_points when ar.mode is not null then ar.basis_points else c.offset_basis_points end as basis_points,
    case when cr.mode is not null then cr.fixed_cents when ar.mode is not null then ar.fixed_cents else c.offset_fixed_cents end as fixed_cents,
    (case when c.open_cents = 0 then case when c.kind = 4 and c.last_answer in (0, 45) then 45 else 50 end
      when ah.offset_hold is not null then 20
      when c.offset_start = 0 then 30
      when coalesce(cr.mode, ar.mode, c.offset_mode) = 0 then 35
      when c.offset_start = 2 and c.due_date >= p_date then 31
      when c.offset_start = 3 and c.reminder_term_ends[c.offset_start_reminder] is null then 32
      when c.offset_start = 3 and c.reminder_term_ends[c.offset_start_reminder] >= p_date then 33
      when c.offset_start = 4 and (c.offset_requested_on is null or c.offset_requested_on > p_date) then 34
      when c.held_cents_now > 0 and c.offset_base <= c.held_cents_now then 21
      when f.unpayable or c.account_id in (select k.account_id from parked k) then 44
      when f.declarations > 0 then 0
      else 40 end)::smallint as blocked_by,
    case c.offset_start when 2 then c.due_date when 3 then c.reminder_term_ends[c.offset_start_reminder] when 4 then c.offset_requested_on end as fact_date,
    case when ah.offset_hold is not null then ah.offset_hold
      when c.held_cents_now > 0 then (select min(h.kind) from hold h where h.account_id = c.account_id and h.claim_id = c.claim_id and h.ended_on is null and h.for_offset
        and h.from_date <= p_date and (h.until_date is null or h.until_date >= p_date)) end as hold_kind
  from (
    select cp.*, cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents as open_cents, rp.priority, rp.offset_mode, rp.offset_basis_points,
      rp.offset_fixed_cents, rp.offset_charges, rp.offset_start, rp.offset_start_reminder,
      cp.open_principal_cents + case when rp.offset_charges then cp.open_costs_cents + cp.open_interest_cents else 0 end as offset_base,
      case when hn.claim_id is null then cp.held_cents else least(hn.cents, cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents) end as held_cents_now
    from claim_position cp join reason_policy rp on rp.policy_version_id = p_policy and rp.reason_id = cp.reason_id
      left join held_now hn on hn.account_id = cp.account_id and hn.claim_id = cp.claim_id
    where cp.account_id between p_first and p_last and cp.risk_carrier_id = p_carrier and cp.registered_on <= p_date
      and (cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents > 0 or cp.last_answer not in (1, 45, 50))) c
    left join account f on f.account_id = c.account_id left join account_hold ah on ah.account_id = c.account_id
    left join account_rule ar on ar.account_id = c.account_id left join claim_rule cr on cr.account_id = c.account_id and cr.claim_id = c.claim_id),
candidate as materialized (                       -- what may be offset, in the order of the policy
  select c.*, y.slot, case when c.mode = 3 then 0 else dense_rank() over (order by c.mode = 3, c.account_id, c.limit_source) end::int as limit_no,
    (dense_rank() over (order by c.account_id, y.slot, case when c.mode = 3 then 0 else c.limit_source end))::int as group_no
  from considered c left join payee y on y.agb_id = c.agb_id where c.blocked_by = 0
  order by c.account_id, case (select p.claim_order from policy p) when 'priority' then c.priority::int else c.due_date - date '2000-01-01' end,
    case (select p.claim_order from policy p) when 'priority' then c.due_date - date '2000-01-01' else c.priority::int end, c.claim_id),
e as materialized (
  select array_agg(x.entry_id) as id, array_agg(case when x.cap_basis_points = 10000 then x.cents else x.cents * x.cap_basis_points / 10000 end) as give, array_agg(x.slot) as slot,
    array_agg(x.payout) as payout, array_agg(x.payable_on) as day, array_agg(x.cents) as cents from entry x where x.kind = 1),
c as materialized (
  select array_agg(x.claim_id) as id, array_agg(x.due_date) as due, array_agg(x.offsettable) as cents, array_agg(x.principal) as principal,
    array_agg(least(x.costs, x.offsettable - x.principal)) as costs, array_agg(x.open_principal_cents - x.principal) as kept, array_agg(coalesce(x.slot, 0)) as slot,
    array_agg(x.limit_no) as limit_no, array_agg(x.group_no) as group_no, max(x.limit_no) as limits from candidate x),
a as materialized (
  select array_agg(x.account_id) as id, array_agg(x.declarations) as entries, array_agg(coalesce(x.claims, 0)) as claims, array_agg(x.declared_cents) as cents,
    array_agg(x.account_cap) as cap, array_agg(x.plain and x.account_cap = 9223372036854775807 and x.floor_cents = 0) as plain,
    array_agg(x.slots) as slots, array_agg(x.payouts) as payouts, max(x.floor_cents) as floor_cents
  from (
    select f.*, n.claims, n.plain, z.slots from account f left join (select y.account_id, count(*)::int as slots from payee y group by y.account_id) z using (account_id) left join (
      select c.account_id, count(*)::int as claims, bool_and(c.offsettable = c.principal) as plain from candidate c group by c.account_id) n using (account_id)
    order by f.account_id) x),
l as materialized (
  select array_agg(x.basis_points order by x.limit_no) as basis_points, array_agg(x.fixed_cents order by x.limit_no) as cents
  from (select distinct limit_no, basis_points, fixed_cents from candidate where limit_no > 0) x),
entry_no as (                                     -- ordinals, for the exact passes only
  select x.*, row_number() over () as ordinal from entry x where x.kind = 1),
claim_no as (
  select x.*, row_number() over () as ordinal from candidate x),
exact_reference as materialized (
  select array_agg(z.entry order by z.entry, z.claim) as entry, array_agg(z.claim order by z.entry, z.claim) as claim from (
    select e.ordinal::int as entry, c.ordinal::int as claim from claim_no c join claim k on k.account_id = c.account_id and k.claim_id = c.claim_id
      join entry_no e on e.account_id = c.account_id and e.entry_id = k.origin_declaration_id
    where k.origin_declaration_id is not null and 1 = any ((select passes from policy)::smallint[])
    union
    select e.ordinal::int, c.ordinal::int from entry_no e join claim_no c on c.account_id = e.account_id and c.claim_id = e.offset_claim_id
    where e.offset_claim_id is not null and 1 = any ((select passes from policy)::smallint[])) z),
exact_amount as materialized (
  select array_agg(e.ordinal::int order by e.ordinal, c.ordinal) as entry, array_agg(c.ordinal::int order by e.ordinal, c.ordinal) as claim
  from (select x.*, row_number() over (partition by x.account_id, x.cents order by x.ordinal) as nth from entry_no x where 2 = any ((select passes from policy)::smallint[])) e
  join (select x.*, row_number() over (partition by x.account_id, x.offsettable order by x.ordinal) as nth from claim_no x
        where 2 = any ((select passes from policy)::smallint[])) c
    on c.account_id = e.account_id and c.offsettable = e.cents and c.nth = e.nth),
merged as materialized (
  select m.* from offset_merge((select id from a), (select entries from a), (select claims from a), (select cents from a), (select cap from a), (select plain from a), (select slots from a), (select payouts from a),
    (select id from e), (select give from e), (select slot from e), (select payout from e), (select day from e),
    (select cents from e),
    (select id from c), (select due from c), (select cents from c), (select principal from c), (select costs from c), (select kept from c), (select slot from c),
    (select limit_no from c), (select group_no from c), (select basis_points from l), (select cents from l),
    (select array_agg(coalesce(greatest(0, x.cents - x.floor_cents), 0) order by g) from generate_series(1, (select max(payout) from paid)) g left join paid x on x.payout = g
      where (select floor_cents from a) > 0),
    (select max(slot) from payee), (select max(payout) from payee),
    (select entry from exact_reference), (select claim from exact_reference), (select entry from exact_amount), (select claim from exact_amount), (select passes from policy)) m)
select 1::smallint, n.account_id, n.entry_id, null::bigint, n.kind, 0, n.cents, null::bigint, null::smallint, n.payout, n.payable_on, null::bigint[]
from entry n where not (select bool_or(unpayable) from account) or n.account_id not in (select u.account_id from account u where u.unpayable)
union all
select 2::smallint, m.account_id, m.entry_id, m.claim_id, m.kind, m.line, m.cents, m.open_after, m.pass, m.payout, m.day, null from merged m where m.what = 2
union all
select 3::smallint, y.account_id, null, null, null, null, y.cents - y.advance_cents - coalesce(m.cents, 0), null, null, y.payout, null,
  array[y.iban_id, y.entries, y.declarations, y.first_entry_id, y.last_entry_id, y.cents - y.returned_cents - y.advance_cents, y.returned_cents, y.advance_cents,
    coalesce(m.cents, 0), case when ah.payout_hold then 1 else 0 end]
from paid y join account f on f.account_id = y.account_id and not f.unpayable left join merged m on m.what = 3 and m.payout = y.payout
  left join account_hold ah on ah.account_id = y.account_id
union all
select 4::smallint, k.account_id, null, k.claim_id, a.answer, null, coalesce(m.cents, 0), null, null, null, k.fact_date,
  array[k.open_cents, k.held_cents, coalesce(m.open_after, 0), coalesce(m.entry_id, 0), coalesce(m.cents - m.open_after - m.entry_id, 0), k.last_answer, k.hold_kind, k.with_money::int]
from considered k left join merged m on m.what = 4 and m.account_id = k.account_id and m.claim_id = k.claim_id
  cross join lateral (select (case when k.blocked_by <> 0 then k.blocked_by when m.cents > 0 and m.cents = k.open_cents then 1 when m.cents > 0 then 2 else m.kind end)::smallint as answer) a
where k.with_money or a.answer <> k.last_answer
union all
select 5::smallint, u.account_id, null, null, null, u.entries, u.cents, null, null, null, null, null from account u where u.unpayable
$$;
