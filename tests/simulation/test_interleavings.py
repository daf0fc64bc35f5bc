"""Writers on the same running accounts, statement by statement in a seeded order.

A night, a payment, a reversal and a hold on one running account; then those that lock several of them, and each in one
statement: a night, files and a group of claims by POST, with a payment on one of the accounts that makes them queue.
Whatever the order: nobody waits in a circle, and the books are those of the same transactions one after the other, in
the order in which they were committed. `VEREFFEN_INTERLEAVINGS=2000 pytest tests/simulation/test_interleavings.py`.
"""

import asyncio
import os
import random
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest

from app.core import db as database
from app.core.clock import now, simulated
from app.core.db import Connection
from app.record import record
from jobs.night.checking import run_checks
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation.hashes import books_lines
from jobs.simulation.matrix_world import (
    AGBS,
    CARRIER,
    DAY,
    EVE,
    MOMENT,
    advance,
    claim,
    declaration,
    load,
    make_world,
    reference_of,
    ticking,
)
from jobs.simulation.processes import Process
from jobs.simulation.turns import SeededTurns
from tests.night.worlds import copy_of

FEW = 40
MANY = int(os.environ.get("VEREFFEN_INTERLEAVINGS", "400"))
WHO = ("night", "payment", "reversal", "hold")
SEVERAL = ("night", "claims", "declarations", "post")  # each locks two running accounts, or all
SOUND_EACH = 3  # seeds: the checks over everything, and everybody once more
_LOCKS = re.compile("running_account.*for no key update|register_claims", re.DOTALL)
_DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
PAIRS = tuple((one, other) for n, one in enumerate(WHO) for other in WHO[n + 1 :])
# Two that lock several in one statement each cannot meet halfway by themselves: one of them queues for an account that
# a third has, and the other comes to stand behind it with the other account in its hands. Two files never meet here:
# the files of a risk carrier are loaded one after the other.
QUEUES = tuple(
    (one, other, third)
    for one in SEVERAL
    for other in SEVERAL
    if one != other and {one, other} != {"claims", "declarations"}
    for third in ("payment", "other")
)
# Nobody here is slow, so no time limit may decide: the turns alone say who goes when.
PATIENT = Limits(lease=timedelta(hours=1), lock_wait=timedelta(hours=1), batch_entries=3)
WIDE = msgspec.structs.replace(PATIENT, batch_entries=1_000)  # one batch, which locks every running account
Work = Callable[[], Coroutine[Any, Any, object]]


class World(NamedTuple):
    """A database to copy, and what each fact says: all of one running account, but for the `other` payment."""

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
        other = await reference_of(connection, "C1")
        because = {"reason": "matrix", "effectiveDate": DAY.isoformat()}
        facts = {
            "payment": ("payment", {"reference": row["owed"], "cents": 1_200}),
            "other": ("payment", {"reference": other, "cents": 1_300}),
            "reversal": ("reverse-offset", {"declaration": "D0", "claim": row["offset"], **because}),
            "hold": ("hold", {"claim": row["owed"], "kind": "plan", "reason": "regeling", "owner": "team"}),
        }
        await connection.close()
        yield World(name, facts)


# Each names the account with the higher id first: who locks in the order of what was sent would be found as well.
FILES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "claims": [claim("F1", AGBS[1][0], 600), claim("F0", AGBS[0][0], 500)],
    "declarations": [
        advance("V1", AGBS[1][0], 700),
        advance("V0", AGBS[0][0], 800),
        declaration("E0", AGBS[0][0], 900),
    ],
}


