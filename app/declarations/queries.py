"""The statements that take a staged file of declarations into the books; each moves the whole set.

`stage_declaration` holds the records (declarations_file.py), `import_context` the one row of the import.
Declarations need no lock:
until the night's planner closes the day (it locks the risk carrier's row, which the import holds FOR SHARE) nobody
looks at them. What becomes a claim does: the running accounts are locked first, in order, and read in the next
statement.
"""

from app.claims import CLAIM_MESSAGES, CLAIM_PROBLEMS, NEW_CLAIM, register_claims
from app.core.db import Connection
from app.core.feed_format import LOAD_SECONDS

_NEW_DECLARATION = """
create temp table new_declaration on commit drop as
select o.line, o.id, o.content_hash, o.known_id, o.problem, o.account_id,
  case when o.problem is not null then null when o.known_id is null then nextval('event_id') else o.known_id end
    as declaration_id,
  o.agb, o.agb_on, o.agb_id, o.provider_id, o.cents, o.approved_at, o.approved_on, o.number, o.invoice_number,
  o.treated_from, o.treated_until, o.names, o.offset_claim_id
from (
  select s.line, s.id, s.content_hash, k.fact_id as known_id,
    case when k.fact_id > x.import_id and exists (select 1 from declaration d where d.account_id = k.account_id
        and d.declaration_id = k.fact_id and d.import_id = x.import_id) then 'loaded_twice'
      when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
      when a.agb_id is null then 'unknown_agb' when ra.account_id is null then 'other_carrier'
      when s.approved_on > x.cut_off_date then 'approved_after_cut_off'
      when s.names is not null and cr.claim_id is null then 'unknown_claim' end as problem,
    coalesce(k.account_id, ra.account_id) as account_id, s.agb, s.agb_on, a.agb_id, a.provider_id, s.cents,
    s.approved_at, s.approved_on, s.number, s.invoice_number, s.treated_from, s.treated_until, s.names,
    cr.claim_id as offset_claim_id
  from (select t.*, (t.approved_at at time zone 'Europe/Amsterdam')::date as approved_on,
      coalesce(t.treated_from, (t.approved_at at time zone 'Europe/Amsterdam')::date) as agb_on
    from stage_declaration t where t.type = 1) s
  cross join import_context x
  left join source_key k on k.risk_carrier_id = x.risk_carrier_id and k.kind = 1 and k.source = x.source
    and k.source_id = s.id
  left join agb_registration a on a.agb = s.agb and a.valid_from <= s.agb_on
    and coalesce(a.valid_until, 'infinity') >= s.agb_on
  left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = x.risk_carrier_id
  left join claim_reference cr on s.names is not null and cr.reference = s.names and cr.account_id = ra.account_id
  order by coalesce(k.account_id, ra.account_id), s.approved_at, s.line
) o
"""

# Credits lock the running account of their declaration, advances that of their AGB code.
_LOCK = """
select ra.account_id from running_account ra where ra.account_id in (
  select k.account_id from stage_declaration s cross join import_context x join source_key k
    on k.risk_carrier_id = x.risk_carrier_id and k.kind = 1 and k.source = x.source and k.source_id = s.names
    where s.type in (2, 3)
  union select d.account_id from stage_declaration s join new_declaration d on d.id = s.names where s.type in (2, 3)
  union select r.account_id from stage_declaration s cross join import_context x join agb_registration a
    on a.agb = s.agb join running_account r on r.provider_id = a.provider_id and r.risk_carrier_id = x.risk_carrier_id
    where s.type = 4)
order by ra.account_id for no key update
"""

