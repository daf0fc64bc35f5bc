"""The end of a night: the payment file of what may go out."""

from datetime import datetime, timedelta
from pathlib import Path

from app.core.db import Connection
from app.payouts import release_payments, runs_with_held_payouts
from jobs.night.plan import USUAL, Run


async def release(
    connection: Connection, run: Run, folder: Path | None, *, now: datetime, lease: timedelta = USUAL.lease
) -> None:
    """Instruct the bank for every payout of the run that is free, once; nothing when no money goes out.

    Payouts of earlier runs that were held go out in a supplement of their run once the hold has ended and the
    incident is resolved. `lease`: how long a worker that falls asleep here keeps the locks.
    """
    await release_payments(connection, run.run_id, now=now, directory=folder, lease=lease)
    for earlier in await runs_with_held_payouts(connection, run.risk_carrier_id):
        if earlier != run.run_id:
            await release_payments(
                connection, earlier, now=now, directory=folder, business_date=run.business_date, lease=lease
            )
