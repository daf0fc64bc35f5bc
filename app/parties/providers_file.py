"""The file of providers: the legal entity with its practices, AGB codes and IBANs, each with its dates (CR-8).

A file may come again: new rows are added, end dates and names follow the file, and what it leaves out stays as it is.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import msgspec
from stdnum import iban as iban_number

from app.core.feed_format import Finding, Format, date_findings
from app.core.feed_texts import Agb, Code, Id, Text


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    from_date: date = msgspec.field(name="from")
    until: date | None = None


class Practice(_Part, frozen=True, kw_only=True):
    """A place of work of the entity; both dates are days on which it holds."""

    code: Code
    name: Text


class AgbCode(_Part, frozen=True, kw_only=True):
    """An AGB code that the entity declares under, `practice` by its code."""

    agb: Agb
    practice: Code | None = None


class Iban(_Part, frozen=True, kw_only=True):
    """Where the money goes: of the entity, or of one practice."""

    iban: Annotated[str, msgspec.Meta(min_length=15, max_length=42)]
    holder: Text
    practice: Code | None = None


class Provider(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    """A provider: the legal entity, under the number that the insurer's systems use."""

    number: Id
    name: Text
    legal_form: Code
    natural_person: bool
    kvk: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}\Z")] | None = None
    practices: Annotated[list[Practice], msgspec.Meta(max_length=1000)] = []
    agb_codes: Annotated[list[AgbCode], msgspec.Meta(max_length=1000)] = []
    ibans: Annotated[list[Iban], msgspec.Meta(max_length=1000)] = []


def compact_iban(text: str) -> str:
    """An IBAN without spaces, in capitals."""
    return iban_number.compact(text)


def findings(record: Provider) -> Iterator[Finding]:
    """IBANs that do not check, dates that cannot be, practices that are not named."""
    codes = {practice.code for practice in record.practices}
    if len(codes) < len(record.practices):
        yield Finding(
            "double_practice", "practices", sorted(codes), "give each practice of the entity a code of its own."
        )
    for name, parts in (("practices", record.practices), ("agbCodes", record.agb_codes), ("ibans", record.ibans)):
        for number, part in enumerate(parts):
            field = f"{name}[{number}]"
            yield from date_findings(part, f"{field}.")
            if part.until is not None and part.until < part.from_date:
                yield Finding("dates_swapped", f"{field}.until", part.until, f"give a date from {part.from_date} on.")
            if isinstance(part, Iban) and not iban_number.is_valid(part.iban):
                yield Finding(
                    "bad_iban",
                    f"{field}.iban",
                    part.iban,
                    "its check digits are wrong; compare it with the provider's letter.",
                )


FORMAT = Format(
    kind="providers",
    records=(Provider,),
    remedies={
        "agb": "an AGB code of 8 digits, leading zeros included, such as 06020101",
        "kvk": "a KvK number of 8 digits, leading zeros included",
        "iban": "an IBAN, such as NL91ABNA0417164300",
        "naturalPerson": "true or false",
        "practices": "a list of practices; in CSV as JSON in the cell",
        "agbCodes": "a list of AGB codes with their dates; in CSV as JSON in the cell",
        "ibans": "a list of IBANs with their dates; in CSV as JSON in the cell",
    },
    findings=findings,
    cents=lambda record: 0,
    totals_required=False,
)

STAGE = """
create temp table stage_provider (line int, number text, name text, kvk text, legal_form text, natural_person boolean,
  practices jsonb, agb_codes jsonb, ibans jsonb) on commit drop
"""
COLUMNS = tuple(
    """
    line number name kvk legal_form natural_person practices agb_codes ibans
    """.split()
)


def row(line: int, record: Any) -> tuple[object, ...]:
    """A record as a row of `stage_provider`."""
    ibans = [msgspec.structs.replace(each, iban=compact_iban(each.iban)) for each in record.ibans]
    return (
        line,
        record.number,
        record.name,
        record.kvk,
        record.legal_form,
        record.natural_person,
        record.practices,
        record.agb_codes,
        ibans,
    )
