"""The night against its floor: variants in turns, each on a fresh copy of the template; and what follows a night."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.core.clock import now
from jobs.night.checking import hold_what_fails
from jobs.night.plan import read_run
from jobs.night.preview import preview_night
from jobs.night.run import run_night
from tests.bench.data import BUSINESS_DATE, FINISHED, RISK_CARRIER, World, has_finished_rows, save_finished_rows
from tests.bench.night import matched, night, planned
from tests.bench.server import Cost, Server, watch_memory
from tests.bench.table import Row, median, ratio, show

_HERE = Path(__file__).parent

Say = Callable[[str], None]
Costs = dict[str, list[Cost]]


async def finished_rows(server: Server, world: World, say: Say) -> None:
    """One clean night, whose rows the floor writes again."""
    if await has_finished_rows(server, world.template):
        return
    say("one clean night, for the rows that the floor writes")
    async with server.clone(world.template) as database:
        await night(server, database, 2)
        await save_finished_rows(server, database, world.template)


async def script(server: Server, database: str, name: str) -> None:
    """Run one of the SQL files beside this module."""
    async with server.connection(database) as connection:
        await connection.execute((_HERE / name).read_text())


async def measure(server: Server, world: World, rounds: int, only: set[str], say: Say) -> Costs:
    """The costs of every variant, round by round."""
    costs: Costs = {}

    async def timed(name: str, work: Awaitable[object]) -> None:
        async with server.measure(costs.setdefault(name, [])):
            await work
        say(f"  {name}: {show(costs[name][-1:])}")

    for number in range(1, rounds + 1):
        say(f"round {number} of {rounds}")
        if "night" in only:
            async with server.clone(world.template) as database:
                await timed("bare", script(server, database, "bare.sql"))
        async with server.clone(world.template) as database:
            await timed("floor", script(server, database, "floor.sql"))
        async with server.clone(world.template) as database:
            await timed("2 workers", night(server, database, 2))
            if "checks" in only:
                await timed("checks", _checks(server, database))
        if "night" in only:
            async with server.clone(world.template) as database:
                await timed("1 worker", night(server, database, 1))
        if "preview" in only:
            async with server.clone(world.template) as database:
                await timed("preview", _preview(server, database))
    return costs


async def _preview(server: Server, database: str) -> None:
    async with server.connection(database) as connection:
        await preview_night(connection, RISK_CARRIER, BUSINESS_DATE)


async def _checks(server: Server, database: str) -> None:
    async with server.connection(database) as connection:
        run = await read_run(connection, RISK_CARRIER, BUSINESS_DATE)
    assert run is not None
    found = await hold_what_fails(server.database(database), run, now=now())
    assert not found, f"the checks stop the benchmark's own night: {found}"


async def rows(server: Server, world: World, costs: Costs) -> list[Row]:
    """The lines of the table."""
    table: list[Row] = []
    if "1 worker" in costs:
        table += _night_rows(world, costs, await written(server, world))
    floor = costs["floor"]
    if "checks" in costs:
        table.append(
            Row(what="checks on what it touched, against the floor", measured=show(costs["checks"]),
                value=ratio(costs["checks"], floor, "wall"), bar=0.5)
        )  # fmt: skip
    if "preview" in costs:
        table.append(
            Row(what="preview on one connection, against the night of two workers", measured=show(costs["preview"]),
                value=ratio(costs["preview"], costs["2 workers"], "wall"), bar=1.0)
        )  # fmt: skip
    return table


def _night_rows(world: World, costs: Costs, postings: int) -> list[Row]:
    floor, two, one, bare = costs["floor"], costs["2 workers"], costs["1 worker"], costs["bare"]
    rate = round(postings / median(two, "wall"), -2)
    return [
        Row(what="bare heaps, one connection", measured=show(bare)),
        Row(what="floor: the same rows, one connection", measured=show(floor)),
        Row(what="floor / bare heaps, CPU", measured="", value=ratio(floor, bare, "cpu"), bar=4.5),
        Row(what="floor / bare heaps, wall", measured="", value=ratio(floor, bare, "wall"), bar=4.5),
        Row(what="night, two workers, wall", measured=show(two), value=ratio(two, floor, "wall"), bar=1.1),
        Row(what="night, two workers, CPU", measured=f"{postings:,} postings, {rate:,.0f}/s",
            value=ratio(two, floor, "cpu"), bar=1.8),
        Row(what="night, one worker, wall", measured=show(one), value=ratio(one, floor, "wall")),
        Row(what="night, one worker, CPU", measured="", value=ratio(one, floor, "cpu")),
    ]  # fmt: skip


async def written(server: Server, world: World) -> int:
    """How many postings a night of this world writes."""
    async with server.connection(world.template) as connection:
        return int(await connection.fetchval("select count(*) from fin_posting"))


async def books_hash(server: Server, database: str) -> str:
    """A hash over everything that a night writes or changes."""
    tables = [name.removeprefix("fin_") for name in FINISHED if name != "fin_position"]
    tables += ["claim_position", "payable", "incident", "dunning_proposal", "payment_instruction", "payment_file"]
    async with server.connection(database) as connection:
        parts = [
            await connection.fetchval(
                f"select coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text || '/' || count(*) from {name} t"
            )
            for name in tables
        ]
    return " ".join(parts)


async def whole_night(server: Server, world: World, folder: Path, say: Say) -> list[Row]:
    """The product's own `run_night` from gate to payment file, and the same command again."""
    say("the whole night as the product runs it, then the same again")
    async with server.clone(world.template) as database:
        spent: list[float] = []
        hashes: list[str] = []
        for _ in range(2):
            start = time.monotonic()
            report = await run_night(
                server.database(database), RISK_CARRIER, BUSINESS_DATE, workers=2, payments_folder=folder
            )
            spent.append(time.monotonic() - start)
            assert report.state == "released", f"the night ended as {report.state}: {report.state_reason}"
            hashes.append(await books_hash(server, database))
    changed = "nothing changed" if hashes[0] == hashes[1] else "THE BOOKS CHANGED"
    return [
        Row(what="whole night: gate, batches, checks, proposals, payment file", measured=f"{spent[0]:.2f} s wall"),
        Row(what="the same night again", measured=f"{spent[1]:.3f} s wall; {changed}",
            value=spent[1] if hashes[0] == hashes[1] else 999, bar=0.5, unit="s"),
    ]  # fmt: skip


async def memory(server: Server, world: World, say: Say) -> list[Row]:
    """Private memory of a backend, without the giant and with it."""
    say("private memory of the backends")
    found: list[float] = []
    for giant in (False, True):
        async with server.clone(world.template) as database:
            if not giant:
                async with server.connection(database) as connection:
                    await connection.execute("delete from payable where account_id = $1", world.giant)
            run = await planned(server, database)
            peaks: dict[int, int] = {}
            async with watch_memory(server, peaks):
                await matched(server, database, run, 2)
            found.append(max(peaks.values(), default=0) / 2**20)
    return [
        Row(what="private memory of one backend, no giant in the batch",
            measured="RssAnon, highest of 100 looks a second", value=found[0], bar=64, unit="MB"),
        Row(what="the same with the giant", measured="", value=found[1], unit="MB"),
    ]  # fmt: skip
