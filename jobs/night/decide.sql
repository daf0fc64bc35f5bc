-- The decision for the running accounts $4..$5 of one risk carrier on one date: a list of CTEs, put in front of what executes it
-- (offset_batch.sql) and of what previews it (preview_batch.sql, preview_lines.sql), so that both do the very same (law 3).
-- Reads:  policy_version, reason_policy, hold, offset_instruction, running accounts' queue (payable), agb_registration, payee_iban, claim_position, claim,
--   run_parked. Writes nothing. Repeatable: a read. offset_merge (migration 0059) matches; here its arrays are made and its answer is read.
-- What comes out: entry (the queue), other (of it what is not a declaration), paid_out (payouts), merged (2 = offset lines), answered (claims), unpayable.
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account, $6 run, $7 positions to read instead of those
--   that are stored (JSON): what agreements would move (agreements.py), null where they have moved it
with
agreed as (select p.* from jsonb_populate_recordset(null::claim_position, $7::jsonb) p where p.account_id between $4::bigint and $5::bigint),
agreed_position as (                              -- read in the place of claim_position where $7 is given (statements.py): in one plan for both the night was half as fast
  select s.* from claim_position s where s.account_id between $4::bigint and $5::bigint and s.claim_id <> all (array(select g.claim_id from agreed g))
  union all select g.* from agreed g),
policy as materialized (
  select *, coalesce(cap_basis_points, 10000) as share, exists (select 1 from reason_policy rp where rp.policy_version_id = $3 and 4 <> all (rp.passes)) as keeps_apart   -- a reason without the pass "same entity"
  from policy_version where policy_version_id = $3::int),
hold_of_date as materialized (                    -- the holds of this date: those of it, though they ended while this night waited for its feed, and those that count by now
  select h.account_id, h.claim_id, h.kind, h.cents, h.active, h.for_offset, h.for_payout,
    (h.from_date <= $2::date or h.active) and (h.until_date is null or h.until_date >= $2::date) as counts
  from hold h where h.account_id between $4::bigint and $5::bigint and (h.ended_on is null or h.ended_on > $2::date)),
held_now as materialized (                        -- claims whose holds of this date are others than those that are counted now (a preview of a later day, a night that runs late)
  select h.account_id, h.claim_id,
    case when bool_or(h.cents is null and h.counts) then 9223372036854775807 else coalesce(sum(h.cents) filter (where h.counts), 0)::bigint end as cents
  from hold_of_date h where h.claim_id is not null and h.for_offset group by h.account_id, h.claim_id having bool_or(h.active <> h.counts)),
parked as materialized (select rp.account_id from run_parked rp where rp.run_id = $6::bigint),
account_hold as materialized (                    -- holds on whole running accounts
  select h.account_id, min(h.kind) filter (where h.for_offset) as offset_hold, bool_or(h.for_payout) as payout_hold
  from hold_of_date h where h.claim_id is null and h.counts group by h.account_id),
claim_hold as materialized (
  select h.account_id, h.claim_id, min(h.kind) as kind from hold_of_date h where h.claim_id is not null and h.for_offset and h.counts group by h.account_id, h.claim_id),
account_rule as materialized (                    -- the newest instruction for a whole running account
  select distinct on (oi.account_id) oi.* from offset_instruction oi where oi.account_id between $4::bigint and $5::bigint and oi.claim_id is null
    and oi.valid_from <= $2::date and (oi.valid_until is null or oi.valid_until >= $2::date) order by oi.account_id, oi.valid_from desc, oi.instruction_id desc),
claim_rule as materialized (
  select distinct on (oi.account_id, oi.claim_id) oi.* from offset_instruction oi where oi.account_id between $4::bigint and $5::bigint and oi.claim_id is not null
    and oi.valid_from <= $2::date and (oi.valid_until is null or oi.valid_until >= $2::date) order by oi.account_id, oi.claim_id, oi.valid_from desc, oi.instruction_id desc),
told as materialized (                            -- what is told of single claims, which are few: one join with the claims in the place of three
  select account_id, claim_id, h.kind as hold_kind, n.cents as held_now, r.mode, r.instruction_id, r.basis_points, r.fixed_cents
  from claim_hold h full join held_now n using (account_id, claim_id) full join claim_rule r using (account_id, claim_id)),
queue as materialized (                           -- by AGB code, of a code in order of approval; what it is sorted by comes first and nothing is null: a sort reads that faster
  select q.account_id, q.agb_id, q.approved_at, q.entry_id, q.cents, q.kind, q.payable_on, coalesce(q.offset_claim_id, 0) as offset_claim_id
  from payable q where q.account_id between $4::bigint and $5::bigint and q.risk_carrier_id = $1::smallint and q.available_on <= $2::date
    and ((select not exists (select 1 from parked)) or q.account_id not in (select k.account_id from parked k))
  order by q.account_id, q.agb_id, q.approved_at, q.entry_id),
