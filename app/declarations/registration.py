"""One declaration, credit note, correction or advance by POST: as a line of the file of declarations, in a group."""

from collections.abc import Hashable
from datetime import date
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.core.db import Pool
from app.core.feed_format import Finding
from app.core.ids import declaration_reference
from app.declarations import declarations_file, queries
from app.web.caller import Caller
from app.web.params import IdempotencyKey
from app.web.problems import PROBLEMS, Rejected
from app.web.recorded import CREATED_HEADERS
from app.web.records import (
    COLLECTED,
    FeedCarrier,
    FeedSource,
    Lane,
    RecordReader,
    Registered,
    Registrar,
    Row,
    body_hash,
    known_answer,
    registered,
    registrar_of,
    rejection,
)

_STATEMENT = "select * from register_declarations($1, $2, $3, $4, $5)"
# Of declarations only: what else came became a claim, whose reference the answer holds. Bounded, so that it is by key.
_PLACES = """
select (s.n - 1)::int, k.account_id, k.fact_id
from unnest($2::text[], $3::text[]) with ordinality as s(source, id, n)
cross join lateral (select z.account_id, z.fact_id from source_key z
  where z.risk_carrier_id = $1 and z.kind = 1 and z.source = s.source and z.source_id = s.id limit 1) k
"""
_KEY_SPACE = {1: 1, 2: 2, 3: 2, 4: 4}  # of source_key: a credit note and a correction share one
DECLARATION_READER = RecordReader(declarations_file.FORMAT)


class DeclarationRegistered(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What was registered. A declaration waits for the night from `availableOn` on.

    `reference` is what the API calls it: DEC-… for a declaration; a credit note, correction or advance became a claim
    (VOR-…). `known`: it was here before, by file or request.
    """

    type: str
    id: str
    known: bool
    reference: str
    number: str | None = None
    awarded_cents: int | None = None
    available_on: date | None = None
    amount_cents: int | None = None
    due_date: date | None = None


def declarations_registrar(pool: Pool) -> Registrar:
    """The collector of declarations of one pool; make one per process."""
    return Registrar(pool, _STATEMENT, queries.MESSAGES, places=_PLACES)


async def register_declaration(
    registrar: Registrar,
    record: declarations_file.Record,
    *,
    risk_carrier_id: int,
    business_date: date,
    actor: str,
    source: str,
    idempotency_key: str,
) -> Registered:
    """Register one record of the feed for the night of `business_date`; a repeat by key or source id adds nothing.

    Rejected 422 with the sentences of the file.
    """
    _refuse_future(record, business_date)
    row: Row = dict(zip(declarations_file.COLUMNS, declarations_file.row(0, record), strict=True))
    kind = row["type"]
    row |= {
        "key": idempotency_key,
        "body_hash": body_hash("declaration", source, record),
        "actor": actor,
        "name": record.__struct_config__.tag,
        "source": source,
        "content_hash": str(row["content_hash"]),
    }
    keys: set[Hashable] = {("key", idempotency_key), (_KEY_SPACE[kind], source, record.id)}
    if kind in (2, 3):
        # one credit of a declaration a group, and not with that declaration itself: each sees what was before it
        keys.add((1, source, row["names"]))
    return await registrar.register(Lane(risk_carrier_id, business_date), row, frozenset(keys))


def _refuse_future(record: declarations_file.Record, business_date: date) -> None:
    """A credit or an advance paid elsewhere is of today at the latest; one that is asked for may be paid later."""
    if isinstance(record, declarations_file.Declaration):
        return
    if isinstance(record, declarations_file.Advance) and record.paid != "elsewhere":
        return
    if record.registered_on is not None and record.registered_on > business_date:
        field, message = queries.MESSAGES["registered_in_future"]
        said = message.replace("{detail}", f"{business_date}")
        raise Rejected([rejection(Finding("registered_in_future", field, record.registered_on, said))])


@post(
    "/",
    opt={"reader": DECLARATION_READER},
    operation_id="registerDeclaration",
    summary="Register a declaration, credit note, correction or advance",
    description="One record of the feed of declarations: the fields, checks and sentences of a line of its file, and "
    "the same source ids. It belongs to the night of today, or to the next one when that was planned already. "
    + COLLECTED,
    response_headers=CREATED_HEADERS,
    responses={**PROBLEMS, **known_answer(DeclarationRegistered)},
)
async def post_declaration(
    data: JSONBody[declarations_file.Record],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    request: Request[Any, Any, Any],
    risk_carrier: FeedCarrier,
    source: FeedSource,
    idempotency_key: IdempotencyKey,
) -> Response[DeclarationRegistered]:
    """Answers 201 for a new record, 200 for one that was known by its source id."""
    registrar = registrar_of(request, "declarations_registrar", lambda: declarations_registrar(pool))
    done = await register_declaration(
        registrar,
        data,
        risk_carrier_id=await registrar.risk_carrier_id(risk_carrier, caller.risk_carriers),
        business_date=today,
        actor=caller.actor,
        source=source,
        idempotency_key=f"{caller.actor}:{idempotency_key}",  # the caller's own, as of every command
    )
    answer, noun = done.answer, "claims"
    if answer["type"] == "declaration":  # its id at the source may hold what no address may, or name several
        assert done.fact is not None
        answer, noun = {**answer, "reference": declaration_reference(*done.fact)}, "declarations"
    body = msgspec.convert(answer, DeclarationRegistered)
    return registered(done, body, f"/v1/{noun}/{body.reference}")
