"""What a file may not hold: each fault answers with file, line, field, value and remedy, and stores nothing."""

import gzip
import json
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest

from app.core import db as database
from app.core.db import Connection
from app.declarations import ImportReport, Limits, import_file
from jobs.simulation.arena import with_database
from tests import factories
from tests.feed_files import csv_text, jsonl, row_counts

ON = date(2026, 3, 2)
Record = dict[str, Any]


def declaration(**more: Any) -> Record:
    plain = {"type": "declaration", "id": "D1", "agb": "41000001", "awardedCents": 60000}
    return {**plain, "approvedAt": "2026-03-02T09:00:00+01:00", "number": "2026-1", **more}


def credit(**more: Any) -> Record:
    return {"type": "credit-note", "id": "N1", "declaration": "D1", "amountCents": -30000, **more}


def correction(*lines: Record) -> Record:
    return {"type": "correction", "id": "X1", "declaration": "good", "reason": "Wlz", "lines": list(lines)}


def claim(**more: Any) -> Record:
    plain = {"type": "claim", "id": "C1", "agb": "41000001", "reasonCode": "CM98", "ground": "Controle achteraf"}
    return {**plain, "amountCents": 100000, "letterDate": "2026-03-02", **more}


def provider(**more: Any) -> Record:
    plain = {"number": "P9", "name": "Praktijk Negen", "legalForm": "bv", "naturalPerson": False}
    agb = {"agb": "41000009", "from": "2020-01-01"}
    iban = {"iban": "NL91ABNA0417164300", "holder": "Praktijk Negen", "from": "2020-01-01"}
    return {**plain, "agbCodes": [agb], "ibans": [iban], **more}


@pytest.fixture(scope="module")
async def shared(server_url: str, admin: Connection, template: str) -> AsyncIterator[Connection]:
    """A world for tests that store nothing: made once."""
    name = f"vereffen_bad_input_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    connection = await database.connect(with_database(server_url, name))
    yield await populated(connection)
    await connection.close()
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def world(db: Connection) -> Connection:
    """The same for tests that also store something."""
    return await populated(db)


async def populated(db: Connection) -> Connection:
    """Risk carrier VZ with a policy and a provider 41000001; a second carrier ZK alone has provider 41000002."""
    vz = await factories.make_risk_carrier(db, "VZ")
    zk = await factories.make_risk_carrier(db, "ZK")
    await factories.make_policy_vgz(db, vz)
    await factories.make_provider(db, vz, agbs=["41000001"])
    await factories.make_provider(db, zk, agbs=["41000002"])
    return db


async def imported(conn: Connection, content: bytes, *, name: str = "feed.jsonl", **more: Any) -> ImportReport:
    return await import_file(conn, content, file_name=name, business_date=ON, actor="test", **more)


async def refused(conn: Connection, content: bytes, *, name: str = "feed.jsonl", **more: Any) -> ImportReport:
    """Import a file that must be refused, and see that no table has a row more or less."""
    before = await row_counts(conn)
    report = await imported(conn, content, name=name, **more)
    assert not report.loaded
    assert report.rejection_count == len(report.rejections) > 0
    assert await row_counts(conn) == before
    assert all(each.message.startswith(name) for each in report.rejections)
    return report


def two(bad: Record) -> bytes:
    """A good declaration and a bad one, so that a rejection on line 3 also keeps line 2 out."""
    return jsonl("declarations", [declaration(id="good"), bad])


