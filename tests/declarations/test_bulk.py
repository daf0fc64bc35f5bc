"""Large files take the short way for plain declarations: it brings the very books that the staged way brings."""

import random
from datetime import date
from typing import Any

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection
from app.declarations import ImportReport, bulk, import_file, intake
from jobs.simulation.arena import with_database
from tests import factories
from tests.feed_files import csv_text, jsonl, row_counts

ON = date(2026, 3, 2)
Record = dict[str, Any]

_BOOKS = """
select k.source, k.source_id, k.kind, k.content_hash, p.number as provider, d.agb_id, d.available_on, d.approved_at,
  d.awarded_cents, d.number, d.invoice_number, d.treated_from, d.treated_until, d.risk_carrier_id,
  q.agb_id, q.available_on, q.payable_on, q.approved_at, q.cents, q.kind, q.offset_claim_id is null, q.risk_carrier_id
from source_key k join running_account a using (account_id) join provider p using (provider_id)
  left join declaration d on d.account_id = k.account_id and d.declaration_id = k.fact_id
  left join payable q on q.account_id = k.account_id and q.entry_id = k.fact_id
order by k.kind, k.source_id
"""


def plain(name: str, **more: Any) -> Record:
    given = {"type": "declaration", "id": name, "agb": "41000001", "awardedCents": 5_000, "number": f"2026-{name}"}
    return {**given, "approvedAt": "2026-03-01T09:00:00+01:00", **more}


