"""Registering claims in bulk: what every feed that brings claims does after it looked up what they name.

A feed fills the temporary table `new_claim`; `register` writes claims, lines, positions, postings and references from it.
The caller has locked the running accounts, and `import_context` holds the one row of the import.
"""

from app.core.db import Connection

NEW_CLAIM = """
create temp table new_claim (
  line int, claim_id bigint, known_id bigint, problem text, problem_value text, problem_detail text,
  account_id bigint, kind smallint, reason_id smallint, agb_id int, origin_declaration_id bigint, settles_claim_id bigint,
  original_cents bigint, open_cents bigint, registered_on date, effective_on date, letter_date date, due_date date,
  number text, ground text, source_kind smallint, source_id text, content_hash uuid, posting_kind smallint,
  queued boolean, opening boolean, line_declaration_number text, line_invoice_number text, lines jsonb
) on commit drop
"""

CLAIM_PROBLEMS = """
select n.problem, n.line, n.problem_value, n.problem_detail from new_claim n where n.problem is not null
order by n.line limit 1001
"""

# Problems that more than one feed meets: field and sentence. {value} is what was sent, {detail} what we know.
MESSAGES = {
    "unknown_agb": ("agb", "no provider has this AGB code on {detail}; load the provider first, or correct the code."),
    "other_carrier": (
        "agb",
        "it belongs to {detail}, which has no running account with this risk carrier; load the provider for this risk "
        "carrier, or send the record to the right one.",
    ),
    "unknown_reason_code": (
        "reasonCode",
        "the policy in force knows {detail}; use one of those, or apply a policy first.",
    ),
    "other_content": (
        "id",
        "it was loaded before with another content; give a new record a new id, and change a loaded one by an adjustment.",
    ),
    "duplicate_in_file": ("id", "line {detail} has the same id; give each record an id of its own."),
}

# A claim that folds into an interim settlement (settles_claim_id) brings no money of its own: see claims_file.py.
_CLAIMS = """
insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id, original_cents,
  registered_on, letter_date, due_date, reference, number, ground, opening, import_id)
select n.account_id, n.claim_id, x.risk_carrier_id, n.kind, n.reason_id, n.agb_id, n.origin_declaration_id, n.original_cents,
  n.registered_on, n.letter_date, n.due_date, human_reference('VOR', n.claim_id, extract(year from n.registered_on)::int),
  n.number, n.ground, n.opening, x.import_id
from new_claim n cross join import_context x where n.known_id is null and n.settles_claim_id is null
order by n.account_id, n.claim_id
"""

_LINES = """
insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, declaration_number, invoice_number, period_from,
  period_until, description, cents, was_cents, becomes_cents)
select n.account_id, n.claim_id, l.line_no, x.risk_carrier_id, coalesce(l."declarationNumber", n.line_declaration_number),
  coalesce(l."invoiceNumber", n.line_invoice_number), l."periodFrom", l."periodUntil", l.description, abs(l.cents),
  l."wasCents", l."becomesCents"
from new_claim n cross join import_context x cross join lateral
  rows from (jsonb_to_recordset(n.lines) as ("declarationNumber" text, "invoiceNumber" text, "periodFrom" date,
    "periodUntil" date, description text, cents bigint, "wasCents" bigint, "becomesCents" bigint))
  with ordinality as l("declarationNumber", "invoiceNumber", "periodFrom", "periodUntil", description, cents, "wasCents",
    "becomesCents", line_no)
where n.known_id is null and n.settles_claim_id is null and n.lines is not null
union all  -- a claim without lines has one, so that lines always sum to the claim
select n.account_id, n.claim_id, 1, x.risk_carrier_id, n.line_declaration_number, n.line_invoice_number, null, null,
  n.ground, n.original_cents, null, null
from new_claim n cross join import_context x
where n.known_id is null and n.settles_claim_id is null and n.lines is null
"""

_POSITIONS = """
insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date,
  open_principal_cents)
select n.account_id, n.claim_id, x.risk_carrier_id, n.kind, n.reason_id, n.agb_id, n.registered_on, n.due_date, n.open_cents
from new_claim n cross join import_context x where n.known_id is null and n.settles_claim_id is null
order by n.account_id, n.claim_id
"""

