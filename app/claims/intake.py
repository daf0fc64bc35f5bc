"""Registering claims in bulk: what every feed that brings claims does after it looked up what they name.

A feed fills the temporary table `new_claim`; `register` writes claims, lines, positions, postings and references
from it.
The caller has locked the running accounts, and `import_context` holds the one row of the import.
"""

from collections.abc import Mapping
from typing import Any

from app.claims import claims_file
from app.claims.actions import lower, raise_amount
from app.claims.model import AdjustmentKind
from app.claims.queries import claim_state
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.feed_format import LOAD_SECONDS, Feed, Finding, LineRefusals
from app.ledger import Booking, Command

FINAL_REASON = "final settlement"

NEW_CLAIM = """
create temp table new_claim (
  line int, claim_id bigint, known_id bigint, problem text, problem_value text, problem_detail text,
  account_id bigint, kind smallint, reason_id smallint, agb_id int, origin_declaration_id bigint, settles_claim_id
  bigint,
  original_cents bigint, open_cents bigint, registered_on date, effective_on date, letter_date date, due_date date,
  number text, ground text, source_kind smallint, source_id text, content_hash uuid, posting_kind smallint,
  queued boolean, opening boolean, line_declaration_number text, line_invoice_number text, lines jsonb
) on commit drop
"""

CLAIM_PROBLEMS = """
select n.problem, n.line, n.problem_value, n.problem_detail from new_claim n where n.problem is not null
order by n.line limit 100001
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
    "letter_in_future": (
        "letterDate",
        "nothing is taken before its letter: load the claim on or after that day; the booking date is {detail}.",
    ),
    "other_content": (
        "id",
        "it was loaded before with another content; give a new record a new id; change a loaded one by an adjustment.",
    ),
    "duplicate_in_file": ("id", "line {detail} has the same id; give each record an id of its own."),
}

# A claim that folds into an interim settlement (settles_claim_id) brings no money of its own: see claims_file.py.
_CLAIMS = """
insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id,
  original_cents, registered_on, letter_date, due_date, reference, number, ground, opening, import_id)
select n.account_id, n.claim_id, x.risk_carrier_id, n.kind, n.reason_id, n.agb_id, n.origin_declaration_id,
  n.original_cents, n.registered_on, n.letter_date, n.due_date, human_reference('VOR', n.claim_id, extract(year from
  n.registered_on)::int), n.number, n.ground, n.opening, x.import_id
from new_claim n cross join import_context x where n.known_id is null and n.settles_claim_id is null
order by n.account_id, n.claim_id
"""

_LINES = """
insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, declaration_number, invoice_number,
  period_from, period_until, description, cents, was_cents, becomes_cents)
select n.account_id, n.claim_id, l.line_no, x.risk_carrier_id, coalesce(l."declarationNumber",
  n.line_declaration_number),
  coalesce(l."invoiceNumber", n.line_invoice_number), l."periodFrom", l."periodUntil", l.description, abs(l.cents),
  l."wasCents", l."becomesCents"
from new_claim n cross join import_context x cross join lateral
  rows from (jsonb_to_recordset(n.lines) as ("declarationNumber" text, "invoiceNumber" text, "periodFrom" date,
    "periodUntil" date, description text, cents bigint, "wasCents" bigint, "becomesCents" bigint))
  with ordinality as l("declarationNumber", "invoiceNumber", "periodFrom", "periodUntil", description, cents,
    "wasCents", "becomesCents", line_no)
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
select n.account_id, n.claim_id, x.risk_carrier_id, n.kind, n.reason_id, n.agb_id, n.registered_on, n.due_date,
  n.open_cents
from new_claim n cross join import_context x where n.known_id is null and n.settles_claim_id is null
order by n.account_id, n.claim_id
"""

_POSTINGS = """
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind,
  debit, credit, risk_carrier_id)
select n.account_id, n.claim_id, n.claim_id, n.original_cents, x.recorded_at, 0, x.booking_date, n.effective_on,
  k.posting_kind_id, k.debit, k.credit, x.risk_carrier_id