queued as materialized (                          -- the AGB codes that have money in the queue
  select q.account_id, q.agb_id, count(*)::int as entries, min(q.entry_id) as first_entry_id, max(q.entry_id) as last_entry_id, sum_cents(q.cents) as cents, max(q.kind) > 1 as has_other
  from queue q group by q.account_id, q.agb_id),
registered as materialized (                      -- looked up with all keys at once: one walk through the index, half the cost of one by one
  select r.agb_id, r.provider_id, r.practice_id from agb_registration r where r.agb_id = any (array(select q.agb_id from queued q))),
iban as materialized (                            -- of a practice, or of the entity (no practice); by the btree index, a third of the GiST's time
  select i.provider_id, i.practice_id, min(i.iban_id) as iban_id from payee_iban i
  where i.provider_id = any (array(select distinct r.provider_id from registered r))
    and i.valid_from <= $2::date and (i.valid_until is null or i.valid_until >= $2::date)
  group by i.provider_id, i.practice_id),
payee as materialized (                           -- numbered in the order of the queue (slot), where the money goes (payout: the practice's IBAN, else the entity's), what they may give
  select y.*, (row_number() over (order by y.account_id, y.agb_id))::int as slot, (dense_rank() over (order by y.account_id, y.iban_id))::int as payout
  from (
    select q.*, ar.cap_basis_points as own_share,
      coalesce(ar.cap_cents, p.cap_cents, 9223372036854775807) as account_cap, coalesce(ar.floor_cents, p.floor_cents) as floor_cents,
      coalesce(own.iban_id, whole.iban_id) as iban_id
    from queued q left join registered a on a.agb_id = q.agb_id left join iban own on own.provider_id = a.provider_id and own.practice_id = a.practice_id
      left join iban whole on whole.provider_id = a.provider_id and whole.practice_id is null
      cross join policy p left join account_rule ar on ar.account_id = q.account_id) y),
sizes as materialized (                           -- how many AGB codes and payouts have a number
  select max(y.slot) as slots, max(y.payout) as payouts, bool_or(y.has_other) as has_other from payee y),
entry as not materialized (                       -- the queue, with where its money goes
  select q.*, y.slot, y.payout from queue q join payee y using (account_id, agb_id)),
other as materialized (select e.* from entry e where e.kind <> 1 and (select z.has_other from sizes z)),   -- most batches have none, and do not look for them
paid as materialized (                            -- per account and IBAN; without a payout where an AGB code has no IBAN
  select x.*, coalesce(o.returned_cents, 0)::bigint as returned_cents, coalesce(o.advance_cents, 0)::bigint as advance_cents, x.entries - coalesce(o.entries, 0)::int as declarations
  from (
    select y.account_id, y.payout, count(*)::int as slots, sum(y.entries)::int as entries, min(y.first_entry_id) as first_entry_id, max(y.last_entry_id) as last_entry_id, sum_cents(y.cents) as cents,
      min(y.iban_id) as iban_id, max(y.own_share) as own_share, max(y.account_cap) as account_cap, max(y.floor_cents) as floor_cents
    from payee y group by y.account_id, y.payout) x
  left join (
    select o.payout, count(*) as entries, sum_cents(o.cents) filter (where o.kind = 2) as returned_cents, sum_cents(o.cents) filter (where o.kind = 3) as advance_cents
    from other o group by o.payout) o using (payout)),
account as materialized (
  select x.account_id, sum(x.slots)::int as slots, sum(x.entries)::int as entries, sum(x.declarations)::int as declarations, sum_cents(x.cents) as cents,
    sum_cents(x.cents - x.returned_cents - x.advance_cents) as declared_cents,
    max(x.own_share) as own_share, max(x.account_cap) as account_cap, max(x.floor_cents) as floor_cents, bool_or(x.iban_id is null) as unpayable, count(*)::int as payouts
  from paid x group by x.account_id),
standing as not materialized (                    -- of a running account: what the night has for it, and what is told of it
  select account_id, coalesce(f.declarations > 0 and not f.unpayable, false) as pays, f.unpayable, f.declarations > 0 as declares, h.offset_hold, r.mode, r.instruction_id, r.basis_points, r.fixed_cents
  from account f full join account_hold h using (account_id) full join account_rule r using (account_id)),