_POSTINGS = """
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit,
  credit, risk_carrier_id)
select n.account_id, n.claim_id, n.claim_id, n.original_cents, x.recorded_at, 0, x.business_date, n.effective_on,
  k.posting_kind_id, k.debit, k.credit, x.risk_carrier_id
from new_claim n cross join import_context x join posting_kind k on k.posting_kind_id = n.posting_kind
where n.known_id is null and n.settles_claim_id is null order by n.account_id, n.claim_id
"""

# An advance that was asked for waits in the queue; the night pays it, and only then is it owed back.
_QUEUE = """
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents)
select n.account_id, n.claim_id, x.risk_carrier_id, 3, n.agb_id, greatest(n.registered_on, x.available_on),
  n.registered_on, n.registered_on::timestamp at time zone 'Europe/Amsterdam', n.original_cents
from new_claim n cross join import_context x where n.known_id is null and n.queued
"""

_REFERENCES = """
insert into claim_reference (reference, risk_carrier_id, account_id, claim_id)
select human_reference('VOR', n.claim_id, extract(year from n.registered_on)::int), x.risk_carrier_id, n.account_id,
  coalesce(n.settles_claim_id, n.claim_id)
from new_claim n cross join import_context x where n.known_id is null
"""

_PAYMENT_REFERENCES = """
insert into payment_reference (reference, risk_carrier_id, account_id, issued_on, document)
select payment_reference_digits(n.claim_id), x.risk_carrier_id, n.account_id,
  case when n.opening then x.business_date else n.letter_date end, case when n.opening then 'opening' else 'claim letter' end
from new_claim n cross join import_context x where n.known_id is null and n.letter_date is not null
"""

_PAYMENT_REFERENCE_CLAIMS = """
insert into payment_reference_claim (reference, account_id, claim_id, risk_carrier_id)
select payment_reference_digits(n.claim_id), n.account_id, coalesce(n.settles_claim_id, n.claim_id), x.risk_carrier_id
from new_claim n cross join import_context x where n.known_id is null and n.letter_date is not null
"""

# The letter that states the claim is its first step; what went out before go-live comes with the opening claim itself.
_NOTICES = """
insert into claim_step (account_id, claim_id, risk_carrier_id, kind, step_no, sent_on, term_end, payment_reference, asked_cents)
select n.account_id, coalesce(n.settles_claim_id, n.claim_id), x.risk_carrier_id, 1,
  case when n.settles_claim_id is null then 1 else 1 + (select count(*) from claim_step s where s.account_id = n.account_id
    and s.claim_id = n.settles_claim_id and s.kind = 1) + row_number() over (partition by n.settles_claim_id order by n.line) - 1 end,
  n.letter_date, n.due_date, payment_reference_digits(n.claim_id), n.original_cents
from new_claim n cross join import_context x where n.known_id is null and n.letter_date is not null and not n.opening
"""

_SOURCE_KEYS = """
insert into source_key (risk_carrier_id, kind, source, source_id, account_id, fact_id, content_hash)
select x.risk_carrier_id, n.source_kind, x.source, n.source_id, n.account_id, coalesce(n.settles_claim_id, n.claim_id), n.content_hash
from new_claim n cross join import_context x where n.known_id is null
"""

_REGISTER = (
    _CLAIMS, _LINES, _POSITIONS, _POSTINGS, _QUEUE, _REFERENCES, _PAYMENT_REFERENCES, _PAYMENT_REFERENCE_CLAIMS, _NOTICES,
    _SOURCE_KEYS,
)  # fmt: skip

_COUNT = "select (count(*) filter (where known_id is null))::bigint, count(known_id)::bigint from new_claim"


async def register(conn: Connection) -> tuple[int, int]:
    """Write the claims of `new_claim`; returns how many are new and how many were known. No statement per claim."""
    for statement in _REGISTER:
        await conn.execute(statement, timeout=3600)
    row = await conn.fetchrow(_COUNT)
    assert row is not None
    return row[0], row[1]
