"""Redis is a doorbell (law 1): emptied, stopped or set back at random moments nothing is lost, doubled or late.

`VEREFFEN_BELL_FAULTS=100 pytest tests/jobs/test_bell.py` is the proof; the quick run does a few.
"""

import asyncio
import os
import random
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core import embedded
from app.core.bell import Bell, redis_client
from app.core.db import Connection
from tests.jobs.conftest import StartWorker, asked, job_of, marks, measured, until, until_state

FAULTS = int(os.environ.get("VEREFFEN_BELL_FAULTS", "6"))
SWEEP_SECONDS = 1.0
LATE_SECONDS = 30.0


class Valkey:
    """A server that a test stops, starts and sets back."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        self.url = f"unix://{self.socket}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        where = ("--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.socket.parent))
        self._process = await asyncio.create_subprocess_exec(
            embedded.valkey_program(), *where, "--save", "", stdout=asyncio.subprocess.DEVNULL
        )
        await until(self._answers)

    async def stop(self) -> None:
        """By kill -9: nothing is kept."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _answers(self) -> bool:
        async with Redis(unix_socket_path=str(self.socket)) as client:
            try:
                return bool(await client.ping())
            except (RedisError, OSError):
                return False

    async def empty(self) -> None:
        async with Redis(unix_socket_path=str(self.socket)) as client:
            await client.flushall()

    async def copy(self) -> dict[bytes, tuple[bytes, int]]:
        """What is in it now, as a backup would hold it."""
        async with Redis(unix_socket_path=str(self.socket)) as client:
            found = {key: (await client.dump(key), await client.pttl(key)) for key in await client.keys("*")}
        return {key: (value, max(ttl, 0)) for key, (value, ttl) in found.items() if value is not None}

    async def set_back(self, backup: dict[bytes, tuple[bytes, int]]) -> None:
        """Be as it was then: rings that were heard since ring again, those since then were never there."""
        async with Redis(unix_socket_path=str(self.socket)) as client:
            await client.flushall()
            for key, (value, ttl) in backup.items():
                await client.restore(key, ttl, value, replace=True)  # the workers go on writing meanwhile


@pytest.fixture
async def own_valkey() -> AsyncIterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="vf-bell-") as folder:
        server = Valkey(Path(folder))
        await server.start()
        yield server
        await server.stop()


async def test_a_ring_starts_a_job_long_before_the_sweep_would(
    db: Connection, db_url: str, own_valkey: Valkey, start_worker: StartWorker
) -> None:
    await start_worker(db_url, own_valkey.url, sweep=60)
    first = await asked(db, "count", "first")
    await until_state(db, first, "done")  # the worker has started, and sweeps again in a minute
    second = await asked(db, "count", "second")
    bell = Bell(own_valkey.url)
    await bell.ring(second)
    await bell.close()
    assert await until_state(db, second, "done") < 5


async def test_without_redis_the_sweep_does_everything(db: Connection, db_url: str, start_worker: StartWorker) -> None:
    await start_worker(db_url, "unix:///nowhere/at/all", sweep=0.2)
    job_id = await asked(db, "count", "a")
    assert await until_state(db, job_id, "done") < 10


async def test_a_bell_without_redis_is_silent_within_a_second() -> None:
    bell = Bell("unix:///nowhere/at/all")
    clock = asyncio.get_running_loop().time
    began = clock()
    await bell.ring(1)
    await bell.close()
    assert clock() - began < 1


async def test_nothing_but_the_number_of_a_job_goes_over_the_wire(own_valkey: Valkey) -> None:
    bell = Bell(own_valkey.url)
    await bell.ring(17)
    await bell.close()
    reader = redis_client(own_valkey.url)
    (ring,) = await reader.queued_jobs()
    await reader.aclose(close_connection_pool=True)
    assert (ring.function, list(ring.args), ring.kwargs) == ("work", [17], {})


async def test_a_ring_that_is_nonsense_does_not_end_the_worker(
    db: Connection, db_url: str, own_valkey: Valkey, start_worker: StartWorker
) -> None:
    worker = await start_worker(db_url, own_valkey.url, sweep=0.2)
    async with Redis(unix_socket_path=str(own_valkey.socket)) as client:
        for number, payload in enumerate((b"", b"\x80\x04K\x01.", b"\xc1", b"{}")):
            await client.set(f"arq:job:nonsense{number}", payload)
            await client.zadd("arq:queue", {f"nonsense{number}": 1})
        await client.set("arq:queue:wrong", "type")
    job_id = await asked(db, "count", "a")
    await until_state(db, job_id, "done")
    assert worker.returncode is None


class Asking(NamedTuple):
    """Who asks for jobs and rings for them, all the while."""

    ids: list[int]
    stop: asyncio.Event


async def ask_on(db: Connection, bell: Bell, asking: Asking, pick: random.Random) -> None:
    while not asking.stop.is_set():
        job_id = await asked(db, "count", f"n{len(asking.ids)}", payload={"seconds": pick.choice((0, 0, 0.3))})
        asking.ids.append(job_id)
        await bell.ring(job_id)
        await asyncio.sleep(pick.uniform(0, 0.1))


async def disturb(server: Valkey, pick: random.Random) -> None:
    """One fault at a random moment."""
    backup = await server.copy()
    await asyncio.sleep(pick.uniform(0, 0.4))
    fault = pick.choice(("emptied", "stopped", "set back"))
    if fault == "emptied":
        await server.empty()
    elif fault == "set back":
        await server.set_back(backup)
    else:
        await server.stop()
        await asyncio.sleep(pick.uniform(0, 0.4))
        await server.start()


@pytest.mark.parametrize("faults", [6, pytest.param(FAULTS if FAULTS > 6 else 60, marks=pytest.mark.slow)])
async def test_redis_emptied_stopped_or_set_back_loses_doubles_and_delays_nothing(
    faults: int, db: Connection, db_url: str, own_valkey: Valkey, start_worker: StartWorker
) -> None:
    pick = random.Random(faults)
    workers = [await start_worker(db_url, own_valkey.url, lease=10, sweep=SWEEP_SECONDS) for _ in range(2)]
    bell = Bell(own_valkey.url)
    asking = Asking([], asyncio.Event())
    asker = asyncio.create_task(ask_on(db, bell, asking, pick))
    for _ in range(faults):
        await disturb(own_valkey, pick)
    asking.stop.set()
    await asker
    await bell.close()
    for job_id in asking.ids:
        await until_state(db, job_id, "done", LATE_SECONDS)
    counted = await marks(db, "counted")
    late = [await delay(db, job_id) for job_id in asking.ids]
    measured(f"{faults} faults, {len(late)} jobs, at most {max(late):.2f} s late")
    assert counted == {f"job:{job_id}": 1 for job_id in asking.ids}
    assert max(late) < LATE_SECONDS
    assert [worker.returncode for worker in workers] == [None, None]


async def delay(db: Connection, job_id: int) -> float:
    job = await job_of(db, job_id)
    assert job.started_at is not None
    return (job.started_at - job.created_at).total_seconds()
