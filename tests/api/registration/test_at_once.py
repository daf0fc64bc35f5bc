"""Many at once, over several processes' pools; connections that are cut; locks that others hold."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.core import db as database
from app.core.db import Connection
from app.core.errors import Refusal
from jobs.night.checking import run_checks
from tests.api.registration.world import Desk, advance, claim, credit, declaration, desk, populated


@pytest.fixture
async def desks(db: Connection, db_url: str) -> AsyncIterator[list[Desk]]:
    await populated(db)
    made = [await desk(db_url) for _ in range(4)]
    yield made
    for each in made:
        await each.pool.close()


async def test_64_tasks_over_4_pools_register_each_claim_once(db: Connection, desks: list[Desk]) -> None:
    async def one(task: int) -> list[dict[str, Any]]:
        chance = random.Random(task)
        answers = []
        for _ in range(6):
            n = chance.randrange(96)  # 4 of each on the average, at any desk
            record = claim(id=f"C{n}", agb=f"4100000{1 + 4 * (n % 2)}", amountCents=1000 + n)
            done = await desks[task % 4].claim(record, f"key {n}")
            answers.append((n, done.answer["reference"]))
        return answers

    answers = [each for found in await asyncio.gather(*map(one, range(64))) for each in found]
    assert len(set(answers)) == len({n for n, _ in answers}), "one record, two references"
    rows = await db.fetch("select original_cents::int - 1000 as n, reference from claim")
    assert sorted(tuple(row) for row in rows) == sorted(set(answers))
    assert await db.fetchval("select count(*) from audit where action = 'claim registered'") == len(rows)
    assert sum(each.claims.collector.groups for each in desks) < 64 * 6 / 2, "they were not collected"
    assert [each.what for each in await run_checks(db, run_id=None)] == []


async def test_64_tasks_over_4_pools_register_each_declaration_and_credit_once(
    db: Connection, desks: list[Desk]
) -> None:
    async def one(task: int) -> None:
        here = desks[task % 4]
        n = task % 16
        await here.declaration(declaration(id=f"D{n}", agb=f"4100000{1 + 4 * (n % 2)}"), f"d{n}")
        await here.declaration(credit(id=f"N{n}", declaration=f"D{n}"), f"n{n}")
        await here.declaration(advance(id=f"A{n}"), f"a{task}")

    await asyncio.gather(*map(one, range(64)))
    assert await db.fetchval("select count(*) from declaration") == 16
    assert dict(Counter(row[0] for row in await db.fetch("select kind from claim"))) == {2: 16, 4: 16}
    assert await db.fetchval("select count(*) from idempotency_key") == 16 + 16 + 64
    assert [each.what for each in await run_checks(db, run_id=None)] == []


async def test_equal_keys_with_other_bodies_over_4_pools_store_one_of_them(db: Connection, desks: list[Desk]) -> None:
    done = await asyncio.gather(
        *(desks[n % 4].claim(claim(id=f"C{n}", agb=f"4100000{1 + 4 * (n % 2)}"), "one key") for n in range(32)),
        return_exceptions=True,
    )
    assert sum(not isinstance(each, Exception) for each in done) == 1
    assert {each.code for each in done if isinstance(each, Refusal)} == {"key_used_otherwise"}
    assert await db.fetchval("select count(*) from claim") == 1


async def test_a_cut_connection_loses_and_doubles_nothing(db: Connection, db_url: str, desks: list[Desk]) -> None:
    """Backends are killed while groups are on their way: an answer or 503, and a repeat gets the same answer."""
    told: dict[int, str] = {}
    unsure: list[int] = []
    statuses: set[int] = set()

    async def one(n: int) -> None:
        await asyncio.sleep(n * 0.002)
        try:
            done = await desks[n % 4].claim(claim(id=f"C{n}", agb=f"4100000{1 + 4 * (n % 2)}"), f"k{n}")
            told[n] = done.answer["reference"]
        except Refusal as refusal:
            unsure.append(n)
            statuses.add(refusal.status)

    async def cut() -> None:
        killer = await database.connect(db_url)
        while len(told) + len(unsure) < 400:
            await killer.execute(
                """select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()
                     and query like '%register_claims%' and random() < 0.3"""
            )
            await asyncio.sleep(0.005)
        await killer.close()

    await asyncio.gather(cut(), *map(one, range(400)))
    assert statuses <= {503}
    for n in range(400):
        again = await desks[n % 4].claim(claim(id=f"C{n}", agb=f"4100000{1 + 4 * (n % 2)}"), f"k{n}")
        assert again.outcome == "replayed" or n in unsure
        assert again.answer["reference"] == told.get(n, again.answer["reference"])
    assert await db.fetchval("select count(*) from claim") == 400
    assert await db.fetchval("select count(*) from audit where action = 'claim registered'") == 400
    assert sum(each.claims.collector.again for each in desks) > 0, "no connection was cut in a group"


async def test_a_locked_running_account_holds_up_only_its_own_claims(db: Connection, desks: list[Desk]) -> None:
    locked = await db.fetchval(
        "select account_id from running_account join agb_registration using (provider_id) where agb = '41000001'"
    )
    here = desks[0]
    async with db.transaction():
        await db.execute("select 1 from running_account where account_id = $1 for no key update", locked)
        slow = [asyncio.create_task(here.claim(claim(id=f"S{n}"))) for n in range(3)]
        quick = await asyncio.gather(*(here.claim(claim(id=f"Q{n}", agb="41000005")) for n in range(3)))
        more = await here.declaration(declaration())
        assert not any(each.done() for each in slow)
    assert {each.outcome for each in (*quick, more, *await asyncio.gather(*slow))} == {"created"}


async def test_a_lock_that_stays_is_answered_503_and_writes_nothing(db: Connection, desks: list[Desk]) -> None:
    async with db.transaction():
        await db.execute("select 1 from running_account for no key update")
        with pytest.raises(Refusal) as error:
            await desks[0].claim(claim())
    assert error.value.status == 503
    assert await db.fetchval("select count(*) from claim") == 0


async def test_a_cancelled_request_does_not_cancel_its_group(db: Connection, desks: list[Desk]) -> None:
    tasks = [asyncio.create_task(desks[0].claim(claim(id=f"C{n}"))) for n in range(8)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for each in tasks[::2]:
        each.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in done] == [True, False] * 4
    stored = {row[0] for row in await db.fetch("select source_id from source_key")}
    assert {"C1", "C3", "C5", "C7"} <= stored
