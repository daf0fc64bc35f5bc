"""The file of opening claims (go-live): what was owed on the day of the change, with the history that goes with it.

Original amount, lines, letters sent with their references, part payments (and offsets made by the former system),
costs and
interest charged, holds. The books open with the original amount and the payments, so nothing of the past is lost.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from app.claims.claims_file import REMEDIES, Amount, Line, line_findings
from app.core.feed_format import MAX_CENTS, Finding, Format, content_hash, date_findings
from app.core.feed_texts import Agb, Code, Id, Text

Process: TypeAlias = Literal["dunning", "offset", "payout", "agency"]
KINDS = {"claim": 1, "credit-note": 2, "correction": 3, "advance": 4, "ceiling-interim": 5, "ceiling-final": 6}
STEP_KINDS = {"notice": 1, "reminder": 2, "last-notice": 3}
HOLD_KINDS = {
    "dispute": 1, "plan": 2, "block": 3, "agency": 4, "insolvency": 5, "cession": 6, "attachment": 7, "reservation": 8,
    "investigation": 9,
}  # fmt: skip


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    pass


class Step(_Part, frozen=True, kw_only=True):
    """A letter that went out: when, until when, under which reference, what it asked."""

    kind: Literal["notice", "reminder", "last-notice"]
    step_no: Annotated[int, msgspec.Meta(ge=1, le=9)]
    sent_on: date
    term_end: date
    asked_cents: Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)]
    payment_reference: Id | None = None
    channel: Code = "letter"


class Payment(_Part, frozen=True, kw_only=True):
    """What came in on the principal before go-live, by bank or by offset in the former system."""

    received_on: date
    cents: Amount
    reference: Text | None = None


class Charge(_Part, frozen=True, kw_only=True):
    """Costs or interest that were charged and are still open."""

    kind: Literal["costs", "interest"]
    cents: Amount
    charged_on: date
    reason: Text


class Hold(_Part, frozen=True, kw_only=True):
    """What keeps the claim, or cents of it, out of processes; without `processes` as the kind says."""

    kind: Literal[
        "dispute", "plan", "block", "agency", "insolvency", "cession", "attachment", "reservation", "investigation"
    ]
    from_date: date
    reason: Text
    owner: Text
    cents: Amount | None = None
    until_date: date | None = None
    processes: list[Process] = []


class OpeningClaim(_Part, frozen=True, kw_only=True):
    """One claim as it stood at go-live. `open_principal_cents`: amount less payments, stated to be checked."""

    id: Id
    agb: Agb
    kind: Literal["claim", "credit-note", "correction", "advance", "ceiling-interim", "ceiling-final"]
    reason_code: Code
    ground: Text
    amount_cents: Amount
    open_principal_cents: Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)]
    registered_on: date
    due_date: date
    letter_date: date | None = None
    number: Id | None = None
    lines: Annotated[list[Line], msgspec.Meta(max_length=20_000)] = []
    steps: Annotated[list[Step], msgspec.Meta(max_length=100)] = []
    payments: Annotated[list[Payment], msgspec.Meta(max_length=1000)] = []
    charges: Annotated[list[Charge], msgspec.Meta(max_length=100)] = []
    holds: Annotated[list[Hold], msgspec.Meta(max_length=100)] = []


def findings(record: OpeningClaim) -> Iterator[Finding]:
    """What is wrong inside one record: dates, sums, the order of the letters."""
    for path, part in _parts(record):
        yield from date_findings(part, path)
    if record.letter_date is not None and record.due_date < record.letter_date:
        yield Finding(
            "due_before_letter", "dueDate", record.due_date, f"it lies before letterDate {record.letter_date}."
        )
    if record.kind in ("claim", "ceiling-interim", "ceiling-final") and record.letter_date is None:
        yield Finding("missing_field", "letterDate", None, "a claim is made by a letter; give its date.")
    paid = sum(payment.cents for payment in record.payments)
    if record.amount_cents - paid != record.open_principal_cents:
        yield Finding(
            "wrong_open_amount",
            "openPrincipalCents",
            record.open_principal_cents,
            f"amountCents less the payments is {record.amount_cents - paid}; complete the payments.",
        )
    yield from line_findings(record.lines, record.amount_cents)
    yield from _step_findings(record.steps)
    for number, hold in enumerate(record.holds):
        if hold.until_date is not None and hold.until_date < hold.from_date:
            yield Finding(
                "dates_swapped", f"holds[{number}].untilDate", hold.until_date, f"give a date from {hold.from_date} on."
            )
        if hold.kind == "block" and not hold.processes:
            yield Finding(
                "missing_field", f"holds[{number}].processes", None, "a block says what it stops; give its processes."
            )


def _parts(record: OpeningClaim) -> Iterator[tuple[str, msgspec.Struct]]:
    yield "", record
    for name in ("steps", "payments", "charges", "holds"):
        for number, part in enumerate(getattr(record, name)):
            yield f"{name}[{number}].", part


def _step_findings(steps: list[Step]) -> Iterator[Finding]:
    seen: dict[str, Step] = {}
    for number, step in enumerate(steps):
        field = f"steps[{number}]"
        before = seen.get(step.kind)
        if step.term_end < step.sent_on:
            yield Finding(
                "dates_swapped", f"{field}.termEnd", step.term_end, f"give a date from sentOn ({step.sent_on}) on."
            )
        if step.step_no != (before.step_no + 1 if before else 1):
            yield Finding(
                "step_order",
                f"{field}.stepNo",
                step.step_no,
                f"number the {step.kind} steps 1, 2, 3 in order, without a gap.",
            )
        if before is not None and step.sent_on < before.term_end:
            yield Finding(
                "step_order",
                f"{field}.sentOn",
                step.sent_on,
                f"the term of the step before ran until {before.term_end}.",
            )
        seen[step.kind] = step


FORMAT = Format(
    kind="opening-claims",
    records=(OpeningClaim,),
    remedies={
        **REMEDIES,
        "kind": f"one of {', '.join(KINDS)} (claim), {', '.join(STEP_KINDS)} (step), costs, interest (charge), "
        f"{', '.join(HOLD_KINDS)} (hold)",
        "stepNo": "the number of the step, from 1 to 9",
        "steps": "a list of letters; in CSV as JSON in the cell",
        "payments": "a list of payments; in CSV as JSON in the cell",
        "charges": "a list of charges; in CSV as JSON in the cell",
        "holds": "a list of holds; in CSV as JSON in the cell",
        "processes": "a list with one or more of dunning, offset, payout, agency",
    },
    findings=findings,
    cents=lambda record: int(record.amount_cents),
)

STAGE = """
create temp table stage_opening (line int, kind smallint, id text, content_hash uuid, agb text, reason_code text,
  cents bigint,
  open_cents bigint, registered_on date, letter_date date, due_date date, number text, ground text, lines jsonb,
  steps jsonb,
  payments jsonb, charges jsonb, holds jsonb) on commit drop
"""
COLUMNS = tuple(
    """
    line kind id content_hash agb reason_code cents open_cents registered_on letter_date due_date number
    ground lines steps payments charges holds
    """.split()
)


def processes(hold: Hold) -> list[Process]:
    """What a hold stops: as it says, or as its kind does (the same defaults as holds recorded later)."""
    if hold.processes:
        return hold.processes
    return ["offset"] if hold.kind == "reservation" else ["dunning", "offset", "agency"]


def row(line: int, record: Any) -> tuple[object, ...]:
    """A record as a row of `stage_opening`; kinds as the numbers of the tables."""
    steps = [{**msgspec.to_builtins(step), "kind": STEP_KINDS[step.kind]} for step in record.steps]
    holds = [
        {**msgspec.to_builtins(hold), "kind": HOLD_KINDS[hold.kind], "processes": processes(hold)}
        for hold in record.holds
    ]
    return (
        line,
        KINDS[record.kind],
        record.id,
        content_hash(record),
        record.agb,
        record.reason_code,
        record.amount_cents,
        record.open_principal_cents,
        record.registered_on,
        record.letter_date,
        record.due_date,
        record.number,
        record.ground,
        record.lines or None,
        steps,
        record.payments,
        record.charges,
        holds,
    )
