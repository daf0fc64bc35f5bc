"""Files of providers: entities with dated practices, AGB codes and IBANs; each code has one owner."""

from datetime import date
from typing import Any

import pytest

from app.core.db import Connection
from app.declarations import ImportReport, import_file
from tests import factories
from tests.feed_files import csv_text, row_counts

ON = date(2026, 3, 2)
FIRST, SECOND = "NL91ABNA0417164300", "NL20INGB0001234567"


def provider(**more: Any) -> dict[str, Any]:
    return {
        "number": "P1",
        "name": "Praktijk Een",
        "kvk": "01234567",
        "legalForm": "bv",
        "naturalPerson": False,
        "practices": [{"code": "A", "name": "Locatie A", "from": "2020-01-01"}],
        "agbCodes": [agb(), agb("06020102", practice="A")],
        "ibans": [iban(), iban(SECOND, practice="A")],
        **more,
    }


def agb(code: str = "06020101", start: str = "2020-01-01", **more: Any) -> dict[str, Any]:
    return {"agb": code, "from": start, **more}


def iban(number: str = FIRST, start: str = "2020-01-01", **more: Any) -> dict[str, Any]:
    return {"iban": number, "holder": "Praktijk Een", "from": start, **more}


@pytest.fixture
async def world(db: Connection) -> Connection:
    await factories.make_risk_carrier(db, "VZ")
    return db


async def load(conn: Connection, *records: dict[str, Any]) -> ImportReport:
    return await factories.loaded(conn, 1, "providers", records, business_date=ON)


async def refused(conn: Connection, *records: dict[str, Any]) -> list[tuple[str, str | None]]:
    before = await row_counts(conn)
    report = await factories.load(conn, 1, "providers", records, business_date=ON)
    assert not report.loaded
    assert await row_counts(conn) == before
    return [(each.code, each.value) for each in report.rejections]


async def test_a_provider_comes_with_its_hierarchy_and_a_running_account(world: Connection) -> None:
    report = await load(world, provider())
    assert (report.added, report.known, report.changed) == (1, 0, 0)
    row = await world.fetchrow(
        """select number, name, kvk, legal_form, natural_person, opened_on
           from provider join running_account using (provider_id)"""
    )
    assert row is not None
    assert tuple(row) == ("P1", "Praktijk Een", "01234567", "bv", False, ON)
    codes = await world.fetch(
        "select agb, code, a.valid_from from agb_registration a left join practice using (practice_id) order by 1"
    )
    assert [tuple(each) for each in codes] == [
        ("06020101", None, date(2020, 1, 1)),
        ("06020102", "A", date(2020, 1, 1)),
    ]
    payees = await world.fetch("select iban, code from payee_iban left join practice using (practice_id) order by 1")
    assert [tuple(each) for each in payees] == [(SECOND, "A"), (FIRST, None)]


async def test_an_iban_with_spaces_and_small_letters_is_stored_compact(world: Connection) -> None:
    await load(world, provider(ibans=[iban("nl91 abna 0417 1643 00")]))
    assert await world.fetchval("select iban from payee_iban") == FIRST


async def test_the_same_provider_again_is_known(world: Connection) -> None:
    await load(world, provider())
    before = await row_counts(world)
    report = await load(world, provider(), provider(number="P2", agbCodes=[], ibans=[]))
    assert (report.added, report.known, report.changed) == (1, 1, 0)
    after = await row_counts(world)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "provider": 1, "practice": 1, "running_account": 1, "import_file": 1, "audit": 1
    }  # fmt: skip


CHANGES = [
    {"name": "Praktijk Nieuw"},
    {"practices": [{"code": "A", "name": "Locatie A", "from": "2020-01-01", "until": "2026-12-31"}]},
    {"practices": [{"code": "B", "name": "Locatie B", "from": "2026-01-01"}]},
    {"agbCodes": [agb(until="2026-12-31")]},
    {"agbCodes": [agb("06020103", "2026-01-01")]},
    {"ibans": [iban(until="2026-06-30"), iban(SECOND, "2026-07-01")]},
    {"ibans": [iban(holder="Stichting Een")]},
]