# what is sent, code, field, what the message must say besides file and line
FIELDS: list[tuple[str, Callable[[], bytes], str, str, tuple[str, ...]]] = [
    ("amount 0", lambda: two(declaration(awardedCents=0)), "bad_value", "awardedCents", ("is 0", "whole cents from 1")),
    ("a wrong sign", lambda: two(declaration(awardedCents=-5)), "bad_value", "awardedCents", ("is -5", "from 1")),
    (
        "a positive credit",
        lambda: two(credit(amountCents=5)),
        "bad_value",
        "amountCents",
        ("is 5", "negative for a credit"),
    ),
    (
        "a float",
        lambda: two(declaration(awardedCents=12.5)),
        "bad_value",
        "awardedCents",
        ("is 12.5", "without a point"),
    ),
    ("a whole float", lambda: two(declaration(awardedCents=12.0)), "bad_value", "awardedCents", ("is 12.0",)),
    ("a text", lambda: two(declaration(awardedCents="12")), "bad_value", "awardedCents", ("is 12", "quotes")),
    ("true", lambda: two(declaration(awardedCents=True)), "bad_value", "awardedCents", ("is true",)),
    (
        "NaN",
        lambda: two(declaration(awardedCents=float("nan"))),
        "bad_value",
        "awardedCents",
        ("is NaN", "whole cents"),
    ),
    ("infinity", lambda: two(declaration(awardedCents=float("inf"))), "bad_value", "awardedCents", ("is Infinity",)),
    (
        "more than 10^12",
        lambda: two(declaration(awardedCents=10**12 + 1)),
        "bad_value",
        "awardedCents",
        ("1000000000001",),
    ),
    (
        "more than 64 bits",
        lambda: two(declaration(awardedCents=10**30)),
        "bad_value",
        "awardedCents",
        ("1" + "0" * 30,),
    ),
    ("AGB of 7 digits", lambda: two(declaration(agb="4100001")), "bad_value", "agb", ("is 4100001", "8 digits")),
    ("AGB with a line end", lambda: two(declaration(agb="41000001\n")), "bad_value", "agb", ("8 digits",)),
    (
        "a day that is none",
        lambda: two(declaration(treatedFrom="2026-02-30")),
        "bad_value",
        "treatedFrom",
        ("2026-02-30",),
    ),
    ("a year 1026", lambda: two(declaration(treatedFrom="1026-02-03")), "date_out_of_range", "treatedFrom", ("1990",)),
    (
        "swapped dates",
        lambda: two(declaration(treatedFrom="2026-02-03", treatedUntil="2026-02-02")),
        "dates_swapped",
        "treatedUntil",
        ("2026-02-03",),
    ),
    (
        "no time zone",
        lambda: two(declaration(approvedAt="2026-03-02T09:00:00")),
        "bad_value",
        "approvedAt",
        ("time zone",),
    ),
    ("an unknown field", lambda: two(declaration(awarded=1)), "unknown_field", "awarded", ("is 1", "no such field")),
    ("an unknown type", lambda: two(declaration(type="invoice")), "bad_value", "type", ("is invoice", "credit-note")),
    (
        "approved after the cut-off",
        lambda: two(declaration(approvedAt="2026-03-03T09:00:00+01:00")),
        "approved_after_cut_off",
        "approvedAt",
        ("2026-03-02",),
    ),
    (
        "an unknown AGB",
        lambda: two(declaration(agb="41999999")),
        "unknown_agb",
        "agb",
        ("is 41999999", "load the provider"),
    ),
    (
        "another carrier's provider",
        lambda: two(declaration(agb="41000002")),
        "other_carrier",
        "agb",
        ("is 41000002", "Zorgpraktijk"),
    ),
    (
        "a claim that is none",
        lambda: two(declaration(claimReference="VOR-1")),
        "unknown_claim",
        "claimReference",
        ("is VOR-1",),
    ),
    (
        "a twice used id",
        lambda: two(declaration(id="good", awardedCents=1)),
        "duplicate_in_file",
        "id",
        ("is good", "line 2"),
    ),
    ("a credit of nothing", lambda: two(credit(declaration="D7")), "unknown_declaration", "declaration", ("is D7",)),
    (
        "a credit above the rest",
        lambda: two(credit(declaration="good", amountCents=-60001)),
        "credit_above_rest",
        "amountCents",
        ("is -60001", "60000 cents"),
    ),
    (
        "an unknown reason code",
        lambda: two(credit(declaration="good", reasonCode="ZZ1")),
        "unknown_reason_code",
        "reasonCode",
        ("is ZZ1", "CM98"),
    ),
    (
        "lines that do not add up",
        lambda: two(credit(declaration="good", lines=[{"cents": -1}])),
        "wrong_sum",
        "amountCents",
        ("-1",),
    ),
    (
        "a difference that is none",
        lambda: two(correction({"cents": -5, "wasCents": 10, "becomesCents": 6})),
        "wrong_difference",
        "lines[0].cents",
        ("is -5", "-4"),
    ),
    (
        "a positive line",
        lambda: two(correction({"cents": -5}, {"cents": 5})),
        "bad_value",
        "lines[1].cents",
        ("is 5", "negative"),
    ),
    ("a NUL in a text", lambda: two(declaration(number="a\0b")), "nul_byte", "file", ("take it out",)),
]


