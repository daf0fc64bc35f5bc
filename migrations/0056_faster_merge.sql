-- 0056 The merge, the same lines from fewer steps: of the accounts without cap, floor or charge, an AGB code's chain is left and taken up again
-- in half the statements. What comes out is what came out before (tests/night/test_offset_decide.py).

-- The merge. Running accounts, their declarations and their claims come as arrays, in the same order of account; offset lines, the
-- result of each claim and the total of each payout come out. No table is touched. Linear in declarations + claims + lines, whatever
-- the number of AGB codes and limits of an account: what may be taken next stands at the head of a chain.
--   a_*: accounts: how many declarations and claims each has, cents declared, what it may lose in this run, plain: no such cap, no
--        floor under its payouts, no costs or interest to offset; how many AGB codes and payouts it has.
--   e_*: declarations in order of approval; e_left: what each may give at most; e_slot: ordinal of its AGB code; e_payout: of its payout.
--   c_*: claims in order of the policy; c_cents: what may be offset, of it c_principal and c_costs (the rest is interest); c_kept:
--        open principal that may not be; c_slot: ordinal of the AGB code, 0 when no declaration has it or its reason leaves out "own AGB";
--        c_limit: 0, or the ordinal of the limit that it shares with others of its account; c_group: the slot, or beyond the slots an
--        ordinal of (slot, limit); c_apart: its reason leaves out "same entity", null when no reason does.
--   l_*: the limits: a share of each declaration, or an amount a run. p_left: what each payout may lose, null when there is no floor.
--   slots, payouts: how many ordinals there are. x_*: pairs by exact reference; y_*: by exact amount (ordinals, in order of declaration), of
--        claims that take part in that pass.
--   passes: 1 exact reference, 2 exact amount (both whole), 3 own AGB, 4 same legal entity.
-- Out: what 2 = offset line (kind 2 principal, 3 costs, 4 interest), 3 = total of a payout (payout, cents),
--      4 = result of a claim (cents; open_after: of it principal; entry_id: of it costs; kind 0 = it took money, 41 cap, 42 used up,
--        43 floor, 46 no declaration that its passes could pair it with).
create or replace function offset_merge(
  a_id bigint[], a_entries int[], a_claims int[], a_cents bigint[], a_cap bigint[], a_plain boolean[], a_slots int[], a_payouts int[],
  e_id bigint[], e_left bigint[], e_slot int[], e_payout int[], e_day date[], e_cents bigint[],
  c_id bigint[], c_due date[], c_cents bigint[], c_principal bigint[], c_costs bigint[], c_kept bigint[], c_slot int[], c_limit int[], c_group int[],
  l_basis_points int[], l_left bigint[], p_left bigint[], slots int, payouts int,
  x_entry int[], x_claim int[], y_entry int[], y_claim int[], passes smallint[], c_apart boolean[] default null)
returns table (what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line int, cents bigint, open_after bigint,
               pass smallint, payout int, day date)
language plpgsql immutable rows 20000 as $$
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