async def register_group(connection: Connection) -> Sequence[Any]:
    """Two claims by POST that are written together, and wait for the locks of both accounts."""
    rows = [
        {
            "key": f"test:{name}", "body_hash": str(UUID(int=number)), "actor": "test", "type": "claim", "kind": 1,
            "source": "core", "id": name, "content_hash": str(UUID(int=number)), "agb": AGBS[number][0],
            "reason_code": "MC", "cents": 400, "letter_date": EVE.isoformat(), "ground": "Controle achteraf", "n": n,
        }
        for n, (name, number) in enumerate((("P1", 1), ("P0", 0)))
    ]  # fmt: skip
    statement = "select outcome from register_claims($1, $2, $3, true, $4)"
    async with database.transaction(connection, role="worker", actor="test"):
        done = await connection.fetch(statement, CARRIER, DAY, now(), rows)
    assert {each["outcome"] for each in done} <= {"created", "known", "replayed"}, done
    return done


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


class InAQueue(random.Random):
    """Brings two to where each locks several accounts, lets a third lock one of these, then has both queue for it.

    What follows is of the seed. Left to chance alone, one order in hundreds comes to this.
    """

    def __init__(self, seed: int, who: Sequence[str], processes: Mapping[str, Process]) -> None:
        super().__init__(seed)
        self.who, self.processes = who, processes
        self.locking: set[str] = set()  # who was sent to its lock

    def choice(self, seq: Any) -> Any:
        """The next session on the way there, then one of those that are left."""
        one, other, third = self.who
        if not self.locking:  # first both come to their locks; a night first, which plans while nobody writes
            for session in sorted(seq, key=lambda each: not each.startswith("night.")):
                if session.startswith((f"{one}.", f"{other}.")) and not self._at_lock(session):
                    return session
        for name in (third, one, other):
            if name not in self.locking:
                for session in (each for each in seq if each.startswith(f"{name}.")):
                    if self._at_lock(session):
                        self.locking.add(name)
                    return session
        return super().choice(seq)

    def _at_lock(self, session: str) -> bool:
        return _LOCKS.search(self.processes[session.partition(".")[0]].wanted[session]) is not None


def works(url: str, world: World, who: Sequence[str]) -> dict[str, Work]:
    """What each of them does, as its caller would, with a key that makes a repeat harmless."""

    limits = PATIENT if set(who) <= set(WHO) else WIDE

    async def night() -> object:
        return await run_night(url, CARRIER, DAY, workers=1, checks=False, limits=limits)

    async def file(kind: str) -> object:
        connection = await database.connect(url)
        try:
            await load(connection, kind, FILES[kind])
            return kind
        finally:
            await connection.close()

    async def post() -> object:
        connection = await database.connect(url)
        try:
            return await register_group(connection)
        finally:
            await connection.close()

    async def fact(name: str) -> object:
        connection = await database.connect(url)
        try:
            kind, payload = world.facts[name]
            keyed = {**payload, "idempotencyKey": name}
            return await record(connection, kind, keyed, actor="test", business_date=DAY)
        finally:
            await connection.close()

    def work(name: str) -> Work:
        if name in FILES:
            return lambda: file(name)
        return {"night": night, "post": post}.get(name) or (lambda: fact(name))

    return {name: work(name) for name in who}


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
            pick: random.Random = random.Random(seed)
            if commits is not None:
                pick = InOrder(commits, processes)
            elif who in QUEUES:
                pick = InAQueue(seed, who, processes)
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


def queue(seed: int) -> tuple[str, ...]:
    """Two that lock several running accounts, and a payment on one of them."""
    return QUEUES[seed % len(QUEUES)]


async def orders_of(stage: Stage, seeds: range, scene: Callable[[int], tuple[str, ...]] = scene) -> int:
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


async def test_writers_that_queue_for_several_accounts_leave_the_books_of_some_order(stage: Stage) -> None:
    assert await orders_of(stage, range(len(QUEUES)), queue) > len(QUEUES) / 4
    assert stage.deadlocks == 0


@pytest.mark.slow
async def test_writers_that_queue_in_thousands_of_orders_leave_the_books_of_some_order(stage: Stage) -> None:
    # who has queued goes in the order of the queue: few orders are possible, and chance finds a dozen more
    assert await orders_of(stage, range(MANY), queue) > len(QUEUES)
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
