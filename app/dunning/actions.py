"""Taking proposals over: the reminder counts as sent from here on, with a payment reference of its own."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from app.claims import RecordStep, located, record_step
from app.core import clock, db
from app.core.db import Connection
from app.core.errors import Refusal
from app.dunning.queries import REMINDER, open_proposals, reminder_of
from app.ledger import Command, Replayed


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


async def accept_reminders(
    connection: Connection, command: Command, claims: Sequence[str], *, proposed_on: date, term_days: int | None = None
) -> dict[str, Any]:
    """Take over the reminders that a night proposed for these claims: an `Accepted` each, in order, as `outcomes`.

    Each claim is a transaction of its own. The key of the request is taken for its content before the first of them,
    each step is named after it, and the answer is kept under it: a request that broke off half-way goes on where it
    ended, one that was answered gets that answer again. Refusal 422 when the key was used with another content.
    """
    asked = ["accept-reminders", claims, proposed_on, term_days]
    digest = hashlib.md5(msgspec.json.encode(asked), usedforsecurity=False).hexdigest()
    if (before := await _remember(connection, command, digest, None)) is not None:
        return Replayed(before)
    done = [await _accept_reminder(connection, command, each, proposed_on, term_days) for each in claims]
    answer = await _remember(connection, command, digest, {"outcomes": done})
    assert answer is not None
    return answer


async def kept_acceptance(connection: Connection, command: Command) -> list[Accepted] | None:
    """What `accept_reminders` answered under the key of that command; None when it has not, inside `reading`."""
    assert command.risk_carriers, "a caller works for a risk carrier"
    carrier, name = min(command.risk_carriers), f"{command.idempotency_key}{_ANSWERED}"
    kept = await connection.fetchrow(_KEY_ROW, carrier, name)
    return None if kept is None else msgspec.convert(kept["answer"]["outcomes"], list[Accepted])


_ANSWERED = " answered"  # with a space, which no key of a caller has
_TAKE_KEY = "insert into idempotency_key values ($1, $2, $3::text::uuid, $4, $5) on conflict do nothing"
_KEY_ROW = "select body_hash::text as digest, answer from idempotency_key where risk_carrier_id = $1 and key = $2"


async def _remember(
    connection: Connection, command: Command, digest: str, answer: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The answer that is kept for the request: the first one given, or None while there is none.

    Two rows, because nothing is ever updated: the key with its content, and beside it the answer. Claims of several
    risk carriers may stand in one request, so its key is kept with the first one that the caller works for.
    """
    assert command.idempotency_key, "a request has a key"
    assert command.risk_carriers, "a caller works for a risk carrier"
    carrier = min(command.risk_carriers)
    answered = f"{command.idempotency_key}{_ANSWERED}"
    name, body = (command.idempotency_key, {}) if answer is None else (answered, answer)
    async with db.transaction(connection, role="staff", actor=command.actor, risk_carriers=[carrier]):
        await connection.execute(_TAKE_KEY, carrier, name, digest, body, clock.now())
        taken = await connection.fetchrow(_KEY_ROW, carrier, command.idempotency_key)
        kept = await connection.fetchrow(_KEY_ROW, carrier, answered)
    assert taken is not None
    if taken["digest"].replace("-", "") != digest:
        raise Refusal(
            "key_used_otherwise",
            "This idempotency key was used before with another content; repeat the first content or choose a new key.",
            status=422,
        )
    return None if kept is None else kept["answer"]


async def _accept_reminder(
    connection: Connection, command: Command, claim: str, proposed_on: date, term_days: int | None
) -> Accepted:
    """Take over the reminder that a night proposed for one claim; the same request again answers the same.

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
    # without `sent_on`: a request that goes on the next day is still the same one
    asked = RecordStep(
        claims=(claim,), kind="reminder", step_no=step_no, term_days=term_days if term_days is not None else days
    )
    named = msgspec.structs.replace(command, idempotency_key=f"{command.idempotency_key} {claim_id} {step_no}")
    try:
        answer = await record_step(connection, named, asked)
    except Refusal as refusal:
        return Accepted(reference=claim, step_no=step_no, asked_cents=0, dropped=refusal.code)
    return Accepted(reference=claim, step_no=step_no, asked_cents=answer["askedCents"])
