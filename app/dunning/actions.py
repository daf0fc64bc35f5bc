"""Taking proposals over: the reminder counts as sent from here on, with a payment reference of its own."""

from datetime import date

import msgspec

from app.claims import RecordStep, record_step
from app.core.db import Connection
from app.core.errors import Refusal
from app.dunning.queries import REMINDER, open_proposals
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