@pytest.mark.parametrize("what, content, code, field, said", FIELDS, ids=[case[0] for case in FIELDS])
async def test_a_bad_field_is_named_with_its_line_value_and_remedy(
    shared: Connection, what: str, content: Callable[[], bytes], code: str, field: str, said: tuple[str, ...]
) -> None:
    report = await refused(shared, content())
    assert [(each.code, each.line, each.field) for each in report.rejections] == [(code, 3, field)]
    assert "line 3" in report.rejections[0].message
    assert all(part in report.rejections[0].message for part in said), report.rejections[0].message


CLAIM_FIELDS: list[tuple[str, Record, str, str, str]] = [
    ("an unknown reason code", claim(reasonCode="CM00"), "unknown_reason_code", "reasonCode", "CM98"),
    (
        "a due date before the letter",
        claim(dueDate="2026-03-01"),
        "due_before_letter",
        "dueDate",
        "before letterDate 2026-03-02",
    ),
    ("two terms", claim(dueDate="2026-04-01", termDays=30), "two_terms", "termDays", "one of the two"),
    ("amount 0", claim(amountCents=0), "bad_value", "amountCents", "from 1"),
    ("lines of another sum", claim(lines=[{"cents": 99999}]), "wrong_sum", "amountCents", "99999"),
    ("another carrier's provider", claim(agb="41000002"), "other_carrier", "agb", "no running account"),
    ("an unknown interim", claim(type="ceiling-final", settles="I1"), "unknown_interim", "settles", "I1"),
]


@pytest.mark.parametrize("what, record, code, field, said", CLAIM_FIELDS, ids=[case[0] for case in CLAIM_FIELDS])
async def test_a_bad_claim_is_refused(
    shared: Connection, what: str, record: Record, code: str, field: str, said: str
) -> None:
    report = await refused(shared, jsonl("claims", [claim(id="good"), record]))
    assert [(each.code, each.line, each.field) for each in report.rejections] == [(code, 3, field)]
    assert said in report.rejections[0].message


async def test_the_refusal_of_a_claim_lists_every_missing_field(shared: Connection) -> None:
    report = await refused(shared, jsonl("claims", [{"type": "claim", "id": "C1", "amountCents": 5}]))
    assert {each.field for each in report.rejections} == {"agb", "reasonCode", "ground", "letterDate"}
    assert {each.code for each in report.rejections} == {"missing_field"}


async def test_a_bad_iban_is_refused(shared: Connection) -> None:
    wrong = {"iban": "NL92ABNA0417164300", "holder": "x", "from": "2020-01-01"}
    report = await refused(shared, jsonl("providers", [provider(ibans=[wrong])]))
    (found,) = report.rejections
    assert (found.code, found.field, found.value) == ("bad_iban", "ibans[0].iban", "NL92ABNA0417164300")


async def test_a_duplicate_with_another_content_is_refused(world: Connection) -> None:
    assert (await imported(world, jsonl("declarations", [declaration()]))).added == 1
    report = await refused(world, jsonl("declarations", [declaration(awardedCents=60001)]))
    assert [(each.code, each.value) for each in report.rejections] == [("other_content", "D1")]


async def test_a_credit_above_what_earlier_credits_leave_is_refused(world: Connection) -> None:
    assert (await imported(world, jsonl("declarations", [declaration(), credit()]))).added == 2
    report = await refused(world, jsonl("declarations", [credit(id="N2"), credit(id="N3", amountCents=-1)]))
    assert [(each.code, each.line) for each in report.rejections] == [("credit_above_rest", 3)]
    assert "leaves 0 cents" in report.rejections[0].message


@pytest.mark.parametrize("cut_off", ["2026-03-02", "2036-03-02"])
async def test_an_advance_paid_elsewhere_is_not_of_a_day_to_come_whatever_the_cut_off(
    world: Connection, cut_off: str
) -> None:
    asked = {"type": "advance", "id": "A1", "agb": "41000001", "amountCents": 50000, "paid": "elsewhere"}
    report = await refused(world, jsonl("declarations", [{**asked, "registeredOn": "2026-03-03"}], cutOffDate=cut_off))
    assert [(each.code, each.field, each.value) for each in report.rejections] == [
        ("registered_in_future", "registeredOn", "2026-03-03")
    ]
    assert "at the latest 2026-03-02" in report.rejections[0].message


