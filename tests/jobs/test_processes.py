"""Workers that are killed, stopped, put to sleep and doubled, as processes: work goes on, once."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from app.core.db import Connection, connect
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation.arena import with_database
from jobs.simulation.hashes import books_hash
from jobs.worker import USUAL
from tests.jobs.conftest import StartWorker, asked, job_of, marks, measured, until, until_state
from tests.night.worlds import DAY, copy_of, make_world

USUAL_LEASE = USUAL.lease.total_seconds()
LEASE = 1.5


async def begun(db: Connection, job_id: int, times: int = 1) -> float:
    async def enough() -> bool:
        return (await marks(db, "begun")).get(f"job:{job_id}", 0) >= times

    return await until(enough)


@pytest.mark.parametrize("lease", [LEASE, pytest.param(USUAL_LEASE, marks=pytest.mark.slow)])
async def test_the_work_of_a_killed_worker_goes_on_when_its_lease_is_over(
    lease: float, db: Connection, db_url: str, start_worker: StartWorker
) -> None:
    first = await start_worker(db_url, lease=lease, sweep=5)
    job_id = await asked(db, "count", "a", payload={"seconds": 1})
    await begun(db, job_id)
    second = await start_worker(db_url, lease=lease, sweep=5)
    first.kill()
    took = await begun(db, job_id, 2)
    measured(f"kill -9: goes on after {took:.1f} s at a lease of {lease} s")
    assert took < min(lease + 3, 15)
    await until_state(db, job_id, "done")
    assert await marks(db, "counted") == {f"job:{job_id}": 1}
    assert second.returncode is None


async def test_a_worker_told_to_stop_lets_a_short_job_end(
    db: Connection, db_url: str, start_worker: StartWorker
) -> None:
    worker = await start_worker(db_url)
    job_id = await asked(db, "count", "a", payload={"seconds": 0.5})
    await begun(db, job_id)
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), 10) == 0
    assert (await job_of(db, job_id)).state == "done"


async def test_a_worker_told_to_stop_gives_a_long_job_back_within_ten_seconds(
    db: Connection, db_url: str, start_worker: StartWorker
) -> None:
    worker = await start_worker(db_url, lease=60)
    job_id = await asked(db, "count", "a", payload={"seconds": 600})
    await begun(db, job_id)
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), 10) == 0
    job = await job_of(db, job_id)
    assert (job.state, job.attempts, job.waiting_for) == ("waiting", 0, "the worker that did it was stopped")


async def test_a_worker_told_to_stop_takes_nothing_more(db: Connection, db_url: str, start_worker: StartWorker) -> None:
    worker = await start_worker(db_url)
    first = await asked(db, "count", "a", payload={"seconds": 0.8})
    await begun(db, first)
    worker.terminate()
    await asyncio.sleep(0.1)
    second = await asked(db, "count", "b")
    await asyncio.wait_for(worker.wait(), 10)
    assert (await job_of(db, second)).state == "waiting"


async def test_a_worker_that_slept_through_its_lease_writes_nothing_when_it_wakes(
    db: Connection, db_url: str, start_worker: StartWorker
) -> None:
    sleeper = await start_worker(db_url, lease=LEASE)
    job_id = await asked(db, "count", "a", payload={"seconds": 1})
    await begun(db, job_id)
    os.kill(sleeper.pid, signal.SIGSTOP)
    await start_worker(db_url, lease=LEASE)
    await until_state(db, job_id, "done")
    os.kill(sleeper.pid, signal.SIGCONT)
    await asyncio.sleep(1.5)  # longer than what it still had to wait before its write
    job = await job_of(db, job_id)
    assert await marks(db, "counted") == {f"job:{job_id}": 1}
    assert job.result == {"fence": 2}
    assert sleeper.returncode is None


async def test_two_workers_do_a_hundred_jobs_once_each(db: Connection, db_url: str, start_worker: StartWorker) -> None:
    for _ in range(2):
        await start_worker(db_url)
    ids = [await asked(db, "count", f"n{n}") for n in range(100)]
    for job_id in ids:
        await until_state(db, job_id, "done")
    assert await marks(db, "begun") == await marks(db, "counted") == {f"job:{job_id}": 1 for job_id in ids}


async def test_workers_go_on_when_the_database_cuts_their_connections(
    db: Connection, db_url: str, start_worker: StartWorker
) -> None:
    worker = await start_worker(db_url)
    first = await asked(db, "count", "a", payload={"seconds": 1})
    await begun(db, first)
    await db.execute(
        """select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()"""
    )
    second = await asked(db, "count", "b")
    await until_state(db, first, "done")
    await until_state(db, second, "done")
    assert await marks(db, "counted") == {f"job:{first}": 1, f"job:{second}": 1}
    assert worker.returncode is None


class Night(NamedTuple):
    """A database to copy with a night to run, and what an undisturbed night makes of it."""

    name: str
    carrier: int
    hash: str


@pytest.fixture
async def night(server_url: str, admin: Connection, template: str) -> AsyncIterator[Night]:
    name = f"vereffen_world_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    connection = await connect(with_database(server_url, name))
    carrier = await make_world(connection, accounts=40, declarations=1500)
    await connection.close()
    async with copy_of(admin, server_url, name) as (url, quiet):
        await run_night(url, carrier, DAY, limits=Limits(batch_entries=50))
        wanted = await books_hash(quiet)
    yield Night(name, carrier, wanted)
    await admin.execute(f"drop database {name} with (force)")


async def test_a_night_whose_workers_are_killed_and_put_to_sleep_ends_like_a_quiet_one(
    server_url: str, admin: Connection, night: Night, start_worker: StartWorker
) -> None:
    async with copy_of(admin, server_url, night.name) as (url, db):
        job_id = await asked(db, "night", DAY.isoformat(), business_date=DAY, risk_carrier_id=night.carrier)
        await disturbed(db, url, job_id, start_worker)
        assert await books_hash(db) == night.hash
        assert await db.fetchval("select count(*) from run where state = 'released'") == 1
        assert await db.fetchval("select count(*) from payment_file") == 1


async def test_two_workers_and_two_rings_for_one_night_run_it_once(
    server_url: str, admin: Connection, night: Night, start_worker: StartWorker
) -> None:
    async with copy_of(admin, server_url, night.name) as (url, db):
        for _ in range(2):
            await start_worker(url, entries=50)
        for _ in range(2):
            job_id = await asked(db, "night", DAY.isoformat(), business_date=DAY, risk_carrier_id=night.carrier)
        await until_state(db, job_id, "done")
        assert await books_hash(db) == night.hash
        assert await db.fetchval("select count(*) from audit where action = 'night planned'") == 1


async def disturbed(db: Connection, url: str, job_id: int, start_worker: StartWorker) -> None:
    """Its workers are killed, put to sleep, told to stop and killed; then two others end it, and the sleeper wakes."""
    sleepers = []
    for how in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        worker = await start_worker(url, lease=0.6, entries=50)

        async def moved(before: int = await batches(db)) -> bool:
            return await batches(db) > before or (await job_of(db, job_id)).state == "done"

        await until(moved)
        worker.send_signal(how)
        sleepers += [worker] if how is signal.SIGSTOP else []
    for _ in range(2):
        await start_worker(url, lease=0.6, entries=50)
    await until_state(db, job_id, "done", 60)
    for worker in sleepers:
        worker.send_signal(signal.SIGCONT)
    await asyncio.sleep(1)


async def batches(db: Connection) -> int:
    """How many batches are done."""
    return int(await db.fetchval("select count(*) from run_batch where state = 1"))
