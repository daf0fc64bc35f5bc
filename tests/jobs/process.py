"""A worker in a process of its own, to be killed, stopped and woken: `-m tests.jobs.process URL REDIS LEASE SWEEP`.

Besides the kinds of the program it knows `count`: a row in `audit` per run, under the job's fence, after a while.
"""

import asyncio
import signal
import sys
from datetime import timedelta
from typing import Any

from app.core import log
from app.core.audit import audit
from app.core.clock import now
from app.core.db import connect, create_pool, transaction
from app.core.jobs import RunningJob
from jobs.kinds import KINDS, Around, Work
from jobs.worker import Pace, Worker


async def count(running: RunningJob, around: Around) -> dict[str, Any]:
    """Mark the beginning at once, wait `seconds` outside a transaction, then leave one mark under the fence."""
    connection = await connect(around.url)
    try:
        await mark(connection, running, "begun")
        await asyncio.sleep(running.job.payload.get("seconds", 0))
        async with transaction(connection, role="worker", actor="count"):
            await running.keep_fence(connection)
            await write(connection, running, "counted")
    finally:
        await connection.close()
    return {"fence": running.job.fence}


async def mark(connection: Any, running: RunningJob, action: str) -> None:
    """A mark in a transaction of its own."""
    async with transaction(connection, role="worker", actor="count"):
        await write(connection, running, action)


async def write(connection: Any, running: RunningJob, action: str) -> None:
    """The audit row that a test counts."""
    await audit(
        connection,
        risk_carrier_id=None,
        account_id=None,
        occurred_at=now(),
        actor="count",
        action=action,
        subject=f"job:{running.job.job_id}",
        body={"fence": running.job.fence},
    )


WITH_COUNT: dict[str, Work] = {**KINDS, "count": count}


async def main(url: str, redis: str, lease: str, sweep: str, entries: str = "20000") -> int:
    """Until SIGTERM; `redis` "-" for none."""
    log.configure("error")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    pace = Pace(
        lease=timedelta(seconds=float(lease)),
        sweep=timedelta(seconds=float(sweep)),
        first_pause=timedelta(seconds=0.2),
        grace=timedelta(seconds=1),
    )
    pool = await create_pool(url, 6)
    around = Around(url=url, lease=pace.lease, gate_pause=timedelta(seconds=0.2), batch_entries=int(entries))
    await Worker(around, pool, redis_url=None if redis == "-" else redis, pace=pace, kinds=WITH_COUNT).run(stop)
    pool.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