considered as materialized (                      -- every claim with something open (or closed since its last answer), and what keeps it out of offset
  select c.account_id, c.claim_id, c.agb_id, c.due_date, c.last_answer, c.kind, c.held_cents_now as held_cents, c.open_principal_cents, c.priority, c.passes, c.open_cents,
    c.offset_base - c.held_cents_now as offsettable, least(c.open_principal_cents, c.offset_base - c.held_cents_now) as principal,
    case when c.offset_charges then c.open_costs_cents else 0 end as costs,
    coalesce(st.pays, false) and c.open_cents > 0 as with_money,
    coalesce(c.told_mode, st.mode, c.offset_mode) as mode,
    case when c.told_mode is not null then c.told_instruction_id when st.mode is not null then st.instruction_id else -c.reason_id end as limit_source,
    case when c.told_mode is not null then c.told_basis_points when st.mode is not null then st.basis_points else c.offset_basis_points end as basis_points,
    case when c.told_mode is not null then c.told_fixed_cents when st.mode is not null then st.fixed_cents else c.offset_fixed_cents end as fixed_cents,
    (case when c.open_cents = 0 then case when c.kind = 4 and c.last_answer in (0, 45) then 45 else 50 end
      when c.kind = 8 and (c.registered_on < $2::date or exists (                  -- it goes back first; or its debtor was held since it was taken over
        select 1 from takeover t cross join lateral (
          select 1 from hold h where h.account_id = t.account_id and (h.claim_id is null or h.claim_id = t.claim_id) and h.hold_id > t.takeover_id
            and h.for_offset and h.active and h.ended_on is null offset 0) h
        where t.payer_account_id = c.account_id and t.takeover_id = c.claim_id offset 0)) then 47
      when st.offset_hold is not null then 20
      when c.offset_start = 0 then 30
      when coalesce(c.told_mode, st.mode, c.offset_mode) = 0 then 35
      when c.offset_base = 0 then 36
      when c.offset_start = 2 and c.due_date >= $2::date then 31
      when c.offset_start = 3 and c.reminder_term_ends[c.offset_start_reminder] is null then 32
      when c.offset_start = 3 and c.reminder_term_ends[c.offset_start_reminder] >= $2::date then 33
      when c.offset_start = 4 and (c.offset_requested_on is null or c.offset_requested_on > $2::date) then 34
      when c.held_cents_now > 0 and c.offset_base <= c.held_cents_now then 21
      when st.unpayable or c.account_id in (select k.account_id from parked k) then 44
      when st.declares then 0
      else 40 end)::smallint as blocked_by,
    case c.offset_start when 2 then c.due_date when 3 then c.reminder_term_ends[c.offset_start_reminder] when 4 then c.offset_requested_on end as fact_date,
    case when st.offset_hold is not null then st.offset_hold
      when c.held_cents_now > 0 then c.told_hold_kind end as hold_kind
  from (
    select cp.*, cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents as open_cents, rp.priority, case when cp.kind = 8 then '{4}' else rp.passes end as passes, rp.offset_mode, rp.offset_basis_points,
      rp.offset_fixed_cents, rp.offset_charges, rp.offset_start, rp.offset_start_reminder,
      cp.open_principal_cents + case when rp.offset_charges then cp.open_costs_cents + cp.open_interest_cents else 0 end as offset_base,
      t.hold_kind as told_hold_kind, t.mode as told_mode, t.instruction_id as told_instruction_id, t.basis_points as told_basis_points, t.fixed_cents as told_fixed_cents,
      case when t.held_now is null then cp.held_cents else least(t.held_now, cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents) end as held_cents_now
    from claim_position cp join reason_policy rp on rp.policy_version_id = $3::int and rp.reason_id = cp.reason_id
      left join told t on t.account_id = cp.account_id and t.claim_id = cp.claim_id
    where cp.account_id between $4::bigint and $5::bigint and cp.risk_carrier_id = $1::smallint and cp.registered_on <= $2::date
      and (cp.open_principal_cents + cp.open_costs_cents + cp.open_interest_cents > 0 or cp.last_answer not in (1, 45, 50))) c
    left join standing st on st.account_id = c.account_id),
numbered as materialized (                        -- what may be offset under a limit; limit_no: ordinal of the limit in play, one per running account and what sets it
  -- Limits and groups are numbered by windows over the claims that have one: a join with them would be a nested loop (the planner expects one row), quadratic in the batch.
  select k.*, coalesce(y.slot, 0) as slot, (dense_rank() over (order by k.account_id, k.limit_source))::int as limit_no
  from considered k left join payee y on y.account_id = k.account_id and y.agb_id = k.agb_id and (k.passes is null or 3 = any (k.passes))
  where k.blocked_by = 0 and k.mode <> 3),
