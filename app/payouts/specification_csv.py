"""Specifications as files: JSON (camelCase, integer cents) and CSV for a spreadsheet. Pure: Structs in, text out.

The CSV of a betaalspecificatie starts with VGZ's seven columns in VGZ's order and goes on with what those leave out.
"""

from collections.abc import Iterator

import msgspec

from app.payouts.format_csv import Cell, csv_lines
from app.payouts.model import CorrectionSpecification, OffsetLine, Specification

PAYMENT_COLUMNS = (
    "Declaratienummer", "Uw factuurnummer", "Bedrag te betalen", "Verrekend met declaratienummer",
    "Uw factuurnummer daarvan", "Bedrag verrekening", "Opmerking",
    "Soort regel", "Betaalspecificatie", "Datum", "Verzekeraar", "UZOVI", "AGB-code", "Toegekend", "Uitbetaald",
    "Vordering", "Soort vordering", "Redencode", "Reden", "Onderdeel", "Hoofdsom open voor", "Hoofdsom open na",
    "Verrekend op",
)  # fmt: skip
CORRECTION_COLUMNS = (
    "Regel", "Correctie", "Declaratienummer", "Uw factuurnummer", "Datum aanvang", "Datum einde", "Omschrijving",
    "Oorspronkelijke betaling", "Gecorrigeerde betaling", "Te betalen", "Verzekeraar", "UZOVI", "AGB-code",
    "Vordering", "Redencode", "Reden",
)  # fmt: skip


def as_json(specification: Specification | CorrectionSpecification) -> bytes:
    """The specification as JSON, UTF-8."""
    return msgspec.json.encode(specification)


def payment_csv(specification: Specification) -> str:
    """A betaalspecificatie as CSV: a row per declaration, one per offset below it, other rows, and the total."""
    return csv_lines([PAYMENT_COLUMNS, *_payment_rows(specification)])


def correction_csv(specification: CorrectionSpecification) -> str:
    """A correctiespecificatie as CSV: a row per corrected line, and the total."""
    s = specification
    tail = (s.risk_carrier, s.uzovi, s.agb, s.claim_reference, s.reason_code, s.reason)
    rows: list[tuple[Cell, ...]] = [CORRECTION_COLUMNS]
    for line in s.lines:
        rows.append(
            (
                str(line.line_no), s.number, line.declaration_number, line.invoice_number, line.period_from,
                line.period_until, line.description, line.was_cents, line.becomes_cents, line.difference_cents, *tail,
            )
        )  # fmt: skip
    first, last = s.lines[0], s.lines[-1]
    rows.append(
        (
            "Totaal", s.number, s.declaration_number, s.invoice_number, None, None, None,
            first.was_cents, last.becomes_cents, s.difference_cents, *tail,
        )
    )  # fmt: skip
    return csv_lines(rows)


def _payment_rows(s: Specification) -> Iterator[tuple[Cell, ...]]:
    head: tuple[Cell, ...] = (s.number, s.business_date, s.risk_carrier, s.uzovi)
    none: tuple[Cell, ...] = (None,) * 8
    for line in s.declarations:
        own = (line.declaration_number, line.invoice_number)
        yield (
            *own, line.awarded_cents, None, None, None, None, "declaratie", *head, line.agb, line.awarded_cents,
            line.paid_cents, *none,
        )  # fmt: skip
        for offset in line.offsets:
            yield (
                *own,
                None,
                *_offset_cells(offset),
                "verrekening",
                *head,
                line.agb,
                None,
                None,
                *_claim_cells(offset),
            )
    for other in s.others:
        yield (
            other.declaration_number, other.invoice_number, other.amount_cents, None, None, None, other.remark,
            other.kind, *head, None, None, other.amount_cents, other.claim_reference, other.kind, *none[2:],
        )  # fmt: skip
    yield (
        None, None, s.gross_cents, None, None, s.offset_cents, s.bank_text, "totaal", *head, None, s.declared_cents,
        s.net_cents, *none,
    )  # fmt: skip


def _offset_cells(offset: OffsetLine) -> tuple[Cell, ...]:
    # Columns 4 and 5 name another declaration: the credit or correction. With an advance or a ceiling they stay empty
    # and column 7 says what it was (VGZ).
    if offset.remark is None:
        return (offset.claim_number, offset.origin_invoice_number, offset.amount_cents, None)
    return (None, None, offset.amount_cents, offset.remark)


def _claim_cells(offset: OffsetLine) -> tuple[Cell, ...]:
    return (
        offset.claim_reference, offset.claim_kind, offset.reason_code, offset.reason, offset.component,
        offset.open_before_cents, offset.open_after_cents, offset.matched_by,
    )  # fmt: skip
