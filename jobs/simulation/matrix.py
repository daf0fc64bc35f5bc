"""The crash matrix: every job killed before and after every statement, then done again; the books must be the same.

A job is a line of matrix_jobs.JOBS. It runs undisturbed once: that counts its statements and says what the books are
then. For each statement the same world is copied, the job dies there (before the server sees the statement, or after
the server has done it: of a COMMIT that is the reply that nobody hears), and whoever called it calls it again.
"""

import asyncio
import hashlib
import random
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from app.core import db, migrate
from app.core.clock import simulated
from app.core.db import Connection
from jobs.night.checking import run_checks
from jobs.simulation import matrix_state as state
from jobs.simulation.hashes import books_hash
from jobs.simulation.matrix_jobs import JOBS
from jobs.simulation.matrix_model import Job, JobPoints, Place, Work
from jobs.simulation.matrix_world import MOMENT, make_world, ticking
from jobs.simulation.processes import Kill, Killed, Process

CHECKED_EACH = 5  # of the points that are no COMMIT: the checks over everything take longer than the rest of a point
_PATIENCE_SECONDS = 0.1


class _Clean(NamedTuple):
    """The undisturbed run: its statements, which of them were COMMIT, and what was there afterwards."""

    statements: int
    commits: frozenset[int]
    books: str
    tables: state.Stable
    rows: dict[str, state.Digest]
    files: tuple[int, int]
    found: str


def all_points(statements: int) -> list[Kill]:
    """Before and after each statement."""
    return [Kill(at, after) for at in range(1, statements + 1) for after in (False, True)]


async def run_matrix(
    url: str,
    tell: Callable[[JobPoints], None],
    *,
    jobs: Sequence[Job] = JOBS,
    sample: int | None = None,
    seed: int = 1,
) -> list[JobPoints]:
    """The matrix of those jobs on a server whose databases may be made and dropped; `url` is a superuser's.

    `sample`: so many points of each job, drawn from the seed, instead of all, with the checks at COMMITs only. `tell`
    gets each job when it is done.
    """
    done = []
    loop = asyncio.get_running_loop()
    usual = loop.get_exception_handler()
    loop.set_exception_handler(_no_word_of_the_dead)
    admin = await db.connect(url)
    try:
        async with _database(admin, url, None) as world:
            await _filled(_on(url, world))
            for job in jobs:
                async with _database(admin, url, world) as template:
                    pick = random.Random(f"{seed}/{job.name}")  # noqa: S311 - a draw of points, not a secret
                    found = await _JobMatrix(admin, url, template, job).run(sample, pick)
                tell(found)
                done.append(found)
    finally:
        await admin.close()
        loop.set_exception_handler(usual)
    return done


