"""Commands that prove: simulate one seed, or as many as the time allows.

They make databases of their own and drop them, beside the usual commands: DATABASE_URL is not looked at, so that a
simulation never comes near a database that somebody uses.
"""

import argparse
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import msgspec

from app.commands.context import readable
from app.console import complain, say, table
from app.core import clock, log
from app.core.errors import Refusal
from app.core.settings import ROOT, Settings
from jobs.simulation.arena import Arena, server
from jobs.simulation.matrix import run_matrix
from jobs.simulation.matrix_model import JobPoints
from jobs.simulation.model import Scenario
from jobs.simulation.play import Outcome
from jobs.simulation.proving import Tally, ground, play_on, prove
from jobs.simulation.reached import GUARD_DAYS
from jobs.simulation.scenario import make
from jobs.simulation.shrink import Shrinker, write_test


async def simulate(args: argparse.Namespace, chosen: Settings) -> int:
    """Play one seed (or a kept scenario) and tell what happened; 1 and a small test when something was wrong."""
    if args.matrix:
        return await _matrix(args)
    scenario = _scenario(args)
    with server(args.server) as url:
        async with ground(url) as made:
            start = monotonic()
            outcome = await play_on(made, scenario)
            _tell(outcome, monotonic() - start)
            if not outcome.violations:
                return _told_of_guards(outcome, args.days)
            _tell_failure(outcome)
            if args.shrink > 0:
                await _shrink(made, scenario, outcome, args.shrink, chosen.data / "simulate")
            return 1


async def _matrix(args: argparse.Namespace) -> int:
    """The crash matrix: a line for each job as it is done; 1 when a point ended in other books."""
    log.configure("error")  # requests and jobs that die are what is meant here
    start = monotonic()

    def told(each: JobPoints) -> None:
        complain(f"{each.job}: {each.statements} statements, {each.points} punten, {each.same} gelijk")
        for fault in each.faults[:20]:
            complain(f"  {fault}")

    with server(args.server) as url:
        found = await run_matrix(url, told)
    rows = [(each.job, each.statements, each.commits, each.points, each.same, each.checked) for each in found]
    table(["taak", "statements", "commits", "punten", "gelijk", "met invarianten"], rows, right=(1, 2, 3, 4, 5))
    points, same = sum(each.points for each in found), sum(each.same for each in found)
    say(f"{len(found)} taken, {points} punten, {same} gelijk, in {monotonic() - start:.0f} seconden")
    return 1 if any(each.faults for each in found) else 0


def _scenario(args: argparse.Namespace) -> Scenario:
    if args.replay is None:
        return make(
            args.seed,
            args.days,
            providers=args.providers,
            faults=args.faults,
            workers=args.workers,
            checks_every=args.checks_every,
            inputs_a_day=args.inputs,
        )
    try:
        return msgspec.json.decode(readable(args.replay).read_bytes(), type=Scenario)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Refusal("bad_scenario", f"{args.replay} holds no scenario: {error}.", status=422) from error


async def run_seeds(args: argparse.Namespace, chosen: Settings) -> int:
    """Play seeds until the time is up; 1 when one was wrong or a guard never decided."""
    first = args.seed if args.seed is not None else int(f"{clock.today():%Y%m%d}000")
    until, number = monotonic() + 60 * args.minutes, iter(range(first, first + 10**6))

    def seeds() -> str | None:
        return str(next(number)) if monotonic() < until else None

    async def told(outcome: Outcome) -> None:
        complain(_sentence(outcome))

    start = monotonic()
    with server(args.server) as url:
        async with ground(url) as made:
            tally = await prove(
                made,
                seeds,
                days=args.days,
                providers=args.providers,
                workers=args.workers,
                inputs_a_day=args.inputs,
                told=told,
            )
            _tell_tally(tally, monotonic() - start)
            for outcome in tally.failed:
                _tell_failure(outcome)
                if args.shrink > 0:
                    await _shrink(made, outcome.scenario, outcome, args.shrink, chosen.data / "simulate")
    return 0 if tally.sound else 1