from new_claim n cross join import_context x join posting_kind k on k.posting_kind_id = n.posting_kind
where n.known_id is null and n.settles_claim_id is null order by n.account_id, n.claim_id
"""

# An advance that was asked for waits in the queue; the night pays it, and only then is it owed back.
_QUEUE = """
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at,
  cents)
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
  case when n.opening then x.booking_date else n.letter_date end,
  case when n.opening then 'opening' else 'claim letter' end
from new_claim n cross join import_context x where n.known_id is null and n.letter_date is not null
"""

_PAYMENT_REFERENCE_CLAIMS = """
insert into payment_reference_claim (reference, account_id, claim_id, risk_carrier_id)
select payment_reference_digits(n.claim_id), n.account_id, coalesce(n.settles_claim_id, n.claim_id), x.risk_carrier_id
from new_claim n cross join import_context x where n.known_id is null and n.letter_date is not null
"""

# The letter that states the claim is its first step; what went out before go-live comes with the opening claim itself.
_NOTICES = """
insert into claim_step (account_id, claim_id, risk_carrier_id, kind, step_no, sent_on, term_end, payment_reference,
  asked_cents)
select n.account_id, coalesce(n.settles_claim_id, n.claim_id), x.risk_carrier_id, 1,
  case when n.settles_claim_id is null then 1 else 1 + coalesce((select max(s.step_no) from claim_step s
    where s.account_id = n.account_id and s.claim_id = n.settles_claim_id and s.kind = 1), 1) end,
  n.letter_date, n.due_date, payment_reference_digits(n.claim_id), n.original_cents
from new_claim n cross join import_context x where n.known_id is null and n.letter_date is not null and not n.opening
"""

_SOURCE_KEYS = """
insert into source_key (risk_carrier_id, kind, source, source_id, account_id, fact_id, content_hash)
select x.risk_carrier_id, n.source_kind, x.source, n.source_id, n.account_id, coalesce(n.settles_claim_id,
  n.claim_id), n.content_hash
from new_claim n cross join import_context x where n.known_id is null
"""

_REGISTER = (
    _CLAIMS,
    _LINES,
    _POSITIONS,
    _POSTINGS,
    _QUEUE,
    _REFERENCES,
    _PAYMENT_REFERENCES,
    _PAYMENT_REFERENCE_CLAIMS,
    _NOTICES,
    _SOURCE_KEYS,
)

_COUNT = "select (count(*) filter (where known_id is null))::bigint, count(known_id)::bigint from new_claim"


async def register(conn: Connection) -> tuple[int, int]:
    """Write the claims of `new_claim`; returns how many are new and how many were known. No statement per claim."""
    for statement in _REGISTER:
        await conn.execute(statement, timeout=LOAD_SECONDS)
    row = await conn.fetchrow(_COUNT)
    assert row is not None
    return row[0], row[1]


# ---------------------------------------------------------------- the feed of claims

_LOCK = """
select ra.account_id from running_account ra where ra.account_id in (
  select r.account_id from stage_claim s cross join import_context x join agb_registration a on a.agb = s.agb
    join running_account r on r.provider_id = a.provider_id and r.risk_carrier_id = x.risk_carrier_id
  union select k.account_id from stage_claim s cross join import_context x join source_key k
    on k.risk_carrier_id = x.risk_carrier_id and k.kind = 3 and k.source = x.source and k.source_id in (s.id,
    s.settles))
order by ra.account_id for no key update
"""

_NEW = """
insert into new_claim (line, claim_id, known_id, problem, problem_value, problem_detail, account_id, kind,
  reason_id, agb_id,
  original_cents, open_cents, registered_on, effective_on, letter_date, due_date, number, ground, source_kind,
  source_id, content_hash, posting_kind, queued, opening, lines)
