"""Files of declarations that are right: what they become in the books, and that twice is once."""

import asyncio
import gzip
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core import db as database
from app.core.db import Connection
from app.declarations import import_file
from tests import factories
from tests.feed_files import csv_text, jsonl, row_counts

ON = date(2026, 3, 2)
NOON = "2026-03-02T12:00:00+01:00"


def records() -> list[dict[str, Any]]:
    declaration = {"type": "declaration", "agb": "41000001", "approvedAt": NOON, "invoiceNumber": "F1"}
    lines = [{"cents": -100, "wasCents": 300, "becomesCents": 200, "description": "Wlz"}, {"cents": -200}]
    return [
        {**declaration, "id": "A", "awardedCents": 60000, "treatedFrom": "2026-02-01", "treatedUntil": "2026-02-28"},
        {**declaration, "id": "B", "awardedCents": 5000, "number": "2026-B"},
        {"type": "credit-note", "id": "N", "declaration": "A", "amountCents": -30000, "number": "CN-1"},
        {"type": "correction", "id": "X", "declaration": "A", "lines": lines, "reason": "Wlz-indicatie"},
        {"type": "advance", "id": "V", "agb": "41000001", "amountCents": 700, "paid": "request"},
        {"type": "advance", "id": "W", "agb": "41000001", "amountCents": 800, "paid": "elsewhere"},
    ]


@pytest.fixture
async def world(db: Connection) -> Connection:
    vz = await factories.make_risk_carrier(db, "VZ")
    await factories.make_policy_vgz(db, vz)
    await factories.make_provider(db, vz, agbs=["41000001", "41000003"])
    return db


async def load(conn: Connection, content: Any, **more: Any) -> Any:
    report = await import_file(conn, content, **{"business_date": ON, "actor": "test", **more})
    assert report.loaded, report.rejections
    return report


async def test_a_file_reports_what_it_brought(world: Connection) -> None:
    report = await load(world, jsonl("declarations", records()), file_name="d.jsonl", kind="declarations")
    assert (report.read, report.added, report.known, report.changed) == (6, 6, 0, 0)
    assert report.control_total_cents == 60000 + 5000 - 30000 - 300 + 700 + 800
    stored = await world.fetchrow("select * from import_file where kind = 'declarations'")
    assert stored is not None
    assert (stored["file_name"], stored["row_count"], stored["cut_off_date"]) == ("d.jsonl", 6, ON)


async def test_a_declaration_waits_in_the_queue_for_the_night_of_its_cut_off(world: Connection) -> None:
    await load(world, jsonl("declarations", records()))
    rows = await world.fetch(
        """select d.number, d.invoice_number, d.awarded_cents, d.available_on, q.cents, q.kind, q.payable_on,
             q.available_on
           from declaration d join payable q on q.account_id = d.account_id and q.entry_id = d.declaration_id
           order by d.number"""
    )
    assert [tuple(row) for row in rows] == [
        ("2026-B", "F1", 5000, ON, 5000, 1, ON, ON),
        ("A", "F1", 60000, ON, 60000, 1, ON, ON),
    ]


async def test_ids_follow_the_order_of_approval_within_a_running_account(world: Connection) -> None:
    times = ["2026-03-02T12:00:00Z", "2026-03-01T12:00:00Z", "2026-03-02T11:00:00Z"]
    sent = [{**records()[0], "id": f"D{nth}", "approvedAt": when} for nth, when in enumerate(times)]
    await load(world, jsonl("declarations", sent))
    found = await world.fetch("select number from declaration order by declaration_id")
    assert [row["number"] for row in found] == ["D1", "D2", "D0"]


async def test_the_approval_date_is_that_of_amsterdam(world: Connection) -> None:
    sent = {**records()[0], "approvedAt": "2026-03-01T23:30:00Z"}
    await load(world, jsonl("declarations", [sent]))
    assert await world.fetchval("select payable_on from payable") == date(2026, 3, 2)


async def test_credits_and_corrections_become_quiet_claims_on_their_declaration(world: Connection) -> None:
    await load(world, jsonl("declarations", records()))
    rows = await world.fetch(
        """select c.kind, c.original_cents, c.number, c.ground, c.letter_date, c.due_date, d.number, r.code,
             p.open_principal_cents
           from claim c join declaration d on d.declaration_id = c.origin_declaration_id
             join claim_position p using (claim_id) join reason_code r on r.reason_id = c.reason_id order by c.kind"""
    )
    assert [tuple(row) for row in rows] == [
        (2, 30000, "CN-1", "Creditnota van de zorgaanbieder", None, ON, "A", "CREDIT", 30000),
        (3, 300, None, "Wlz-indicatie", None, ON, "A", "CORRECTION", 300),
    ]


