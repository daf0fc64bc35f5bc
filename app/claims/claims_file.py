"""The file of claims: letters to providers with reason code, ground and lines; ceiling settlements, interim and
  final.

A final settlement that names an interim one brings no second debt: the interim claim is adjusted to the final
amount, and
the final's own references lead to it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any, TypeAlias

import msgspec

from app.core.feed_format import MAX_CENTS, Finding, Format, content_hash, date_findings
from app.core.feed_texts import Agb, Code, Id, Text

Amount: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MAX_CENTS)]


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """What a claim consists of: a declaration, a period, a part of the amount."""

    cents: Amount
    declaration_number: Id | None = None
    invoice_number: Text | None = None
    period_from: date | None = None
    period_until: date | None = None
    description: Text | None = None


class _Record(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    id: Id
    agb: Agb
    reason_code: Code
    ground: Text
    letter_date: date
    due_date: date | None = None
    term_days: Annotated[int, msgspec.Meta(ge=0, le=366)] | None = None
    number: Id | None = None
    lines: Annotated[list[Line], msgspec.Meta(max_length=20_000)] = []


class Claim(_Record, frozen=True, kw_only=True, tag="claim", tag_field="type"):
    """What the provider owes by letter. Due on `due_date`, or `term_days` after the letter, or as the policy says."""

    amount_cents: Amount


class InterimSettlement(_Record, frozen=True, kw_only=True, tag="ceiling-interim", tag_field="type"):
    """Interim settlement of a ceiling (zorgkostenplafond)."""

    amount_cents: Amount


class FinalSettlement(_Record, frozen=True, kw_only=True, tag="ceiling-final", tag_field="type"):
    """Final settlement; `settles` is the id of the interim one that it replaces (then 0 is allowed)."""

    amount_cents: Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)]
    settles: Id | None = None


Record: TypeAlias = Claim | InterimSettlement | FinalSettlement


def cents(record: Record) -> int:
    """What a record counts for in the control total."""
    return record.amount_cents


def explicit_due_date(record: Record) -> date | None:
    """The due date that the source states; None leaves it to the policy's payment term."""
    if record.due_date is None and record.term_days is not None:
        return record.letter_date + timedelta(days=record.term_days)
    return record.due_date


def findings(record: Record) -> Iterator[Finding]:
    """What is wrong inside one record, beyond the types of its fields."""
    faults = list(date_findings(record))
    yield from faults
    if record.due_date is not None and record.term_days is not None:
        yield Finding("two_terms", "termDays", record.term_days, "give dueDate or termDays, one of the two.")
    elif not faults and record.due_date is not None and record.due_date < record.letter_date:
        yield Finding(
            "due_before_letter",
            "dueDate",
            record.due_date,
            f"it lies before letterDate {record.letter_date}; correct one of the two.",
        )
    if isinstance(record, FinalSettlement) and record.settles is None and record.amount_cents == 0:
        yield Finding(
            "bad_value", "amountCents", 0, "only a final settlement that names its interim one in settles may be 0."
        )
    yield from line_findings(record.lines, record.amount_cents)


def line_findings(lines: list[Line], amount_cents: int) -> Iterator[Finding]:
    """Lines that do not sum to the claim (CR-3), and dates that cannot be."""
    for number, line in enumerate(lines):
        yield from date_findings(line, f"lines[{number}].")
        if line.period_from and line.period_until and line.period_until < line.period_from:
            yield Finding(
                "dates_swapped",
                f"lines[{number}].periodUntil",
                line.period_until,
                f"give a date from periodFrom ({line.period_from}) on.",
            )
    if lines and (total := sum(line.cents for line in lines)) != amount_cents:
        yield Finding(
            "wrong_sum", "amountCents", amount_cents, f"the lines sum to {total}; amount and lines must be equal."
        )


REMEDIES = {
    "agb": "an AGB code of 8 digits, leading zeros included, such as 06020101",
    "amountCents": f"whole cents from 1 to {MAX_CENTS} without a point or quotes, such as 12500 for 125 euros",
    "cents": f"whole cents from 1 to {MAX_CENTS}",
    "termDays": "a whole number of days from 0 to 366",
    "lines": "a list of lines, each with its cents; in CSV as JSON in the cell",
    "ground": "why this is owed, in at most 200 characters",
    "reasonCode": "a reason code of the policy, such as CM98",
}

FORMAT = Format(
    kind="claims",
    records=(Claim, InterimSettlement, FinalSettlement),
    remedies=REMEDIES,
    findings=findings,
    cents=cents,
)

STAGE = """
create temp table stage_claim (line int, kind smallint, id text, content_hash uuid, agb text, reason_code text,
  cents bigint,
  letter_date date, due_date date, number text, ground text, settles text, lines jsonb) on commit drop
"""
COLUMNS = tuple(
    """
    line kind id content_hash agb reason_code cents letter_date due_date number ground settles lines
    """.split()
)


def row(line: int, record: Any) -> tuple[object, ...]:
    """A record as a row of `stage_claim`."""
    kind = 5 if isinstance(record, InterimSettlement) else 6 if isinstance(record, FinalSettlement) else 1
    # the due date may change at the source (CR-7), so it is no part of what tells two contents apart
    digest = content_hash(msgspec.structs.replace(record, due_date=None, term_days=None))
    return (
        line,
        kind,
        record.id,
        digest,
        record.agb,
        record.reason_code,
        record.amount_cents,
        record.letter_date,
        explicit_due_date(record),
        record.number,
        record.ground,
        record.settles if kind == 6 else None,
        record.lines or None,
    )