_NEW_CREDITS = """
insert into new_claim (line, claim_id, known_id, problem, problem_value, problem_detail, account_id, kind,
  reason_id, agb_id, origin_declaration_id, original_cents, open_cents, registered_on, effective_on, due_date, number,
  ground, source_kind, source_id, content_hash, posting_kind, queued, opening, line_declaration_number,
  line_invoice_number, lines)
select o.line, case when o.problem is null and o.known_id is null then nextval('event_id') end, o.known_id, o.problem,
  case o.problem when 'other_content' then o.id when 'unknown_reason_code' then o.reason_code
    when 'registered_in_future' then o.dated::text else o.names end,
  o.detail, o.account_id, o.type, o.reason_id, o.agb_id, o.declaration_id, o.cents, o.cents, o.registered_on, o.dated,
  o.registered_on, o.number, o.ground, 2, o.id, o.content_hash, 7, false, false, o.declaration_number,
  o.invoice_number, o.lines
from (
  select s.*, k.fact_id as known_id,
    case when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
      when n.declaration_id is null and dk.fact_id is null then 'unknown_declaration'
      when w.withdrawal_id is not null then 'declaration_withdrawn'
      when rp.reason_id is null then 'unknown_reason_code'
      when s.on_date > greatest(x.cut_off_date, x.booking_date) then 'registered_in_future' end as problem,
    case when rp.reason_id is null then x.reason_codes
      else greatest(x.cut_off_date, x.booking_date)::text end as detail,
    coalesce(n.account_id, dk.account_id) as account_id, coalesce(n.declaration_id, dk.fact_id) as declaration_id,
    coalesce(d.agb_id, n.agb_id) as agb_id, rp.reason_id, coalesce(d.number, n.number) as declaration_number,
    coalesce(d.invoice_number, n.invoice_number) as invoice_number,
    coalesce(s.on_date, x.cut_off_date) as dated,
    greatest(coalesce(s.on_date, x.cut_off_date), x.first_open_date) as registered_on
  from (select t.line, t.type, t.id, t.content_hash, t.cents, t.on_date, t.number, t.names, t.reason_code, t.ground,
      t.lines from stage_declaration t where t.type in (2, 3)) s
  cross join import_context x
  left join source_key k on k.risk_carrier_id = x.risk_carrier_id and k.kind = 2 and k.source = x.source
    and k.source_id = s.id
  left join source_key dk on dk.risk_carrier_id = x.risk_carrier_id and dk.kind = 1 and dk.source = x.source
    and dk.source_id = s.names
  left join new_declaration n on n.id = s.names
  left join declaration d on d.account_id = dk.account_id and d.declaration_id = dk.fact_id
  left join declaration_withdrawal w on w.account_id = dk.account_id and w.declaration_id = dk.fact_id
  left join reason_code r on r.risk_carrier_id = x.risk_carrier_id and r.code = s.reason_code
  left join reason_policy rp on rp.policy_version_id = x.policy_version_id and rp.reason_id = r.reason_id
  order by coalesce(n.account_id, dk.account_id), s.line
) o
"""

_NEW_ADVANCES = """
insert into new_claim (line, claim_id, known_id, problem, problem_value, problem_detail, account_id, kind,
  reason_id, agb_id,
  original_cents, open_cents, registered_on, effective_on, due_date, number, ground, source_kind, source_id,
  content_hash, posting_kind, queued, opening)
select o.line, case when o.problem is null and o.known_id is null then nextval('event_id') end, o.known_id, o.problem,
  case o.problem when 'other_content' then o.id when 'unknown_reason_code' then o.reason_code
    when 'registered_in_future' then o.dated::text else o.agb end,
  o.detail, o.account_id, 4, o.reason_id, o.agb_id, o.cents, case when o.elsewhere then o.cents else 0 end,
  o.registered_on, o.dated, o.registered_on, o.number, o.ground, 4, o.id, o.content_hash,
  case when o.elsewhere then 10 end, not o.elsewhere, false
from (
  select s.line, s.id, s.content_hash, s.agb, s.cents, s.number, s.reason_code, s.ground, s.elsewhere, s.dated,
    k.fact_id as known_id,
    case when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
      when a.agb_id is null then 'unknown_agb' when ra.account_id is null then 'other_carrier'
      when rp.reason_id is null then 'unknown_reason_code'
      when s.elsewhere and s.dated > x.booking_date then 'registered_in_future' end as problem,
    case when a.agb_id is null then s.dated::text when ra.account_id is null then p.name
      when rp.reason_id is null then x.reason_codes else x.booking_date::text end as detail,
    coalesce(k.account_id, ra.account_id) as account_id, a.agb_id, rp.reason_id,
    greatest(s.dated, x.first_open_date) as registered_on
  from (select t.*, coalesce(t.on_date, c.cut_off_date) as dated
    from stage_declaration t cross join import_context c where t.type = 4) s
  cross join import_context x
  left join source_key k on k.risk_carrier_id = x.risk_carrier_id and k.kind = 4 and k.source = x.source
    and k.source_id = s.id
  left join agb_registration a on a.agb = s.agb and a.valid_from <= s.dated
    and coalesce(a.valid_until, 'infinity') >= s.dated
  left join provider p on p.provider_id = a.provider_id
  left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = x.risk_carrier_id
  left join reason_code r on r.risk_carrier_id = x.risk_carrier_id and r.code = s.reason_code
  left join reason_policy rp on rp.policy_version_id = x.policy_version_id and rp.reason_id = r.reason_id
  order by coalesce(k.account_id, ra.account_id), s.line
) o
"""

RESOLVE = (
    "analyze stage_declaration (type, id, agb, names)",
    _NEW_DECLARATION,
    "analyze new_declaration (id)",
    _LOCK,
    NEW_CLAIM,
    _NEW_CREDITS,
    _NEW_ADVANCES,
    "analyze new_claim",
)

_DUPLICATES = """
select 'duplicate_in_file', s.line, s.id, s.first_line::text
from (select t.line, t.id, min(t.line) over (partition by t.type = 1, t.type = 4, t.id) as first_line from
  stage_declaration t
  where (t.type = 1, t.type = 4, t.id) in
    (select d.type = 1, d.type = 4, d.id from stage_declaration d group by 1, 2, 3 having count(*) > 1)) s
where s.line > s.first_line order by s.line limit 100001
"""

