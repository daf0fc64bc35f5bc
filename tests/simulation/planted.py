"""Bugs that are planted on purpose, and how soon the simulator finds each: `python -m tests.simulation.planted`.

A bug is data: a file in `bugs/` with what it breaks and what it replaces in which file of the program. Each is planted
in a copy of the program, whose own simulator then plays seeds until something is wrong. A bug that is not found within
its seed-days, or that does not fit the program any more, is a failure: then a guard or an invariant stands unproven.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Literal

import msgspec

from app.core.settings import ROOT
from jobs.simulation.arena import server

FOLDER = Path(__file__).parent / "bugs"
PROGRAM = ("app", "jobs", "migrations")
WORLD = {"providers": 3, "inputs_a_day": 40, "checks_every": 4, "faults": 0, "seldom": 0}
"""A small and busy world: few days are needed until a mistake shows. Faults, and who comes seldom, where a bug asks."""
SEED_DAYS = 30
"""Days of one seed; the seeds are `planted 1`, `planted 2`, …"""
PATIENCE_SECONDS = 1800


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text of a file that is replaced: once, or wherever it stands when `times` says how often that is."""

    file: str
    old: str
    new: str
    times: int = 1


class Bug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A planted bug.

    `guard`: what it takes away. `found_by`: what is known to report it. `within`: seed-days in which it is found, whole
    seeds from the first one on. `seed`, `day`: where it was found first. `idle`: guards that must have decided by the
    end of a seed, for a bug that leaves nothing wrong in the books. `settings`: other than those of WORLD. `play`: by
    seeds of the simulator, or by statement-by-statement orders of processes that cross: then `test` plays `within`.
    """

    guard: str
    found_by: list[str]
    within: int
    change: list[Change]
    seed: int = 1
    day: int = 0
    idle: list[str] = []
    settings: dict[str, int] = {}
    play: Literal["seeds", "orders"] = "seeds"
    test: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a bug: the violations (none: not found), where, after how many days and seconds."""

    seed: str | None
    day: int
    days: int
    names: list[str]
    row: str
    seconds: float  # not money


class NotApplied(Exception):
    """A bug does not fit the program."""


@cache
def bugs() -> dict[str, Bug]:
    """All bugs by name, which is that of their file."""
    return {
        path.stem: msgspec.toml.decode(path.read_text(encoding="utf-8"), type=Bug)
        for path in sorted(FOLDER.glob("*.toml"))
    }


def plant(bug: Bug, program: Path) -> list[Path]:
    """Change the program in that folder; the files that are now different. Raises NotApplied where it does not fit."""
    changed = []
    for each in bug.change:
        path = program / each.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text.count(each.old) != each.times or each.old == each.new:
            raise NotApplied(f"{each.file} holds it {text.count(each.old)} times, not {each.times}: {each.old}")
        path.write_text(text.replace(each.old, each.new), encoding="utf-8")
        changed.append(path)
    return changed


@contextmanager
def copied(names: Sequence[str] = PROGRAM) -> Iterator[Path]:
    """A copy of the program that goes away."""
    with tempfile.TemporaryDirectory(prefix="vereffen-planted-") as folder:
        program = Path(folder)
        for name in names:
            # compiled files keep their date and so count for what is not changed; those that are being written do not
            shutil.copytree(ROOT / name, program / name, ignore=shutil.ignore_patterns("*.pyc.*"))
        yield program


def seeds_of(bug: Bug) -> list[tuple[str, int]]:
    """(seed, days) in the order in which they are played: the known one first, then those from 1 on."""
    others = (number for number in range(1, 1 + bug.within // SEED_DAYS) if number != bug.seed)
    return [(f"planted {number}", SEED_DAYS) for number in (bug.seed, *others)]


async def play(program: Path, url: str, bug: Bug, seeds: Sequence[tuple[str, int]]) -> Found:
    """Play those seeds with the program in that folder, in a process of its own."""
    asked: dict[str, Any] = {
        "program": str(program),
        "server": url,
        "seeds": seeds,
        "world": {**WORLD, **bug.settings},
        "guards": bug.idle,
    }
    start = monotonic()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", str(Path(__file__).parent / "planted_play.py")),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=program, env={**os.environ, "PYTHONPATH": str(program)},
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(child.communicate(json.dumps(asked).encode() + b"\n"), PATIENCE_SECONDS)
    except (TimeoutError, asyncio.CancelledError):
        child.kill()
        await child.wait()
        raise
    if child.returncode != 0:  # the program does not even start: that is no finding, whatever was planted
        last = err.decode().strip().splitlines()[-1:] or ["nothing was said"]
        return Found(seed=None, day=0, days=0, names=[], row=f"did not run: {last[0]}", seconds=monotonic() - start)
    return msgspec.convert({**json.loads(out), "seconds": monotonic() - start}, Found)


async def hunt(name: str, url: str, seeds: Sequence[tuple[str, int]] = ()) -> Found:
    """Plant one bug and look for it, in those seeds (name, days) or in its own."""
    bug = bugs()[name]
    with copied((*PROGRAM, "tests") if bug.play == "orders" else PROGRAM) as program:
        plant(bug, program)
        if bug.play == "orders":
            shutil.copy2(ROOT / "pyproject.toml", program)  # how its tests are run
            return await play_orders(program, url, bug.test)
        return await play(program, url, bug, seeds or seeds_of(bug))


async def play_orders(program: Path, url: str, test: str) -> Found:
    """Let the processes of that test cross, with the program in that folder."""
    start = monotonic()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(program), test),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=program,
        env={**os.environ, "PYTHONPATH": str(program), "VEREFFEN_TEST_DATABASE_URL": url},
    )  # fmt: skip
    out, _ = await asyncio.wait_for(child.communicate(), PATIENCE_SECONDS)
    said = [each for each in out.decode().splitlines() if each.startswith("E  ")] or out.decode().splitlines()[-1:]
    assert child.returncode in (0, 1), out.decode()  # 1: a test failed; anything else: it did not run
    names = [Path(test.partition("::")[0]).stem.removeprefix("test_")] if child.returncode else []
    return Found(seed="orders", day=0, days=0, names=names, row=said[0], seconds=monotonic() - start)


