"""The gate of the simulator: a process dies at the statement it is told to, and two sessions go in a seeded order."""

import asyncio
import random

import pytest

from app.core import db as database
from app.core.db import Connection
from jobs.simulation.processes import Kill, Killed, Process
from jobs.simulation.turns import SeededTurns


async def insert(url: str, value: int) -> None:
    connection = await database.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("insert into t values ($1)", value)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "kill, committed",
    [(Kill(2, False), 0), (Kill(2, True), 0), (Kill(3, False), 0), (Kill(3, True), 1), (None, 1)],
    ids=["before-the-insert", "after-the-insert", "before-commit", "commit-unheard", "lives"],
)
async def test_a_process_dies_at_the_statement_it_is_told_to(
    db: Connection, db_url: str, kill: Kill | None, committed: int
) -> None:
    await db.execute("create table t (i int)")
    process = Process("worker", kill)
    if kill is None:
        await process.run(lambda: insert(db_url, 1))
        assert (process.count, process.commits) == (3, [3])
    else:
        with pytest.raises(Killed):
            await process.run(lambda: insert(db_url, 1))
    assert await db.fetchval("select count(*) from t") == committed


async def test_no_handler_of_the_product_takes_a_kill(db: Connection, db_url: str) -> None:
    await db.execute("create table t (i int)")
    went_on: list[str] = []

    async def stubborn() -> None:
        connection = await database.connect(db_url)
        try:
            await connection.execute("insert into t values (1)")
        except Exception:  # noqa: BLE001 - what a handler in the product would take
            went_on.append("handler")
        finally:
            await connection.execute("insert into t values (2)")

    with pytest.raises(Killed):
        await Process("worker", Kill(1, False)).run(stubborn)
    assert went_on == []
    assert await db.fetchval("select count(*) from t") == 0


async def played(db: Connection, url: str, seed: int) -> tuple[list[str], list[int]]:
    """Two processes that lock two rows in the same order and write down who came first."""
    turns = SeededTurns(random.Random(seed), db)
    await db.execute("drop table if exists t, seen; create table t (i int); create table seen (i serial, who int)")
    await db.execute("insert into t values (1)")

    async def work(who: int) -> None:
        connection = await database.connect(url)
        try:
            for _ in range(3):
                async with connection.transaction():
                    await connection.fetch("select from t for update")
                    await connection.execute("insert into seen (who) values ($1)", who)
        finally:
            await connection.close()

    processes = [Process(f"p{who}", turns=turns) for who in range(2)]
    tasks = [
        asyncio.create_task(each.run(lambda who=who: work(who)))  # type: ignore[misc]
        for who, each in enumerate(processes)
    ]
    await turns.drive(tasks)
    assert [task.exception() for task in tasks] == [None, None]
    return turns.order, [row["who"] for row in await db.fetch("select who from seen order by i")]


async def test_two_sessions_go_in_the_same_order_for_the_same_seed(db: Connection, db_url: str) -> None:
    first = [await played(db, db_url, seed) for seed in range(5)]
    again = [await played(db, db_url, seed) for seed in range(5)]
    assert first == again
    assert len({tuple(order) for order, _ in first}) > 1, "another seed is another order"


async def test_a_statement_of_a_dead_process_never_reaches_the_server(db: Connection, db_url: str) -> None:
    await db.execute("create table t (i int)")
    process = Process("worker", Kill(1, False))

    async def open_one() -> Connection:
        return await database.connect(db_url)

    connection = await process.run(open_one)
    with pytest.raises(Killed):
        await connection.execute("insert into t values (1)")
    with pytest.raises(Killed):
        await connection.execute("insert into t values (2)")
    assert await db.fetchval("select count(*) from t") == 0
    assert connection.is_closed()
