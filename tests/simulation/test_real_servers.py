"""Real processes and servers under faults: PostgreSQL killed, a disk that is full, Redis gone while the API works.

Worker killed, put to sleep past its lease or told to stop: tests/jobs/test_processes.py. The clock changes and leap
days: tests/jobs/test_schedule.py. `VEREFFEN_SERVER_KILLS=20 pytest tests/simulation/test_real_servers.py` kills more.
"""

import asyncio
import os
import random
from pathlib import Path

import asyncpg
import pytest

from app.core import db as database
from app.core import migrate
from app.core.bell import Bell
from app.core.db import Connection
from app.core.settings import Settings
from jobs.night.checking import run_checks
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation.hashes import books_hash
from tests.api.client import serving
from tests.jobs.conftest import StartWorker, asked, job_of, start_worker, until, until_state
from tests.jobs.test_bell import Valkey, own_valkey
from tests.night.worlds import DAY, make_world
from tests.simulation.real import Ballast, Server, moments, server_on, small_disk

__all__ = ["own_valkey", "start_worker"]

KILLS = int(os.environ.get("VEREFFEN_SERVER_KILLS", "20"))
LIMITS = Limits(batch_entries=50)


async def world(url: str, accounts: int = 30, declarations: int = 1200) -> int:
    """A migrated database with a night to run; its risk carrier."""
    connection = await database.connect(url)
    try:
        await migrate.migrate(connection)
        return await make_world(connection, accounts=accounts, declarations=declarations)
    finally:
        await connection.close()


async def quiet_night(db: Connection, url: str) -> str:
    """What an undisturbed night makes of that world."""
    await run_night(url, await make_world(db, accounts=30, declarations=1200), DAY, limits=LIMITS)
    return await books_hash(db)


async def reachable(url: str) -> Connection:
    """A connection, as soon as the server has recovered."""
    for _ in range(200):
        try:
            return await database.connect(url)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.05)
    raise AssertionError("the server does not come back")


async def batches(url: str) -> tuple[int, int]:
    """How many batches of the night are done, and how many are open."""
    connection = await reachable(url)
    try:
        row = await connection.fetchrow(
            "select count(*) filter (where state = 1), count(*) filter (where state = 0) from run_batch"
        )
    finally:
        await connection.close()
    assert row is not None
    return int(row[0]), int(row[1])


async def killed_night(server: Server, start_worker: StartWorker, kills: int, pick: random.Random) -> int:
    """A night by real workers whose server is killed at most so often, each time after at least one more batch.

    The last time may be after its last batch: in the proof, or later. Returns how often it was.
    """
    connection = await database.connect(server.near)
    carrier = await connection.fetchval("select risk_carrier_id from risk_carrier")
    job_id = await asked(connection, "night", DAY.isoformat(), business_date=DAY, risk_carrier_id=carrier)
    await connection.close()
    for _ in range(2):
        await start_worker(server.near, lease=1.0, entries=50)
    killed, left = 0, 1
    while killed < kills and left:  # how many batches go by between two kills is a matter of the machine
        before, _ = await batches(server.near)

        async def moved(before: int = before) -> bool:
            done, left = await batches(server.near)
            return done > before or done > 0 == left

        await until(moved, 60)
        await asyncio.sleep(pick.uniform(0, 0.05))
        _, left = await batches(server.near)
        server.kill()
        killed += 1
        await moments(10)
        server.start()
    connection = await reachable(server.near)
    await until_state(connection, job_id, "done", 120)
    await connection.close()
    return killed


async def is_sound(url: str, wanted: str) -> None:
    connection = await reachable(url)
    try:
        assert await books_hash(connection) == wanted
        assert await run_checks(connection, run_id=None) == []
    finally:
        await connection.close()


@pytest.mark.slow
async def test_a_night_whose_postgresql_is_killed_ends_like_a_quiet_one(
    db: Connection, db_url: str, tmp_path: Path, start_worker: StartWorker
) -> None:
    wanted = await quiet_night(db, db_url)
    pick, done = random.Random(KILLS), 0
    while done < KILLS:  # a night has batches for some kills only
        folder = tmp_path / f"from-{done}"
        async with server_on(folder / "pg") as server:
            await world(server.near)
            done += await killed_night(server, start_worker, KILLS - done, pick)
            await is_sound(server.near, wanted)
    assert done == KILLS


@pytest.mark.slow
async def test_a_night_on_a_disk_that_is_full_goes_on_when_there_is_room(db: Connection, db_url: str) -> None:
    wanted = await quiet_night(db, db_url)
    with small_disk(192) as disk:
        async with server_on(disk / "pg") as server:
            carrier = await world(server.near)
            ballast = Ballast(disk)
            ballast.fill(spare=256 * 1024)
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ExceptionGroup)) as failure:
                await run_night(server.near, carrier, DAY, limits=LIMITS)
            assert "disk" in repr(failure.value).lower() or "space" in repr(failure.value).lower() or server_gone(disk)
            ballast.clear()
            server.kill()
            await moments(10)
            server.start()
            connection = await reachable(server.near)
            assert await connection.fetchval("select count(*) from run where state = 'released'") == 0
            await connection.execute("update run set lease_until = null")  # as if its seconds had gone by
            await connection.close()
            report = await run_night(server.near, carrier, DAY, limits=LIMITS)
            assert report.state == "released"
            await is_sound(server.near, wanted)


def server_gone(disk: Path) -> bool:
    """Whether the server has ended by itself, as it does when its write-ahead log cannot grow."""
    log = next(disk.glob("*.log")).read_text(errors="replace")
    return "No space left on device" in log


async def test_what_the_api_takes_while_redis_fails_is_done_once(
    db: Connection, db_url: str, own_valkey: Valkey, start_worker: StartWorker
) -> None:
    await make_world(db, accounts=3, declarations=12)
    pick, asked_for = random.Random(7), list[int]()
    async with serving(db, db_url, Settings(business_date=DAY, rate=100_000), bell=Bell(own_valkey.url)) as api:
        client = await api.as_(["nights:read", "nights:start", "jobs:read"])
        await start_worker(db_url, own_valkey.url, sweep=0.5)
        for number, fault in enumerate(("none", "emptied", "stopped", "stopped", "started", "emptied")):
            await disturb(own_valkey, fault)
            answer = await client.post(
                "/v1/night-previews",
                json={"riskCarrier": "VZ", "businessDate": DAY.isoformat()},
                headers={"Idempotency-Key": f"preview-{number}"},
            )
            assert answer.status_code == 202, answer.text
            asked_for.append(int(answer.headers["location"].rsplit("/", 1)[1]))
            await asyncio.sleep(pick.uniform(0, 0.2))
        for job_id in asked_for:
            await until_state(db, job_id, "done", 30)
    assert [(await job_of(db, each)).attempts for each in asked_for] == [1] * len(asked_for)


async def disturb(valkey: Valkey, fault: str) -> None:
    if fault == "emptied":
        await valkey.empty()
    elif fault == "stopped":
        await valkey.stop()
    elif fault == "started":
        await valkey.start()
