"""The frame of every write on a running account: one transaction, lock, known before?, write, audit (design §5)."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import asyncpg
import msgspec

from app.core import clock, db
from app.core.audit import audit
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import queries
from app.ledger.model import Command, Posting, PostingKind

EARLIEST = date(2000, 1, 1)  # before it a date is a typing error
SOURCE_KINDS = {  # of source_key; 1 to 4 are what intake loads
    "payment": 5, "step": 6, "hold": 7, "withdrawal": 8, "adjustment": 9, "write-off": 10, "charge": 11,
    "reversal": 12, "instruction": 13, "request": 14, "confirmation": 15, "hold-end": 16, "allocation": 17,
    "redirection": 18, "agreement": 19, "agreement-end": 20,
}  # fmt: skip


class Booking:
    """One open write on one locked running account: collects postings and the audit row, which `book` then writes.

    `booking_date` is the business date, or the first day that is not closed when the night of that date has been
    planned already (RA-2: a closed period posts in the open one); effective dates stay as the facts say.
    """

    def __init__(
        self, conn: Connection, command: Command, account_id: int, risk_carrier_id: int, closed_through: date | None
    ) -> None:
        self.conn = conn
        self.command = command
        self.account_id = account_id
        self.risk_carrier_id = risk_carrier_id
        self.business_date = command.business_date
        self.booking_date = command.business_date
        if closed_through is not None and closed_through >= command.business_date:
            self.booking_date = closed_through + timedelta(days=1)
        self.recorded_at = clock.now()
        self.postings: list[Posting] = []

    async def next_id(self) -> int:
        """An id of sequence event_id for a fact."""
        value: int = await self.conn.fetchval("select nextval('event_id')")
        return value

    def post(self, kind: PostingKind, event_id: int, cents: int, effective_date: date, **more: Any) -> None:
        """Add one posting (`more`: line, claim_id, payout_id, open_after_cents, reverses_…)."""
        assert cents > 0, f"posting {kind.name} of {cents} cents"
        if not EARLIEST <= effective_date <= self.booking_date:
            raise Refusal(
                "effective_date",
                f"{effective_date} cannot be an effective date: it must lie from {EARLIEST} to {self.booking_date}.",
                status=422,
                field="effectiveDate",
            )
        self.postings.append(Posting(kind=kind, event_id=event_id, cents=cents, effective_date=effective_date, **more))

    async def write_postings(self) -> None:
        """Insert what was collected; called by `book` at the end, or earlier by who must read its own postings.

        Refusal 422 when a claim was registered after the booking date: nobody could owe it on that day.
        """
        rows, self.postings = self.postings, []
        claims = {row.claim_id for row in rows if row.claim_id is not None}
        if later := await queries.registered_after(self.conn, self.account_id, claims, self.booking_date):
            raise Refusal(
                "before_registration",
                f"Claim {later['reference']} was registered on {later['registered_on']}, so nothing can be booked on "
                f"it on {self.booking_date}; give {later['registered_on']} or a later business date.",
                status=422,
                field="businessDate",
            )
        await queries.post(
            self.conn,
            rows,
            account_id=self.account_id,
            risk_carrier_id=self.risk_carrier_id,
            booking_date=self.booking_date,
            recorded_at=self.recorded_at,
        )

    async def queue(self, kind: int, entry_id: int, agb_id: int, cents: int) -> None:
        """Make money payable in the next night: kind 2 an offset given back, 3 an advance (neither is ever offset)."""
        await self.conn.execute(
            """insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on,
                 approved_at, cents)
               values ($1, $2, $3, $4, $5, $6, $6, $7, $8)""",
            self.account_id,
            entry_id,
            self.risk_carrier_id,
            kind,
            agb_id,
            self.booking_date,
            datetime.combine(self.booking_date, time(), UTC),  # not the clock: the night orders entries by it (law 4)
            cents,
        )


class Replayed(dict[str, Any]):
    """The answer that the same request (idempotency key) got before; nothing was done now."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a write did: the fact it stored, the subject of its audit row, and the body (ids and cents, no names)."""

    action: str
    subject: str
    fact_id: int
    body: dict[str, Any]


Work = Callable[[Booking], Awaitable[Answer]]


