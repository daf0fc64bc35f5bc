"""Processes of the product that are struck: killed at a statement, cut off, put to sleep, raced by a second one.

Whatever happens to a job, it is done again by a new process until it has succeeded: the way of a client that got no
answer, and of a sweep that finds a row not done.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from jobs.simulation.hashes import books_hash
from jobs.simulation.model import Fault
from jobs.simulation.processes import Kill, Killed, Process, Turns
from jobs.simulation.turns import SeededTurns

Work = Callable[[Connection], Awaitable[Any]]

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the last word of the server was fatal and the connection is not closed yet
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""What a process hears when its session is gone."""

_GONE = "select count(*) from pg_stat_activity where pid = any ($1::int[])"
_FREE_LEASES = """
update run set lease_until = clock_timestamp() - interval '1 second'
where run_id in (select run_id from run where lease_until is not null for no key update skip locked)
"""
_END_SLEEPERS = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where pid = any ($1::int[]) and state like 'idle in transaction%'
"""
_CUT_ALL = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
_END_BLOCKERS = """
select count(pg_terminate_backend(b.pid)) from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) b (pid)
where a.datname = current_database() and b.pid = any ($1::int[])
"""


class ZombieWrote(Exception):
    """Who had lost its lease changed the books: a violation."""


class _At:
    """A gate that lets statements pass, and does something before the `at`th one."""

    def __init__(self, at: int) -> None:
        self.left = at

    def on_the_way(self, change: int) -> None:
        """Nobody counts who opens a connection."""

    def done(self, session: str) -> None:
        """Nothing waits for an answer."""

    async def take(self, session: str, connection: Connection) -> None:
        """Let it pass, or do what is to be done first."""
        self.left -= 1
        if self.left == 0:
            await self.strike(connection)

    async def strike(self, connection: Connection) -> None:
        """What happens at that statement."""


class _Cut(_At):
    """The server ends every session of the database."""

    def __init__(self, at: int, eyes: Connection) -> None:
        super().__init__(at)
        self.eyes = eyes

    async def strike(self, connection: Connection) -> None:
        await self.eyes.fetchval(_CUT_ALL)


class _Pause(_At):
    """The process sleeps until it is woken: none of its sessions goes on, the one that renews its lease neither."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.asleep, self.wake = asyncio.Event(), asyncio.Event()
        self.pids: list[int] = []

    async def take(self, session: str, connection: Connection) -> None:
        """Let it pass, or sleep."""
        self.left -= 1
        if self.left <= 0:
            self.pids.append(connection.get_server_pid())
            self.asleep.set()
            await self.wake.wait()


