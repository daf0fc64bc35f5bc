"""Specifications: every number of a payout, explained from the postings."""

import csv
import io
from datetime import date

import msgspec
import pytest

from app.core.db import Connection
from app.core.errors import Bug, Refusal
from app.core.ids import claim_reference, payout_number
from app.payouts import (
    as_json,
    correction_csv,
    documents_for_run,
    explain_payout,
    payment_csv,
    read_correction,
    read_specification,
)
from tests.payouts.books import Books

DAY, LATER = date(2026, 3, 2), date(2026, 3, 16)


@pytest.fixture
async def books(db: Connection) -> Books:
    return await Books(db).start()


async def vgz_1(books: Books) -> str:
    """VGZ's worked example 1: declaration A of 600.00 with credit note B of 300.00 gives 300.00."""
    declared = await books.declare("A", 60000, DAY)
    credit = await books.claim("B", 30000, DAY, origin=declared)
    payout = await books.pay(await books.run(DAY), DAY, {declared: 60000}, [(declared, credit, 30000, 0)])
    return payout_number(payout, 2026)


async def vgz_4(books: Books) -> tuple[int, int, str, int]:
    """VGZ's worked example 4: A paid, correction X of 100 + 200 on A, then B of 500 pays 200."""
    first = await books.declare("A", 60000, DAY)
    run_1 = await books.run(DAY)
    await books.pay(run_1, DAY, {first: 60000})
    correction = await books.claim(
        "X", 30000, date(2026, 3, 9), kind=3, reason="CORR", origin=first, lines=[10000, 20000]
    )
    second = await books.declare("B", 50000, LATER)
    run_2 = await books.run(LATER)
    payout = await books.pay(run_2, LATER, {second: 50000}, [(second, correction, 30000, 0)])
    return run_1, run_2, payout_number(payout, 2026), correction


async def test_gross_less_offset_is_net(books: Books) -> None:
    s = await read_specification(books.db, await vgz_1(books))
    assert (s.gross_cents, s.offset_cents, s.net_cents) == (60000, -30000, 30000)


async def test_the_bank_text_is_the_word_and_the_number_of_the_specification(books: Books) -> None:
    number = await vgz_1(books)
    s = await read_specification(books.db, number)
    assert (s.number, s.bank_word, s.bank_text) == (number, "afrekening", f"afrekening {number}")


async def test_a_payout_in_full_is_called_declaratie(books: Books) -> None:
    payout = await books.pay(await books.run(DAY), DAY, {await books.declare("A", 60000, DAY): 60000})
    s = await read_specification(books.db, payout_number(payout, 2026))
    assert (s.bank_word, s.offset_cents) == ("declaratie", 0)


async def test_a_declaration_shows_what_was_awarded_offset_and_paid(books: Books) -> None:
    (line,) = (await read_specification(books.db, await vgz_1(books))).declarations
    assert (line.declaration_number, line.invoice_number, line.agb) == ("A", "F-A", "04000001")
    assert (line.awarded_cents, line.offset_cents, line.paid_cents) == (60000, -30000, 30000)


async def test_an_offset_names_its_claim_and_the_declaration_behind_it(books: Books) -> None:
    ((offset,),) = [line.offsets for line in (await read_specification(books.db, await vgz_1(books))).declarations]
    credit = await books.db.fetchval("select claim_id from claim")
    assert offset.claim_reference == claim_reference(credit, 2026)
    assert (offset.claim_number, offset.claim_kind, offset.origin_invoice_number) == ("B", "creditnota", "F-A")
    assert (offset.reason_code, offset.reason, offset.component) == ("CREDIT", "Creditnota", "hoofdsom")


async def test_an_offset_shows_what_was_open_before_and_after(books: Books) -> None:
    claim = await books.claim("V", 50000, DAY, kind=1, reason="CM98")
    one, two = await books.declare("A", 20000, DAY), await books.declare("B", 20000, DAY)
    offsets = [(one, claim, 20000, 30000), (two, claim, 20000, 10000)]
    payout = await books.pay(await books.run(DAY), DAY, {one: 20000, two: 20000}, offsets)
    s = await read_specification(books.db, payout_number(payout, 2026))
    steps = [(o.open_before_cents, o.amount_cents, o.open_after_cents) for line in s.declarations for o in line.offsets]
    assert steps == [(50000, -20000, 30000), (30000, -20000, 10000)]


async def test_an_offset_of_costs_leaves_the_principal_as_it_was(books: Books) -> None:
    claim, declared = await books.claim("V", 1000, DAY, kind=1, reason="CM98"), await books.declare("A", 5000, DAY)
    payout = await books.pay(await books.run(DAY), DAY, {declared: 5000}, [(declared, claim, 1000, 0)])
    await books.post(DAY, 3, declared, 4000, line=2, claim=claim, payout=payout, open_after=0)
    await books.db.execute("update payout set offset_cents = 5000, net_cents = 0 where payout_id = $1", payout)
    s = await read_specification(books.db, payout_number(payout, 2026))
    offset = s.declarations[0].offsets[1]
    assert (offset.component, offset.amount_cents, offset.open_before_cents, offset.open_after_cents) == (
        "kosten", -4000, 0, 0,
    )  # fmt: skip


