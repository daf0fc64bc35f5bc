"""Writes on offsets besides the night: give one back, instruct how much is taken, ask for one."""

from datetime import date, timedelta
from typing import Any

from app.claims import (
    ReversalCause,
    claim_state,
    locate_declaration,
    located,
    offsets_of_declaration,
    reverse_lines,
    take_offsets,
)
from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.money import euros
from app.ledger import EARLIEST, Answer, Booking, Command, book
from app.offsetting import queries
from app.offsetting.model import EndAgreement, RegisterAgreement, RequestOffset, ReverseOffset, SetOffsetInstruction

_FAR = timedelta(days=3660)
_MODES = {"none": 0, "percentage": 1, "fixed": 2, "full": 3}


async def reverse_offset(conn: Connection, command: Command, asked: ReverseOffset) -> dict[str, Any]:
    """Give back what a declaration paid on a claim, whole or in part (OF-8).

    The claim returns with its due date and steps; the money goes out whole in the next night, never offset again.
    Of a part the newest lines go first, so that interest and costs return before principal.
    """
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        account_id, declaration_id = await locate_declaration(conn, asked.declaration, command.risk_carriers)
    claim_account, claim_id = await located(conn, command, asked.claim)
    if claim_account != account_id:
        raise Refusal("other_account", "The declaration and the claim are of different running accounts.", status=422)

    async def work(booking: Booking) -> Answer:
        lines = [
            line
            for line in await offsets_of_declaration(conn, account_id, declaration_id)
            if line.claim_id == claim_id and asked.line in (None, line.line)
        ]
        standing = sum(line.cents for line in lines)
        cents = asked.cents or standing
        if not 0 < cents <= standing:
            raise Refusal(
                "above_offset",
                f"{euros(standing)} of declaration {asked.declaration} stands offset with claim {asked.claim}; "
                + ("give back at most that." if standing else "there is nothing to give back."),
                field="cents",
            )
        parts, _ = take_offsets(cents, lines)
        ids = await reverse_lines(
            booking,
            parts,
            cause=ReversalCause.DECISION,
            cause_id=None,
            effective_date=asked.effective_date,
            reason=asked.reason,
            pay_back=True,
        )
        claim = await claim_state(conn, account_id, claim_id)
        body = {
            "claim": claim.reference,
            "returnedCents": cents,
            "openCents": claim.open_cents,
            "reversals": ids,
            "effectiveDate": asked.effective_date.isoformat(),
        }
        return Answer(action="offset reversed", subject=f"claim:{claim_id}", fact_id=ids[0], body=body)

    return await book(conn, command, "reversal", asked, account_id, work)


def _basis_points(percent: str | None, field: str) -> int | None:
    if percent is None:
        return None
    whole, _, part = percent.partition(".")
    points = int(whole) * 100 + int(part or "0")
    if points > 10_000:
        raise Refusal("percent_range", f"{field} is {percent}; write at most 100.", status=422, field=field)
    return points


def _check_instruction(asked: SetOffsetInstruction) -> None:
    if (asked.claim is None) == (asked.account is None):
        raise Refusal("claim_or_account", "Give the claim or the running account, one of the two.", status=422)
    if (asked.mode == "percentage") != (asked.percent is not None) or (
        asked.percent is not None and not _basis_points(asked.percent, "percent")
    ):
        raise Refusal("mode_percent", 'percent (above 0) goes together with mode "percentage".', status=422)
    if (asked.mode == "fixed") != (asked.fixed_cents is not None):
        raise Refusal("mode_fixed", 'fixedCents goes together with mode "fixed".', status=422)
    caps = (asked.cap_percent, asked.cap_cents, asked.floor_cents)
    if asked.claim is not None and any(cap is not None for cap in caps):
        raise Refusal("caps_of_account", "Caps and the floor are for a running account, not for a claim.", status=422)
    if asked.mode is None and all(cap is None for cap in caps):
        raise Refusal("nothing_instructed", "Give a mode, a cap or a floor.", status=422)


