"""Workers as processes, and jobs to give them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.db import Connection, transaction
from app.core.jobs import Job, add_job, read_job

ROOT = Path(__file__).resolve().parents[2]
StartWorker = Callable[..., Awaitable[asyncio.subprocess.Process]]


async def asked(db: Connection, kind: str, subject: str, **more: Any) -> int:
    """A job in the queue; its id."""
    async with transaction(db, role="worker", actor="test"):
        job_id, _new = await add_job(db, kind=kind, subject=subject, actor="test", **{"risk_carrier_id": None, **more})
    return job_id


async def job_of(db: Connection, job_id: int) -> Job:
    """The row as it is now."""
    found = await read_job(db, job_id)
    assert found is not None
    return found


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> float:
    """Wait for a condition; how many seconds it took. Fails after `seconds`."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while not await condition():
        assert clock() - began < seconds, f"not within {seconds} seconds"
        await asyncio.sleep(0.02)
    return clock() - began


async def until_state(db: Connection, job_id: int, state: str, seconds: float = 20) -> float:
    """Wait until the job is in that state; how many seconds it took."""

    async def there() -> bool:
        return (await job_of(db, job_id)).state == state

    try:
        return await until(there, seconds)
    except AssertionError:
        kept = await db.fetch(
            """select state, wait_event, query from pg_stat_activity
               where xact_start < clock_timestamp() - interval '2 s'"""
        )
        raise AssertionError(f"not {state} within {seconds} seconds: {await job_of(db, job_id)}; {kept}") from None


async def marks(db: Connection, action: str) -> dict[str, int]:
    """How often each job left that mark."""
    rows = await db.fetch("select subject, count(*) as n from audit where action = $1 group by subject", action)
    return {row["subject"]: row["n"] for row in rows}


def measured(text: str) -> None:
    """A figure for who runs the tests with -s."""
    sys.stdout.write(f"{text}\n")


@pytest.fixture
async def start_worker() -> AsyncIterator[StartWorker]:
    """Start a worker process: (url, redis url or "-", lease, sweep, batch entries); all are killed at the end."""
    started: list[asyncio.subprocess.Process] = []

    async def start(
        url: str, redis: str = "-", lease: float = 1.0, sweep: float = 0.2, entries: int = 20_000
    ) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.jobs.process", url, redis, str(lease), str(sweep), str(entries), cwd=ROOT
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()
