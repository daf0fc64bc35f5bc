"""Withdrawal of a declaration loaded in error: before settlement it leaves the queue, after it all is turned back."""

from datetime import date
from typing import Annotated, Any

import msgspec
from asyncpg import Record

from app.claims import (
    AdjustmentKind,
    ClaimKind,
    ReversalCause,
    claim_state,
    claimed_for_declaration,
    locate_declaration,
    lower,
    offsets_of_declaration,
    reverse_lines,
    withdraw,
)
from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import claim_reference, declaration_reference
from app.ledger import Answer, Booking, Command, Input, PostingKind, Text, book


class NewDeclarationWithdrawal(Input, frozen=True, kw_only=True):
    """It was loaded in error. `reasonCode` is the quiet code of what was paid and is claimed back."""

    reason: Text
    effective_date: date | None = None
    reason_code: Annotated[str, msgspec.Meta(min_length=1, max_length=30)] = "WITHDRAWN"


class WithdrawDeclaration(NewDeclarationWithdrawal, frozen=True, kw_only=True):
    """The declaration was loaded in error. `reason_code` is the quiet code of what was paid and is claimed back."""

    declaration: Text


async def withdraw_declaration(conn: Connection, command: Command, asked: WithdrawDeclaration) -> dict[str, Any]:
    """Withdraw a declaration.

    Not settled yet: it leaves the queue, and its credits and corrections are withdrawn with it. Settled: with
    A awarded and O what still stands of the offsets made from it,
      - those offsets are reversed (their claims return) and 33 takes O back from care costs; no money moves;
      - the rest, P = A - O, is what the provider got (paid out, or given back by an earlier reversal);
      - of P, the credits C of this declaration claim min(C, P) already (an excess is lowered, newest first),
        and a quiet claim of kind 7 claims P - min(C, P).
    So 33 + kind 7 + credits = O + P = A: the settlement is undone to the cent and nothing is owed twice.
    """
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        account_id, declaration_id = await locate_declaration(conn, asked.declaration, command.risk_carriers)

    async def work(booking: Booking) -> Answer:
        declaration = await _declaration(booking, declaration_id)
        if declaration["withdrawn"]:
            raise Refusal("withdrawn", f"Declaration {asked.declaration} was withdrawn before.", field="declaration")
        withdrawal_id = await booking.next_id()
        await conn.execute(
            "insert into declaration_withdrawal values ($1, $2, $3, $4, $5, $6, $7)",
            *(account_id, withdrawal_id, booking.risk_carrier_id, declaration_id, booking.booking_date),
            *(asked.reason, not declaration["queued"]),
        )
        effective = asked.effective_date or command.business_date
        if declaration["queued"]:
            body = await _take_from_queue(booking, declaration_id, effective, asked.reason)
        else:
            body = await _undo_settlement(booking, declaration, withdrawal_id, effective, asked)
        return Answer(
            action="declaration withdrawn",
            subject=f"declaration:{declaration_id}",
            fact_id=withdrawal_id,
            body={
                "declaration": declaration_reference(account_id, declaration_id),
                "awardedCents": declaration["awarded_cents"],
                **body,
            },
        )

    return await book(conn, command, "withdrawal", asked, account_id, work)


async def _declaration(booking: Booking, declaration_id: int) -> Record:
    row = await booking.conn.fetchrow(
        """select d.declaration_id, d.agb_id, d.awarded_cents, d.number, d.invoice_number,
             d.treated_from, d.treated_until,
             exists (select 1 from payable q where q.account_id = $1 and q.entry_id = $2) as queued,
             exists (select 1 from declaration_withdrawal w
               where w.account_id = $1 and w.declaration_id = $2) as withdrawn
           from declaration d where d.account_id = $1 and d.declaration_id = $2""",
        booking.account_id,
        declaration_id,
    )
    assert row is not None
    return row


async def _take_from_queue(booking: Booking, declaration_id: int, effective: date, reason: str) -> dict[str, Any]:
    await booking.conn.execute(
        "delete from payable where account_id = $1 and entry_id = $2", booking.account_id, declaration_id
    )
    for claim_id in await claimed_for_declaration(booking.conn, booking.account_id, declaration_id):
        claim = await claim_state(booking.conn, booking.account_id, claim_id)
        if claim.amount_cents > 0:
            await withdraw(booking, claim, effective, reason)
    return {"settled": False}


