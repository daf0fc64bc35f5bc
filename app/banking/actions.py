"""Writes for what the bank says: a payment of a provider, money on account given to a claim, a payout that arrived."""

from datetime import date
from typing import Any

from app.banking import queries
from app.banking.model import AllocateMoney, ConfirmPayout, RecordPayment
from app.claims import (
    ClaimKind,
    ClaimState,
    claim_state,
    claim_states,
    locate_claims,
    located,
    move_open,
    spread_payment,
)
from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import parse_reference
from app.core.money import euros
from app.ledger import EARLIEST, Answer, Booking, Command, PostingKind, book


async def record_payment(conn: Connection, command: Command, asked: RecordPayment) -> dict[str, Any]:
    """Book a payment of a provider on what its reference leads to; the rest stays on account.

    Every reference ever issued counts, old ones too (CR-5). Over the claims of the reference: oldest due first,
    within a claim costs, interest, principal (art. 6:43, 6:44 BW). Without a reference all of it stays on account.
    """
    account_id, claim_ids = await _leads_to(conn, command, asked)
    received_on = asked.received_on or command.business_date
    if not EARLIEST <= received_on <= command.business_date:
        raise Refusal(
            "received_on",
            f"A payment of {received_on} cannot be recorded on {command.business_date}; "
            f"give a day from {EARLIEST} to then.",
            status=422,
            field="receivedOn",
        )

    async def work(booking: Booking) -> Answer:
        payment_id = await booking.next_id()
        await conn.execute(
            "insert into payment values ($1, $2, $3, $4, $5, $6, $7)",
            *(account_id, payment_id, booking.risk_carrier_id, received_on, booking.booking_date, asked.cents),
            asked.reference,
        )
        named = await claim_states(conn, account_id, claim_ids)
        # what was taken over goes back to its debtor: money for it stays on account until somebody says whose it is
        owed = [claim for claim in named if claim.kind is not ClaimKind.TAKEN_OVER]
        parts, on_account = spread_payment(asked.cents, owed)
        for line, part in enumerate(parts):
            booking.post(part.kind, payment_id, part.cents, received_on, line=line, claim_id=part.claim_id)
            await move_open(conn, account_id, part.claim_id, **{part.component: -part.cents})
        if on_account:
            booking.post(PostingKind.PAYMENT_ON_ACCOUNT, payment_id, on_account, received_on, line=len(parts))
        body = {
            "cents": asked.cents,
            "onAccountCents": on_account,
            "claims": [
                {"claim": claim.reference, "openCents": claim.open_cents}
                for claim in await claim_states(conn, account_id, claim_ids)
            ],
        }
        return Answer(action="payment recorded", subject=f"payment:{payment_id}", fact_id=payment_id, body=body)

    return await book(conn, command, "payment", asked, account_id, work)


async def _leads_to(conn: Connection, command: Command, asked: RecordPayment) -> tuple[int, list[int]]:
    """(account_id, claim ids) of a payment. Refusal when nothing says whose it is."""
    if asked.reference is None:
        if asked.account is None:
            raise Refusal("no_reference", "Give the payment's reference or the running account.", status=422)
        return asked.account, []
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        found = await locate_claims(conn, asked.reference, command.risk_carriers)
    accounts = {account_id for account_id, _ in found}
    if asked.account is not None and asked.account not in accounts:
        return asked.account, []  # a reference that is not ours is no error: the money stays on account
    if len(accounts) != 1:
        raise Refusal(
            "reference_unknown",
            f"{asked.reference!r} leads to no single running account; give the account, and it stays on account there.",
            status=404,
            field="reference",
        )
    return accounts.pop(), sorted(claim_id for _, claim_id in found)


_GIVEN = {  # the same component of the claim, out of suspense instead of the bank
    PostingKind.PAYMENT_PRINCIPAL: PostingKind.SUSPENSE_PRINCIPAL,
    PostingKind.PAYMENT_COSTS: PostingKind.SUSPENSE_COSTS,
    PostingKind.PAYMENT_INTEREST: PostingKind.SUSPENSE_INTEREST,
}