_DECLARATION_PROBLEMS = """
select n.problem, n.line,
  case when n.problem in ('other_content', 'loaded_twice') then n.id when n.problem = 'unknown_claim' then n.names
    when n.problem = 'approved_after_cut_off' then n.approved_on::text else n.agb end,
  case n.problem when 'loaded_twice' then n.known_id::text
    when 'unknown_agb' then n.agb_on::text when 'approved_after_cut_off' then x.cut_off_date::text
    when 'other_carrier' then p.name end
from new_declaration n cross join import_context x left join provider p on p.provider_id = n.provider_id
where n.problem is not null order by n.line limit 100001
"""

# A declaration is credited to at most its awarded amount less earlier credits, as they stand after adjustments.
_CREDIT_ABOVE_REST = """
select 'credit_above_rest', f.line, (-f.original_cents)::text, greatest(0, a.awarded_cents - e.cents - (f.running -
  f.original_cents))::text
from (select n.line, n.account_id, n.origin_declaration_id, n.original_cents,
    sum(n.original_cents) over (partition by n.account_id, n.origin_declaration_id order by n.line)::bigint as running
  from new_claim n where n.kind in (2, 3) and n.known_id is null and n.problem is null) f
cross join lateral (
  select d.awarded_cents from declaration d where d.account_id = f.account_id and d.declaration_id =
    f.origin_declaration_id
  union all
  select d.cents from new_declaration d where d.account_id = f.account_id and d.declaration_id =
    f.origin_declaration_id
    and d.known_id is null) a
cross join lateral (
  select coalesce(sum(c.original_cents + coalesce((select sum(j.delta_cents) from adjustment j where j.account_id =
    c.account_id
      and j.claim_id = c.claim_id and j.kind <> 3), 0)), 0)::bigint as cents
  from claim c where c.account_id = f.account_id and c.origin_declaration_id = f.origin_declaration_id and c.kind in
    (2, 3)) e
where e.cents + f.running > a.awarded_cents order by f.line limit 100001
"""

CHECKS = (_DUPLICATES, _DECLARATION_PROBLEMS, CLAIM_PROBLEMS, _CREDIT_ABOVE_REST)

MESSAGES = {
    **CLAIM_MESSAGES,
    "approved_after_cut_off": (
        "approvedAt",
        "it lies after the cut-off date {detail} of the file; send it in the file of its own day.",
    ),
    "unknown_claim": (
        "claimReference",
        "this provider has no such claim; name a claim by its reference (VOR-…), or leave the field out.",
    ),
    "unknown_declaration": (
        "declaration",
        "this source sent no declaration with that id; send the declaration first, or correct the id.",
    ),
    "registered_in_future": (
        "registeredOn",
        "what was credited, corrected or paid elsewhere has happened: give its own day, at the latest {detail}.",
    ),
    "declaration_withdrawn": ("declaration", "it was withdrawn and can no longer be credited; leave the record out."),
    "credit_above_rest": (
        "amountCents",
        "the declaration leaves {detail} cents to credit: its awarded amount less earlier credits; lower the credit.",
    ),
}

_DECLARATIONS = """
insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at,
  awarded_cents, import_id, number, invoice_number, treated_from, treated_until)
select n.account_id, n.declaration_id, x.risk_carrier_id, n.agb_id, x.available_on, n.approved_at, n.cents,
  x.import_id, n.number, n.invoice_number, n.treated_from, n.treated_until
from new_declaration n cross join import_context x where n.known_id is null
"""

_QUEUE = """
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at,
  cents, offset_claim_id)
select n.account_id, n.declaration_id, x.risk_carrier_id, 1, n.agb_id, x.available_on, n.approved_on, n.approved_at,
  n.cents, n.offset_claim_id
from new_declaration n cross join import_context x where n.known_id is null
"""

# Systems number in order, so that the order of the file is nearly that of the key.
_SOURCE_KEYS = """
insert into source_key (risk_carrier_id, kind, source, source_id, account_id, fact_id, content_hash)
select x.risk_carrier_id, 1, x.source, n.id, n.account_id, n.declaration_id, n.content_hash
from new_declaration n cross join import_context x where n.known_id is null order by n.line
"""

_COUNT = "select (count(*) filter (where known_id is null))::bigint, count(known_id)::bigint from new_declaration"


async def load(conn: Connection) -> tuple[int, int, int]:
    """Write the declarations, credits, corrections and advances that were resolved; (added, known, changed = 0)."""
    # new_declaration was written in order of account and approval, so its rows come in the order of the primary keys
    for statement in (_DECLARATIONS, _QUEUE, _SOURCE_KEYS):
        await conn.execute(statement, timeout=LOAD_SECONDS)
    row = await conn.fetchrow(_COUNT)
    assert row is not None
    claims, known_claims = await register_claims(conn)
    return row[0] + claims, row[1] + known_claims, 0