async def test_an_advance_may_be_asked_for_on_a_day_to_come(world: Connection) -> None:
    asked = {"type": "advance", "id": "A1", "agb": "41000001", "amountCents": 50000, "paid": "request"}
    assert (await imported(world, jsonl("declarations", [{**asked, "registeredOn": "2026-03-03"}]))).added == 1


async def test_a_withdrawn_declaration_cannot_be_credited(world: Connection) -> None:
    await imported(world, jsonl("declarations", [declaration()]))
    await world.execute(
        """insert into declaration_withdrawal (account_id, risk_carrier_id, declaration_id, decided_on, reason, settled)
           select account_id, risk_carrier_id, declaration_id, date '2026-03-02', 'test', false from declaration"""
    )
    report = await refused(world, jsonl("declarations", [credit()]))
    assert report.rejections[0].code == "declaration_withdrawn"


GOOD = jsonl("declarations", [declaration(id="a"), declaration(id="b")])
FILES: list[tuple[str, bytes, str, int | None]] = [
    ("a cut last line", GOOD[:-40], "cut_line", 3),
    ("a lost last line", GOOD[: GOOD.rindex(b"\n", 0, -1) + 1], "wrong_rows", 1),
    ("a wrong total", jsonl("declarations", [declaration()], controlTotalCents=60001), "wrong_total", 1),
    ("mixed line ends", GOOD.replace(b"\n", b"\r\n", 1), "mixed_line_ends", 2),
    ("a lone carriage return", GOOD.replace(b'"id"', b'\r"id"', 1), "mixed_line_ends", 2),
    ("a byte-order mark", b"\xef\xbb\xbf" + GOOD, "byte_order_mark", 1),
    ("UTF-16", b"\xff\xfe" + GOOD.decode().encode("utf-16-le"), "byte_order_mark", 1),
    ("a NUL byte", GOOD.replace(b"2026-1", b"2026\0", 1), "nul_byte", 2),
    ("Latin-1", GOOD.replace(b"2026-1", "2026é".encode("latin-1"), 1), "not_utf8", 2),
    ("an empty line", GOOD + b"\n", "empty_line", 4),
    ("no JSON", GOOD.replace(b'{"type"', b"{'type'", 1), "not_json", 2),
    ("an array", jsonl("declarations", []) + b"[]\n", "not_a_record", 2),
    ("nothing", b"", "bad_header", 1),
    ("no header", GOOD[GOOD.index(b"\n") + 1 :], "bad_header", 1),
    ("no count", jsonl("declarations", [declaration()], rows=None), "missing_field", 1),
    ("no cut-off date", jsonl("declarations", [declaration()], cutOffDate=None), "missing_field", 1),
    ("another kind", jsonl("invoices", [declaration()]), "unknown_kind", 1),
    ("an unknown risk carrier", jsonl("declarations", [declaration()], riskCarrier="QQ"), "unknown_risk_carrier", 1),
    ("cut gzip", gzip.compress(GOOD)[:-20], "gzip_cut", None),
    ("damaged gzip", gzip.compress(GOOD)[:30] + b"xxxxxxxx" + gzip.compress(GOOD)[38:], "gzip_damaged", None),
]


@pytest.mark.parametrize("what, content, code, line", FILES, ids=[case[0] for case in FILES])
async def test_a_file_that_cannot_be_right_is_refused_whole(
    shared: Connection, what: str, content: bytes, code: str, line: int | None
) -> None:
    report = await refused(shared, content)
    assert (report.rejections[0].code, report.rejections[0].line) == (code, line)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
async def test_ten_million_columns_stop_at_the_limit_of_a_line(shared: Connection, form: str) -> None:
    if form == "csv":
        content = csv_text("declarations", [declaration()]).split(b"\n")[0] + b"\n" + b"c;" * 10_000_000 + b"\n"
    else:
        content = jsonl("declarations", []) + b"{" + b'"c":1,' * 10_000_000 + b'"c":1}\n'
    report = await refused(shared, content)
    assert [(each.code, each.line) for each in report.rejections] == [("line_too_long", 2)]


async def test_a_thousand_columns_are_refused_by_their_number(shared: Connection) -> None:
    first = csv_text("declarations", [declaration()]).split(b"\n")[0]
    report = await refused(shared, first + b"\n" + b"c;" * 1000 + b"c\n")
    assert report.rejections[0].code == "too_many_columns"


