"""`python -m tests.bench`: measures on this machine, prints one table, leaves no server behind."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from app.core.settings import ROOT
from tests.bench import api, books, intake, pages, postings, rounds, scale, singly, statement
from tests.bench.data import world
from tests.bench.server import SETTINGS, Server, running, version
from tests.bench.table import Row, median, render

PARTS = (
    "night",
    "checks",
    "preview",
    "whole",
    "memory",
    "singly",
    "postings",
    "statement",
    "intake",
    "api",
    "pages",
    "scale",
    "checks-all",
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="The night and the postings, against bare PostgreSQL in the same run."
    )
    parser.add_argument("--declarations", type=int, default=1_000_000, help="in the queue; a fifth as many claims")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; the medians are printed")
    parser.add_argument("--small", action="store_true", help="20,000 declarations, one round: does it run?")
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument(
        "--scale", action="store_true", help="also 5,000,000 declarations against 100,000 (20 GB, long)"
    )
    parser.add_argument("--pgledger", type=Path, default=os.environ.get("PGLEDGER_SQL"), help="pgledger's SQL file")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.declarations, arguments.rounds = 20_000, 1
    arguments.books = arguments.declarations if arguments.small else books.DECLARATIONS
    arguments.parts = set(arguments.only.split(",")) if arguments.only else set(PARTS) - {"scale", "checks-all"}
    if arguments.scale:
        arguments.parts.add("scale")
    if unknown := arguments.parts - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if arguments.pgledger is not None and not Path(arguments.pgledger).is_file():
        parser.error(f"{arguments.pgledger} is not a file; --pgledger takes pgledger.sql")
    return arguments


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _measure(server: Server, arguments: argparse.Namespace) -> list[Row]:
    await server.start()
    parts: set[str] = arguments.parts
    table: list[Row] = []
    per_declaration = rate = None
    if parts - {"statement", "api", "pages", "scale", "checks-all"}:
        _say(f"data for {arguments.declarations:,} declarations")
        made = await world(server, arguments.declarations)
        if parts & {"night", "checks", "preview"}:
            await rounds.finished_rows(server, made, _say)
            costs = await rounds.measure(server, made, arguments.rounds, parts, _say)
            table += await rounds.rows(server, made, costs)
            per_declaration = median(costs["2 workers"], "wall") / made.declarations
            rate = await rounds.written(server, made) / median(costs["2 workers"], "wall")
        if "whole" in parts:
            with tempfile.TemporaryDirectory() as folder:
                table += await rounds.whole_night(server, made, Path(folder), _say)
        if "memory" in parts:
            table += await rounds.memory(server, made, _say)
        if "intake" in parts:
            table += await intake.rows(server, made, min(arguments.rounds, 3), _say)
        if "singly" in parts:
            table += await singly.one_by_one(server, made, per_declaration)
        if "postings" in parts:
            _say("postings")
            path = None if arguments.pgledger is None else Path(arguments.pgledger)
            table += await postings.rows(server, made, path, rate)
    if "statement" in parts:
        table += await statement.rows(server, arguments.rounds, _say)
    if "api" in parts:
        _say("claims and declarations by POST")
        table += await api.rows(server, arguments.rounds, 2_000 if arguments.small else 6_000, _say)
    if "pages" in parts:
        table += await pages.rows(server, arguments.small, _say)
    if "checks-all" in parts:
        table += await books.rows(server, arguments.rounds, _say, declarations=arguments.books)
    if "scale" in parts:
        table += await scale.rows(server, min(arguments.rounds, 3), _say)
    elif "checks-all" not in parts:
        table.append(
            Row(what="a declaration in 5,000,000 against 100,000", measured="not measured: --scale (20 GB of disk)")
        )
    return table


def main() -> int:
    """Run what the arguments ask for; 0 when every bar that was measured holds, 1 otherwise."""
    arguments = _arguments()
    folder = Path(os.environ.get("VEREFFEN_BENCH_DIR") or ROOT / ".data" / "bench")
    folder.mkdir(parents=True, exist_ok=True)
    refused = scale.refusal(folder, scale.LARGE) if "scale" in arguments.parts else None
    if "checks-all" in arguments.parts:
        refused = refused or books.refusal(folder, arguments.books)
    if refused:
        print(refused)
        return 2
    load = os.getloadavg()[0]
    with running(folder) as server:
        table = asyncio.run(_measure(server, arguments))
        number = asyncio.run(version(server))
    print(
        f"PostgreSQL {number}, {os.cpu_count()} cores, load {load:.1f} then {os.getloadavg()[0]:.1f}; "
        f"fsync and synchronous_commit on, shared_buffers {SETTINGS['shared_buffers']}, "
        f"wal_buffers {SETTINGS['wal_buffers']}; "
        f"medians of {arguments.rounds} interleaved rounds"
    )
    print(render(table))
    return 1 if any(row.holds is False for row in table) else 0


if __name__ == "__main__":
    sys.exit(main())
