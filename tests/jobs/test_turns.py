"""Two workers on one job, statement by statement in the order of a seed, while the time of its lease goes by at times.

Whoever lost the job may commit nothing more: not in a transaction that asks for its fence first, nor in one that asks
at its end.
"""

import asyncio
import random
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from app.core.db import Connection, connect, transaction
from app.core.jobs import Job, LostJob, RunningJob, end_job, take_job
from jobs.simulation.processes import Process
from jobs.simulation.strikes import LOST
from jobs.simulation.turns import SeededTurns
from tests.jobs.conftest import asked, job_of
from tests.jobs.process import write

ORDERS = 30
PIECES = 3  # transactions of the work
EXPIRIES = 8  # how often the time of the lease goes by
LEASE = timedelta(hours=1)
_STATE = "select state from job where job_id = $1"
_EXPIRE = """
update job set lease_until = clock_timestamp() - interval '1 second'
where job_id in (select job_id from job where state = 'running' for no key update skip locked)
"""
Log = list[tuple[str, int]]
"""What was committed, in this order: taken, written, ended or lost, and under which fence."""


async def work(connection: Connection, job: Job, log: Log) -> None:
    running = RunningJob(job)
    for piece in range(PIECES):
        async with transaction(connection, role="worker", actor="count"):
            if piece % 2:
                await write(connection, running, f"piece {piece}")
            await running.keep_fence(connection)
            if not piece % 2:
                await write(connection, running, f"piece {piece}")
        log.append(("wrote", job.fence))
    await end_job(connection, job, "done")
    log.append(("ended", job.fence))


async def worker(url: str, name: str, job_id: int, log: Log) -> None:
    connection = await connect(url)
    try:
        while True:
            job = None
            try:
                if await connection.fetchval(_STATE, job_id) == "done":
                    return
                job = await take_job(connection, holder=name, lease=LEASE, kinds=["count"])
                if job is not None:
                    log.append(("took", job.fence))
                    await work(connection, job, log)
            except (LostJob, *LOST):  # who took it over ends the session that would go on
                log.append(("lost", 0 if job is None else job.fence))
                if connection.is_closed():
                    connection = await connect(url)
    finally:
        await connection.close()


async def time_goes_by(url: str) -> None:
    connection = await connect(url)
    for _ in range(EXPIRIES):
        await connection.execute(_EXPIRE)
    await connection.close()


async def played(db: Connection, url: str, seed: int) -> Log:
    """One job in the order of that seed, until it is done."""
    log: Log = []
    job_id = await asked(db, "count", f"seed {seed}")
    turns = SeededTurns(random.Random(seed), db)

    def started(name: str, doing: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.create_task(Process(name, turns=turns).run(lambda: doing))

    tasks = [started(name, worker(url, name, job_id, log)) for name in ("one", "other")]
    tasks.append(started("time", time_goes_by(url)))
    await turns.drive(tasks)
    for task in tasks:
        task.result()
    assert (await job_of(db, job_id)).state == "done"
    return log


def too_late(log: Log) -> Log:
    """What was committed under a fence when a later one had been given out already."""
    newest, found = 0, []
    for what, fence in log:
        newest = max(newest, fence)
        if what in ("wrote", "ended") and fence < newest:
            found.append((what, fence))
    return found


async def test_who_lost_a_job_commits_nothing_more_in_any_order_of_statements(db: Connection, db_url: str) -> None:
    logs = [await played(db, db_url, seed) for seed in range(ORDERS)]
    assert [(seed, late) for seed, log in enumerate(logs) if (late := too_late(log))] == []
    assert sum(what == "lost" for log in logs for what, _ in log) >= ORDERS / 3, "the fence had hardly to decide"
