"""The bare handlers that POST /v1/claims and /v1/declarations are measured against: the same rows, nothing checked.

One transaction a request on a pool, one statement a table, as a careful hand would write it; no token, no limits, no
checks, no look-ups (AGB codes are in memory). `/together/…` writes the same rows in a single statement.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Litestar, post
from litestar.datastructures import State
from litestar.params import HeaderParameter, JSONBody

from app.core import db

BUSINESS_DATE = date(2026, 10, 6)

_KEY = "insert into idempotency_key values (1, $1, $2::text::uuid, $3, $4)"
_SOURCE = "insert into source_key values (1, $1, 'bench', $2, $3, $4, $5::text::uuid)"
_AUDIT = """insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
            values (1, $1, $2, 'bench', $3, $4, $5)"""
_CLAIM = """insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, original_cents,
              registered_on, letter_date, due_date, reference, ground)
            values ($1, $2, 1, 1, $3, $4, $5, $6, $7, $8, human_reference('VOR', $2, 2026), $9) returning reference"""
_LINE = """insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, description, cents)
           values ($1, $2, 1, 1, $3, $4)"""
_POSITION = """insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id,
                 registered_on, due_date, open_principal_cents) values ($1, $2, 1, 1, $3, $4, $5, $6, $7)"""
_POSTING = """insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date,
                effective_date, kind, debit, credit, risk_carrier_id)
              values ($1, $2, $2, $3, $4, 0, $5, $6, 7, 2, 5, 1)"""
_REFERENCE = "insert into claim_reference values ($1, 1, $2, $3)"
_PAYMENT = """insert into payment_reference values (payment_reference_digits($1), 1, $2, $3, 'claim letter')
              returning reference"""
_PAYMENT_CLAIM = "insert into payment_reference_claim values ($1, $2, $3, 1)"
_STEP = """insert into claim_step (account_id, claim_id, risk_carrier_id, kind, step_no, sent_on, term_end,
             payment_reference, asked_cents) values ($1, $2, 1, 1, 1, $3, $4, $5, $6)"""
_DECLARATION = """insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on,
                    approved_at, awarded_cents, number) values ($1, $2, 1, $3, $4, $5, $6, $7)"""
_QUEUE = """insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on,
              approved_at, cents) values ($1, $2, 1, 1, $3, $4, $4, $5, $6)"""
_CLAIM_TOGETHER = """
with n as (select nextval('event_id') as id),
c as (insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, original_cents, registered_on,
    letter_date, due_date, reference, ground)
  select $1, id, 1, 1, $2, $3, $4, $5, $6, $7, human_reference('VOR', id, 2026), $8 from n
  returning claim_id, reference),
l as (insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, description, cents)
  select $1, id, 1, 1, $8, $4 from n),
p as (insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on,
    due_date, open_principal_cents) select $1, id, 1, 1, $2, $3, $5, $7, $4 from n),
t as (insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind,
    debit, credit, risk_carrier_id) select $1, id, id, $4, $9, 0, $5, $6, 7, 2, 5, 1 from n),
r as (insert into claim_reference select reference, 1, $1, claim_id from c),
y as (insert into payment_reference select payment_reference_digits(id), 1, $1, $6, 'claim letter' from n
  returning reference),
z as (insert into payment_reference_claim select y.reference, $1, n.id, 1 from y, n),
s as (insert into claim_step (account_id, claim_id, risk_carrier_id, kind, step_no, sent_on, term_end,
    payment_reference, asked_cents) select $1, n.id, 1, 1, 1, $6, $7, y.reference, $4 from y, n),
k as (insert into source_key select 1, 3, 'bench', $10, $1, id, $11::text::uuid from n),
i as (insert into idempotency_key
  select 1, $12, $11::text::uuid, jsonb_build_object('reference', reference), $9 from c),
a as (insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
  select 1, $1, $9, 'bench', 'claim registered', 'claim:' || claim_id, jsonb_build_object('reference', reference)
  from c)