@pytest.mark.parametrize("change", CHANGES, ids=[next(iter(change)) + str(nth) for nth, change in enumerate(CHANGES)])
async def test_what_changed_at_the_source_comes_through_and_counts_as_changed(
    world: Connection, change: dict[str, Any]
) -> None:
    await load(world, provider())
    assert (await load(world, provider(**change))).changed == 1
    assert (await load(world, provider(**change), provider(number="P2", agbCodes=[], ibans=[]))).changed == 0


async def test_what_a_file_leaves_out_stays_as_it_is(world: Connection) -> None:
    await load(world, provider())
    await load(world, provider(practices=[], agbCodes=[], ibans=[], name="Anders"))
    assert await world.fetchval("select count(*) from agb_registration where valid_until is null") == 2
    assert await world.fetchval("select count(*) from payee_iban where valid_until is null") == 2


async def test_a_code_of_another_provider_is_refused(world: Connection) -> None:
    await load(world, provider())
    assert await refused(world, provider(number="P2", ibans=[])) == [
        ("agb_taken", "06020101"),
        ("agb_taken", "06020102"),
    ]


async def test_a_take_over_in_one_file_moves_the_code_on_its_date(world: Connection) -> None:
    await load(world, provider())
    old = provider(agbCodes=[agb(until="2026-03-31")], practices=[], ibans=[])
    await load(world, old, provider(number="P2", agbCodes=[agb(start="2026-04-01")], practices=[], ibans=[]))
    owner = """select p.number from agb_registration a join provider p using (provider_id)
               where agb = '06020101' and $1 between valid_from and coalesce(valid_until, 'infinity')"""
    assert await world.fetchval(owner, date(2026, 3, 31)) == "P1"
    assert await world.fetchval(owner, date(2026, 4, 1)) == "P2"


TWICE = [{"code": "A", "name": name, "from": "2020-01-01"} for name in ("x", "y")]
BAD: list[tuple[str, list[dict[str, Any]], tuple[str, str | None]]] = [
    ("a code twice in a record", [provider(agbCodes=[agb(), agb()])], ("agb_taken", "06020101")),
    (
        "a code in two records",
        [provider(), provider(number="P2", agbCodes=[agb()], ibans=[])],
        ("agb_taken", "06020101"),
    ),
    ("two IBANs on one day", [provider(ibans=[iban(), iban(SECOND)])], ("iban_overlap", FIRST)),
    ("a provider twice", [provider(), provider()], ("duplicate_in_file", "P1")),
    ("a practice that is not there", [provider(agbCodes=[agb(practice="Z")])], ("unknown_practice", "Z")),
    ("a bad IBAN", [provider(ibans=[iban("NL91ABNA0417164301")])], ("bad_iban", "NL91ABNA0417164301")),
    ("a KvK number of 7 digits", [provider(kvk="1234567")], ("bad_value", "1234567")),
    ("a KvK number as number", [provider(kvk=12345678)], ("bad_value", "12345678")),
    (
        "a code that ends before it starts",
        [provider(agbCodes=[agb(until="2019-12-31")])],
        ("dates_swapped", "2019-12-31"),
    ),
    ("a year 2202", [provider(agbCodes=[agb(until="2202-12-31")])], ("date_out_of_range", "2202-12-31")),
    ("two practices of one code", [provider(practices=TWICE)], ("double_practice", '["A"]')),
]


@pytest.mark.parametrize("what, records, found", BAD, ids=[case[0] for case in BAD])
async def test_a_provider_that_cannot_be_is_refused(
    world: Connection, what: str, records: list[dict[str, Any]], found: tuple[str, str | None]
) -> None:
    assert found in await refused(world, *records)


async def test_a_second_risk_carrier_gets_a_running_account_with_the_same_provider(world: Connection) -> None:
    zk = await factories.make_risk_carrier(world, "ZK")
    await load(world, provider())
    report = await factories.loaded(world, zk, "providers", [provider()], business_date=ON)
    assert (report.added, report.changed) == (0, 1)
    assert await world.fetchval("select count(*) from provider") == 1
    assert await world.fetchval("select count(*) from running_account") == 2


async def test_a_csv_of_providers_holds_its_lists_as_json(world: Connection) -> None:
    content = csv_text("providers", [provider()], rows=None, controlTotalCents=None)
    report = await import_file(world, content, business_date=ON, actor="test")
    assert (report.added, report.rejections) == (1, [])
    assert await world.fetchval("select count(*) from agb_registration") == 2