def _sentence(outcome: Outcome) -> str:
    return (
        f"seed {outcome.scenario.seed}: {outcome.days} dagen, {outcome.jobs} opdrachten ({outcome.refused} geweigerd), "
        f"{outcome.nights} nachten, {outcome.kills} keer gedood, {outcome.cuts} keer alle sessies beëindigd, "
        f"{outcome.statements} statements, {outcome.looked} invarianten bekeken, "
        f"{len(outcome.violations)} overtredingen; hash {outcome.hash[:16]}"
    )


def _tell(outcome: Outcome, seconds: float) -> None:  # not money: seconds
    say(_sentence(outcome))
    say(f"{outcome.days / max(seconds, 0.001):.1f} dagen per seconde, PostgreSQL {outcome.server}")
    _tell_counts(outcome.situations, outcome.guards)
    say(f"hash van alle geldtabellen: {outcome.hash}")


def _tell_counts(situations: Counter[str], guards: Counter[str]) -> None:
    say()
    table(["situatie", "keer"], sorted(situations.items()), right=(1,))
    say()
    table(["bewaker die besliste", "keer"], sorted(guards.items()), right=(1,))
    say()


def _told_of_guards(outcome: Outcome, days: int) -> int:
    tally = Tally()
    tally.add(outcome)
    return _guards_missing(tally.idle_guards) if days >= GUARD_DAYS else 0


def _guards_missing(names: Sequence[str]) -> int:
    if names:
        complain(f"Deze bewakers beslisten in {GUARD_DAYS} dagen of meer geen enkele keer: {', '.join(names)}.")
    return 1 if names else 0


def _tell_tally(tally: Tally, seconds: float) -> None:  # not money: seconds
    _tell_counts(tally.situations, tally.guards)
    say(
        f"{tally.seeds} seeds, {tally.days} dagen ({tally.days / max(seconds, 0.001):.1f} per seconde), "
        f"{tally.jobs} opdrachten ({tally.refused} geweigerd), {tally.nights} nachten, {tally.kills} keer gedood, "
        f"{tally.cuts} keer alle sessies beëindigd, {tally.statements} statements; {len(tally.situations)} situaties "
        f"bereikt, {tally.looked} invarianten bekeken, {len(tally.failed)} seeds met overtredingen"
    )
    for seed in tally.differs:
        complain(f"Seed {seed}: zonder storingen staat er ander geld in de boeken.")
    _guards_missing(tally.idle_guards)


def _commit() -> str:
    """The commit that is checked out; nothing where there is no git."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return ""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return f", commit {asked.stdout.strip()}" if asked.returncode == 0 else ""


def _tell_failure(outcome: Outcome) -> None:
    scenario = outcome.scenario
    where = f"PostgreSQL {outcome.server}{_commit()}"
    for wrong in outcome.violations:
        complain(f"seed {scenario.seed}, dag {outcome.days} ({where}): {wrong.name}")
        for row in wrong.rows:
            complain(f"  {row}")
    for name, statements in outcome.sessions:
        complain(f"laatste statements van {name}:")
        for session, text in statements:
            complain(f"  {session}: {' '.join(text.split())[:150]}")
    faults = "--faults" if scenario.faults else "--no-faults"
    complain(
        f"Nog eens: ./dev run simulate --seed {shlex.quote(scenario.seed)} --days {scenario.days} "
        f"--providers {scenario.providers} --inputs {scenario.inputs_a_day} {faults}"
        + (" --workers 2" if len(scenario.two) == 2 * scenario.days else "")
    )


async def _shrink(made: Arena, scenario: Scenario, outcome: Outcome, seconds: int, folder: Path) -> None:
    complain(f"Kleiner maken, hoogstens {seconds} seconden …")
    shrinker = Shrinker(made, outcome, seconds)
    small = await shrinker.shrunk(scenario)
    path = write_test(folder / f"seed_{scenario.seed}", small, shrinker.last)
    faults = sum(map(len, small.faults.values()))
    complain(f"Na {shrinker.tries} pogingen: {len(small.inputs)} handelingen, {faults} storingen, {small.days} dagen.")
    complain(f"Als test: {path}")