@pytest.fixture
async def world(db: Connection) -> Connection:
    carrier = await factories.make_risk_carrier(db, "VZ")
    await factories.make_policy_vgz(db, carrier)
    await factories.make_provider(db, carrier, agbs=["41000001", "41000003"])
    await factories.make_provider(db, carrier, agbs=["41000005"])
    return db


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large, and a chunk is seven records."""
    monkeypatch.setattr(intake, "BULK_FROM", 0)
    monkeypatch.setattr(bulk, "CHUNK", 7)


async def as_loader(conn: Connection, statement: str) -> None:
    async with conn.transaction():
        await conn.execute("set local role vereffen_loader")
        await conn.execute(statement)


async def load(conn: Connection, records: list[Record], **more: Any) -> ImportReport:
    content = jsonl("declarations", records, **more)
    return await import_file(conn, content, business_date=ON, actor="test", file_name="d.jsonl")


def mixed(seed: int) -> list[Record]:
    """Records as they come: several providers, time zones, days and optional fields, with credits in between."""
    draw = random.Random(seed)
    found: list[Record] = []
    for n in range(60):
        more: Record = {
            "agb": draw.choice(["41000001", "41000003", "41000005"]),
            "awardedCents": draw.randint(1, 10**12),
        }
        hour, zone = draw.randint(10, 23), draw.choice(["Z", "+01:00", "+02:00", "-05:00"])
        more["approvedAt"] = (
            f"2026-0{draw.randint(1, 2)}-{draw.randint(10, 27)}T{hour}:{draw.randint(10, 59)}:07.5{zone}"
        )
        if draw.random() < 0.5:
            more |= {"treatedFrom": "2026-01-31", "treatedUntil": "2026-02-01", "invoiceNumber": 'É "F"\\ 12'}
        if draw.random() < 0.3:
            more["number"] = None
        found.append(plain(f"D{n}", **more))
        if draw.random() < 0.2:
            found.append({"type": "credit-note", "id": f"N{n}", "declaration": f"D{n}", "amountCents": -1})
        if draw.random() < 0.1:
            paid = {"paid": "request", "amountCents": 700}
            found.append({"type": "advance", "id": f"V{n}", "agb": "41000001", **paid})
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_both_ways_bring_the_same_books(
    world: Connection, admin: Connection, server_url: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = "vereffen_bulk_twin"
    name = await world.fetchval("select current_database()")
    await world.close()  # a database with connections cannot be cloned
    await admin.execute(f"create database {twin} template {name} strategy file_copy")
    books = []
    for each, large_from in ((name, 0), (twin, 10**9)):
        monkeypatch.setattr(intake, "BULK_FROM", large_from)
        conn = await database.connect(with_database(server_url, each))
        report = await load(conn, mixed(seed))
        assert report.loaded, report.rejections
        books.append(([tuple(row) for row in await conn.fetch(_BOOKS)], report.added, report.control_total_cents))
        await conn.close()
    await admin.execute(f"drop database {twin} with (force)")
    assert books[0] == books[1]


async def test_the_short_way_is_taken(world: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    staged: list[Any] = []
    whole = intake.declarations_file.row
    feed = intake.FEEDS["declarations"]
    monkeypatch.setattr(
        intake, "FEEDS", {"declarations": type(feed)(**{name: getattr(feed, name) for name in feed.__struct_fields__}
                                                      | {"row": lambda *given: staged.append(given) or whole(*given)})}
    )  # fmt: skip
    report = await load(world, [plain(f"D{n}") for n in range(20)])
    assert (report.added, staged) == (20, [])


async def test_csv_takes_the_short_way_too(world: Connection) -> None:
    content = csv_text("declarations", [plain(f"D{n}") for n in range(20)])
    report = await import_file(world, content, business_date=ON, actor="test")
    assert report.added == 20


async def test_known_records_add_nothing_and_new_ones_beside_them_are_added(world: Connection) -> None:
    await load(world, [plain(f"D{n}") for n in range(0, 30, 3)])
    report = await load(world, [plain(f"D{n}") for n in range(30)])
    assert (report.added, report.known) == (20, 10)
    assert await world.fetchval("select count(*) from declaration") == 30


async def test_a_known_record_with_another_content_refuses_the_file(world: Connection) -> None:
    await load(world, [plain("D5")])
    before = await row_counts(world)
    report = await load(world, [plain(f"D{n}", awardedCents=1) for n in range(20)])
    assert [(each.code, each.line) for each in report.rejections] == [("other_content", 7)]
    assert await row_counts(world) == before


@pytest.mark.parametrize("first, second", [(2, 4), (2, 18)])
async def test_an_id_that_stands_twice_refuses_the_file_with_both_lines(
    world: Connection, first: int, second: int
) -> None:
    records = [plain(f"D{n}") for n in range(20)]
    records[second]["id"] = records[first]["id"]
    report = await load(world, records)
    assert [(each.code, each.line) for each in report.rejections] == [("duplicate_in_file", second + 2)]
    assert f"line {first + 2} has the same id" in report.rejections[0].message


@pytest.mark.parametrize("odd", [0, 19])
async def test_a_plain_and_an_odd_record_with_one_id_refuse_the_file(world: Connection, odd: int) -> None:
    records = [plain(f"D{n}") for n in range(20)]
    records[odd] |= {"id": "D9", "claimReference": "VOR-2026-00000001-0"}
    report = await load(world, records)
    assert not report.loaded
    assert ("duplicate_in_file", max(odd, 9) + 2) in [(each.code, each.line) for each in report.rejections]


@pytest.mark.parametrize(
    "more, code",
    [
        ({"agb": "49999999"}, "unknown_agb"),
        ({"approvedAt": "2026-03-03T01:00:00+01:00"}, "approved_after_cut_off"),
        ({"claimReference": "VOR-2026-00000001-0"}, "unknown_claim"),
        ({"treatedFrom": "2026-02-02", "treatedUntil": "2026-02-01"}, "dates_swapped"),
        ({"agb": "4100000x"}, "bad_value"),
    ],
)
async def test_one_fault_in_a_large_file_stores_nothing(world: Connection, more: Record, code: str) -> None:
    before = await row_counts(world)
    report = await load(world, [*(plain(f"D{n}") for n in range(20)), plain("X", **more)])
    assert [(each.code, each.line) for each in report.rejections] == [(code, 22)]
    assert await row_counts(world) == before


async def test_a_credit_finds_a_declaration_of_the_same_file_and_counts_it(world: Connection) -> None:
    credit = {"type": "credit-note", "id": "N", "declaration": "D3", "amountCents": -5_001}
    report = await load(world, [*(plain(f"D{n}") for n in range(20)), credit])
    assert [each.code for each in report.rejections] == ["credit_above_rest"]


async def test_without_the_loader_role_the_staged_way_brings_the_file(
    world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_self: Any) -> bool:
        return False

    monkeypatch.setattr(bulk.Bulk, "possible", never)
    assert (await load(world, [plain(f"D{n}") for n in range(20)])).added == 20


async def test_the_loader_reads_and_changes_nothing(world: Connection) -> None:
    for statement in ("select 1 from declaration", "delete from payable", "update payable set cents = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_loader(world, statement)
    assert await world.fetchval("select has_table_privilege('vereffen_loader', 'source_key', 'insert')")


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"declaration","id":"A","id":"B","agb":"41000001","awardedCents":1,"approvedAt":"2026-03-01T09:00:00Z"}',
        '{"type":"declaration","id":"A","agb":"41000001","awardedCents":1,"awardedCents":1,'
        '"approvedAt":"2026-03-01T09:00:00Z"}',
        r'{"type":"declaration","id":"A","\u0069d":"B","agb":"41000001","awardedCents":1,'
        '"approvedAt":"2026-03-01T09:00:00Z"}',
        r'{"type":"declaration","id":"A\u0022\u0022","number":null,"number":"\u0022","agb":"41000001",'
        '"awardedCents":1,"approvedAt":"2026-03-01T09:00:00Z"}',
        '{"type":"credit-note","id":"N","declaration":"A","amountCents":-1,"lines":[{"cents":-2,"cents":-1}]}',
    ],
)
async def test_a_field_that_stands_twice_is_refused(world: Connection, line: str) -> None:
    header = jsonl("declarations", [], rows=1, controlTotalCents=1)
    report = await import_file(world, header + line.encode() + b"\n", business_date=ON, actor="test")
    assert [each.code for each in report.rejections] == ["duplicate_field"]


async def test_nulls_and_spaces_are_no_field_twice(world: Connection) -> None:
    line = '{"type": "declaration", "id" : "A", "agb":"41000001", "number": null, "awardedCents": 1, '
    line += '"treatedFrom":null, "invoiceNumber":"a\\u0022:b", "approvedAt":"2026-03-01T09:00:00+00:00"}\n'
    header = jsonl("declarations", [], rows=1, controlTotalCents=1)
    report = await import_file(world, header + line.encode(), business_date=ON, actor="test")
    assert report.added == 1