def _no_word_of_the_dead(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tasks of a process that was killed end unheard, as they do when it is a real one."""
    if not isinstance(context.get("exception"), Killed):
        loop.default_exception_handler(context)


async def _filled(url: str) -> None:
    connection = await db.connect(url)
    try:
        await migrate.migrate(connection)
        await make_world(connection, url)
    finally:
        await connection.close()


@asynccontextmanager
async def _database(admin: Connection, url: str, template: str | None) -> AsyncIterator[str]:
    name = f"vereffen_matrix_{uuid.uuid4().hex[:12]}"
    await _command(admin, "create database %I template %I strategy file_copy", name, template or "template1")
    try:
        yield name
    finally:
        await _command(admin, "drop database %I with (force)", name)


async def _command(admin: Connection, form: str, *names: str) -> None:
    """A command whose names no parameter can hold: quoted by the server."""
    await admin.execute(await admin.fetchval("select format($1, variadic $2::text[])", form, names))


def _on(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


class _JobMatrix:
    """One job, and the database `template` in which everything lies ready for it."""

    def __init__(self, admin: Connection, url: str, template: str, job: Job) -> None:
        self.admin, self.url, self.template, self.job = admin, url, template, job

    async def run(self, sample: int | None, pick: random.Random) -> JobPoints:
        connection = await db.connect(_on(self.url, self.template))
        try:
            with simulated(ticking(MOMENT - timedelta(hours=1))):
                work = await self.job.ready(connection)
        finally:
            await connection.close()
        clean = await self._clean(work, check=sample is None)
        points = all_points(clean.statements)
        if sample is not None and sample < len(points):
            points = sorted(pick.sample(points, sample))
        faults, checked = [f"undisturbed: {clean.found}"] if clean.found else [], 0
        for n, kill in enumerate(points):
            check = kill.at in clean.commits or (sample is None and n % CHECKED_EACH == 0)
            checked += check
            fault = await self._point(work, clean, kill, check)
            if fault is not None:
                faults.append(f"killed {'after' if kill.after else 'before'} statement {kill.at}: {fault}")
        return JobPoints(
            job=self.job.name,
            statements=clean.statements,
            commits=len(clean.commits),
            points=len(points),
            same=max(0, len(points) - len(faults)),
            checked=checked,
            faults=tuple(faults),
        )

    @asynccontextmanager
    async def _scene(self) -> AsyncIterator[tuple[Place, Connection]]:
        """A copy of the template, a folder for payment files, and a connection that is no part of the job."""
        async with _database(self.admin, self.url, self.template) as name:
            with tempfile.TemporaryDirectory(prefix="vf-matrix-") as folder:
                place = Place(_on(self.url, name), Path(folder))
                connection = await db.connect(place.url)
                try:
                    yield place, connection
                finally:
                    await connection.close()

    async def _clean(self, work: Work, check: bool) -> _Clean:
        async with self._scene() as (place, connection):
            every = await state.columns(connection)
            before = await books_hash(connection), await state.by_column(connection, every)
            process = Process(self.job.name)
            await _done(process, work, place, MOMENT)
            first = await state.by_column(connection, every)
            books = await books_hash(connection)
            assert self.job.writes == ((books, first) != before), f"{self.job.name} writes: not {self.job.writes}"
            found = await _found(connection) if check else ""
            async with self._scene() as (elsewhere, other):
                await state.move_sequences(other)
                await _done(Process(self.job.name), work, elsewhere, MOMENT + timedelta(hours=1))
                assert await books_hash(other) == books, f"{self.job.name} twice undisturbed"
                tables = state.equal_columns(every, first, await state.by_column(other, every))
            rows = await state.by_row(connection, tables)
            files = await _files(connection, place.folder)
        return _Clean(process.count, frozenset(process.commits), books, tables, rows, files, found)

    async def _point(self, work: Work, clean: _Clean, kill: Kill, check: bool) -> str | None:
        """None when the books are the same after the kill and another call; else what differs."""
        async with self._scene() as (place, connection):
            process = Process(self.job.name, kill)
            try:
                await _done(process, work, place, MOMENT)
            except Killed:
                await _others_gone(connection)
            else:
                return f"ended after {process.count} statements and was not killed"
            await _leases_over(connection)
            await _done(Process(self.job.name), work, place, MOMENT + timedelta(minutes=1))
            return await self._difference(connection, clean, place, check)

    async def _difference(self, connection: Connection, clean: _Clean, place: Place, check: bool) -> str | None:
        rows = await state.by_row(connection, clean.tables)
        if rows != clean.rows:
            return "other rows in " + ", ".join(
                f"{name} ({clean.rows[name].rows} -> {each.rows})"
                for name, each in rows.items()
                if each != clean.rows[name]
            )
        if await books_hash(connection) != clean.books:
            return "another hash of the books"
        if (files := await _files(connection, place.folder)) != clean.files:
            return f"payment files (there, booked): {clean.files} -> {files}"
        return await _found(connection) or None if check else None


async def _found(connection: Connection) -> str:
    """What the checks over everything find first; empty when all are silent."""
    return "; ".join(f"{each.check}: {each.what}" for each in (await run_checks(connection, run_id=None))[:3])


async def _awaited(work: Work, place: Place) -> None:
    await work(place)


async def _done(process: Process, work: Work, place: Place, moment: datetime) -> None:
    """The job in that process at that moment. Raises Killed too when a part of it waits for a dead one."""
    with simulated(ticking(moment)):
        task = asyncio.create_task(process.run(lambda: _awaited(work, place)))
    while not task.done():
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if process.dead and not task.done():
            await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
            task.cancel()
    await task


_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


async def _others_gone(connection: Connection) -> None:
    """Until the server has ended every session of the dead process."""
    while await connection.fetchval(_OTHERS):
        await connection.fetchval("select pg_sleep(0.002)")


async def _leases_over(connection: Connection) -> None:
    """As if the seconds of the leases that the dead process had were gone by."""
    await connection.execute("update run set lease_until = null where lease_until is not null")
    await connection.execute(
        "update job set lease_until = clock_timestamp() - interval '1 s' where lease_until is not null"
    )


async def _files(connection: Connection, folder: Path) -> tuple[int, int]:
    """How many payment files lie in the folder, and how many of them are, byte for byte, what was booked."""
    there = await asyncio.to_thread(_hashes, folder)
    booked = {row["sha256"] for row in await connection.fetch("select sha256 from payment_file")}
    return len(there), len(booked.intersection(there))


def _hashes(folder: Path) -> list[bytes]:
    return [hashlib.sha256(path.read_bytes()).digest() for path in folder.glob("*.xml")]