async def set_offset_instruction(conn: Connection, command: Command, asked: SetOffsetInstruction) -> dict[str, Any]:
    """Instruct how much offset takes for a claim or a running account; a later instruction wins over an earlier one."""
    _check_instruction(asked)
    claim_id: int | None = None
    account_id = asked.account
    if asked.claim is not None:
        account_id, claim_id = await located(conn, command, asked.claim)
    assert account_id is not None
    percent = _basis_points(asked.percent, "percent")
    cap = _basis_points(asked.cap_percent, "capPercent")

    async def work(booking: Booking) -> Answer:
        valid_from = asked.valid_from or booking.booking_date
        if asked.valid_until is not None and asked.valid_until < valid_from:
            raise Refusal("dates", f"The instruction would end on {asked.valid_until}, before it begins.", status=422)
        fact = await booking.next_id()
        await conn.execute(
            "insert into offset_instruction values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            *(account_id, fact, booking.risk_carrier_id, claim_id, None if asked.mode is None else _MODES[asked.mode]),
            *(percent, asked.fixed_cents, cap, asked.cap_cents, asked.floor_cents),
            *(valid_from, asked.valid_until, asked.reason),
        )
        subject = f"account:{account_id}" if claim_id is None else f"claim:{claim_id}"
        body: dict[str, Any] = {"mode": asked.mode, "validFrom": valid_from.isoformat()}
        if claim_id is not None:
            body["claim"] = (await claim_state(conn, account_id, claim_id)).reference
        return Answer(action="offset instruction", subject=subject, fact_id=fact, body=body)

    return await book(conn, command, "instruction", asked, account_id, work)


async def request_offset(conn: Connection, command: Command, asked: RequestOffset) -> dict[str, Any]:
    """Note that the provider asks to offset a claim; the policy start `on_request` waits for it.

    Asked again, the earliest day stands: offsets were made because of it.
    """
    account_id, claim_id = await located(conn, command, asked.claim)

    async def work(booking: Booking) -> Answer:
        claim = await claim_state(conn, account_id, claim_id)
        on = asked.requested_on or command.business_date
        if not EARLIEST <= on <= command.business_date:
            raise Refusal(
                "requested_later",
                f"A request of {on} cannot be noted: give a day from {EARLIEST} to {command.business_date}.",
                status=422,
                field="requestedOn",
            )
        if claim.open_cents == 0:
            raise Refusal("nothing_open", f"Nothing is open on claim {claim.reference}.", field="claim")
        fact = await booking.next_id()
        since = await conn.fetchval(
            """update claim_position set offset_requested_on = least(offset_requested_on, $3)
               where account_id = $1 and claim_id = $2 returning offset_requested_on""",
            *(account_id, claim_id, on),
        )
        body = {"claim": claim.reference, "requestedOn": since.isoformat(), "openCents": claim.open_cents}
        return Answer(action="offset requested", subject=f"claim:{claim_id}", fact_id=fact, body=body)

    return await book(conn, command, "request", asked, account_id, work)