limited as materialized (
  select n.limit_no, min(n.basis_points) as basis_points, min(n.fixed_cents) as fixed_cents from numbered n group by n.limit_no),
candidate as materialized (                       -- what may be offset, by account, then in the order of the policy. group_no: claims of one AGB code under one limit; without a limit the AGB code's number
  select c.account_id, case when c.kind = 8 then 2147483647 else case (select p.claim_order from policy p) when 'priority' then c.priority::int else c.due_date - date '2000-01-01' end end as first_key,   -- what was taken over comes after all of the account's own
    case when c.kind = 8 or (select p.claim_order from policy p) = 'priority' then c.due_date - date '2000-01-01' else c.priority::int end as second_key,
    c.claim_id, c.passes, c.due_date, c.offsettable, c.principal, least(c.costs, c.offsettable - c.principal) as costs, c.open_principal_cents - c.principal as kept,
    c.slot, c.limit_no, c.fixed_cents, c.group_no
  from (
    select k.*, coalesce(y.slot, 0) as slot, 0 as limit_no, coalesce(y.slot, 1) as group_no
    from considered k left join payee y on y.account_id = k.account_id and y.agb_id = k.agb_id and (k.passes is null or 3 = any (k.passes))
    where k.blocked_by = 0 and (k.mode <> 3) is not true
    union all
    select n.*, 1 from numbered n where n.slot = 0
    union all
    select n.*, ((select z.slots from sizes z) + dense_rank() over (order by n.slot, n.limit_no))::int from numbered n where n.slot > 0) c
  order by c.account_id, first_key, second_key, c.claim_id),
e as materialized (                               -- what each may give under the share of the policy; offset_merge applies that of an account of its own
  select array_agg(x.entry_id) as id, array_agg(case when (select p.share from policy p) = 10000 then x.cents else x.cents * (select p.share from policy p) / 10000 end) as give,
    array_agg(x.payable_on) as day, array_agg(x.approved_at) as approved_at,
    array_agg(x.cents) filter (where (select exists (select 1 from limited) or exists (select 1 from account f where f.own_share is not null) or 2 = any (p.passes) from policy p)) as cents
  from queue x where x.kind = 1),
s as materialized (
  select array_agg(y.declarations order by y.slot) as entries, array_agg(y.payout order by y.slot) as payout from (
    select y.slot, y.payout, y.entries - coalesce(o.entries, 0) as declarations
    from payee y left join (select o.slot, count(*)::int as entries from other o group by o.slot) o using (slot)) y),
c as materialized (
  select array_agg(x.claim_id) as id, array_agg(x.due_date) as due, array_agg(x.offsettable) as cents, array_agg(x.principal) as principal,
    array_agg(x.costs) as costs, array_agg(x.kept) as kept, array_agg(x.slot) as slot, array_agg(x.limit_no) as limit_no, array_agg(x.group_no) as group_no,
    array_agg(coalesce(4 <> all (x.passes), false)) filter (where (select keeps_apart from policy)) as apart from candidate x),
a as materialized (
  select array_agg(x.account_id) as id, array_agg(x.declarations) as entries, array_agg(coalesce(x.claims, 0)) as claims, array_agg(x.declared_cents) as cents,
    array_agg(x.account_cap) as cap, array_agg(x.plain and x.account_cap = 9223372036854775807 and x.floor_cents = 0) as plain,
    array_agg(x.slots) as slots, array_agg(x.payouts) as payouts, max(x.floor_cents) as floor_cents,
    case when max(x.own_share) is not null then array_agg(x.own_share) end as share
  from (
    select f.*, n.claims, n.plain from account f left join (
      select c.account_id, count(*)::int as claims, bool_and(c.offsettable = c.principal and (c.limit_no = 0 or c.fixed_cents is null)) as plain from candidate c group by c.account_id) n using (account_id)
    order by f.account_id) x),
l as materialized (
  select array_agg(m.basis_points order by m.limit_no) as basis_points, array_agg(m.fixed_cents order by m.limit_no) as cents from limited m),
entry_no as (                                     -- ordinals, for the exact passes only
  select x.*, y.slot from (select q.*, row_number() over () as ordinal from queue q where q.kind = 1) x join payee y using (account_id, agb_id)),
claim_no as (
  select x.*, row_number() over () as ordinal from candidate x),