async def test_the_lines_of_a_correction_say_what_it_was_and_becomes(world: Connection) -> None:
    await load(world, jsonl("declarations", records()))
    rows = await world.fetch(
        """select l.line_no, l.cents, l.was_cents, l.becomes_cents, l.description, l.declaration_number,
             l.invoice_number
           from claim_line l join claim c using (claim_id) where c.kind = 3 order by 1"""
    )
    assert [tuple(row) for row in rows] == [(1, 100, 300, 200, "Wlz", "A", "F1"), (2, 200, None, None, None, "A", "F1")]


async def test_a_quiet_claim_has_a_posting_a_reference_and_no_letter(world: Connection) -> None:
    await load(world, jsonl("declarations", records()[:3]))
    posting = await world.fetchrow("select kind, cents, debit, credit, booking_date, effective_date from posting")
    assert posting is not None
    assert tuple(posting) == (7, 30000, 2, 5, ON, ON)
    assert await world.fetchval("select count(*) from claim_reference") == 1
    assert await world.fetchval("select count(*) from payment_reference") == 0


async def test_a_requested_advance_is_queued_and_one_paid_elsewhere_is_owed_at_once(world: Connection) -> None:
    await load(world, jsonl("declarations", records()[4:]))
    rows = await world.fetch(
        """select c.original_cents, p.open_principal_cents, q.kind as queued, t.kind as posted
           from claim c join claim_position p using (claim_id) left join payable q on q.entry_id = c.claim_id
           left join posting t on t.event_id = c.claim_id order by 1"""
    )
    assert [tuple(row) for row in rows] == [(700, 0, 3, None), (800, 800, None, 10)]


@pytest.mark.parametrize("form", ["jsonl", "csv ;", "csv ,", "csv crlf", "gzip", "gzip in parts", "path", "stream"])
async def test_every_form_of_a_file_brings_the_same(world: Connection, form: str, tmp_path: Path) -> None:
    plain = jsonl("declarations", records())
    forms = {
        "jsonl": plain,
        "csv ;": csv_text("declarations", records()),
        "csv ,": csv_text("declarations", records(), delimiter=","),
        "csv crlf": csv_text("declarations", records(), line_end="\r\n"),
        "gzip": gzip.compress(plain),
        "gzip in parts": gzip.compress(plain[:100]) + gzip.compress(plain[100:]),
        "stream": io.BytesIO(plain),
    }
    (tmp_path / "feed").write_bytes(plain)
    await load(world, forms.get(form, tmp_path / "feed"))
    await load(world, plain, file_name="again")  # the content of each record is the same, whatever the form
    assert await world.fetchval("select sum(awarded_cents)::bigint from declaration") == 65000
    assert await world.fetchval("select count(*) from claim") == 4
    assert await world.fetchval("select sum(cents)::bigint from posting") == 30000 + 300 + 800
    assert await world.fetchval("select count(*) from source_key") == 6


async def test_the_same_file_again_adds_nothing(world: Connection) -> None:
    content = jsonl("declarations", records())
    first = await load(world, content)
    before = await row_counts(world)
    again = await load(world, content)
    assert (again.added, again.known, again.import_id) == (0, 6, first.import_id)
    assert await row_counts(world) == before


async def test_a_known_record_in_another_file_is_known_and_the_new_one_is_added(world: Connection) -> None:
    await load(world, jsonl("declarations", records()[:3]))
    report = await load(world, jsonl("declarations", records()))
    assert (report.added, report.known) == (3, 3)
    assert await world.fetchval("select count(*) from declaration") == 2


async def test_the_same_id_of_another_source_is_another_declaration(world: Connection) -> None:
    await load(world, jsonl("declarations", records()[:1]))
    report = await load(world, jsonl("declarations", records()[:1], source="second-system"))
    assert report.added == 1


async def test_a_credit_may_name_a_declaration_of_an_earlier_file(world: Connection) -> None:
    await load(world, jsonl("declarations", records()[:1]))
    await load(world, jsonl("declarations", records()[2:3]))
    assert await world.fetchval("select origin_declaration_id = declaration_id from claim cross join declaration")


async def test_credits_up_to_the_awarded_amount_are_taken(world: Connection) -> None:
    await load(world, jsonl("declarations", records()[:3]))
    last = {"type": "credit-note", "id": "N2", "declaration": "A", "amountCents": -30000}
    assert (await load(world, jsonl("declarations", [last]))).added == 1


async def test_what_comes_after_the_night_was_planned_waits_for_the_next_one(world: Connection) -> None:
    await world.execute("update risk_carrier set closed_through = date '2026-03-02'")
    await load(world, jsonl("declarations", records()))
    assert await world.fetchval("select array_agg(distinct available_on) from payable") == [date(2026, 3, 3)]
    assert await world.fetchval("select array_agg(distinct registered_on) from claim") == [date(2026, 3, 3)]
    assert await world.fetchval("select array_agg(distinct booking_date) from posting") == [date(2026, 3, 3)]
    assert await world.fetchval("select array_agg(distinct effective_date) from posting") == [ON]


