"""A file that is loading while a request commits one of its records."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from app.core.db import Connection
from app.declarations import import_file, intake
from app.declarations.model import ImportReport
from jobs.night.checking import run_checks
from tests.api.registration.world import ON, Desk, claim, credit, declaration, desk, populated
from tests.feed_files import jsonl


@pytest.fixture
async def other(db: Connection, db_url: str) -> AsyncIterator[Desk]:
    await populated(db)
    made = await desk(db_url)
    yield made
    await made.pool.close()


async def _load(
    db: Connection, monkeypatch: pytest.MonkeyPatch, kind: str, records: list[dict[str, Any]], meanwhile: Any
) -> ImportReport:
    """Load a file; `meanwhile()` is awaited once, after its records were looked up and before they are written."""
    feed = intake.FEEDS[kind]
    left = [meanwhile]

    async def load(conn: Connection) -> tuple[int, int, int]:
        if left:
            await left.pop()()
        return await feed.load(conn)

    monkeypatch.setitem(intake.FEEDS, kind, msgspec.structs.replace(feed, load=load))  # type: ignore[arg-type]
    return await import_file(db, jsonl(kind, records, source="core"), business_date=ON, actor="test")


async def test_a_record_that_a_request_commits_meanwhile_is_known_to_the_file(
    db: Connection, other: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def meanwhile() -> None:
        await other.declaration(declaration(), "k1")

    records = [declaration(), declaration(id="D2"), credit()]
    report = await _load(db, monkeypatch, "declarations", records, meanwhile)
    assert (report.loaded, report.added, report.known) == (True, 2, 1), report.rejections
    assert await db.fetchval("select count(*) from declaration") == 2
    assert [each.what for each in await run_checks(db, run_id=None)] == []


async def test_a_record_that_a_request_commits_meanwhile_with_another_content_refuses_the_file(
    db: Connection, other: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def meanwhile() -> None:
        await other.claim(claim(agb="41000005"), "k1")

    report = await _load(db, monkeypatch, "claims", [claim(), claim(id="C2")], meanwhile)
    assert (report.loaded, [each.code for each in report.rejections]) == (False, ["other_content"])
    assert [row[0] for row in await db.fetch("select source_id from source_key where kind = 3")] == ["C1"]
