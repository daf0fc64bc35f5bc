"""Betaalspecificatie and correctiespecificatie, the list of documents of a run, and a payout in words.

Sources: VGZ's betaalspecificatie (seven columns, of which this is a superset) and correctiespecificatie; the words of
Zilveren Kruis on the bank line (`declaratie`, `afrekening`). All comes from the postings: nothing is worked out again.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from app.core.db import Connection
from app.core.errors import Bug, Refusal
from app.core.ids import parse_reference, payout_number
from app.payouts import queries
from app.payouts.model import (
    CorrectionLine,
    CorrectionSpecification,
    DeclarationLine,
    Document,
    OffsetLine,
    OtherLine,
    Specification,
)
from app.payouts.rules import CLAIM_KINDS, COMPONENTS, PASSES, REMARKS, bank_word, dutch_date, dutch_euros

_SETTLED = 1  # posting kind: declaration settled; 2 to 4 are offset lines
_PRINCIPAL = 2
_TAKEN_OVER = 8  # its ground says whose debt it is, and under which agreement


async def read_specification(connection: Connection, number: str) -> Specification:
    """The specification of the payout with this number (`AFR-2026-00000123-4`), also when its net is zero.

    Refusal: 422 when the number is none, 404 when no payout has it. A Bug when lines and payout do not add up.
    """
    kind, payout_id = parse_reference(number)
    head = await queries.payout_head(connection, payout_id) if kind == "payout" else None
    if head is None or payout_number(payout_id, head["business_date"].year) != number.strip().upper():
        raise Refusal("unknown_payout", f"There is no payout {number[:40]!r}.", status=404, field="number")
    lines = await queries.payout_lines(connection, head)
    return _specification(head, lines, await queries.payout_others(connection, head))


async def read_correction(connection: Connection, account_id: int, claim_id: int) -> CorrectionSpecification:
    """The specification of a correction: per line what the declaration's amount was, becomes and the difference.

    Refusal (404) when the claim is no correction of that running account.
    """
    row = await queries.correction(connection, account_id, claim_id)
    if row is None:
        raise Refusal(
            "unknown_correction",
            "This claim is not a correction and has no such paper.",
            status=404,
        )
    lines = tuple(_correction_lines(row, await queries.correction_lines(connection, account_id, claim_id)))
    if sum(line.difference_cents for line in lines) != -row["original_cents"]:
        raise Bug(f"the lines of correction {claim_id} do not add up to its amount")
    return CorrectionSpecification(
        number=row["number"],
        claim_reference=row["reference"],
        registered_on=row["registered_on"],
        risk_carrier=row["risk_carrier"],
        uzovi=row["uzovi"] or "",
        provider_number=row["provider_number"],
        provider=row["provider"],
        reason_code=row["reason_code"],
        reason=row["reason"],
        ground=row["ground"],
        declaration_number=row["declaration_number"],
        invoice_number=row["invoice_number"],
        agb=row["agb"],
        awarded_cents=row["awarded_cents"],
        difference_cents=-row["original_cents"],
        lines=lines,
    )


async def documents_for_run(connection: Connection, run_id: int) -> list[Document]:
    """Every document that a run gives rise to, payouts first.

    A betaalspecificatie per payout, zero or not, and a correctiespecificatie per correction that was booked since the
    run before. Refusal (404) when there is no such run.
    """
    run = await queries.run_dates(connection, run_id)
    if run is None:
        raise Refusal("unknown_run", f"There is no run {run_id}.", status=404, field="runId")
    payouts = await queries.payout_documents(connection, run_id)
    corrections = await queries.correction_documents(
        connection, run["risk_carrier_id"], run["previous_date"], run["business_date"]
    )
    documents = [
        Document(
            kind="betaalspecificatie",
            number=payout_number(row["payout_id"], row["business_date"].year),
            account_id=row["account_id"],
            for_numbers=tuple(row["declarations"]),
            refers_to=tuple(row["refers_to"]),
            lines=row["entries"],
        )
        for row in payouts
    ]
    documents += [
        Document(
            kind="correctiespecificatie",
            number=row["number"],
            account_id=row["account_id"],
            for_numbers=(row["number"],),
            refers_to=(row["declaration_number"],),
            lines=row["lines"],
        )
        for row in corrections
    ]
    return documents


async def explain_payout(connection: Connection, number: str) -> list[str]:
    """A payout in Dutch, line by line: gross, less each offset, is net; the equation is printed in full."""
    specification = await read_specification(connection, number)
    sent = await connection.fetchval(
        """
        select exists (select 1 from payout y join payment_instruction i using (account_id, payout_id)
          where y.payout_id = $1)
        """,
        parse_reference(number)[1],
    )
    return list(explained(specification, sent=sent))


def explained(specification: Specification, *, sent: bool) -> Iterator[str]:
    """The lines of `explain_payout`, from a specification; `sent`: the bank was instructed."""
    s = specification
    yield f"Betaalspecificatie {s.number} van {dutch_date(s.business_date)}: {s.provider} ({s.provider_number})"
    yield f"Verzekeraar: {s.risk_carrier}{f' (UZOVI {s.uzovi})' if s.uzovi else ''}; rekening {s.iban}"
    for line in s.declarations:
        invoice = f", uw factuur {line.invoice_number}" if line.invoice_number else ""
        yield f"  Declaratie {line.declaration_number}{invoice}: toegekend € {dutch_euros(line.awarded_cents)}"
        for offset in line.offsets:
            yield (
                f"    verrekend met {offset.claim_kind} {offset.claim_number or offset.claim_reference} "
                f"({offset.reason_code}, {offset.reason}; {offset.component}): € {dutch_euros(offset.amount_cents)}; "
                f"open van € {dutch_euros(offset.open_before_cents)} naar € {dutch_euros(offset.open_after_cents)}"
            )
    for other in s.others:
        yield f"  {other.remark}: € {dutch_euros(other.amount_cents)}"
    offsets = [offset for line in s.declarations for offset in line.offsets]
    terms = "".join(f" − € {dutch_euros(-offset.amount_cents)}" for offset in offsets)
    yield f"Bruto € {dutch_euros(s.gross_cents)}{terms} = netto € {dutch_euros(s.net_cents)}"
    if s.bank_text is None:
        yield "Er wordt niets uitbetaald: alles is verrekend."
    else:
        when = f"Naar de bank, voor {dutch_date(s.payment_date)}" if sent else "Nog niet naar de bank gestuurd"
        yield f"{when}; omschrijving: {s.bank_text}"


def _specification(head: Any, lines: list[Any], others: list[Any]) -> Specification:
    number = payout_number(head["payout_id"], head["business_date"].year)
    word = bank_word(head["offset_cents"])
    declarations = tuple(_declarations(lines))
    other_lines = tuple(_other(row) for row in others)
    _prove(head, declarations, other_lines)
    return Specification(
        number=number,
        bank_word=word,
        bank_text=f"{word} {number}" if head["net_cents"] else None,
        business_date=head["business_date"],
        payment_date=head["payment_date"],
        risk_carrier=head["risk_carrier"],
        uzovi=head["uzovi"] or "",
        provider_number=head["provider_number"],
        provider=head["provider"],
        iban=head["iban"],
        holder_name=head["holder_name"],
        declared_cents=head["declared_cents"],
        returned_cents=head["returned_cents"],
        advance_cents=head["advance_cents"],
        gross_cents=head["declared_cents"] + head["returned_cents"] + head["advance_cents"],
        offset_cents=-head["offset_cents"],
        net_cents=head["net_cents"],
        declarations=declarations,
        others=other_lines,
    )


def _declarations(lines: list[Any]) -> Iterator[DeclarationLine]:
    for _, group in groupby(lines, key=lambda row: row["event_id"]):
        rows = list(group)
        awarded = sum(row["cents"] for row in rows if row["kind"] == _SETTLED)
        offsets = tuple(_offset(row) for row in rows if row["kind"] != _SETTLED)
        taken = sum(offset.amount_cents for offset in offsets)
        yield DeclarationLine(
            declaration_number=rows[0]["declaration_number"],
            invoice_number=rows[0]["invoice_number"],
            agb=rows[0]["agb"],
            awarded_cents=awarded,
            offset_cents=taken,
            paid_cents=awarded + taken,
            offsets=offsets,
        )


def _offset(row: Any) -> OffsetLine:
    after = row["open_after_cents"]
    return OffsetLine(
        claim_reference=row["claim_reference"],
        claim_number=row["claim_number"],
        claim_kind=CLAIM_KINDS[row["claim_kind"]],
        reason_code=row["reason_code"],
        reason=row["reason"],
        origin_declaration_number=row["origin_number"],
        origin_invoice_number=row["origin_invoice"],
        component=COMPONENTS[row["kind"]],
        matched_by=PASSES.get(row["pass"]),
        amount_cents=-row["cents"],
        open_before_cents=after + row["cents"] if row["kind"] == _PRINCIPAL else after,
        open_after_cents=after,
        remark=row["ground"] if row["claim_kind"] == _TAKEN_OVER else REMARKS.get(row["claim_kind"]),
    )


def _other(row: Any) -> OtherLine:
    name = row["claim_number"] or row["claim_reference"]
    returned = row["kind"] == 2
    remark = f"Teruggedraaide verrekening met {name} ({row['reason']})" if returned else f"Voorschot {name}"
    return OtherLine(
        kind="teruggedraaide verrekening" if returned else "voorschot",
        claim_reference=row["claim_reference"],
        claim_number=row["claim_number"],
        declaration_number=row["declaration_number"],
        invoice_number=row["invoice_number"],
        amount_cents=row["cents"],
        remark=remark,
    )


def _prove(head: Any, declarations: tuple[DeclarationLine, ...], others: tuple[OtherLine, ...]) -> None:
    """A specification that does not add up to its payout must not leave the house."""
    found = (
        sum(line.awarded_cents for line in declarations),
        sum(line.offset_cents for line in declarations),
        sum(line.amount_cents for line in others),
    )
    expected = (head["declared_cents"], -head["offset_cents"], head["returned_cents"] + head["advance_cents"])
    if found != expected:
        raise Bug(f"payout {head['payout_id']}: lines add up to {found}, the payout says {expected}")


def _correction_lines(row: Any, lines: list[Any]) -> Iterator[CorrectionLine]:
    was = row["awarded_cents"] - row["earlier_cents"]
    # a correction without lines is one line of its own
    for line in lines or [{"line_no": 1, "cents": row["original_cents"], "description": row["ground"]}]:
        becomes = was - line["cents"]
        yield CorrectionLine(
            line_no=line["line_no"],
            declaration_number=line.get("declaration_number") or row["declaration_number"],
            invoice_number=line.get("invoice_number") or row["invoice_number"],
            period_from=line.get("period_from"),
            period_until=line.get("period_until"),
            description=line.get("description"),
            was_cents=was,
            becomes_cents=becomes,
            difference_cents=-line["cents"],
        )
        was = becomes