select o.line, case when o.problem is null and o.known_id is null then nextval('event_id') end, o.known_id, o.problem,
  case o.problem when 'other_content' then o.id when 'unknown_reason_code' then o.reason_code
    when 'letter_in_future' then o.letter_date::text else o.agb end,
    o.detail,
  o.account_id, o.kind, o.reason_id, o.agb_id, o.cents, o.cents, o.booking_date, o.letter_date, o.letter_date,
  o.due_date, o.number, o.ground, 3, o.id, o.content_hash, 7, false, false, o.lines
from (
  select s.line, s.kind, s.id, s.content_hash, s.agb, s.reason_code, s.cents, s.letter_date, s.number, s.ground,
    s.lines, x.booking_date, k.fact_id as known_id,
    case when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
      when a.agb_id is null then 'unknown_agb' when ra.account_id is null then 'other_carrier'
      when rp.reason_id is null then 'unknown_reason_code'
      when s.letter_date > x.booking_date then 'letter_in_future' end as problem,
    case when a.agb_id is null then s.letter_date::text when ra.account_id is null then p.name
      when rp.reason_id is null then x.reason_codes else x.booking_date::text end as detail,
    coalesce(k.account_id, ra.account_id) as account_id, a.agb_id, rp.reason_id,
    case when k.fact_id is null then coalesce(s.due_date, s.letter_date + rp.payment_term_days) else s.due_date end
      as due_date
  from stage_claim s cross join import_context x
  left join source_key k on k.risk_carrier_id = x.risk_carrier_id and k.kind = 3 and k.source = x.source and
    k.source_id = s.id
  left join agb_registration a on a.agb = s.agb and a.valid_from <= s.letter_date
    and coalesce(a.valid_until, 'infinity') >= s.letter_date
  left join provider p on p.provider_id = a.provider_id
  left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = x.risk_carrier_id
  left join reason_code r on r.risk_carrier_id = x.risk_carrier_id and r.code = s.reason_code
  left join reason_policy rp on rp.policy_version_id = x.policy_version_id and rp.reason_id = r.reason_id
  order by coalesce(k.account_id, ra.account_id), s.line
) o
"""

# A final settlement finds its interim one among what this source sent before, or in the same file.
_FINALS = """
update new_claim n set settles_claim_id = f.claim_id, problem = coalesce(n.problem, f.problem),
  problem_value = case when n.problem is null and f.problem is not null then f.settles else n.problem_value end
from (select s.line, s.settles, coalesce(i.claim_id, c.claim_id) as claim_id,
    case when coalesce(i.claim_id, c.claim_id) is null then 'unknown_interim'
      when m.known_id is null and (count(*) over (partition by s.settles) > 1 or exists (select 1 from
      claim_settlement t
        where t.account_id = c.account_id and t.claim_id = c.claim_id)) then 'interim_settled'
      when coalesce(i.account_id, c.account_id) <> m.account_id then 'interim_of_other' end as problem
  from stage_claim s cross join import_context x join new_claim m on m.line = s.line
  left join new_claim i on i.kind = 5 and i.source_id = s.settles and i.known_id is null
  left join source_key k on k.risk_carrier_id = x.risk_carrier_id and k.kind = 3 and k.source = x.source and
    k.source_id = s.settles
  left join claim c on c.account_id = k.account_id and c.claim_id = k.fact_id and c.kind = 5
  where s.settles is not null) f
where n.line = f.line
"""

_DUPLICATES = """
select 'duplicate_in_file', s.line, s.id, s.first_line::text
from (select t.line, t.id, min(t.line) over (partition by t.id) as first_line from stage_claim t) s
where s.line > s.first_line order by s.line limit 100001
"""

_SETTLEMENTS = """
insert into claim_settlement (account_id, claim_id, settlement_id, risk_carrier_id, settled_on, cents, import_id)
select n.account_id, n.settles_claim_id, n.claim_id, x.risk_carrier_id, n.letter_date, n.original_cents, x.import_id
from new_claim n cross join import_context x where n.known_id is null and n.settles_claim_id is not null
"""

_FINAL_AMOUNTS = """
select n.line, n.account_id, n.settles_claim_id, n.original_cents, n.letter_date, x.risk_carrier_id, x.business_date,
  x.actor, x.recorded_at,
  nullif(x.first_open_date, '-infinity') - 1 as closed_through