async def book(
    conn: Connection, command: Command, kind: str, payload: object, account_id: int, work: Work
) -> dict[str, Any]:
    """Run one write on one running account; answers what `work` answered, or what the same request got before.

    In one transaction: share the risk carrier's closing date, lock the running account, look the keys of the
    command up, do the work, write postings, keys and audit row. Refusal 422 when a key was used with another
    content, 404 when the running account is unknown to the actor. A deadlock is tried again.
    """
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        risk_carrier_id = await conn.fetchval(
            "select risk_carrier_id from running_account where account_id = $1", account_id
        )
    allowed = command.risk_carriers
    if risk_carrier_id is None or (allowed is not None and risk_carrier_id not in allowed):
        raise Refusal("account_unknown", f"There is no running account {account_id}.", status=404, field="account")
    digest = hashlib.md5(
        msgspec.json.encode([kind, payload, account_id], order="sorted"), usedforsecurity=False
    ).hexdigest()

    async def attempt() -> dict[str, Any]:
        async with db.transaction(conn, role="staff", actor=command.actor, risk_carriers=[risk_carrier_id]):
            return await _write(conn, command, kind, digest, account_id, work)

    try:
        return await db.retry_serialization(attempt)
    except asyncpg.UniqueViolationError as error:
        if error.table_name in ("idempotency_key", "source_key"):  # taken meanwhile on another running account
            raise _used_otherwise(error.table_name.replace("_", " ")) from error
        raise


async def _write(
    conn: Connection, command: Command, kind: str, digest: str, account_id: int, work: Work
) -> dict[str, Any]:
    # The carrier first, then the account: the order that intake takes them in too, so that none waits in a circle.
    closed = await conn.fetchrow(
        """select risk_carrier_id, closed_through from risk_carrier where risk_carrier_id =
             (select risk_carrier_id from running_account where account_id = $1) for share""",
        account_id,
    )
    assert closed is not None
    await lock(conn, [account_id])
    booking = Booking(conn, command, account_id, closed["risk_carrier_id"], closed["closed_through"])
    known = await _known(booking, kind, digest)
    if known is not None:
        return known
    answer = await work(booking)
    await booking.write_postings()
    body = {"id": answer.fact_id, **answer.body}
    await _remember(booking, kind, digest, answer.fact_id, body)
    await audit(
        conn,
        risk_carrier_id=booking.risk_carrier_id,
        account_id=account_id,
        occurred_at=booking.recorded_at,
        actor=command.actor,
        action=answer.action,
        subject=answer.subject,
        body=body,
    )
    return body


async def lock(conn: Connection, account_ids: Sequence[int]) -> None:
    """Lock running accounts in order of id: in a statement of its own, before anything of them is read (design §5)."""
    await conn.execute(
        "select account_id from running_account where account_id = any ($1) order by account_id for no key update",
        account_ids,
    )


async def _known(booking: Booking, kind: str, digest: str) -> dict[str, Any] | None:
    command = booking.command
    if command.idempotency_key is not None:
        row = await booking.conn.fetchrow(
            "select body_hash::text as digest, answer from idempotency_key where risk_carrier_id = $1 and key = $2",
            booking.risk_carrier_id,
            command.idempotency_key,
        )
        if row is not None:
            if row["digest"].replace("-", "") != digest:
                raise _used_otherwise("idempotency key")
            return Replayed(row["answer"])
    if command.source_id is not None:
        row = await booking.conn.fetchrow(
            """select content_hash::text as digest, fact_id from source_key
               where risk_carrier_id = $1 and kind = $2 and source = $3 and source_id = $4""",
            booking.risk_carrier_id,
            SOURCE_KINDS[kind],
            command.source or "record",
            command.source_id,
        )
        if row is not None:
            if row["digest"].replace("-", "") != digest:
                raise _used_otherwise("source id")
            return {"id": row["fact_id"], "known": True}
    return None


async def _remember(booking: Booking, kind: str, digest: str, fact_id: int, body: dict[str, Any]) -> None:
    command = booking.command
    if command.idempotency_key is not None:
        await booking.conn.execute(
            "insert into idempotency_key values ($1, $2, $3::text::uuid, $4, $5)",
            booking.risk_carrier_id,
            command.idempotency_key,
            digest,
            body,
            booking.recorded_at,
        )
    if command.source_id is not None:
        await booking.conn.execute(
            "insert into source_key values ($1, $2, $3, $4, $5, $6, $7::text::uuid)",
            booking.risk_carrier_id,
            SOURCE_KINDS[kind],
            command.source or "record",
            command.source_id,
            booking.account_id,
            fact_id,
            digest,
        )


def _used_otherwise(what: str) -> Refusal:
    return Refusal(
        "key_used_otherwise",
        f"This {what} was used before with another content; repeat the first content or choose a new {what}.",
        status=422,
    )
