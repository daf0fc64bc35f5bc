"""One claim by POST: fields, checks, refusals and key space of a line of the claims file; written in a group."""

from collections.abc import Hashable
from datetime import date
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.claims import claims_file, intake
from app.core.db import Connection, Pool
from app.web.caller import Caller
from app.web.params import IdempotencyKey
from app.web.problems import PROBLEMS
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
)

_STATEMENT = "select * from register_claims($1, $2, $3, $4, $5)"
_MOMENT = """
select c.closed_through, k.recorded_at from risk_carrier c join idempotency_key k using (risk_carrier_id)
where c.risk_carrier_id = $1 and k.key = $2
"""
CLAIM_READER = RecordReader(claims_file.FORMAT)


class ClaimRegistered(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a registered claim is called, by us and by the source. `known`: it was here before, by file or request."""

    reference: str
    type: str
    id: str
    amount_cents: int
    due_date: date
    payment_reference: str | None
    known: bool


def claims_registrar(pool: Pool) -> Registrar:
    """The collector of claims of one pool; make one per process."""
    return Registrar(pool, _STATEMENT, intake.CLAIMS_FEED.messages, _bring_to_final)


async def register_claim(
    registrar: Registrar,
    record: claims_file.Record,
    *,
    risk_carrier_id: int,
    business_date: date,
    actor: str,
    source: str,
    idempotency_key: str,
) -> Registered:
    """Register one claim; a repeat by key or source id adds nothing. Rejected 422 with the sentences of the file."""
    _, kind, _, digest, agb, reason_code, cents, letter_date, due_date, number, ground, settles, lines = (
        claims_file.row(0, record)
    )
    row: Row = {
        "key": idempotency_key,
        "body_hash": body_hash("claim", source, record),
        "actor": actor,
        "type": record.__struct_config__.tag,
        "kind": kind,
        "source": source,
        "id": record.id,
        "content_hash": str(digest),
        "agb": agb,
        "reason_code": reason_code,
        "cents": cents,
        "letter_date": letter_date,
        "stated_due_date": due_date,
        "number": number,
        "ground": ground,
        "settles": settles,
        "lines": lines,
    }
    keys: set[Hashable] = {("key", idempotency_key), (source, record.id)}
    if settles is not None:
        keys.add("final settlement")  # one of them a group: what follows it may be refused by the rules
    lane = Lane(risk_carrier_id, business_date, wait=settles is not None)
    return await registrar.register(lane, row, frozenset(keys))


async def _bring_to_final(conn: Connection, lane: Lane, row: Row, done: asyncpg.Record) -> None:
    """The interim claim comes to the final amount, as the file does it (CR-4)."""
    moment = await conn.fetchrow(_MOMENT, lane.risk_carrier_id, row["key"])
    assert moment is not None, "the key was stored with the registration"
    await intake.replace_interim(
        conn,
        {
            "actor": row["actor"],
            "business_date": lane.business_date,
            "account_id": done["account_id"],
            "risk_carrier_id": lane.risk_carrier_id,
            "settles_claim_id": done["settles_claim_id"],
            "original_cents": row["cents"],
            "letter_date": row["letter_date"],
            **dict(moment),
        },
    )


@post(
    "/",
    opt={"reader": CLAIM_READER},
    operation_id="registerClaim",
    summary="Register a claim",
    description="One claim, interim or final ceiling settlement: the fields, checks and sentences of a line of the "
    "claims file, and the same source ids, so that a claim that came by file and by request is one claim. " + COLLECTED,
    response_headers=CREATED_HEADERS,
    responses={**PROBLEMS, **known_answer(ClaimRegistered)},
)
async def post_claim(
    data: JSONBody[claims_file.Record],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    request: Request[Any, Any, Any],
    risk_carrier: FeedCarrier,
    source: FeedSource,
    idempotency_key: IdempotencyKey,
) -> Response[ClaimRegistered]:
    """Answers 201 for a new claim, 200 for one that was known by its source id."""
    registrar = registrar_of(request, "claims_registrar", lambda: claims_registrar(pool))
    done = await register_claim(
        registrar,
        data,
        risk_carrier_id=await registrar.risk_carrier_id(risk_carrier, caller.risk_carriers),
        business_date=today,
        actor=caller.actor,
        source=source,
        idempotency_key=f"{caller.actor}:{idempotency_key}",  # the caller's own, as of every command
    )
    body = msgspec.convert(done.answer, ClaimRegistered)
    return registered(done, body, f"/v1/claims/{body.reference}")
