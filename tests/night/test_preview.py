"""A preview is what the night then does, line by line, and what an obvious oracle says; it writes nothing.

`VEREFFEN_WORLDS=50 pytest tests/night/test_preview.py` plays more seeds than the quick part does.
"""

import os
from typing import Any

import asyncpg
import pytest

from app.core.db import Connection
from jobs.night.preview import preview_lines, preview_night
from jobs.night.run import run_night
from tests.night import oracle
from tests.night.worlds import every_row
from tests.offsetting.test_random_histories import History

WORLDS = range(1000, 1000 + int(os.environ.get("VEREFFEN_WORLDS", "6")))


async def _history(db: Connection, url: str, seed: int) -> History:
    history = History(db, url, seed)
    await history.start()
    for _ in range(history.pick.randint(2, 5)):
        for _ in range(history.pick.randint(3, 9)):
            await history.load() if history.pick.random() < 0.6 else await history.act()
        await history.night()
    for _ in range(12):
        await history.load() if history.pick.random() < 0.6 else await history.act()
    return history


def _lines(rows: list[asyncpg.Record]) -> list[tuple[Any, ...]]:
    found = [
        (r["account_id"], r["entry_id"], r["line"], r["kind"], r["claim_id"], r["cents"], r["open_after"], r["pass"])
        for r in rows
        if r["what"] == 2
    ]
    return sorted(found)


async def _posted(db: Connection, run_id: int) -> list[tuple[Any, ...]]:
    rows = await db.fetch(
        """
        select p.account_id, p.event_id, p.line, p.kind, p.claim_id, p.cents, p.open_after_cents, p.pass
        from posting p join payout y on y.account_id = p.account_id and y.payout_id = p.payout_id
        where y.run_id = $1 and p.kind in (2, 3, 4)
        """,
        run_id,
    )
    return sorted(tuple(row) for row in rows)


@pytest.mark.parametrize("seed", WORLDS)
async def test_the_night_does_what_its_preview_said_and_the_oracle_says(db: Connection, db_url: str, seed: int) -> None:
    history = await _history(db, db_url, seed)
    said = await oracle.decide(db, history.account, history.day)
    seen = await preview_lines(db, 1, history.day)
    totals = await preview_night(db, 1, history.day)
    report = await run_night(db_url, 1, history.day, workers=2)

    posted = await _posted(db, report.run_id)
    assert _lines(seen) == posted
    by_line = {(line.entry, line.claim, line.kind): line for line in said.lines}
    assert len(by_line) == len(said.lines)
    assert {(e, c, k): (cents, after, p) for _, e, _, k, c, cents, after, p in posted} == {
        key: (line.cents, line.open_after, line.on_pass) for key, line in by_line.items()
    }
    paid = await db.fetch(
        """
        select iban_id, declared_cents + returned_cents + advance_cents as gross, offset_cents, net_cents
        from payout where run_id = $1
        """,
        report.run_id,
    )
    assert {row["iban_id"]: (row["gross"], row["offset_cents"], row["net_cents"]) for row in paid} == said.payouts
    answers = await db.fetch("select claim_id, answer from decision where run_id = $1 and with_money", report.run_id)
    assert {row["claim_id"]: row["answer"] for row in answers} == said.answers
    assert (totals.entries, totals.offset_cents, totals.net_cents, totals.payouts) == (
        report.entries,
        report.offset_cents,
        report.net_cents,
        report.payouts,
    )
    assert (totals.in_scope, sum(totals.left_out.values())) == (report.in_scope, report.left_out_claims)


async def test_a_preview_writes_nothing(db: Connection, db_url: str) -> None:
    history = await _history(db, db_url, 77)
    await db.execute("select pg_stat_force_next_flush()")
    before = await every_row(db)
    await preview_lines(db, 1, history.day)
    await preview_night(db, 1, history.day)
    assert await every_row(db) == before
    assert await db.fetchval("select count(*) from run where business_date = $1", history.day) == 0