select reference from c
"""
Key = Annotated[str, HeaderParameter(name="Idempotency-Key")]
_HASH = "9b2f3c5e-6d1a-4c55-8f0e-2a6b7c8d9e0f"


class Claim(msgspec.Struct, rename="camel"):
    """The body of a claim."""

    type: str
    id: str
    agb: str
    reason_code: str
    ground: str
    amount_cents: int
    letter_date: date


class Declaration(msgspec.Struct, rename="camel"):
    """The body of a declaration."""

    type: str
    id: str
    agb: str
    awarded_cents: int
    approved_at: datetime
    number: str


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    async with await db.create_pool(os.environ["DATABASE_URL"], 8) as pool:
        rows = await pool.fetch(
            "select agb, agb_id, account_id from agb_registration join running_account using (provider_id)"
        )
        app.state.pool = pool
        app.state.accounts = {row["agb"]: (row["account_id"], row["agb_id"]) for row in rows}
        app.state.reason = await pool.fetchval("select reason_id from reason_code where code = 'CM98'")
        yield


@post("/v1/claims")
async def claims(data: JSONBody[Claim], state: State, idempotency_key: Key) -> dict[str, Any]:
    """One claim, a statement a table."""
    account, agb = state.accounts[data.agb]
    now, due = datetime.now(UTC), data.letter_date + timedelta(days=30)
    async with state.pool.acquire() as conn, conn.transaction():
        claim = await conn.fetchval("select nextval('event_id')")
        cents, letter = data.amount_cents, data.letter_date
        reference = await conn.fetchval(
            _CLAIM, account, claim, state.reason, agb, cents, BUSINESS_DATE, letter, due, data.ground
        )
        answer = {"reference": reference, "id": data.id}
        await conn.execute(_LINE, account, claim, data.ground, cents)
        await conn.execute(_POSITION, account, claim, state.reason, agb, BUSINESS_DATE, due, cents)
        await conn.execute(_POSTING, account, claim, cents, now, BUSINESS_DATE, letter)
        await conn.execute(_REFERENCE, reference, account, claim)
        paying = await conn.fetchval(_PAYMENT, claim, account, letter)
        await conn.execute(_PAYMENT_CLAIM, paying, account, claim)
        await conn.execute(_STEP, account, claim, letter, due, paying, cents)
        await conn.execute(_SOURCE, 3, data.id, account, claim, _HASH)
        await conn.execute(_KEY, idempotency_key, _HASH, answer, now)
        await conn.execute(_AUDIT, account, now, "claim registered", f"claim:{claim}", answer)
    return answer


@post("/together/claims")
async def together(data: JSONBody[Claim], state: State, idempotency_key: Key) -> dict[str, Any]:
    """One claim, all rows in one statement."""
    account, agb = state.accounts[data.agb]
    now, due = datetime.now(UTC), data.letter_date + timedelta(days=30)
    reference = await state.pool.fetchval(
        _CLAIM_TOGETHER, account, state.reason, agb, data.amount_cents, BUSINESS_DATE, data.letter_date, due,
        data.ground, now, data.id, _HASH, idempotency_key,
    )  # fmt: skip
    return {"reference": reference, "id": data.id}


@post("/v1/declarations")
async def declarations(data: JSONBody[Declaration], state: State, idempotency_key: Key) -> dict[str, Any]:
    """One declaration, a statement a table."""
    account, agb = state.accounts[data.agb]
    now, cents = datetime.now(UTC), data.awarded_cents
    answer = {"id": data.id, "number": data.number}
    async with state.pool.acquire() as conn, conn.transaction():
        entry = await conn.fetchval("select nextval('event_id')")
        await conn.execute(_DECLARATION, account, entry, agb, BUSINESS_DATE, data.approved_at, cents, data.number)
        await conn.execute(_QUEUE, account, entry, agb, BUSINESS_DATE, data.approved_at, cents)
        await conn.execute(_SOURCE, 1, data.id, account, entry, _HASH)
        await conn.execute(_KEY, idempotency_key, _HASH, answer, now)
        await conn.execute(_AUDIT, account, now, "declaration registered", f"declaration:{entry}", answer)
    return answer


def application() -> Litestar:
    """The bare application of one server process."""
    return Litestar([claims, together, declarations], lifespan=[_lifespan], openapi_config=None, logging_config=None)


def main() -> None:
    """Serve it as the product is served."""
    from granian import Granian
    from granian.constants import Interfaces, Loops

    Granian(
        "tests.bench.bare_api:application", factory=True, address="127.0.0.1", port=int(os.environ["VEREFFEN_PORT"]),
        interface=Interfaces.ASGI, loop=Loops.uvloop, workers=1, backpressure=4096, backlog=4096, websockets=False,
        log_access=False, log_level="warning",
    ).serve()  # fmt: skip


if __name__ == "__main__":
    main()