exact_reference as materialized (
  select array_agg(z.entry order by z.account_id, z.approved_at, z.entry_id, z.claim) as entry, array_agg(z.claim order by z.account_id, z.approved_at, z.entry_id, z.claim) as claim,
    array_agg(z.slot order by z.account_id, z.approved_at, z.entry_id, z.claim) as slot from (
    select e.account_id, e.approved_at, e.entry_id, e.slot, e.ordinal::int as entry, c.ordinal::int as claim from claim_no c join claim k on k.account_id between $4::bigint and $5::bigint and k.account_id = c.account_id and k.claim_id = c.claim_id
      join entry_no e on e.account_id = c.account_id and e.entry_id = k.origin_declaration_id
    where k.origin_declaration_id is not null and 1 = any ((select passes from policy)::smallint[]) and (c.passes is null or 1 = any (c.passes))
    union
    select e.account_id, e.approved_at, e.entry_id, e.slot, e.ordinal::int, c.ordinal::int from entry_no e join claim_no c on c.account_id = e.account_id and c.claim_id = e.offset_claim_id
    where e.offset_claim_id > 0 and 1 = any ((select passes from policy)::smallint[]) and (c.passes is null or 1 = any (c.passes))) z),
exact_amount as materialized (
  select array_agg(e.ordinal::int order by e.account_id, e.approved_at, e.entry_id, c.ordinal) as entry, array_agg(c.ordinal::int order by e.account_id, e.approved_at, e.entry_id, c.ordinal) as claim,
    array_agg(e.slot order by e.account_id, e.approved_at, e.entry_id, c.ordinal) as slot
  from (select x.*, row_number() over (partition by x.account_id, x.cents order by x.approved_at, x.entry_id) as nth from entry_no x where 2 = any ((select passes from policy)::smallint[])) e
  join (select x.*, row_number() over (partition by x.account_id, x.offsettable order by x.ordinal) as nth from claim_no x
        where 2 = any ((select passes from policy)::smallint[]) and (x.passes is null or 2 = any (x.passes))) c
    on c.account_id = e.account_id and c.offsettable = e.cents and c.nth = e.nth),
merged as materialized (
  select m.* from offset_merge((select id from a), (select entries from a), (select claims from a), (select cents from a), (select cap from a), (select plain from a), (select slots from a), (select payouts from a), (select share from a),
    (select entries from s), (select payout from s),
    (select id from e), (select give from e), (select day from e), (select approved_at from e), (select cents from e),
    (select id from c), (select due from c), (select cents from c), (select principal from c), (select costs from c), (select kept from c), (select slot from c),
    (select limit_no from c), (select group_no from c), (select basis_points from l), (select cents from l),
    (select array_agg(coalesce(greatest(0, x.cents - x.floor_cents), 0) order by g) from generate_series(1, (select z.payouts from sizes z)) g left join paid x on x.payout = g
      where (select floor_cents from a) > 0),
    (select z.payouts from sizes z),
    (select entry from exact_reference), (select claim from exact_reference), (select slot from exact_reference), (select entry from exact_amount), (select claim from exact_amount), (select slot from exact_amount), (select passes from policy),
    (select apart from c)) m),
result as materialized (                          -- of payouts and claims: the lines are five times as many
  select m.what, m.account_id, m.claim_id, m.payout, m.cents, m.open_after, m.entry_id, m.kind from merged m where m.what <> 2),
paid_out as materialized (                        -- the payouts: gross, what is offset, and so what is left
  select y.*, y.cents - y.returned_cents - y.advance_cents as declared_cents, coalesce(m.cents, 0) as offset_cents, ah.payout_hold
  from paid y join account f on f.account_id = y.account_id and not f.unpayable left join result m on m.what = 3 and m.payout = y.payout
    left join account_hold ah on ah.account_id = y.account_id),
answered as materialized (                        -- the claims in scope and those whose answer is another one
  select k.account_id, k.claim_id, k.open_cents, k.held_cents, k.last_answer, k.hold_kind, k.with_money, k.fact_date, a.answer,
    coalesce(m.cents, 0) as cents, coalesce(m.open_after, 0) as principal, coalesce(m.entry_id, 0) as costs, coalesce(m.cents - m.open_after - m.entry_id, 0) as interest
  from considered k left join result m on m.what = 4 and m.account_id = k.account_id and m.claim_id = k.claim_id
    cross join lateral (select (case when k.blocked_by <> 0 then k.blocked_by when m.cents > 0 and m.cents = k.open_cents then 1 when m.cents > 0 then 2 else m.kind end)::smallint as answer) a
  where k.with_money or a.answer <> k.last_answer),
unpayable as materialized (select u.account_id, u.entries, u.cents from account u where u.unpayable)