async def test_a_payout_of_zero_has_a_specification_and_no_bank_text(books: Books) -> None:
    credit, declared = await books.claim("C", 30000, DAY), await books.declare("A", 30000, DAY)
    payout = await books.pay(await books.run(DAY), DAY, {declared: 30000}, [(declared, credit, 30000, 0)])
    s = await read_specification(books.db, payout_number(payout, 2026))
    assert (s.net_cents, s.bank_text, s.bank_word) == (0, None, "afrekening")


async def test_only_an_offset_with_something_else_than_a_declaration_has_a_remark(books: Books) -> None:
    declared = await books.declare("A", 30000, DAY)
    credit = await books.claim("C", 10000, DAY)
    advance = await books.claim("V", 20000, DAY, kind=4, reason="VOOR")
    offsets = [(declared, credit, 10000, 0), (declared, advance, 5000, 15000)]
    payout = await books.pay(await books.run(DAY), DAY, {declared: 30000}, offsets)
    s = await read_specification(books.db, payout_number(payout, 2026))
    assert [offset.remark for offset in s.declarations[0].offsets] == [None, "Salderen voorschot"]


async def test_a_matured_credit_shows_the_reason_that_it_had_on_the_day(books: Books) -> None:
    credit, declared = await books.claim("C", 10000, DAY), await books.declare("A", 10000, LATER)
    await books.db.execute(
        "insert into claim_maturity values ($1, $2, $3, $4, $5, $6, $4, $4)",
        books.account, credit, books.carrier, date(2026, 3, 10), books.reason["CREDIT"], books.reason["CM98"],
    )  # fmt: skip
    payout = await books.pay(await books.run(LATER), LATER, {declared: 10000}, [(declared, credit, 10000, 0)])
    s = await read_specification(books.db, payout_number(payout, 2026))
    assert s.declarations[0].offsets[0].reason_code == "CM98"


async def test_advances_and_offsets_given_back_are_lines_of_their_own(books: Books) -> None:
    declared = await books.declare("A", 60000, DAY)
    credit = await books.claim("C", 30000, DAY, origin=declared)
    await books.pay(await books.run(DAY), DAY, {declared: 60000}, [(declared, credit, 30000, 0)])
    reversal = await books.event()
    await books.db.execute(
        """insert into offset_reversal (account_id, reversal_id, risk_carrier_id, declaration_id, claim_id, offset_line,
             cents, decided_on, effective_date, reason, cause)
           values ($1, $2, $3, $4, $5, 1, 30000, $6, $6, 'rechter', 1)""",
        books.account, reversal, books.carrier, declared, credit, LATER,
    )  # fmt: skip
    advance = await books.claim("V", 5000, LATER, kind=4, reason="VOOR", post=False)
    payout = await books.pay(await books.run(LATER), LATER, {}, returned={reversal: 30000}, advances={advance: 5000})
    s = await read_specification(books.db, payout_number(payout, 2026))
    assert [(line.kind, line.amount_cents, line.declaration_number) for line in s.others] == [
        ("teruggedraaide verrekening", 30000, "A"),
        ("voorschot", 5000, None),
    ]
    assert (s.declared_cents, s.returned_cents, s.advance_cents, s.net_cents) == (0, 30000, 5000, 35000)


async def test_another_payout_of_the_same_night_is_left_out(books: Books) -> None:
    one, two = await books.declare("A", 100, DAY), await books.declare("B", 200, DAY)
    three = await books.declare("C", 300, DAY)
    run = await books.run(DAY)
    payout = await books.pay(run, DAY, {one: 100, three: 300})
    await books.post(DAY, 1, two, 200, payout=999999)  # between the first and last entry, paid to another IBAN
    s = await read_specification(books.db, payout_number(payout, 2026))
    assert [line.declaration_number for line in s.declarations] == ["A", "C"]


async def test_lines_that_do_not_add_up_to_the_payout_stop_the_specification(books: Books) -> None:
    number = await vgz_1(books)
    await books.db.execute("update payout set declared_cents = declared_cents + 1, net_cents = net_cents + 1")
    with pytest.raises(Bug, match="lines add up to"):
        await read_specification(books.db, number)


@pytest.mark.parametrize("number", [payout_number(4, 2026), claim_reference(1, 2026)])
async def test_a_number_that_is_no_payout_is_refused(books: Books, number: str) -> None:
    with pytest.raises(Refusal, match="no payout"):
        await read_specification(books.db, number)


async def test_a_number_of_another_year_is_refused(books: Books) -> None:
    number = await vgz_1(books)
    payout = int(number.split("-")[2])
    with pytest.raises(Refusal, match="no payout"):
        await read_specification(books.db, payout_number(payout, 2025))


async def test_the_json_has_camel_case_names_and_whole_cents(books: Books) -> None:
    found = msgspec.json.decode(as_json(await read_specification(books.db, await vgz_1(books))))
    assert (found["netCents"], found["bankWord"]) == (30000, "afrekening")
    assert found["declarations"][0]["offsets"][0]["amountCents"] == -30000


