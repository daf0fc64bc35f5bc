"""The end of a night: the payment file of what may go out."""

from datetime import datetime
from pathlib import Path

from app.core.db import Connection
from app.payouts import release_payments
from jobs.night.plan import Run


async def release(connection: Connection, run: Run, folder: Path | None, *, now: datetime) -> None:
    """Instruct the bank for every payout of the run that is free, once; nothing when no money goes out."""
    await release_payments(connection, run.run_id, now=now, directory=folder)
