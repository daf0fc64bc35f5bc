"""A night, a payment, a reversal and a hold on the same running account, statement by statement in a seeded order.

Whatever the order: nobody waits in a circle, and the books are those of the same transactions one after the other, in
the order in which they were committed. `VEREFFEN_INTERLEAVINGS=2000 pytest tests/simulation/test_interleavings.py`.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from app.core import db as database
from app.core.clock import simulated
from app.core.db import Connection
from app.record import record
from jobs.night.checking import run_checks
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation.hashes import books_lines
from jobs.simulation.matrix_world import CARRIER, DAY, MOMENT, make_world, ticking
from jobs.simulation.processes import Process
from jobs.simulation.turns import SeededTurns
from tests.night.worlds import copy_of

FEW = 40
MANY = int(os.environ.get("VEREFFEN_INTERLEAVINGS", "400"))
WHO = ("night", "payment", "reversal", "hold")
SOUND_EACH = 3  # seeds: the checks over everything, and everybody once more
_DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
PAIRS = tuple((one, other) for n, one in enumerate(WHO) for other in WHO[n + 1 :])
# Nobody here is slow, so no time limit may decide: the turns alone say who goes when.
PATIENT = Limits(lease=timedelta(hours=1), lock_wait=timedelta(hours=1), batch_entries=3)
Work = Callable[[], Coroutine[Any, Any, object]]


class World(NamedTuple):
    """A database to copy, and what each fact says: all of them of one running account."""

    name: str
    facts: Mapping[str, tuple[str, dict[str, Any]]]


class Played(NamedTuple):
    """One order: the sessions as they went, the processes as they committed, and the books at the end."""

    order: list[str]
    commits: tuple[str, ...]
    lines: list[str]


@pytest.fixture(scope="module")
async def world(server_url: str, admin: Connection, template: str) -> AsyncIterator[World]:
    async with copy_of(admin, server_url, template) as (url, connection):
        await make_world(connection, url)
        name = await connection.fetchval("select current_database()")
        row = await connection.fetchrow(
            """
            select m.reference as owed, c.reference as offset from claim m join claim c using (account_id)
            where m.number = 'M0' and c.number = 'C0'
            """
        )
        assert row is not None
        because = {"reason": "matrix", "effectiveDate": DAY.isoformat()}
        facts = {
            "payment": ("payment", {"reference": row["owed"], "cents": 1_200}),
            "reversal": ("reverse-offset", {"declaration": "D0", "claim": row["offset"], **because}),
            "hold": ("hold", {"claim": row["owed"], "kind": "plan", "reason": "regeling", "owner": "team"}),
        }
        await connection.close()
        yield World(name, facts)


class InOrder(random.Random):
    """Picks who goes next so that the transactions come one after the other, in a given order of their commits."""

    def __init__(self, commits: Sequence[str], processes: Mapping[str, Process]) -> None:
        super().__init__(0)
        self.commits, self.processes = commits, processes

    def choice(self, seq: Any) -> Any:
        """The session of the process whose commit is the next one; who is left when all are done."""
        done: Counter[str] = Counter()
        for name in self.commits:
            done[name] += 1
            if len(self.processes[name].commits) < done[name]:
                return next(each for each in seq if each.startswith(f"{name}."))
        return seq[0]


def works(url: str, world: World, who: Sequence[str]) -> dict[str, Work]:
    """What each of them does, as its caller would, with a key that makes a repeat harmless."""

    async def night() -> object:
        return await run_night(url, CARRIER, DAY, workers=1, checks=False, limits=PATIENT)

    async def fact(name: str) -> object:
        connection = await database.connect(url)
        try:
            kind, payload = world.facts[name]
            keyed = {**payload, "idempotencyKey": name}
            return await record(connection, kind, keyed, actor="test", business_date=DAY)
        finally:
            await connection.close()

    return {name: night if name == "night" else (lambda name=name: fact(name)) for name in who}  # type: ignore[misc]


class Stage:
    """Where scenes are played: each on a copy of the world, and each order of commits once one after the other."""

    def __init__(self, server_url: str, admin: Connection, world: World) -> None:
        self.server_url, self.admin, self.world = server_url, admin, world
        self.serial: dict[tuple[str, ...], list[str]] = {}
        self.deadlocks = 0

    async def play(self, who: Sequence[str], seed: int, commits: Sequence[str] | None = None) -> Played:
        """One scene in the order of the seed, or one after the other in that order of commits."""
        async with copy_of(self.admin, self.server_url, self.world.name) as (url, connection):
            processes = {name: Process(name) for name in who}
            pick = random.Random(seed) if commits is None else InOrder(commits, processes)
            turns = SeededTurns(pick, connection)
            for process in processes.values():
                process.turns = turns
            with simulated(ticking(MOMENT)):
                tasks = [
                    asyncio.create_task(processes[name].run(work)) for name, work in works(url, self.world, who).items()
                ]
                await turns.drive(tasks)
            for task in tasks:
                task.result()
            lines = await books_lines(connection)
            self.deadlocks += await connection.fetchval(_DEADLOCKS)
            if commits is None and seed % SOUND_EACH == 0:
                await self._is_sound(url, connection, who, lines)
            return Played(turns.order, _commits(turns.order, processes), lines)

    async def _is_sound(self, url: str, connection: Connection, who: Sequence[str], lines: list[str]) -> None:
        assert await run_checks(connection, run_id=None) == []
        for work in works(url, self.world, who).values():  # the callers, once more
            await work()
        assert await books_lines(connection) == lines

    async def is_serial(self, who: Sequence[str], seed: int) -> Played:
        """The scene of a seed; its books are those of its transactions one after the other."""
        played = await self.play(who, seed)
        if played.commits not in self.serial:
            self.serial[played.commits] = (await self.play(who, seed, played.commits)).lines
        assert played.lines == self.serial[played.commits], f"seed {seed}: {played.commits}"
        return played


def _commits(order: Sequence[str], processes: Mapping[str, Process]) -> tuple[str, ...]:
    """The processes in the order of their commits."""
    done: Counter[str] = Counter()
    found = []
    for session in order:
        name = session.partition(".")[0]
        done[name] += 1
        if done[name] in processes[name].commits:
            found.append(name)
    return tuple(found)


def scene(seed: int) -> tuple[str, ...]:
    """All four of them in every other seed, else a pair."""
    return WHO if seed % 2 else PAIRS[seed // 2 % len(PAIRS)]


async def orders_of(stage: Stage, seeds: range) -> int:
    """Play the seeds; in how many orders their transactions were committed."""
    orders = {(await stage.is_serial(scene(seed), seed)).commits for seed in seeds}
    sys.stdout.write(f"\n{len(seeds)} seeds, {len(orders)} orders of commits, {stage.deadlocks} deadlocks\n")
    return len(orders)


@pytest.fixture
def stage(server_url: str, admin: Connection, world: World) -> Stage:
    return Stage(server_url, admin, world)


async def test_writers_that_cross_statement_by_statement_leave_the_books_of_some_order(stage: Stage) -> None:
    assert await orders_of(stage, range(FEW)) > FEW / 4
    assert stage.deadlocks == 0


@pytest.mark.slow
async def test_writers_that_cross_in_thousands_of_orders_leave_the_books_of_some_order(stage: Stage) -> None:
    assert await orders_of(stage, range(MANY)) > MANY / 8
    assert stage.deadlocks == 0


@pytest.mark.parametrize("seed", [1, 3])
async def test_the_same_seed_is_the_same_order_and_the_same_books(stage: Stage, seed: int) -> None:
    first = await stage.play(WHO, seed)
    assert first == await stage.play(WHO, seed)


async def test_a_transaction_at_a_time_is_what_the_order_of_commits_says(stage: Stage) -> None:
    played = await stage.play(WHO, 7)
    serial = await stage.play(WHO, 7, played.commits)
    assert serial.commits == played.commits
    assert serial.order != played.order
