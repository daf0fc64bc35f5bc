"""One night on a copy of the template: planned, and its batches done by one or two workers, as the product does it."""

import asyncio

from app.core.clock import now
from jobs.night.batches import work_one
from jobs.night.plan import Run, plan, read_run
from tests.bench.data import BUSINESS_DATE, RISK_CARRIER
from tests.bench.server import Server


async def planned(server: Server, database: str) -> Run:
    """Plan the night and take its lease."""
    async with server.connection(database) as connection:
        await plan(connection, RISK_CARRIER, BUSINESS_DATE, now=now())
        await connection.execute("update run set state = 'matching', fence = fence + 1")
        run = await read_run(connection, RISK_CARRIER, BUSINESS_DATE)
        assert run is not None
        return run


async def matched(server: Server, database: str, run: Run, workers: int) -> None:
    """Do every batch of the run; a batch that fails ends the measurement."""

    async def work() -> None:
        async with server.connection(database) as own:
            while await work_one(own, run, now=now()) is not None:
                pass

    await asyncio.gather(*(work() for _ in range(workers)))


async def night(server: Server, database: str, workers: int) -> None:
    """From the gate to the last batch."""
    await matched(server, database, await planned(server, database), workers)
