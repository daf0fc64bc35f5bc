"""Whether a declaration costs the same in 5,000,000 as in 100,000."""

import shutil
import statistics
from collections.abc import Callable
from pathlib import Path

from tests.bench.data import world
from tests.bench.night import night
from tests.bench.server import Cost, Server
from tests.bench.table import Row

LARGE = 5_000_000
SMALL = 100_000
BYTES_PER_DECLARATION = 2_000  # the template (670 measured) and one copy with the night's rows (1,060)
BYTES_BESIDE = 10 * 10**9  # the write-ahead log (max_wal_size 8 GB) and sorts on disk while the data are made


def refusal(folder: Path, large: int) -> str | None:
    """The sentence that says why it cannot run here, or None."""
    needed = large * BYTES_PER_DECLARATION + BYTES_BESIDE
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return None
    return (
        f"{large:,} declarations need {needed / 10**9:.0f} GB of disk under {folder}, "
        f"where {free / 10**9:.0f} GB is free: make room, or name another folder by VEREFFEN_BENCH_DIR."
    )


async def rows(
    server: Server, rounds: int, say: Callable[[str], None], *, large: int = LARGE, small: int = SMALL
) -> list[Row]:
    """Two workers on both sizes, in turns; the large template is removed at the end."""
    costs: dict[int, list[Cost]] = {small: [], large: []}
    big = await world(server, large)
    little = await world(server, small)
    for number in range(1, rounds + 1):
        for each in (little, little, little, big):
            async with server.clone(each.template) as database, server.measure(costs[each.declarations]):
                await night(server, database, 2)
            last = costs[each.declarations][-1]
            say(f"scale, round {number}: {each.declarations:,} in {last.wall:.1f} s wall, {last.cpu:.1f} s CPU")
    await server.drop(big.template)
    table: list[Row] = []
    for of in ("cpu", "wall"):
        few, many = (statistics.median(getattr(cost, of) for cost in costs[n]) / n * 1e6 for n in (small, large))
        measured = f"{many:.2f} against {few:.2f} us"
        table.append(
            Row(
                what=f"a declaration in {large:,} against {small:,}, {of}", measured=measured, value=many / few, bar=1.3
            )
        )
    return table