from new_claim n cross join import_context x where n.known_id is null and n.settles_claim_id is not null order by 1, 2
"""

_DUE_DATES = """
with changed as (
  insert into claim_due_date (account_id, claim_id, risk_carrier_id, changed_on, old_due_date, new_due_date,
    import_id)
  select n.account_id, n.known_id, x.risk_carrier_id, x.business_date, o.due_date, n.due_date, x.import_id
  from new_claim n cross join import_context x cross join lateral (
    select coalesce((select d.new_due_date from claim_due_date d where d.account_id = n.account_id and d.claim_id =
      n.known_id
      order by d.change_id desc limit 1), (select c.due_date from claim c where c.account_id = n.account_id
      and c.claim_id = n.known_id)) as due_date) o
  where n.known_id is not null and n.settles_claim_id is null and n.due_date <> o.due_date
  returning account_id, claim_id, new_due_date),
moved as (
  update claim_position p set due_date = c.new_due_date from changed c
  where p.account_id = c.account_id and p.claim_id = c.claim_id returning 1)
select count(*)::bigint from moved
"""


async def _load_claims(conn: Connection) -> tuple[int, int, int]:
    added, known = await register(conn)
    changed: int = await conn.fetchval(_DUE_DATES, timeout=LOAD_SECONDS)
    await conn.execute(_SETTLEMENTS)
    refused: list[tuple[int, Finding]] = []
    for final in await conn.fetch(_FINAL_AMOUNTS):  # a handful a year per risk carrier
        try:
            await replace_interim(conn, dict(final))
        except Refusal as refusal:  # it cannot come down to this amount
            said = f"the interim settlement cannot be brought to this amount: {refusal.message}"
            refused.append((final["line"], Finding(refusal.code, "amountCents", final["original_cents"], said)))
    if refused:
        raise LineRefusals(refused)
    return added, known - changed, changed


async def replace_interim(conn: Connection, final: Mapping[str, Any]) -> None:
    """Bring an interim claim to the final amount; what was offset or paid beyond it comes back (CR-4)."""
    command = Command(actor=final["actor"], business_date=final["business_date"])
    booking = Booking(conn, command, final["account_id"], final["risk_carrier_id"], final["closed_through"])
    booking.recorded_at = final["recorded_at"]  # that of the file or request, whose audit row tells of it
    interim = await claim_state(conn, final["account_id"], final["settles_claim_id"])
    delta = final["original_cents"] - interim.amount_cents
    if delta > 0:
        await raise_amount(booking, interim, delta, final["letter_date"], FINAL_REASON)
    elif delta < 0:
        await lower(booking, interim, -delta, AdjustmentKind.ADJUSTMENT, final["letter_date"], FINAL_REASON)
    await booking.write_postings()


CLAIMS_FEED = Feed(
    format=claims_file.FORMAT,
    table="stage_claim",
    stage=claims_file.STAGE,
    columns=claims_file.COLUMNS,
    row=claims_file.row,
    resolve=("analyze stage_claim", _LOCK, NEW_CLAIM, _NEW, _FINALS, "analyze new_claim"),
    checks=(_DUPLICATES, CLAIM_PROBLEMS),
    follow_ups=frozenset({"unknown_interim"}),
    messages={
        **MESSAGES,
        "unknown_interim": (
            "settles",
            "this source sent no interim settlement with that id; send it first, or correct the id.",
        ),
        "interim_settled": (
            "settles",
            "it has a final settlement already; adjust the claim by a reasoned entry instead.",
        ),
        "interim_of_other": ("settles", "it belongs to another provider; name an interim settlement of this one."),
    },
    load=_load_claims,
)
