"""Writes on holds: start one, end one; held cents of the claim follow in the same transaction."""

from typing import Any

from app.blocks import queries, rules
from app.blocks.model import EndHold, HoldKind, RecordHold
from app.claims import ClaimKind, claim_state, located, move_open
from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import Answer, Booking, Command, book


async def record_hold(conn: Connection, command: Command, asked: RecordHold) -> dict[str, Any]:
    """Start a hold on a claim or a running account. It counts from its first day; the night starts a later one."""
    rules.check_scope(asked)
    processes = rules.processes_of(asked)
    claim_id: int | None = None
    account_id = asked.account
    if asked.claim is not None:
        account_id, claim_id = await located(conn, command, asked.claim)
    assert account_id is not None

    async def work(booking: Booking) -> Answer:
        if claim_id is not None and (await claim_state(conn, account_id, claim_id)).kind is ClaimKind.TAKEN_OVER:
            raise Refusal(
                "taken_over",
                f"Claim {asked.claim} was taken over under an agreement; hold the claim that it comes from, "
                "or end the agreement.",
                field="claim",
            )
        start = rules.first_day(asked, command.business_date)
        hold_id = await booking.next_id()
        await conn.execute(
            """insert into hold (account_id, hold_id, risk_carrier_id, claim_id, kind, for_dunning, for_offset,
                 for_payout, for_agency, cents, from_date, until_date, active, reason, owner)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)""",
            *(account_id, hold_id, booking.risk_carrier_id, claim_id, int(HoldKind[asked.kind.upper()])),
            *(process in processes for process in ("dunning", "offset", "payout", "agency")),
            *(asked.cents, start, asked.until_date, start <= booking.booking_date, asked.reason, asked.owner),
        )
        body: dict[str, Any] = {"kind": asked.kind, "processes": list(processes), "fromDate": start.isoformat()}
        body.update(await _held(booking, claim_id))
        return Answer(action="hold recorded", subject=f"hold:{hold_id}", fact_id=hold_id, body=body)

    return await book(conn, command, "hold", asked, account_id, work)


async def end_hold(conn: Connection, command: Command, asked: EndHold) -> dict[str, Any]:
    """End a hold; what it kept apart takes part again from the next night on."""
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        account_id = await queries.account_of_hold(conn, asked.hold, command.risk_carriers)
    if account_id is None:
        raise Refusal("hold_unknown", f"There is no hold {asked.hold}.", status=404, field="hold")

    async def work(booking: Booking) -> Answer:
        hold = await queries.read_hold(conn, account_id, asked.hold)
        if hold["ended_on"] is not None:
            raise Refusal("hold_ended", f"Hold {asked.hold} ended on {hold['ended_on']}.", field="hold")
        await conn.execute(
            "update hold set ended_on = $3, active = false where account_id = $1 and hold_id = $2",
            account_id,
            asked.hold,
            booking.booking_date,
        )
        body: dict[str, Any] = {"endedOn": booking.booking_date.isoformat(), "reason": asked.reason}
        body.update(await _held(booking, hold["claim_id"]))
        return Answer(action="hold ended", subject=f"hold:{asked.hold}", fact_id=asked.hold, body=body)

    return await book(conn, command, "hold-end", asked, account_id, work)


async def _held(booking: Booking, claim_id: int | None) -> dict[str, Any]:
    if claim_id is None:
        return {}
    await move_open(booking.conn, booking.account_id, claim_id)  # nothing moves: it recomputes held cents
    claim = await claim_state(booking.conn, booking.account_id, claim_id)
    return {"claim": claim.reference, "openCents": claim.open_cents, "heldCents": claim.held_cents}