async def _refuse_unsent(booking: Booking, declaration_id: int) -> None:
    """What has not left yet must not be claimed back: it would leave afterwards, for nothing."""
    unsent = await booking.conn.fetchval(
        """select y.payout_id from posting p
             join payout y on y.account_id = p.account_id and y.payout_id = p.payout_id
           where p.account_id = $1 and p.event_id = $2 and p.kind = 1 and y.net_cents > 0
             and not exists (select 1 from payment_instruction i
               where i.account_id = y.account_id and i.payout_id = y.payout_id)""",
        booking.account_id,
        declaration_id,
    )
    if unsent is not None:
        raise Refusal(
            "payout_not_sent",
            "The payout of this declaration is held or has not left yet, so there is nothing to claim back: "
            "keep it held, and withdraw the declaration once the payout was sent.",
            field="declaration",
        )


async def _undo_settlement(
    booking: Booking, declaration: Record, withdrawal_id: int, effective: date, asked: WithdrawDeclaration
) -> dict[str, Any]:
    declaration_id = declaration["declaration_id"]
    await _refuse_unsent(booking, declaration_id)
    lines = await offsets_of_declaration(booking.conn, booking.account_id, declaration_id)
    reversed_cents = sum(line.cents for line in lines)
    await reverse_lines(
        booking,
        [(line, line.cents) for line in lines],
        cause=ReversalCause.WITHDRAWN_DECLARATION,
        cause_id=withdrawal_id,
        effective_date=effective,
        reason=asked.reason,
        pay_back=False,
    )
    if reversed_cents:
        booking.post(
            PostingKind.SETTLEMENT_WITHDRAWN,
            withdrawal_id,
            reversed_cents,
            effective,
            reverses_event_id=declaration_id,
            reverses_line=0,
        )
    # What `lower` reads of the offsets must know that these are reversed.
    await booking.write_postings()
    paid_part = declaration["awarded_cents"] - reversed_cents
    credited = await _lower_credits(booking, declaration_id, paid_part, effective, asked.reason)
    claimed = paid_part - credited
    reference = await _claim_paid_part(booking, declaration, claimed, effective, asked) if claimed else None
    return {
        "settled": True,
        "returnedToClaimsCents": reversed_cents,
        "creditsCents": credited,
        "claimedCents": claimed,
        "claim": reference,
    }


async def _lower_credits(booking: Booking, declaration_id: int, paid_part: int, effective: date, reason: str) -> int:
    """What the credits of the declaration claim in the end, in cents: at most the paid part."""
    conn, account_id = booking.conn, booking.account_id
    credits = [
        await claim_state(conn, account_id, claim_id)
        for claim_id in await claimed_for_declaration(conn, account_id, declaration_id)
    ]
    credited = sum(credit.amount_cents for credit in credits)
    for credit in credits:
        excess = min(credit.amount_cents, credited - paid_part)
        if excess > 0:
            await lower(booking, credit, excess, AdjustmentKind.ADJUSTMENT, effective, reason)
            credited -= excess
    return credited


async def _claim_paid_part(
    booking: Booking, declaration: Record, cents: int, effective: date, asked: WithdrawDeclaration
) -> str:
    """Register the quiet claim of kind 7; returns its reference."""
    conn, account_id, carrier, on = booking.conn, booking.account_id, booking.risk_carrier_id, booking.booking_date
    reason_id = await conn.fetchval(
        "select reason_id from reason_code where risk_carrier_id = $1 and code = $2", carrier, asked.reason_code
    )
    if reason_id is None:
        raise Refusal(
            "reason_unknown",
            f"The risk carrier has no reason code {asked.reason_code}; add it to its policy or give another.",
            field="reasonCode",
        )
    claim_id = await booking.next_id()
    reference = claim_reference(claim_id, on.year)
    await conn.execute(
        """insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id,
             original_cents, registered_on, due_date, reference, number, ground)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12)""",
        *(account_id, claim_id, carrier, int(ClaimKind.WITHDRAWN_DECLARATION), reason_id, declaration["agb_id"]),
        *(declaration["declaration_id"], cents, on, reference, declaration["number"], asked.reason),
    )
    await conn.execute(
        """insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, declaration_number, invoice_number,
             period_from, period_until, description, cents)
           values ($1, $2, 1, $3, $4, $5, $6, $7, 'Betaald deel van een ingetrokken declaratie', $8)""",
        *(account_id, claim_id, carrier, declaration["number"], declaration["invoice_number"]),
        *(declaration["treated_from"], declaration["treated_until"], cents),
    )
    await conn.execute(
        """insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on,
             due_date, open_principal_cents) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)""",
        *(
            account_id,
            claim_id,
            carrier,
            int(ClaimKind.WITHDRAWN_DECLARATION),
            reason_id,
            declaration["agb_id"],
            on,
            cents,
        ),
    )
    await conn.execute("insert into claim_reference values ($1, $2, $3, $4)", reference, carrier, account_id, claim_id)
    booking.post(PostingKind.CLAIM_REGISTERED, claim_id, cents, effective, claim_id=claim_id)
    return reference