class Ring:
    """Runs jobs in processes, strikes them as the scenario says, and counts.

    `recent` holds the last processes with their statements, for the report of a failure. `eyes` is a connection that no
    process has: it watches, and puts a lease's time behind it.
    """

    def __init__(self, url: str, eyes: Connection, seen: Counter[str]) -> None:
        self.url, self.eyes, self.seen = url, eyes, seen
        self.recent: deque[Process] = deque(maxlen=6)
        self.kills = self.cuts = self.statements = 0
        self._office: tuple[Process, Connection] | None = None
        self._running: Process | None = None

    async def done(self, name: str, work: Work, faults: list[Fault], turns: random.Random | None = None) -> Any:
        """The answer of the job, whatever happened on the way. Refusal as the product refuses.

        With `turns` the sessions of the process go statement by statement in the order of that generator.
        """
        for fault in faults:
            try:
                if fault.kind == "kill":
                    return await self._killed(name, work, Kill(fault.at, fault.after), turns)
                if fault.kind == "cut":
                    return await self._alone(name, work, turns=_Cut(fault.at, self.eyes))
                if fault.kind == "pause":
                    await self._paused(name, work, fault.at)
                elif fault.kind == "rival" and turns is not None:
                    await self._raced(name, work, turns)
            except Killed:
                await self._buried(name)
            except LOST:
                if fault.kind != "cut":
                    raise
                self.cuts += 1
                self.seen["sessions_cut"] += 1
                self._office = None
                await self.eyes.execute(_FREE_LEASES)
        if turns is not None:
            return await self._in_turns(name, work, None, turns)
        return await self._in_office(name, work)

    async def closed(self) -> None:
        """End the office's session."""
        if self._office is not None:
            process, connection = self._office
            self.statements += process.count
            self._office = None
            if not connection.is_closed():
                await connection.close()

    async def _killed(self, name: str, work: Work, kill: Kill, turns: random.Random | None) -> Any:
        if turns is not None:
            return await self._in_turns(name, work, kill, turns)
        return await self._in_office(name, work, kill)

    async def _in_office(self, name: str, work: Work, kill: Kill | None = None) -> Any:
        """In the process that stays open from job to job, as a server's does."""
        if self._office is None or self._office[1].is_closed():
            process = Process("office")
            self.recent.append(process)
            self._office = process, await process.run(lambda: db.connect(self.url))
        process, connection = self._office
        self._running = process
        if kill is not None:
            process.kill = Kill(process.count + kill.at, kill.after)

        async def do() -> Any:
            return await work(connection)

        try:
            return await process.run(do)
        finally:
            process.kill = None

    async def _alone(self, name: str, work: Work, *, kill: Kill | None = None, turns: Turns | None = None) -> Any:
        """In a process of its own, which ends with the job."""
        process = Process(name, kill, turns)
        self._running = process
        self.recent.append(process)

        async def do() -> Any:
            connection = await db.connect(self.url, command_timeout=None)
            try:
                return await work(connection)
            finally:
                if not process.dead and not connection.is_closed():
                    await connection.close()

        try:
            return await process.run(do)
        finally:
            self.statements += process.count

    async def _in_turns(self, name: str, work: Work, kill: Kill | None, pick: random.Random) -> Any:
        turns = SeededTurns(pick, self.eyes)
        task = asyncio.create_task(self._alone(name, work, kill=kill, turns=turns))
        await turns.drive([task])
        return task.result()

    async def _raced(self, name: str, work: Work, pick: random.Random) -> None:
        """Two processes start the same night; one of them is refused, or finds it done."""
        for task in await self._both(name, work, pick):
            self._told(task, "rival")

    async def twins(self, name: str, work: Work, pick: random.Random) -> list[Any]:
        """What two processes hear that are asked the same at once: their answers, a code where it is refused."""
        heard = []
        for task in await self._both(name, work, pick):
            error = task.exception()
            if error is not None and not isinstance(error, Refusal):
                raise error
            heard.append(task.result() if error is None else error.code)
        return heard

    async def _both(self, name: str, work: Work, pick: random.Random) -> "list[asyncio.Task[Any]]":
        turns = SeededTurns(pick, self.eyes)
        tasks = [asyncio.create_task(self._alone(f"{name} {n}", work, turns=turns)) for n in "ab"]
        await turns.drive(tasks)
        return tasks

    async def _paused(self, name: str, work: Work, at: int) -> None:
        """One falls asleep at a statement, another takes its work over, the first wakes and must not write any more."""
        pause = _Pause(at)
        sleeper = asyncio.create_task(self._alone(f"{name} asleep", work, turns=pause))
        woken = asyncio.create_task(pause.asleep.wait())
        await asyncio.wait({sleeper, woken}, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        if not pause.asleep.is_set():
            sleeper.result()
            return
        try:
            await self._taken_over(name, work, pause)
            before = await books_hash(self.eyes)
        finally:
            pause.wake.set()
            await asyncio.wait({sleeper})
        self._told(sleeper, "zombie")
        if await books_hash(self.eyes) != before:
            raise ZombieWrote(f"{name} went on at its statement {at} after another had taken over, and wrote")

    async def _taken_over(self, name: str, work: Work, pause: _Pause) -> None:
        """Another process does the work while the first one sleeps."""
        while True:
            await self.eyes.execute(_FREE_LEASES)
            taker = asyncio.create_task(self._alone(f"{name} instead", work))
            while not (await asyncio.wait({taker}, timeout=0.05))[0]:
                # who sleeps in a transaction loses its session once its time has gone by: here it is made to go by
                await self.eyes.fetchval(_END_BLOCKERS, pause.pids)
            try:
                await taker
            except Refusal as refusal:
                if refusal.code != "night_running":
                    raise
                # it sleeps with the run's row locked: that time goes by as well
                await self.eyes.fetchval(_END_SLEEPERS, pause.pids)
            else:
                return

    def _told(self, task: "asyncio.Task[Any]", who: str) -> None:
        """What a rival or zombie got: nothing to do, a refusal, a session that is gone; anything else is raised."""
        error = task.exception()
        if error is None:
            self.seen[f"{who}_found_it_done"] += 1
        elif isinstance(error, Refusal):
            self.seen[f"{who}_{error.code}"] += 1
        elif isinstance(error, LOST):
            self.seen[f"{who}_session_gone"] += 1
        else:
            raise error

    async def _buried(self, name: str) -> None:
        """After a kill: until its sessions are gone; then its lease is over, as if the time had gone by."""
        process = self._running
        assert process is not None
        assert process.dead, name
        self.kills += 1
        self.seen[f"killed_in_{name.replace(' ', '_')}"] += 1
        if process.statements and process.kill_hit:
            last = process.statements[-1][1].strip().rstrip(";").lower()
            if last == "commit":
                self.seen["reply_to_commit_lost" if process.kill_hit.after else "killed_before_commit"] += 1
        if self._office is not None and self._office[0] is process:
            self.statements += process.count
            self._office = None
        while await self.eyes.fetchval(_GONE, process.pids):
            await self.eyes.fetchval("select pg_sleep(0.002)")
        await self.eyes.execute(_FREE_LEASES)
