"""All checks over books of 10,000,000 postings: five nights of the product on the bench's own data."""

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from jobs.night.checking import run_checks_on
from jobs.night.run import run_night
from tests.bench.data import BUSINESS_DATE, RISK_CARRIER, World, world
from tests.bench.server import Server
from tests.bench.table import Row

POSTINGS = 10_000_000
DECLARATIONS = 5_000_000
NIGHTS = 5
SECONDS = 120.0
BYTES_PER_DECLARATION = 2_400  # the data, the rows of their nights, and sorts on disk while they are made
BYTES_BESIDE = 10 * 10**9  # the write-ahead log (max_wal_size 8 GB) and the payment files
SHOWN = 12  # of the slowest checks

Say = Callable[[str], None]


def refusal(folder: Path, declarations: int) -> str | None:
    """The sentence that says why it cannot run here, or None."""
    needed = declarations * BYTES_PER_DECLARATION + BYTES_BESIDE
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return None
    return (
        f"Books of {declarations:,} declarations need {needed / 10**9:.0f} GB of disk under {folder}, "
        f"where {free / 10**9:.0f} GB is free: make room, or name another folder by VEREFFEN_BENCH_DIR."
    )


async def books(server: Server, declarations: int, say: Say, *, nights: int = NIGHTS) -> World:
    """The books: made when they are not there yet, by `run_night` date after date, each proven and paid."""
    made = await world(server, declarations, nights=nights)
    async with server.connection(made.template) as connection:
        if await connection.fetchval("select to_regclass('bench_books') is not null"):
            return made
    with tempfile.TemporaryDirectory() as folder:
        for n in range(nights):
            day = BUSINESS_DATE + timedelta(days=n)
            start = time.monotonic()
            report = await run_night(
                server.database(made.template), RISK_CARRIER, day, workers=2, payments_folder=Path(folder)
            )
            assert report.state == "released", f"the night of {day} ended as {report.state}: {report.state_reason}"
            say(f"  night of {day}: {time.monotonic() - start:.1f} s")
    async with server.connection(made.template) as connection:
        await connection.execute("vacuum (freeze, analyze)")
        await connection.execute("create table bench_books ()")
    return made


async def rows(
    server: Server, rounds: int, say: Say, *, declarations: int = DECLARATIONS, nights: int = NIGHTS
) -> list[Row]:
    """Every check over everything, on two connections; the slowest ones by name, and the whole against its bar."""
    say(f"books of {declarations:,} declarations in {nights} nights")
    made = await books(server, declarations, say, nights=nights)
    spent: dict[str, list[float]] = {}
    whole: list[float] = []
    for number in range(1, rounds + 1):
        async with server.connection(made.template) as one, server.connection(made.template) as two:
            start = time.monotonic()
            found = await run_checks_on(
                [one, two], run_id=None, timed=lambda name, seconds: spent.setdefault(name, []).append(seconds)
            )
            whole.append(time.monotonic() - start)
        assert not found, f"the checks find something in the benchmark's own books: {found[:5]}"
        say(f"all checks, round {number} of {rounds}: {whole[-1]:.1f} s")
    async with server.connection(made.template) as connection:
        postings = int(await connection.fetchval("select count(*) from posting"))
    seconds = {name: min(each) for name, each in spent.items()}
    slowest = sorted(seconds, key=lambda name: -seconds[name])
    assert postings >= POSTINGS or declarations < DECLARATIONS, f"only {postings:,} postings"
    return [
        Row(what=f"all {len(seconds)} checks over {postings:,} postings, two connections",
            measured=f"{sum(seconds.values()):.1f} s of statements", value=sorted(whole)[len(whole) // 2],
            bar=SECONDS, unit="s"),
        *(Row(what=f"  {name}", measured=f"{seconds[name]:.2f} s") for name in slowest[:SHOWN]),
        Row(what=f"  the other {len(slowest) - SHOWN}",
            measured=f"{sum(seconds[name] for name in slowest[SHOWN:]):.2f} s"),
    ]  # fmt: skip
