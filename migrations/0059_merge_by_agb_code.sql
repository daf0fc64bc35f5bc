-- 0059 The merge, AGB code by AGB code: declarations come in the order of their AGB codes, and in the pass "own AGB" a code's claims are
-- used up by its declarations one after the other, without leaving the chain in between; what has no claim is not looked at. Only what
-- has something left, and accounts where the order between AGB codes decides, are put in the order of approval. What comes out is what
-- came out before (tests/night/test_offset_decide.py).

-- The merge. Running accounts, their AGB codes, their declarations and their claims come as arrays, in the same order of account; offset
-- lines, the result of each claim and the total of each payout come out. No table is touched. Linear in declarations + claims + lines,
-- but for a sort, in a pass, of what is taken in the order of approval, whatever the number of AGB codes and limits of an account: what may be
-- taken next stands at the head of a chain.
--   a_*: accounts: how many declarations and claims each has, cents declared, what it may lose in this run, plain: no such cap, no floor
--        under its payouts, no costs or interest to offset, no claim with an amount a run; how many AGB codes and payouts it has;
--        a_share: a share of its own (basis points) that its declarations give in place of e_left, null when none has.
--   s_*: AGB codes: how many declarations each has, the ordinal of its payout.
--   e_*: declarations by AGB code, of a code in order of approval (e_at, then e_id); e_left: what each may give at most.
--   c_*: claims in order of the policy; c_cents: what may be offset, of it c_principal and c_costs (the rest is interest); c_kept:
--        open principal that may not be; c_slot: ordinal of the AGB code, 0 when no declaration has it or its reason leaves out "own AGB";
--        c_limit: 0, or the ordinal of the limit that it shares with others of its account; c_group: the slot, or beyond the slots an
--        ordinal of (slot, limit); c_apart: its reason leaves out "same entity", null when no reason does.
--   l_*: the limits: a share of each declaration, or an amount a run. p_left: what each payout may lose, null when there is no floor.
--   payouts: how many there are. x_*: pairs by exact reference; y_*: by exact amount (ordinals, in order of account and approval, and
--        of the AGB code), of claims that take part in that pass.
--   passes: 1 exact reference, 2 exact amount (both whole), 3 own AGB, 4 same legal entity.
-- Out: what 2 = offset line (kind 2 principal, 3 costs, 4 interest), 3 = total of a payout (payout, cents),
--      4 = result of a claim (cents; open_after: of it principal; entry_id: of it costs; kind 0 = it took money, 41 cap, 42 used up,
--        43 floor, 46 no declaration that its passes could pair it with).
-- The one of before stays for a program of before, which calls it by its own arguments.
create function offset_merge(
  a_id bigint[], a_entries int[], a_claims int[], a_cents bigint[], a_cap bigint[], a_plain boolean[], a_slots int[], a_payouts int[], a_share int[],
  s_entries int[], s_payout int[],
  e_id bigint[], e_left bigint[], e_day date[], e_at timestamptz[], e_cents bigint[],
  c_id bigint[], c_due date[], c_cents bigint[], c_principal bigint[], c_costs bigint[], c_kept bigint[], c_slot int[], c_limit int[], c_group int[],
  l_basis_points int[], l_left bigint[], p_left bigint[], payouts int,
  x_entry int[], x_claim int[], x_slot int[], y_entry int[], y_claim int[], y_slot int[], passes smallint[], c_apart boolean[] default null)
returns table (what smallint, account_id bigint, entry_id bigint, claim_id bigint, kind smallint, line int, cents bigint, open_after bigint,
               pass smallint, payout int, day date)
language plpgsql immutable rows 20000 as $$
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
