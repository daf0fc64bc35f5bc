"""Taking proposals over: the reminder counts as sent from here on, with a payment reference of its own."""

from datetime import date

import msgspec

from app.claims import RecordStep, located, record_step
from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.dunning.queries import REMINDER, open_proposals, reminder_of
from app.ledger import Command


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a proposal: the step that was recorded, or the code of what changed since it was proposed."""

    reference: str
    step_no: int
    asked_cents: int
    dropped: str | None = None


async def accept_proposals(
    connection: Connection, risk_carrier_id: int, *, proposed_on: date, actor: str, term_days: int | None = None
) -> list[Accepted]:
    """Record a reminder for every open proposal of that date, sent on that date.

    Each claim is read again under its lock (DU-5): one that was paid, held or settled since is dropped with the
    code of the refusal, and its proposal stays on the list. Repeatable: a step that is there is not sent again.
    """
    done = []
    for proposal in await open_proposals(connection, risk_carrier_id, proposed_on=proposed_on, kind=REMINDER):
        command = Command(
            actor=actor,
            business_date=proposed_on,
            idempotency_key=f"proposal:{proposal.claim_id}:{proposal.step_no}",
        )
        asked = RecordStep(
            claims=(proposal.reference,),
            kind="reminder",
            step_no=proposal.step_no,
            sent_on=proposed_on,
            term_days=term_days if term_days is not None else proposal.term_days,
        )
        try:
            await record_step(connection, command, asked)
            dropped = None
        except Refusal as refusal:
            dropped = refusal.code
        done.append(
            Accepted(
                reference=proposal.reference,
                step_no=proposal.step_no,
                asked_cents=0 if dropped else proposal.open_cents,
                dropped=dropped,
            )
        )
    return done


async def accept_reminder(
    connection: Connection, command: Command, claim: str, *, proposed_on: date, term_days: int | None = None
) -> Accepted:
    """Take over the reminder that a night proposed for one claim; the same again answers the same.

    The letter counts as sent on the business date of the command. What changed since the night (paid, held, settled,
    sent otherwise) drops it with the code of the refusal, and so does a claim that is not there.
    """
    try:
        account_id, claim_id = await located(connection, command, claim)
    except Refusal as refusal:
        return Accepted(reference=claim, step_no=0, asked_cents=0, dropped=refusal.code)
    async with db.transaction(connection, role="readonly", actor=command.actor, readonly=True):
        found = await reminder_of(connection, account_id, claim_id, proposed_on)
    if found is None:
        return Accepted(reference=claim, step_no=0, asked_cents=0, dropped="not_proposed")
    step_no, days = found
    asked = RecordStep(
        claims=(claim,),
        kind="reminder",
        step_no=step_no,
        sent_on=command.business_date,
        term_days=term_days if term_days is not None else days,
    )
    key = f"{command.actor}:proposal:{claim_id}:{step_no}:{command.business_date}"
    named = msgspec.structs.replace(command, idempotency_key=key)
    try:
        answer = await record_step(connection, named, asked)
    except Refusal as refusal:
        return Accepted(reference=claim, step_no=step_no, asked_cents=0, dropped=refusal.code)
    return Accepted(reference=claim, step_no=step_no, asked_cents=answer["askedCents"])
