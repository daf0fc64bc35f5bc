"""Records that come one by one: each once, the rows that a file of them writes, the same answer to a repeat."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from app import record
from app.core.db import Connection
from app.core.errors import Refusal
from app.web.problems import Rejected
from jobs.night.checking import run_checks
from tests import factories
from tests.api.registration.world import ON, Desk, Record, advance, claim, credit, declaration, desk, populated


@pytest.fixture
async def post(db: Connection, db_url: str) -> AsyncIterator[Desk]:
    await populated(db)
    made = await desk(db_url)
    yield made
    await made.pool.close()


async def counts(db: Connection) -> dict[str, int]:
    return {name: await db.fetchval(f"select count(*) from {name}") for name in TABLES}


async def test_a_claim_is_registered_with_posting_position_reference_and_audit_row(db: Connection, post: Desk) -> None:
    done = await post.claim(claim())
    row = await db.fetchrow(
        """select c.reference, c.due_date, p.open_principal_cents, t.kind, t.cents, a.actor, a.action, a.subject
           from claim c join claim_position p using (account_id, claim_id)
           join posting t on t.account_id = c.account_id and t.event_id = c.claim_id
           join audit a on a.subject = 'claim:' || c.claim_id"""
    )
    assert row is not None
    assert (done.outcome, done.answer["reference"], done.answer["known"]) == ("created", row["reference"], False)
    assert tuple(row)[1:7] == (date(2026, 4, 1), 100000, 7, 100000, "token:test", "claim registered")


async def test_the_same_request_again_gets_the_same_answer_and_adds_nothing(db: Connection, post: Desk) -> None:
    first = await post.claim(claim(), "k1")
    before = await counts(db)
    again = await post.claim(claim(), "k1")
    assert (again.outcome, again.answer) == ("replayed", first.answer)
    assert await counts(db) == before


async def test_a_key_with_another_body_is_refused(post: Desk) -> None:
    await post.claim(claim(), "k1")
    with pytest.raises(Refusal) as error:
        await post.claim(claim(amountCents=1), "k1")
    assert (error.value.code, error.value.status) == ("key_used_otherwise", 422)


async def test_a_claim_that_came_by_file_and_by_request_is_one_claim(db: Connection, post: Desk) -> None:
    await factories.loaded(db, 1, "claims", [claim()], business_date=ON)
    before = await counts(db)
    done = await post.claim(claim(), source="records")
    assert (done.outcome, done.answer["known"]) == ("known", True)
    assert done.answer["reference"] == await db.fetchval("select reference from claim")
    assert await counts(db) == before


async def test_a_claim_that_came_by_request_and_by_file_is_one_claim(db: Connection, post: Desk) -> None:
    await post.claim(claim(), source="records")
    await post.declaration(declaration(), source="records")
    report = await factories.loaded(db, 1, "claims", [claim()], business_date=ON)
    assert (report.added, report.known) == (0, 1)
    report = await factories.loaded(db, 1, "declarations", [declaration()], business_date=ON)
    assert (report.added, report.known) == (0, 1)


async def test_a_due_date_that_changed_at_the_source_comes_through(db: Connection, post: Desk) -> None:
    await post.claim(claim())
    done = await post.claim(claim(dueDate="2026-05-01"))
    assert (done.outcome, done.answer["dueDate"]) == ("known", "2026-05-01")
    assert await db.fetchval("select due_date from claim_position") == date(2026, 5, 1)
    row = await db.fetchrow("select old_due_date, new_due_date from claim_due_date")
    assert row is not None
    assert tuple(row) == (date(2026, 4, 1), date(2026, 5, 1))


@pytest.mark.parametrize("total", [70000, 50000, 20000, 0])
async def test_a_final_settlement_brings_its_interim_claim_to_the_final_amount(
    db: Connection, post: Desk, total: int
) -> None:
    await post.claim(claim(type="ceiling-interim", id="I", reasonCode="CM96", amountCents=50000))
    final = claim(type="ceiling-final", id="F", reasonCode="CM96", settles="I", amountCents=total)
    first = await post.claim(final, "k1")
    assert (first.outcome, (await post.claim(final, "k1")).answer) == ("created", first.answer)
    assert (await post.claim(final, "k2")).outcome == "known"
    rows = await db.fetch("select c.kind, p.open_principal_cents from claim c join claim_position p using (claim_id)")
    assert [tuple(row) for row in rows] == [(5, total)]
    assert [each.what for each in await run_checks(db, run_id=None)] == []


async def test_a_final_settlement_that_the_rules_do_not_allow_writes_nothing(db: Connection, post: Desk) -> None:
    interim = await post.claim(claim(type="ceiling-interim", id="I", reasonCode="CM96", amountCents=50000))
    off = {"claim": interim.answer["reference"], "reason": "x", "cents": 40000}
    await record.record(db, "write-off", off, actor="anna", business_date=ON)
    before = await counts(db)
    with pytest.raises(Refusal) as error:
        await post.claim(claim(type="ceiling-final", id="F", reasonCode="CM96", settles="I", amountCents=5000))
    assert error.value.code == "written_off"
    assert await counts(db) == before


async def test_a_declaration_waits_in_the_queue_of_its_night(db: Connection, post: Desk) -> None:
    done = await post.declaration(declaration())
    row = await db.fetchrow("select kind, cents, available_on from payable")
    assert row is not None
    assert tuple(row) == (1, 60000, ON)
    assert (done.answer["availableOn"], done.answer["number"]) == ("2026-03-02", "2026-1")


async def test_a_declaration_after_the_night_was_planned_belongs_to_the_next(db: Connection, post: Desk) -> None:
    await db.execute("update risk_carrier set closed_through = $1", ON)
    done = await post.declaration(declaration())
    assert done.answer["availableOn"] == "2026-03-03"
    claimed = await post.claim(claim())
    assert await db.fetchval("select booking_date from posting") == date(2026, 3, 3)
    assert claimed.outcome == "created"


async def test_credits_corrections_and_advances_become_claims(db: Connection, post: Desk) -> None:
    await post.declaration(declaration())
    line = {"cents": -5000, "wasCents": 60000, "becomesCents": 55000}
    correction = {"type": "correction", "id": "X1", "declaration": "D1", "reason": "Wlz", "lines": [line]}
    done = await asyncio.gather(
        post.declaration(credit()),
        post.declaration(correction),
        post.declaration(advance()),
        post.declaration(advance(id="A2", paid="elsewhere")),
    )
    assert [each.outcome for each in done] == ["created"] * 4
    rows = await db.fetch(
        "select c.kind, p.open_principal_cents from claim c join claim_position p using (claim_id) order by 1, 2"
    )
    assert [tuple(row) for row in rows] == [(2, 30000), (3, 5000), (4, 0), (4, 50000)]
    assert [each.what for each in await run_checks(db, run_id=None)] == []


async def test_credits_of_one_declaration_at_once_stay_within_what_it_was_awarded(db: Connection, post: Desk) -> None:
    await post.declaration(declaration())
    done = await asyncio.gather(
        *(post.declaration(credit(id=f"N{n}", amountCents=-25000)) for n in range(4)), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, Rejected)]
    assert [each.rejections[0].code for each in refused] == ["credit_above_rest"] * 2
    assert await db.fetchval("select sum(original_cents)::bigint from claim") == 50000


SAME: list[tuple[str, list[Record]]] = [
    ("claims", [claim(number="V-1", termDays=14, lines=[{"cents": 60000, "description": "uren"}, {"cents": 40000}])]),
    ("claims", [claim(dueDate="2026-03-20")]),
    ("claims", [claim(type="ceiling-final", reasonCode="CM96")]),
    ("declarations", [declaration(invoiceNumber="F1", treatedFrom="2026-01-01", treatedUntil="2026-01-31")]),
    ("declarations", [declaration(), credit(registeredOn="2026-03-01", lines=[{"cents": -30000}])]),
    ("declarations", [advance(), advance(id="A2", paid="elsewhere", number="7", ground="x")]),
]

# what comes out of sequences and clocks
MADE = """claim_id declaration_id entry_id event_id fact_id origin_declaration_id step_id reference payment_reference
    recorded_at import_id""".split()
TABLES = """claim claim_line claim_position claim_step posting payable declaration source_key payment_reference
    payment_reference_claim claim_reference""".split()


@pytest.mark.parametrize("kind, records", SAME, ids=[f"{kind} {n}" for n, (kind, _) in enumerate(SAME)])
async def test_a_request_writes_the_rows_that_a_file_writes(
    db: Connection, post: Desk, kind: str, records: list[Record]
) -> None:
    async def rows() -> dict[str, list[Any]]:
        found = {
            name: [row[0] for row in await db.fetch(f"select to_jsonb(t) - $1::text[] from {name} t order by 1", MADE)]
            for name in TABLES
        }
        await db.execute("truncate " + ",".join([*TABLES, "import_file"]))
        return found

    await factories.loaded(db, 1, kind, records, business_date=ON)
    by_file = await rows()
    for each in records:
        await (post.claim if kind == "claims" else post.declaration)(each, source="records")
    by_request = await rows()
    assert by_request == by_file
    assert any(by_file.values())
