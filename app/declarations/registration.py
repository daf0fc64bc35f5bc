"""One declaration, credit note, correction or advance by POST: as a line of the file of declarations, in a group."""

from collections.abc import Hashable
from datetime import date

import msgspec

from app.core.db import Pool
from app.declarations import declarations_file, queries
from app.web.records import Lane, RecordReader, Registered, Registrar, Row, body_hash

_STATEMENT = "select * from register_declarations($1, $2, $3, $4, $5)"
_KEY_SPACE = {1: 1, 2: 2, 3: 2, 4: 4}  # of source_key: a credit note and a correction share one
DECLARATION_READER = RecordReader(declarations_file.FORMAT)


class DeclarationRegistered(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What was registered. A declaration waits for the night from `availableOn` on.

    A credit note, correction or advance became a claim: it has a `reference`. `known`: it was here before, by file
    or request.
    """

    type: str
    id: str
    known: bool
    number: str | None = None
    awarded_cents: int | None = None
    available_on: date | None = None
    reference: str | None = None
    amount_cents: int | None = None
    due_date: date | None = None


def declarations_registrar(pool: Pool) -> Registrar:
    """The collector of declarations of one pool; make one per process."""
    return Registrar(pool, _STATEMENT, queries.MESSAGES)


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