async def register_agreement(conn: Connection, command: Command, asked: RegisterAgreement) -> dict[str, Any]:
    """Register that the declarations of one running account may pay what another one owes (OF-10).

    The nights from its first day on apply it, own money first on both sides. Refusal when the accounts are one or
    unknown, when an agreement of the pair holds on those days, or when the reason code is not fit for it.
    """
    payer = asked.payer_account
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        debtor = await queries.carrier_of_account(conn, asked.debtor_account)
    if debtor is None or (command.risk_carriers is not None and debtor not in command.risk_carriers):
        raise Refusal(
            "account_unknown",
            f"There is no running account {asked.debtor_account}.",
            status=404,
            field="debtorAccount",
        )
    if asked.debtor_account == payer:
        raise Refusal(
            "same_account",
            "Payer and debtor are one running account: that offsets without an agreement.",
            status=422,
            field="debtorAccount",
        )

    async def work(booking: Booking) -> Answer:
        valid_from = asked.valid_from or booking.booking_date
        _check_days(valid_from, asked.valid_until, booking.booking_date)
        reason_id = await _fit_reason(booking, asked.reason_code)
        other = await queries.agreement_between(conn, payer, asked.debtor_account, valid_from, asked.valid_until)
        if other is not None:
            raise Refusal(
                "agreement_overlaps",
                f"Agreement {other} of these running accounts holds on those days; end it first.",
                field="validFrom",
            )
        fact = await booking.next_id()
        await conn.execute(
            """insert into offset_agreement (account_id, agreement_id, risk_carrier_id, debtor_account_id, reason_id,
                 number, evidence, valid_from, valid_until, reason)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            *(payer, fact, booking.risk_carrier_id, asked.debtor_account, reason_id, asked.number, asked.evidence),
            *(valid_from, asked.valid_until, asked.reason),
        )
        body = {
            "number": asked.number,
            "payerAccount": payer,
            "debtorAccount": asked.debtor_account,
            "validFrom": valid_from.isoformat(),
            "validUntil": None if asked.valid_until is None else asked.valid_until.isoformat(),
        }
        return Answer(action="agreement registered", subject=f"account:{payer}", fact_id=fact, body=body)

    return await book(conn, command, "agreement", asked, payer, work)


def _check_days(valid_from: date, valid_until: date | None, today: date) -> None:
    if valid_until is not None and valid_until < valid_from:
        raise Refusal(
            "dates",
            f"The agreement would end on {valid_until}, before it begins on {valid_from}.",
            status=422,
            field="validUntil",
        )
    if not EARLIEST <= valid_from <= today + _FAR:
        raise Refusal(
            "agreement_begins",
            f"An agreement cannot begin on {valid_from}; give a day from {EARLIEST} to {today + _FAR}.",
            status=422,
            field="validFrom",
        )


async def _fit_reason(booking: Booking, code: str) -> int:
    """Id of the payer's reason code; Refusal when what is taken over under it would be dunned or not be offset."""
    found = await queries.reason_in_force(booking.conn, booking.risk_carrier_id, code, booking.business_date)
    if found is None or not found["fit"]:
        raise Refusal(
            "agreement_reason",
            f"Reason code {code!r} is not in the policy of this risk carrier."
            if found is None
            else f"Reason code {code} is not quiet and offset at once and in full; choose or add one that is.",
            status=422,
            field="reasonCode",
        )
    reason_id: int = found["reason_id"]
    return reason_id


async def end_agreement(conn: Connection, command: Command, asked: EndAgreement) -> dict[str, Any]:
    """End a registered agreement; what was offset under it stands, what is still open goes back in the next night."""
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        payer = await queries.account_of_agreement(conn, asked.agreement)
    if payer is None:
        raise _no_agreement(asked.agreement)

    async def work(booking: Booking) -> Answer:
        ended_on = asked.ended_on or booking.booking_date
        if ended_on < booking.booking_date:
            raise Refusal(
                "agreement_past",
                f"Nights before {booking.booking_date} may have used it; end it on that day or later.",
                status=422,
                field="endedOn",
            )
        number = await conn.fetchval(
            """update offset_agreement set ended_on = $3, end_reason = $4
               where account_id = $1 and agreement_id = $2 and (ended_on is null or ended_on > $3)
                 and coalesce(valid_until, 'infinity') >= $3 returning number""",
            *(payer, asked.agreement, ended_on, asked.reason),
        )
        if number is None:
            raise Refusal("agreement_ended", f"Agreement {asked.agreement} has ended already.", field="agreement")
        body = {"number": number, "endedOn": ended_on.isoformat()}
        return Answer(action="agreement ended", subject=f"account:{payer}", fact_id=asked.agreement, body=body)

    try:
        return await book(conn, command, "agreement-end", asked, payer, work)
    except Refusal as refusal:
        if refusal.code == "account_unknown":  # of a risk carrier that is not the caller's: not hinted at
            raise _no_agreement(asked.agreement) from refusal
        raise


def _no_agreement(agreement: int) -> Refusal:
    return Refusal("agreement_unknown", f"There is no agreement {agreement}.", status=404, field="agreement")
