"""A night in a process of its own, to be killed: `python -m tests.night.worker URL CARRIER DATE LEASE ENTRIES`."""

import asyncio
import sys
from datetime import date, timedelta

from app.core.errors import Refusal
from jobs.night.plan import Limits
from jobs.night.run import run_night

REFUSED = 3


def main(url: str, carrier: str, day: str, lease_seconds: str, batch_entries: str) -> int:
    """0 when the night was released; REFUSED when another one holds the run, or has taken it over."""
    limits = Limits(lease=timedelta(seconds=float(lease_seconds)), batch_entries=int(batch_entries))
    try:
        done = asyncio.run(run_night(url, int(carrier), date.fromisoformat(day), limits=limits, holder="process"))
    except Refusal as refusal:
        sys.stderr.write(refusal.code)
        return REFUSED
    return 0 if done.state == "released" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
