"""Decisions on holds as pure functions."""

from datetime import date

from app.blocks.model import DEFAULT_PROCESSES, HoldKind, Process, RecordHold
from app.core.errors import Refusal


def processes_of(asked: RecordHold) -> tuple[Process, ...]:
    """What the hold stops. Refusal 422 when a block does not say, or a claim is asked to hold a payout."""
    processes = asked.processes or DEFAULT_PROCESSES.get(HoldKind[asked.kind.upper()], ())
    if not processes:
        raise Refusal("no_process", "A block says what it stops: give processes.", status=422, field="processes")
    if asked.claim is not None and "payout" in processes:
        raise Refusal(
            "payout_of_account", "A payout is held for a whole running account: give account, not claim.", status=422
        )
    return processes


def check_scope(asked: RecordHold) -> None:
    """Refusal 422 when the hold names no scope or two."""
    if (asked.claim is None) == (asked.account is None):
        raise Refusal("claim_or_account", "Give the claim or the running account, one of the two.", status=422)
    if asked.account is not None and asked.cents is not None:
        raise Refusal("cents_of_claim", "An amount is held of a claim: give claim, or leave cents out.", status=422)


def first_day(asked: RecordHold, business_date: date) -> date:
    """The day on which the hold starts; Refusal 422 when it is over before it can.

    It depends on the day, so it is asked only of a command that was not answered before: a repeat is answered the same.
    """
    start = asked.from_date or business_date
    if asked.until_date is not None and asked.until_date < max(start, business_date):
        raise Refusal(
            "hold_over",
            f"A hold until {asked.until_date} would be over before {max(start, business_date)}; give a later last day.",
            status=422,
            field="untilDate",
        )
    return start
