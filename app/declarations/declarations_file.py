"""The file of declarations: awarded invoices, credit notes, corrections and advances, a record a line.

Amounts of credit notes and corrections are negative, as the insurers' own examples write them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from app.core.feed_format import EARLIEST, LATEST, MAX_CENTS, Finding, Format, content_hash, date_findings, remedy
from app.core.feed_texts import Agb, Code, Id, Text

Awarded: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MAX_CENTS)]
Credited: TypeAlias = Annotated[int, msgspec.Meta(ge=-MAX_CENTS, le=-1)]
Before: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)]


class _Record(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    id: Id


class Declaration(_Record, frozen=True, kw_only=True, tag="declaration", tag_field="type"):
    """An adjudicated invoice. `claim_reference` names a claim that it is to be offset against first."""

    agb: Annotated[str, msgspec.Meta(min_length=8, max_length=8)]  # digits, as `findings` sees faster than a pattern
    awarded_cents: Awarded
    approved_at: Annotated[datetime, msgspec.Meta(tz=True)]
    number: Id | None = None
    invoice_number: Text | None = None
    treated_from: date | None = None
    treated_until: date | None = None
    claim_reference: Id | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """One line of a credit note or correction: what it was, becomes and the (negative) difference."""

    cents: Credited
    description: Text | None = None
    declaration_number: Id | None = None
    invoice_number: Text | None = None
    period_from: date | None = None
    period_until: date | None = None
    was_cents: Before | None = None
    becomes_cents: Before | None = None


class CreditNote(_Record, frozen=True, kw_only=True, tag="credit-note", tag_field="type"):
    """A credit note of the provider on a declaration, which it names by id."""

    declaration: Id
    amount_cents: Credited
    registered_on: date | None = None
    number: Id | None = None
    ground: Text = "Creditnota van de zorgaanbieder"
    reason_code: Code = "CREDIT"
    lines: Annotated[list[Line], msgspec.Meta(max_length=20_000)] = []


class Correction(_Record, frozen=True, kw_only=True, tag="correction", tag_field="type"):
    """A correction by the insurer on a declaration, line by line, with its reason."""

    declaration: Id
    lines: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=20_000)]
    reason: Text
    registered_on: date | None = None
    number: Id | None = None
    reason_code: Code = "CORRECTION"


class Advance(_Record, frozen=True, kw_only=True, tag="advance", tag_field="type"):
    """An advance: asked for (the night pays it) or paid elsewhere (owed back at once)."""

    agb: Agb
    amount_cents: Awarded
    paid: Literal["request", "elsewhere"]
    registered_on: date | None = None
    number: Id | None = None
    ground: Text = "Voorschot"
    reason_code: Code = "ADVANCE"


Record: TypeAlias = Declaration | CreditNote | Correction | Advance


def cents(record: Record) -> int:
    """What a record counts for in the control total, as written."""
    if type(record) is Declaration:
        return record.awarded_cents
    if type(record) is Correction:
        return sum(line.cents for line in record.lines)
    return record.amount_cents  # type: ignore[union-attr]


def findings(record: Record) -> Iterable[Finding]:
    """What is wrong inside one record, beyond the types of its fields."""
    if type(record) is Declaration:
        # nearly every record of nearly every file: nothing to say, without a generator
        first, last = record.treated_from or EARLIEST, record.treated_until or LATEST
        if EARLIEST <= first <= last <= LATEST and record.agb.isdecimal() and record.agb.isascii():
            return ()
        return _declaration_findings(record)
    return _credit_findings(record)


def _declaration_findings(record: Declaration) -> Iterator[Finding]:
    if not (record.agb.isdecimal() and record.agb.isascii()):
        yield Finding("bad_value", "agb", record.agb, f"give {remedy(FORMAT, 'agb')}.")
    yield from date_findings(record)
    first, last = record.treated_from, record.treated_until
    if first is not None and last is not None and last < first:
        yield Finding("dates_swapped", "treatedUntil", last, f"give a date from treatedFrom ({first}) on.")


def _credit_findings(record: Record) -> Iterator[Finding]:
    yield from date_findings(record)
    if isinstance(record, CreditNote | Correction):
        yield from _line_findings(record)


def _line_findings(record: CreditNote | Correction) -> Iterator[Finding]:
    for number, line in enumerate(record.lines):
        yield from date_findings(line, f"lines[{number}].")
        was, becomes = line.was_cents, line.becomes_cents
        if (was is None) is not (becomes is None):
            yield Finding(
                "half_correction", f"lines[{number}].wasCents", was, "give wasCents and becomesCents, or neither."
            )
        elif was is not None and becomes is not None and becomes - was != line.cents:
            yield Finding(
                "wrong_difference", f"lines[{number}].cents", line.cents, f"becomes less was is {becomes - was}."
            )
    total = sum(line.cents for line in record.lines)
    if isinstance(record, CreditNote) and record.lines and total != record.amount_cents:
        yield Finding("wrong_sum", "amountCents", record.amount_cents, f"the lines sum to {total}; give that amount.")
    if total < -MAX_CENTS:
        yield Finding("wrong_sum", "lines", total, f"together they may be at most {MAX_CENTS} cents.")


FORMAT = Format(
    kind="declarations",
    records=(Declaration, CreditNote, Correction, Advance),
    remedies={
        "agb": "an AGB code of 8 digits, leading zeros included, such as 06020101",
        "awardedCents": f"whole cents from 1 to {MAX_CENTS} without a point or quotes, such as 12500 for 125 euros",
        "amountCents": f"whole cents, not 0, at most {MAX_CENTS}: positive for an advance, negative for a credit note",
        "cents": "negative whole cents, such as -12500",
        "approvedAt": "a moment with time zone, such as 2026-03-02T09:30:00+01:00",
        "paid": "request (the night pays it) or elsewhere (it was paid already)",
        "lines": "a list of lines, each with its negative cents; in CSV as JSON in the cell",
    },
    findings=findings,
    cents=cents,
    cut_off_required=True,
)

STAGE = """
create temp table stage_declaration (line int, type smallint, id text, content_hash uuid, agb text, cents bigint,
  approved_at timestamptz,
  on_date date, number text, invoice_number text, treated_from date, treated_until date, names text, reason_code text,
  ground text, elsewhere boolean, lines jsonb) on commit drop
"""
COLUMNS = tuple(
    """
    line type id content_hash number agb cents approved_at invoice_number treated_from treated_until names
    on_date reason_code ground elsewhere lines
    """.split()
)


def row(line: int, record: Any) -> tuple[object, ...]:
    """A record as a row of `stage_declaration`; amounts without sign."""
    digest, number = content_hash(record), record.number
    if type(record) is Declaration:
        of = (record.invoice_number, record.treated_from, record.treated_until, record.claim_reference)
        amount = (record.agb, record.awarded_cents, record.approved_at)
        return (line, 1, record.id, digest, number or record.id, *amount, *of, None, None, None, None, None)
    when, code = record.registered_on, record.reason_code
    if type(record) is Advance:
        paid = record.paid == "elsewhere"
        blank = (None, None, None, None, None)
        return (
            line,
            4,
            record.id,
            digest,
            number,
            record.agb,
            record.amount_cents,
            *blank,
            when,
            code,
            record.ground,
            paid,
            None,
        )
    kind, ground = (2, record.ground) if type(record) is CreditNote else (3, record.reason)
    named = (None, -cents(record), None, None, None, None, record.declaration)
    return (line, kind, record.id, digest, number, *named, when, code, ground, None, record.lines or None)
