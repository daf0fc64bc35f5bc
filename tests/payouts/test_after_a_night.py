"""What leaves after a real night: the rows come from jobs/night and from nothing else."""

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import sepaxml
from lxml import etree

from app.core.db import Connection
from app.core.ids import payout_number
from app.payouts import documents_for_run, explain_payout, read_specification
from app.reports import StatementRequest, read_statement
from jobs.night.run import NightReport, run_night
from tests.payouts.books import Books

DAY = date(2026, 3, 2)
SCHEMA = etree.XMLSchema(etree.parse(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))


@pytest.fixture
async def books(db: Connection) -> Books:
    """Three declarations of 600.00, 250.00 and 100.00 against a credit on the first and a claim of 700.00."""
    books = await Books(db).start()
    declared = await books.declare("A", 60000, DAY, queued=True)
    await books.declare("B", 25000, DAY, "04000002", queued=True)
    await books.declare("D", 10000, DAY, queued=True)
    await books.claim("C", 30000, DAY, origin=declared)
    await books.claim("X", 5000, DAY, kind=3, reason="CORR", origin=declared, lines=[2000, 3000])
    await books.claim("V", 40000, DAY, kind=1, reason="CM98")
    return books


@pytest.fixture
async def night(books: Books, db_url: str, tmp_path: Path) -> NightReport:
    return await run_night(db_url, books.carrier, DAY, payments_folder=tmp_path)


async def number_of(books: Books) -> str:
    return payout_number(await books.db.fetchval("select payout_id from payout"), 2026)


async def test_the_specification_adds_up_to_what_the_night_reports(books: Books, night: NightReport) -> None:
    s = await read_specification(books.db, await number_of(books))
    assert night.state == "released"
    assert (s.gross_cents, -s.offset_cents, s.net_cents) == (night.declared_cents, night.offset_cents, night.net_cents)
    assert (s.gross_cents, s.net_cents) == (95000, 20000)


async def test_each_claim_is_carried_from_open_before_to_open_after(books: Books, night: NightReport) -> None:
    assert night.offset_cents == 75000
    s = await read_specification(books.db, await number_of(books))
    offsets = [offset for line in s.declarations for offset in line.offsets]
    for number in ("C", "X", "V"):
        chain = sorted((o for o in offsets if o.claim_number == number), key=lambda o: -o.open_before_cents)
        for one, next_one in pairwise(chain):
            assert one.open_after_cents == next_one.open_before_cents
        assert chain[-1].open_after_cents == 0


async def test_an_offset_on_another_agb_code_says_so(books: Books, night: NightReport) -> None:
    lines = (await read_specification(books.db, await number_of(books))).declarations
    found = {line.declaration_number: {offset.matched_by for offset in line.offsets} for line in lines}
    assert found["B"] == {"andere AGB-code van dezelfde rechtspersoon"}
    assert found["A"] == {"eigen AGB-code"}
    assert night.offset_claims == 3


async def test_the_file_of_the_night_pays_the_net_amount(books: Books, night: NightReport, tmp_path: Path) -> None:
    (path,) = tmp_path.glob("*.xml")
    tree = etree.parse(path)
    SCHEMA.assertValid(tree)
    (amount,) = tree.iterfind(".//{*}InstdAmt")
    assert amount.text == "200.00"
    assert night.net_cents == 20000


async def test_the_documents_of_the_night_name_what_was_offset(books: Books, night: NightReport) -> None:
    documents = await documents_for_run(books.db, night.run_id)
    assert [(d.kind, d.for_numbers, d.refers_to) for d in documents] == [
        ("betaalspecificatie", ("A", "B", "D"), ("C", "X", "V")),
        ("correctiespecificatie", ("X",), ("A",)),
    ]


async def test_the_explanation_ends_in_the_amount_that_is_paid(books: Books, night: NightReport) -> None:
    lines = await explain_payout(books.db, await number_of(books))
    assert lines[-2].startswith("Bruto € 950,00 − ")
    assert lines[-2].endswith("= netto € 200,00")
    assert night.payouts == 1


async def test_the_statement_of_the_night_closes_at_zero(books: Books, night: NightReport) -> None:
    request = StatementRequest(account_id=books.account, first=DAY, last=DAY, known_at=datetime(2100, 1, 1, tzinfo=UTC))
    statement = await read_statement(books.db, request)
    assert [total.closing_cents for total in statement.head.sides] == [0, 0, 0]
    assert (statement.head.pending_cents, night.left_out_claims) == (0, 0)
