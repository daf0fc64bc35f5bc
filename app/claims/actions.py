"""Writes on claims: give offsets back, lower and raise, withdraw, write off, charge, record a step."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.claims import queries, rules
from app.claims.model import (
    AdjustClaim,
    AdjustmentKind,
    ChargeClaim,
    ClaimKind,
    ClaimState,
    RecordStep,
    ReversalCause,
    StandingOffset,
    StepKind,
    WithdrawClaim,
    WriteOff,
)
from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import payment_reference
from app.core.money import euros
from app.ledger import Answer, Booking, Command, PostingKind, book

_REVERSED = {2: "principal", 3: "costs", 4: "interest"}
_STEPS = {"notice": StepKind.NOTICE, "reminder": StepKind.REMINDER, "last-notice": StepKind.LAST_NOTICE}


async def located(conn: Connection, command: Command, claim: str) -> tuple[int, int]:
    """(account_id, claim_id) behind what a command calls a claim; Refusal when it is unknown or several."""
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        return await queries.locate_claim(conn, claim, command.risk_carriers)


async def reverse_lines(
    booking: Booking,
    parts: Sequence[tuple[StandingOffset, int]],
    *,
    cause: ReversalCause,
    cause_id: int | None,
    effective_date: date,
    reason: str,
    pay_back: bool,
) -> list[int]:
    """Turn offset lines back, whole or in part: the claims grow again with their due date and steps.

    One fact and one mirror posting per line; with `pay_back` the money goes out whole in the next night. Returns
    the reversal ids. The caller takes care that no part is more than what stands of its line.
    """
    ids = []
    for line, cents in parts:
        reversal_id = await booking.next_id()
        await booking.conn.execute(
            "insert into offset_reversal values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            *(booking.account_id, reversal_id, booking.risk_carrier_id, line.declaration_id, line.claim_id, line.line),
            *(cents, booking.booking_date, effective_date, reason, int(cause), cause_id),
        )
        await queries.move_open(booking.conn, booking.account_id, line.claim_id, **{_REVERSED[line.part]: cents})
        booking.post(
            PostingKind(line.part + 28),  # 30, 31, 32 mirror 2, 3, 4
            reversal_id,
            cents,
            effective_date,
            claim_id=line.claim_id,
            open_after_cents=await queries.open_principal(booking.conn, booking.account_id, line.claim_id),
            reverses_event_id=line.declaration_id,
            reverses_line=line.line,
        )
        if pay_back:
            await booking.queue(2, reversal_id, line.agb_id, cents)
        ids.append(reversal_id)
    return ids


async def lower(
    booking: Booking, claim: ClaimState, cents: int, kind: AdjustmentKind, effective_date: date, reason: str
) -> int:
    """Lower the amount of a claim; what was offset or paid beyond the new amount comes back first. Returns the id.

    Newest offsets first (their money is paid out in the next night), then payments (to the provider's money on
    account). Refusal when the claim is not that much, or when the rest was written off.
    """
    if claim.queued:
        raise Refusal(
            "advance_queued",
            f"Advance {claim.reference} is paid in the next night; change it after that night.",
            field="claim",
        )
    if cents > claim.amount_cents:
        raise Refusal(
            "below_zero",
            f"Claim {claim.reference} is {euros(claim.amount_cents)}; it cannot be lowered by {euros(cents)}.",
            field="deltaCents",
        )
    conn, account_id = booking.conn, booking.account_id
    plan = rules.plan_freeing(
        cents,
        claim.principal,
        await queries.offsets_of_claim(conn, account_id, claim.claim_id),
        await queries.paid_principal(conn, account_id, claim.claim_id),
    )
    if plan.short_cents > 0:
        taken = await queries.taken_over(conn, account_id, claim.claim_id)
        raise rules.not_free(claim, cents, plan.short_cents, taken)
    adjustment_id = await _adjustment(booking, claim, kind, -cents, effective_date, reason)
    await reverse_lines(
        booking,
        plan.offsets,
        cause=ReversalCause.ADJUSTMENT,
        cause_id=adjustment_id,
        effective_date=effective_date,
        reason=reason,
        pay_back=True,
    )
    if plan.payment_cents:
        booking.post(
            PostingKind.PAYMENT_FREED,
            adjustment_id,
            plan.payment_cents,
            effective_date,
            line=1,
            claim_id=claim.claim_id,
        )
    booking.post(PostingKind.ADJUSTED_DOWN, adjustment_id, cents, effective_date, claim_id=claim.claim_id)
    await queries.move_open(conn, account_id, claim.claim_id, principal=plan.payment_cents - cents)
    return adjustment_id


async def raise_amount(booking: Booking, claim: ClaimState, cents: int, effective_date: date, reason: str) -> int:
    """Raise the amount of a claim by a reasoned entry (CR-4); a credit never above what its declaration leaves."""
    if claim.withdrawn:
        raise Refusal("claim_withdrawn", f"Claim {claim.reference} was withdrawn; register a new claim.", field="claim")
    if claim.queued:
        raise Refusal("advance_queued", f"Advance {claim.reference} is not paid yet; change it after the next night.")
    if claim.origin_declaration_id is not None:
        await _check_credit_room(booking, claim, cents)
    adjustment_id = await _adjustment(booking, claim, AdjustmentKind.ADJUSTMENT, cents, effective_date, reason)
    booking.post(PostingKind.ADJUSTED_UP, adjustment_id, cents, effective_date, claim_id=claim.claim_id)
    await queries.move_open(booking.conn, booking.account_id, claim.claim_id, principal=cents)
    return adjustment_id


async def _check_credit_room(booking: Booking, claim: ClaimState, cents: int) -> None:
    room = await queries.credit_room(booking.conn, booking.account_id, claim.origin_declaration_id or 0)
    if cents > room:
        raise Refusal(
            "credit_above_awarded",
            f"The declaration of claim {claim.reference} leaves {euros(room)} to credit; raise it by at most that.",
            field="deltaCents",
        )


async def _adjustment(
    booking: Booking, claim: ClaimState, kind: AdjustmentKind, delta: int, effective_date: date, reason: str
) -> int:
    if claim.kind is ClaimKind.TAKEN_OVER:
        raise Refusal(
            "taken_over",
            f"Claim {claim.reference} was taken over under an agreement; change the claim that it comes from.",
            field="claim",
        )
    adjustment_id = await booking.next_id()
    await booking.conn.execute(
        "insert into adjustment values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *(booking.account_id, adjustment_id, booking.risk_carrier_id, claim.claim_id, int(kind), delta),
        *(booking.booking_date, effective_date, reason),
    )
    return adjustment_id


async def adjust_claim(conn: Connection, command: Command, asked: AdjustClaim) -> dict[str, Any]:
    """Change the amount of a claim by a reasoned entry; below what was offset or paid, that comes back first."""
    if (asked.delta_cents is None) == (asked.amount_cents is None):
        raise Refusal("delta_or_amount", "Give deltaCents or amountCents, one of the two.", status=422)
    account_id, claim_id = await located(conn, command, asked.claim)

    async def work(booking: Booking) -> Answer:
        claim = await queries.claim_state(conn, account_id, claim_id)
        delta = asked.delta_cents
        if delta is None:
            delta = (asked.amount_cents or 0) - claim.amount_cents
        effective = asked.effective_date or command.business_date
        if delta > 0:
            fact = await raise_amount(booking, claim, delta, effective, asked.reason)
        elif delta < 0:
            fact = await lower(booking, claim, -delta, AdjustmentKind.ADJUSTMENT, effective, asked.reason)
        else:
            raise Refusal("no_change", f"Claim {claim.reference} is that amount already.", field="deltaCents")
        return await _answer(booking, "claim adjusted", claim, fact, deltaCents=delta)

    return await book(conn, command, "adjustment", asked, account_id, work)


async def _answer(booking: Booking, action: str, claim: ClaimState, fact_id: int, **more: Any) -> Answer:
    after = await queries.claim_state(booking.conn, booking.account_id, claim.claim_id)
    body = {"claim": claim.reference, **more, "amountCents": after.amount_cents, "openCents": after.open_cents}
    return Answer(action=action, subject=f"claim:{claim.claim_id}", fact_id=fact_id, body=body)


async def withdraw_claim(conn: Connection, command: Command, asked: WithdrawClaim) -> dict[str, Any]:
    """Lower a claim to nothing since it was wrong: costs and interest go too, and all that was taken comes back."""
    account_id, claim_id = await located(conn, command, asked.claim)

    async def work(booking: Booking) -> Answer:
        claim = await queries.claim_state(conn, account_id, claim_id)
        effective = asked.effective_date or command.business_date
        fact = await withdraw(booking, claim, effective, asked.reason)
        return await _answer(booking, "claim withdrawn", claim, fact, withdrawnCents=claim.amount_cents)

    return await book(conn, command, "withdrawal", asked, account_id, work)


async def withdraw(booking: Booking, claim: ClaimState, effective_date: date, reason: str) -> int:
    """Withdraw one claim inside an open write; returns the adjustment id."""
    if claim.withdrawn or claim.amount_cents == 0:
        raise Refusal("claim_withdrawn", f"Nothing is left of claim {claim.reference}.", field="claim")
    conn, account_id = booking.conn, booking.account_id
    fact = await lower(booking, claim, claim.amount_cents, AdjustmentKind.WITHDRAWAL, effective_date, reason)
    charges = [line for line in await queries.offsets_of_claim(conn, account_id, claim.claim_id) if line.part != 2]
    await reverse_lines(
        booking,
        [(line, line.cents) for line in charges],
        cause=ReversalCause.ADJUSTMENT,
        cause_id=fact,
        effective_date=effective_date,
        reason=reason,
        pay_back=True,
    )
    left = await queries.claim_state(conn, account_id, claim.claim_id)
    await _cancel_charges(booking, left, fact, effective_date)
    return fact


async def _cancel_charges(booking: Booking, claim: ClaimState, fact: int, effective_date: date) -> None:
    """Costs and interest that are open vanish by a counter-entry; what was paid of them goes to on account first."""
    conn, account_id, claim_id = booking.conn, booking.account_id, claim.claim_id
    freed = await queries.paid_charges(conn, account_id, claim_id)
    for component, freeing, cancelling in (
        ("costs", PostingKind.PAYMENT_COSTS_FREED, PostingKind.COSTS_CANCELLED),
        ("interest", PostingKind.PAYMENT_INTEREST_FREED, PostingKind.INTEREST_CANCELLED),
    ):
        back, gone = freed[component], freed[component] + getattr(claim, component)
        if back:
            booking.post(freeing, fact, back, effective_date, line=1, claim_id=claim_id)
        if gone:
            booking.post(cancelling, fact, gone, effective_date, claim_id=claim_id)
    await queries.move_open(conn, account_id, claim_id, costs=-claim.costs, interest=-claim.interest)


async def write_off(conn: Connection, command: Command, asked: WriteOff) -> dict[str, Any]:
    """Write off what is open of a claim, or `cents` of it: costs, then interest, then principal."""
    account_id, claim_id = await located(conn, command, asked.claim)

    async def work(booking: Booking) -> Answer:
        claim = await queries.claim_state(conn, account_id, claim_id)
        cents = asked.cents or claim.open_cents
        if not 0 < cents <= claim.open_cents:
            raise Refusal(
                "above_open",
                f"{euros(claim.open_cents)} of claim {claim.reference} is open; write off at most that.",
                field="cents",
            )
        effective = asked.effective_date or command.business_date
        fact = await _adjustment(booking, claim, AdjustmentKind.WRITE_OFF, -cents, effective, asked.reason)
        parts, _ = rules.spread_payment(cents, [claim])
        for line, part in enumerate(parts):
            kind = PostingKind[f"WRITTEN_OFF_{part.component.upper()}"]
            booking.post(kind, fact, part.cents, effective, line=line, claim_id=claim_id)
        await queries.move_open(conn, account_id, claim_id, **{part.component: -part.cents for part in parts})
        return await _answer(booking, "claim written off", claim, fact, writtenOffCents=cents)

    return await book(conn, command, "write-off", asked, account_id, work)


async def charge_claim(conn: Connection, command: Command, asked: ChargeClaim) -> dict[str, Any]:
    """Charge costs or interest on a claim with a letter; they are owed beside the principal."""
    account_id, claim_id = await located(conn, command, asked.claim)

    async def work(booking: Booking) -> Answer:
        claim = await queries.claim_state(conn, account_id, claim_id)
        if claim.withdrawn or not claim.has_letter:
            what = "was withdrawn" if claim.withdrawn else "has no letter"
            raise Refusal("no_charge", f"Claim {claim.reference} {what}: nothing is charged on it.", field="claim")
        fact, on = await booking.next_id(), asked.charged_on or command.business_date
        kind = PostingKind.COSTS_CHARGED if asked.kind == "costs" else PostingKind.INTEREST_CHARGED
        await conn.execute(
            "insert into charge values ($1, $2, $3, $4, $5, $6, $7, $8)",
            *(account_id, fact, booking.risk_carrier_id, claim_id, 1 if asked.kind == "costs" else 2, asked.cents),
            *(on, asked.reason),
        )
        booking.post(kind, fact, asked.cents, on, claim_id=claim_id)
        await queries.move_open(conn, account_id, claim_id, **{asked.kind: asked.cents})
        return await _answer(booking, f"{asked.kind} charged", claim, fact, chargedCents=asked.cents)

    return await book(conn, command, "charge", asked, account_id, work)


async def record_step(conn: Connection, command: Command, asked: RecordStep) -> dict[str, Any]:
    """Record a letter over one or more claims of one running account: what it asked, until when, under which reference.

    The letter gets a new payment reference; earlier ones keep working (CR-5). Refusal when a claim has nothing to
    ask, when a term still runs, or when a reminder is skipped.
    """
    found = [await located(conn, command, claim) for claim in asked.claims]
    account_ids = {account_id for account_id, _ in found}
    if len(account_ids) > 1:
        raise Refusal("several_accounts", "A letter goes to one running account; record one step per account.")
    account_id = account_ids.pop()
    claim_ids = sorted({claim_id for _, claim_id in found})

    async def work(booking: Booking) -> Answer:
        sent_on = asked.sent_on or command.business_date
        if sent_on > command.business_date:
            raise Refusal("sent_later", f"A letter of {sent_on} cannot be recorded on {command.business_date}.")
        rows = []
        for claim in await queries.claim_states(conn, account_id, claim_ids):
            rows.append((claim, *await _step_of(booking, claim, asked, sent_on)))
        return await _write_step(booking, asked, sent_on, rows)

    return await book(conn, command, "step", asked, account_id, work)


async def _step_of(booking: Booking, claim: ClaimState, asked: RecordStep, sent_on: date) -> tuple[int, date, int]:
    """(step number, term end, asked cents) of a letter for one claim; Refusal when it may not go out."""
    last = await queries.last_step(booking.conn, booking.account_id, claim.claim_id, _STEPS[asked.kind])
    step_no = asked.step_no or last + 1
    if step_no <= last:
        raise Refusal("step_taken", f"Claim {claim.reference} has {asked.kind} {step_no} already.", field="stepNo")
    policy = await queries.dunning_step(booking.conn, booking.risk_carrier_id, claim.reason_id, step_no, sent_on)
    on_the_day, term_days = policy or (False, None)
    if refused := rules.step_refusal(claim, asked.kind, step_no, sent_on, on_the_day):
        raise Refusal(*refused, field="claims")
    if asked.term_end is not None:
        term_end = asked.term_end
    else:
        days = asked.term_days if asked.term_days is not None else term_days
        if days is None:
            raise Refusal(
                "no_term", "The policy has no such step: give termEnd or termDays.", status=422, field="termEnd"
            )
        term_end = sent_on + timedelta(days=days)
    if refused := rules.term_refusal(sent_on, term_end):
        raise Refusal(*refused, status=422, field="termEnd")
    held = await queries.held_for_dunning(booking.conn, booking.account_id, claim.claim_id, sent_on)
    to_ask = 0 if held is None else max(0, claim.open_cents - held)
    if to_ask == 0:
        raise Refusal("held", f"All that is open on claim {claim.reference} is kept out of dunning by a hold.")
    return step_no, term_end, to_ask


async def _write_step(
    booking: Booking, asked: RecordStep, sent_on: date, rows: Sequence[tuple[ClaimState, int, date, int]]
) -> Answer:
    conn, account_id, carrier = booking.conn, booking.account_id, booking.risk_carrier_id
    first = await booking.next_id()
    reference = payment_reference(first)
    document = asked.kind if asked.kind != "reminder" else f"reminder {rows[0][1]}"
    await conn.execute(
        "insert into payment_reference values ($1, $2, $3, $4, $5)", reference, carrier, account_id, sent_on, document
    )
    for number, (claim, step_no, term_end, to_ask) in enumerate(rows):
        step_id = await booking.next_id() if number else first
        await conn.execute(
            "insert into payment_reference_claim values ($1, $2, $3, $4)",
            reference,
            account_id,
            claim.claim_id,
            carrier,
        )
        await conn.execute(
            "insert into claim_step values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            *(account_id, claim.claim_id, step_id, carrier, int(_STEPS[asked.kind]), step_no, sent_on, term_end),
            *(reference, to_ask, asked.channel),
        )
        if asked.kind == "reminder":
            await conn.execute(
                """update claim_position set reminder_term_ends = reminder_term_ends || $3::date
                   where account_id = $1 and claim_id = $2""",
                *(account_id, claim.claim_id, term_end),
            )
    body = {
        "kind": asked.kind,
        "paymentReference": reference,
        "askedCents": sum(row[3] for row in rows),
        "claims": [
            {"claim": claim.reference, "stepNo": step_no, "termEnd": term_end.isoformat(), "askedCents": to_ask}
            for claim, step_no, term_end, to_ask in rows
        ],
    }
    return Answer(action="step recorded", subject=f"step:{first}", fact_id=first, body=body)