async def test_the_csv_starts_with_the_seven_columns_of_vgz(books: Books) -> None:
    text = payment_csv(await read_specification(books.db, await vgz_1(books)))
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[:7] for row in rows[1:3]] == [
        ["A", "F-A", "600,00", "", "", "", ""],
        ["A", "F-A", "", "B", "F-A", "-300,00", ""],
    ]
    assert {len(row) for row in rows} == {23}


async def test_an_offset_with_an_advance_leaves_the_declaration_columns_empty(books: Books) -> None:
    declared, advance = await books.declare("A", 900, DAY), await books.claim("V", 500, DAY, kind=4, reason="VOOR")
    payout = await books.pay(await books.run(DAY), DAY, {declared: 900}, [(declared, advance, 500, 0)])
    text = payment_csv(await read_specification(books.db, payout_number(payout, 2026)))
    row = list(csv.reader(io.StringIO(text), delimiter=";"))[2]
    assert row[3:7] == ["", "", "-5,00", "Salderen voorschot"]


async def test_the_total_row_of_the_csv_is_gross_offset_and_net(books: Books) -> None:
    text = payment_csv(await read_specification(books.db, await vgz_1(books)))
    total = list(csv.DictReader(io.StringIO(text), delimiter=";"))[-1]
    assert (total["Bedrag te betalen"], total["Bedrag verrekening"], total["Uitbetaald"]) == (
        "600,00", "-300,00", "300,00",
    )  # fmt: skip


async def test_a_formula_in_a_number_of_the_provider_is_text_in_the_csv(books: Books) -> None:
    await books.declare("=HYPERLINK(1)", 100, DAY)
    declared = await books.db.fetchval("select declaration_id from declaration")
    payout = await books.pay(await books.run(DAY), DAY, {declared: 100})
    text = payment_csv(await read_specification(books.db, payout_number(payout, 2026)))
    assert list(csv.reader(io.StringIO(text), delimiter=";"))[1][0] == "'=HYPERLINK(1)"


async def test_a_correction_shows_was_becomes_and_difference_per_line(books: Books) -> None:
    _, _, _, claim = await vgz_4(books)
    s = await read_correction(books.db, books.account, claim)
    assert [(line.was_cents, line.becomes_cents, line.difference_cents) for line in s.lines] == [
        (60000, 50000, -10000),
        (50000, 30000, -20000),
    ]
    assert (s.declaration_number, s.invoice_number, s.difference_cents) == ("A", "F-A", -30000)


async def test_a_second_correction_starts_where_the_first_ended(books: Books) -> None:
    declared = await books.declare("A", 60000, DAY)
    await books.claim("X", 10000, DAY, kind=3, reason="CORR", origin=declared)
    second = await books.claim("Y", 5000, DAY, kind=3, reason="CORR", origin=declared)
    (line,) = (await read_correction(books.db, books.account, second)).lines
    assert (line.was_cents, line.becomes_cents) == (50000, 45000)


async def test_what_is_no_correction_has_no_correction_specification(books: Books) -> None:
    credit = await books.claim("C", 100, DAY)
    with pytest.raises(Refusal, match="not a correction"):
        await read_correction(books.db, books.account, credit)


async def test_the_csv_of_a_correction_has_a_total(books: Books) -> None:
    _, _, _, claim = await vgz_4(books)
    text = correction_csv(await read_correction(books.db, books.account, claim))
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Te betalen"] for row in rows] == ["-100,00", "-200,00", "-300,00"]


async def test_a_payout_and_its_corrections_are_the_documents_of_a_run(books: Books) -> None:
    run_1, run_2, _, _ = await vgz_4(books)
    first, second = await documents_for_run(books.db, run_1), await documents_for_run(books.db, run_2)
    assert [(d.kind, d.for_numbers, d.refers_to, d.lines) for d in first] == [("betaalspecificatie", ("A",), (), 1)]
    assert [(d.kind, d.for_numbers, d.refers_to, d.lines) for d in second] == [
        ("betaalspecificatie", ("B",), ("X",), 1),
        ("correctiespecificatie", ("X",), ("A",), 2),
    ]


async def test_the_documents_of_an_unknown_run_are_refused(books: Books) -> None:
    with pytest.raises(Refusal, match="no run 7"):
        await documents_for_run(books.db, 7)


async def test_a_payout_is_explained_with_the_whole_equation(books: Books) -> None:
    lines = await explain_payout(books.db, await vgz_1(books))
    assert "Bruto € 600,00 − € 300,00 = netto € 300,00" in lines
    assert any("open van € 300,00 naar € 0,00" in line for line in lines)


async def test_a_payout_of_nothing_is_explained_as_offset_in_full(books: Books) -> None:
    credit, declared = await books.claim("C", 500, DAY), await books.declare("A", 500, DAY)
    payout = await books.pay(await books.run(DAY), DAY, {declared: 500}, [(declared, credit, 500, 0)])
    assert (await explain_payout(books.db, payout_number(payout, 2026)))[-1] == (
        "Er wordt niets uitbetaald: alles is verrekend."
    )