async def test_a_declaration_goes_to_who_owned_the_code_on_the_treatment_date(world: Connection) -> None:
    old = await world.fetchval("select provider_id from agb_registration where agb = '41000003'")
    await world.execute("update agb_registration set valid_until = date '2026-02-14' where agb = '41000003'")
    new = await factories.make_provider(world, 1)
    await world.execute(
        "insert into agb_registration (agb, provider_id, valid_from) values ('41000003', $1, date '2026-02-15')",
        new.provider_id,
    )
    for name, treated in (("before", "2026-02-14"), ("after", "2026-02-15")):
        sent = {**records()[1], "id": name, "number": name, "agb": "41000003", "treatedFrom": treated}
        await load(world, jsonl("declarations", [sent]))
    rows = await world.fetch("select number, provider_id from declaration join running_account using (account_id)")
    assert {row["number"]: row["provider_id"] for row in rows} == {"before": old, "after": new.provider_id}


async def test_a_declaration_can_name_a_claim_that_it_is_offset_against_first(world: Connection) -> None:
    claim_id = await factories.make_claim(world, 1, "41000001", 1000, letter_date=ON)
    reference = await world.fetchval("select reference from claim where claim_id = $1", claim_id)
    await load(world, jsonl("declarations", [{**records()[0], "claimReference": reference}]))
    assert await world.fetchval("select offset_claim_id from payable") == claim_id


async def test_an_import_leaves_one_audit_row_without_personal_data(world: Connection) -> None:
    report = await load(world, jsonl("declarations", records()))
    row = await world.fetchrow("select * from audit where subject = $1", f"import:{report.import_id}")
    assert row is not None
    assert (row["actor"], row["action"]) == ("test", "declarations imported")
    assert set(row["body"]) == {"source", "sha256", "read", "added", "known", "changed", "controlTotalCents"}


async def test_progress_is_told_while_reading(world: Connection) -> None:
    told: list[int] = []
    sent = [{**records()[1], "id": f"D{nth}"} for nth in range(20_001)]
    report = await load(world, jsonl("declarations", sent), progress=told.append)
    assert report.added == 20_001
    assert told
    assert told == sorted(told)
    assert told[-1] <= 20_001


async def test_a_file_of_another_risk_carrier_than_asked_for_is_refused(world: Connection) -> None:
    report = await import_file(
        world, jsonl("declarations", records()), business_date=ON, actor="test", risk_carrier_code="ZK"
    )
    assert [each.code for each in report.rejections] == ["other_risk_carrier"]


async def test_two_risk_carriers_never_share_a_record(world: Connection) -> None:
    zk = await factories.make_risk_carrier(world, "ZK")
    await factories.make_policy_zilveren_kruis(world, zk)
    number = await world.fetchval("select number from provider")
    await factories.loaded(
        world,
        zk,
        "providers",
        [{"number": number, "name": "x", "legalForm": "bv", "naturalPerson": False}],
        business_date=ON,
    )
    await load(world, jsonl("declarations", records()[:1]))
    await load(world, jsonl("declarations", records()[:1], riskCarrier="ZK"))
    assert await world.fetchval("select count(distinct account_id) from declaration") == 2
    report = await import_file(
        world, jsonl("declarations", records()[2:3], riskCarrier="ZK", source="other"), business_date=ON, actor="test"
    )
    assert report.rejections[0].code == "unknown_declaration"


async def test_the_same_file_twice_at_the_same_moment_is_loaded_once(world: Connection, db_url: str) -> None:
    other = await database.connect(db_url)
    content = jsonl("declarations", records())
    reports = await asyncio.gather(load(world, content), load(other, content))
    await other.close()
    assert sorted(report.added for report in reports) == [0, 6]
    assert await world.fetchval("select count(*) from declaration") == 2


async def test_credits_at_the_same_moment_never_exceed_the_awarded_amount(world: Connection, db_url: str) -> None:
    await load(world, jsonl("declarations", records()[:1]))
    connections = [await database.connect(db_url) for _ in range(4)]
    sent = [{"type": "credit-note", "id": f"N{nth}", "declaration": "A", "amountCents": -25000} for nth in range(4)]
    reports = await asyncio.gather(
        *(
            import_file(connection, jsonl("declarations", [record]), business_date=ON, actor="test")
            for connection, record in zip(connections, sent, strict=True)
        )
    )
    for connection in connections:
        await connection.close()
    assert sorted(report.loaded for report in reports) == [False, False, True, True]
    assert await world.fetchval("select sum(original_cents)::bigint from claim") == 50000