async def sound(url: str, names: Sequence[str]) -> list[Found]:
    """Play the seeds of these bugs, each in full, with the program as it is: nothing may be found.

    One answer for each kind of world; where bugs are told by guards that never decide, the guards must decide here.
    """
    worlds: dict[bytes, tuple[Bug, set[int]]] = {}
    for bug in (bugs()[name] for name in names):
        if bug.play == "seeds":
            key = msgspec.json.encode([bug.settings, bug.idle], order="sorted")
            worlds.setdefault(key, (msgspec.structs.replace(bug, change=[]), set()))[1].add(bug.seed)
    with copied() as program:
        return [
            await play(program, url, bug, [(f"planted {number}", SEED_DAYS) for number in sorted(seeds)])
            for bug, seeds in worlds.values()
        ]


def line(name: str, found: Found) -> str:
    """A row of the table that the command prints."""
    where = f"{found.seed}, day {found.day}" if found.names else "NOT FOUND"
    by = ", ".join(found.names[:3])
    return f"| {name} | {bugs()[name].guard} | {by} | {where} | {found.days} | {found.seconds:.0f} |"


HEAD = "| bug | guard | found by | seed | seed-days | seconds |\n| --- | --- | --- | --- | --- | --- |"
BEGIN, END = "<!-- planted bugs -->\n", "<!-- end of planted bugs -->\n"


def documented() -> str:
    """The table of docs/proof.md, from the data: where each bug was found first, counted from seed 1."""
    rows = ["| bug | what it takes away | planted in | found by | after seed-days |", "| --- | --- | --- | --- | --- |"]
    for name, bug in bugs().items():
        files = ", ".join(dict.fromkeys(f"`{each.file}`" for each in bug.change))
        by = ", ".join(f"`{each}`" for each in bug.found_by)
        after = str((bug.seed - 1) * SEED_DAYS + bug.day) if bug.play == "seeds" else f"{bug.within} orders"
        rows.append(f"| {name.replace('_', ' ')} | {bug.guard} | {files} | {by} | {after} |")
    return "\n".join(rows) + "\n"


def write_documented() -> None:
    """Put the table into docs/proof.md."""
    path = ROOT / "docs" / "proof.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    path.write_text(before + BEGIN + documented() + END + rest.partition(END)[2], encoding="utf-8")


async def hunt_all(
    names: Sequence[str], url: str, *, at_once: int, seeds: Sequence[tuple[str, int]] = ()
) -> dict[str, Found]:
    """Look for each of them, so many at a time, and print the rows as they come."""
    done: dict[str, Found] = {}
    turn = asyncio.Semaphore(at_once)

    async def one(name: str) -> None:
        async with turn:
            done[name] = await hunt(name, url, seeds)
            say(line(name, done[name]) + ("" if done[name].names else f" {done[name].row}"))

    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(one(name))
    return done


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Hunt the bugs named, or all; 1 when one was not found, or when the sound program failed a seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="bugs; all when none is named")
    parser.add_argument("--seeds", nargs="+", type=int, metavar="N", help="these seeds, not the one that is known")
    parser.add_argument("--days", type=int, default=SEED_DAYS, help=f"days of each of those seeds ({SEED_DAYS})")
    parser.add_argument("--at-once", type=int, default=2, help="processes at a time (2)")
    parser.add_argument("--server", help="URL of a PostgreSQL; a private one without")
    parser.add_argument("--no-sound", action="store_true", help="leave the program without bugs out")
    parser.add_argument("--rows", action="store_true", help="also the first row of each violation")
    parser.add_argument("--docs", action="store_true", help="write the table of docs/proof.md, and play nothing")
    given = parser.parse_args(arguments)
    if given.docs:
        write_documented()
        return 0
    names: list[str] = given.names or list(bugs())
    if unknown := sorted(set(names) - set(bugs())):
        parser.error(f"no such bug: {', '.join(unknown)}; choose {', '.join(bugs())}")
    say(HEAD)
    with server(given.server) as url:
        seeds = [(f"planted {number}", given.days) for number in given.seeds or ()]
        done = asyncio.run(hunt_all(names, url, at_once=given.at_once, seeds=seeds))
        if given.rows:
            for name, found in sorted(done.items()):
                say(f"{name}: {found.names}: {found.row}")
        missed = sorted(name for name, found in done.items() if not found.names)
        say(f"{len(done) - len(missed)} of {len(done)} found" + (f"; missed: {', '.join(missed)}" if missed else ""))
        if given.no_sound:
            return int(bool(missed))
        clean = asyncio.run(sound(url, names))
        for each in clean:
            say(f"without bugs: {each.days} days, {', '.join(each.names) or 'nothing wrong'} {each.row}")
    return int(bool(missed) or any(each.names or not each.days for each in clean))


if __name__ == "__main__":
    sys.exit(main())