async def allocate_money(conn: Connection, command: Command, asked: AllocateMoney) -> dict[str, Any]:
    """Give money on account to a claim: costs, then interest, then principal (art. 6:44 BW).

    It counts from the day that the payment came in, and not before the claim was there: over the time that the
    insurer had the money no interest runs. Freed money counts from the business date.
    """
    account_id, claim_id = await located(conn, command, asked.claim)
    received_on = None
    if asked.payment is not None:
        async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
            found = await queries.find_payment(conn, asked.payment, command.risk_carriers)
        if found is None:
            raise Refusal("payment_unknown", f"There is no payment {asked.payment}.", status=404, field="payment")
        if found[0] != account_id:
            raise Refusal(
                "other_account",
                f"Payment {asked.payment} and claim {asked.claim} are of different running accounts.",
                status=422,
                field="claim",
            )
        received_on = found[1]

    async def work(booking: Booking) -> Answer:
        claim = await claim_state(conn, account_id, claim_id)
        there = await queries.money_on_account(conn, account_id, asked.payment)
        cents = asked.cents or min(there, claim.open_cents)
        _check_allocation(asked, claim, there, cents)
        effective = asked.effective_date or max(received_on or command.business_date, claim.registered_on)
        if effective < max(received_on or effective, claim.registered_on):
            raise Refusal(
                "effective_date",
                f"{effective} lies before the payment came in or the claim was registered; give a later date.",
                status=422,
                field="effectiveDate",
            )
        fact = await booking.next_id()
        await conn.execute(
            "insert into allocation values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *(account_id, fact, booking.risk_carrier_id, asked.payment, claim_id, cents),
            *(booking.booking_date, effective, asked.reason),
        )
        parts, _ = spread_payment(cents, [claim])
        for line, part in enumerate(parts):
            booking.post(_GIVEN[part.kind], fact, part.cents, effective, line=line, claim_id=claim_id)
        await move_open(conn, account_id, claim_id, **{part.component: -part.cents for part in parts})
        body = {
            "claim": claim.reference,
            "payment": asked.payment,
            "allocatedCents": cents,
            "onAccountCents": there - cents,
            "openCents": claim.open_cents - cents,
            "effectiveDate": effective.isoformat(),
        }
        return Answer(action="money allocated", subject=f"claim:{claim_id}", fact_id=fact, body=body)

    return await book(conn, command, "allocation", asked, account_id, work)


def _check_allocation(asked: AllocateMoney, claim: ClaimState, there: int, cents: int) -> None:
    """Refusal when there is no money, nothing is open, or more is asked than there is of either."""
    if claim.kind is ClaimKind.TAKEN_OVER:
        raise Refusal(
            "taken_over",
            f"Claim {claim.reference} was taken over under an agreement and goes back to its debtor; give the money to "
            "a claim of the payer itself.",
            field="claim",
        )
    whose = "freed money" if asked.payment is None else f"payment {asked.payment}"
    if there <= 0:
        raise Refusal("nothing_on_account", f"Nothing of {whose} is on account.", field="payment")
    if claim.open_cents == 0:
        raise Refusal("nothing_open", f"Nothing is open on claim {claim.reference}.", field="claim")
    if cents > min(there, claim.open_cents):
        raise Refusal(
            "above_allocatable",
            f"{euros(there)} of {whose} is on account and {euros(claim.open_cents)} of claim {claim.reference} is "
            f"open; give at most {euros(min(there, claim.open_cents))}.",
            field="cents",
        )


async def confirm_payout(conn: Connection, command: Command, asked: ConfirmPayout) -> dict[str, Any]:
    """Book that the bank carried a payout out.

    Refusal when it was never sent, the amount is another, or the day lies before the payout or is still to come.
    """
    _, payout_id = parse_reference(asked.payout)
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        account_id = await queries.account_of_payout(conn, asked.payout, payout_id, command.risk_carriers)
    if account_id is None:
        raise Refusal("payout_unknown", f"There is no payout {asked.payout}.", status=404, field="payout")

    async def work(booking: Booking) -> Answer:
        payout = await queries.payout_to_confirm(conn, account_id, payout_id)
        if payout["confirmed"] or not payout["sent"]:
            what = (
                "was confirmed before" if payout["confirmed"] else "is in no payment file, so the bank cannot know it"
            )
            raise Refusal("payout_state", f"Payout {asked.payout} {what}.", field="payout")
        net = payout["net_cents"]
        if asked.cents not in (None, net):
            raise Refusal("payout_amount", f"Payout {asked.payout} is {euros(net)}, not {euros(asked.cents or 0)}.")
        on = _day_confirmed(asked, payout["business_date"], booking)
        confirmation_id = await booking.next_id()
        await conn.execute(
            "insert into payout_confirmation values ($1, $2, $3, $4, $5, $6)",
            *(account_id, confirmation_id, booking.risk_carrier_id, payout_id, on, net),
        )
        booking.post(PostingKind.PAYOUT_CONFIRMED, confirmation_id, net, on, payout_id=payout_id)
        return Answer(
            action="payout confirmed",
            subject=f"payout:{payout_id}",
            fact_id=confirmation_id,
            body={"payout": asked.payout, "cents": net},
        )

    return await book(conn, command, "confirmation", asked, account_id, work)


def _day_confirmed(asked: ConfirmPayout, made: date, booking: Booking) -> date:
    """The day that was said, or that of the command; Refusal when the bank cannot have carried it out on that day."""
    on = asked.confirmed_on or max(booking.business_date, made)
    if not made <= on <= booking.booking_date:
        raise Refusal(
            "effective_date",
            f"confirmedOn is {on}; payout {asked.payout} was made on {made}: give a day from then to "
            f"{booking.booking_date}.",
            status=422,
            field="confirmedOn",
        )
    return on