async def test_a_gzip_bomb_stops_early(shared: Connection) -> None:
    bomb = gzip.compress(jsonl("declarations", []) + (b" " * (1 << 20) + b"\n") * 64, 9)
    report = await refused(shared, bomb)
    assert report.rejections[0].code == "gzip_bomb"
    assert "200 times" in report.rejections[0].message


async def test_reading_stops_when_nearly_everything_is_faulty(shared: Connection) -> None:
    report = await imported(shared, jsonl("declarations", []) + b"\n" * 200_000)
    assert report.rejections[0].code == "too_many_faults"
    assert report.read < 200_000


async def test_a_file_larger_than_the_limit_is_refused(shared: Connection) -> None:
    report = await refused(shared, GOOD, limits=Limits(total_bytes=100))
    assert report.rejections[0].code == "file_too_large"


async def test_the_first_thousand_rejections_are_kept_and_all_are_counted(shared: Connection) -> None:
    records = [declaration(id=str(number), awardedCents=0) for number in range(1500)]
    report = await imported(shared, jsonl("declarations", records))
    assert (report.loaded, report.read, report.rejection_count, len(report.rejections)) == (False, 1500, 1500, 1000)


CSV_FIELDS = [
    ("a float", {"awardedCents": "12.5"}, "bad_value", "awardedCents"),
    ("a plus sign", {"awardedCents": "+12"}, "bad_value", "awardedCents"),
    ("NaN", {"awardedCents": "NaN"}, "bad_value", "awardedCents"),
    ("a thousands point", {"awardedCents": "1.000"}, "bad_value", "awardedCents"),
    ("a space", {"awardedCents": " 12"}, "bad_value", "awardedCents"),
    ("nothing", {"awardedCents": ""}, "missing_field", "awardedCents"),
    ("an exponent", {"awardedCents": "1e3"}, "bad_value", "awardedCents"),
    ("too much", {"awardedCents": "1000000000001"}, "bad_value", "awardedCents"),
    ("other digits", {"awardedCents": "١٢"}, "bad_value", "awardedCents"),
]


@pytest.mark.parametrize("what, change, code, field", CSV_FIELDS, ids=[case[0] for case in CSV_FIELDS])
async def test_a_bad_cell_is_refused_as_strictly_as_json(
    shared: Connection, what: str, change: Record, code: str, field: str
) -> None:
    report = await refused(shared, csv_text("declarations", [declaration(**change)]), name="feed.csv")
    assert [(each.code, each.line, each.field) for each in report.rejections] == [(code, 3, field)]


CSV_FILES = [
    ("a cut last cell", lambda text: text[:-3], "cut_line"),
    ("a cell too many", lambda text: text.replace(b";2026-1\n", b";2026-1;x\n"), "bad_csv"),
    ("an open quote", lambda text: text.replace(b";2026-1\n", b';"2026-1\n'), "bad_csv"),
    ("an unknown column", lambda text: text.replace(b";number", b";nummer"), "unknown_field"),
    ("a column twice", lambda text: text.replace(b";number", b";agb"), "double_column"),
    ("mixed line ends", lambda text: text[:-1] + b"\r\n", "mixed_line_ends"),
    ("a total that is no number", lambda text: text.replace(b"Cents=60000", b"Cents=600.00"), "bad_header"),
]


@pytest.mark.parametrize("what, change, code", CSV_FILES, ids=[case[0] for case in CSV_FILES])
async def test_a_bad_csv_file_is_refused_whole(
    shared: Connection, what: str, change: Callable[[bytes], bytes], code: str
) -> None:
    report = await refused(shared, change(csv_text("declarations", [declaration()])), name="feed.csv")
    assert report.rejections[0].code == code, report.rejections


async def test_every_fault_of_a_file_comes_at_once(shared: Connection) -> None:
    records = [declaration(id="a", awardedCents=0), declaration(id="b", agb="41999999")]
    records += [credit(declaration="a"), credit(id="N2", declaration="b")]
    report = await refused(shared, jsonl("declarations", records))
    # the credits name records that were refused themselves: that they are unknown would say nothing new
    assert [(each.line, each.code) for each in report.rejections] == [(2, "bad_value"), (3, "unknown_agb")]


async def test_messages_are_plain_text_whatever_was_sent(shared: Connection) -> None:
    report = await refused(shared, two(declaration(agb="\x1b[31m" + "x" * 500)))
    assert report.rejections[0].message.isprintable()
    assert len(report.rejections[0].message) < 300
    assert json.dumps(report.rejections[0].message)
