"""One scenario from its first day to its last, or to the first thing that is wrong."""

import random
import traceback
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from app.core import clock
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import Replayed
from app.nights import dates_to_run
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation import world as worlds
from jobs.simulation.actors import ACTORS, SELDOM, Job
from jobs.simulation.actors.holds import ended_late
from jobs.simulation.bank import Bank
from jobs.simulation.desk import Desk, file_of, load
from jobs.simulation.hashes import books_hash
from jobs.simulation.judge import Judge, Violation
from jobs.simulation.model import CARRIERS, Fault, Input, Scenario, stream
from jobs.simulation.outside import Outside
from jobs.simulation.reached import count_guards, count_situations
from jobs.simulation.scenario import night_id
from jobs.simulation.strikes import Ring, ZombieWrote

LIMITS = Limits(batch_entries=3)
"""Small batches, so that two workers have something to share."""


class Outcome(msgspec.Struct, kw_only=True):
    """What became of a scenario. `violations` is empty and `hash` that of the books when all days went well."""

    scenario: Scenario
    days: int = 0
    jobs: int = 0
    refused: int = 0
    nights: int = 0
    kills: int = 0
    cuts: int = 0
    statements: int = 0
    looked: int = 0
    hash: str = ""
    server: str = ""
    violations: list[Violation] = []
    situations: Counter[str] = msgspec.field(default_factory=Counter)
    guards: Counter[str] = msgspec.field(default_factory=Counter)
    sessions: list[tuple[str, list[tuple[str, str]]]] = []


class _Wrong(Exception):
    """A violation that ends the play at once."""

    def __init__(self, name: str, *rows: str) -> None:
        super().__init__(name)
        self.violation = Violation(name, rows)


async def play(scenario: Scenario, url: str, eyes: Connection, folder: Path) -> Outcome:
    """Play a scenario on an empty, migrated database; payment files go into `folder`."""
    return await _Play(scenario, url, eyes, folder).through()


class _Play:
    def __init__(self, scenario: Scenario, url: str, eyes: Connection, folder: Path) -> None:
        self.scenario, self.url, self.eyes, self.folder = scenario, url, eyes, folder
        self.outcome = Outcome(scenario=scenario)
        self.by_day: dict[int, list[Input]] = {}
        for each in scenario.inputs:
            self.by_day.setdefault(each.day, []).append(each)
        self.actors = {each.name: each for each in (*ACTORS, *SELDOM)}
        self.moment = datetime.combine(scenario.first, time(9), UTC)
        self.tomorrow: list[tuple[Job, Any]] = []
        self.waits: dict[str, Any] = {}

    async def through(self) -> Outcome:
        outcome = self.outcome
        outcome.server = ".".join(map(str, self.eyes.get_server_version()[:2]))
        with clock.simulated(lambda: self.moment):
            self.world = await worlds.build(self.eyes, self.scenario)
            self.outside = Outside()
            self.desk = Desk(self.world, self.outside, self.eyes)
            self.desk.ibans = {each.number: worlds.first_ibans(each) for each in self.world.providers}
            self.judge = Judge(self.eyes, self.desk, Bank(self.folder))
            self.ring = Ring(self.url, self.eyes, self.desk.seen)
            for day in range(self.scenario.days):
                outcome.violations = await self._day(day)
                outcome.days = day + 1
                if outcome.violations:
                    break
        await self.ring.closed()
        outcome.kills, outcome.cuts, outcome.statements = self.ring.kills, self.ring.cuts, self.ring.statements
        outcome.looked = self.judge.looked
        outcome.situations = self.desk.seen + await count_situations(self.eyes)
        outcome.guards = await count_guards(self.eyes, self.desk.seen)
        outcome.sessions = [(each.name, each.statements) for each in self.ring.recent]
        outcome.hash = await books_hash(self.eyes)
        return outcome

    async def _day(self, day: int) -> list[Violation]:
        self.desk.day = self.scenario.first + timedelta(days=day)
        self.moment = datetime.combine(self.desk.day, time(9), UTC)
        try:
            await self._repeats()
            for each in self.by_day.get(day, ()):
                self.moment += timedelta(minutes=1)
                await self._input(each)
            for code in CARRIERS:
                self.moment = datetime.combine(self.desk.day, time(22), UTC)
                await self._night(day, code)
            last = day == self.scenario.days - 1
            return await self.judge.day_over(checks=last or day % self.scenario.checks_every == 0)
        except _Wrong as wrong:
            return [wrong.violation]
        except ZombieWrote as wrong:
            return [Violation("zombie_wrote", (str(wrong),))]
        except Exception as error:  # noqa: BLE001 - whatever the product raises is a finding
            where = traceback.format_tb(error.__traceback__)[-4:]
            return [Violation(f"crash_{type(error).__name__}", (str(error), *where))]

    async def _repeats(self) -> None:
        """What was done yesterday is asked once more by somebody who did not hear the answer."""
        waiting, self.tomorrow = self.tomorrow, []
        for job, answer in waiting:
            await self._repeat(job, answer, "repeated_on_the_next_day")

    async def _input(self, given: Input) -> None:
        self.desk.key = given.id
        job = await self.actors[given.actor].prepare(self.desk, given.args)
        if job is None:
            self.desk.saw("nothing_to_do")
            return
        faults = self.scenario.faults.get(given.id, [])
        self.outcome.jobs += 1
        if job.file is not None:
            await self._half(job, faults)
        if any(each.kind == "twin" for each in faults):
            await self._twins(job, given.id)
        try:
            answer = await self.ring.done(job.name, job.do, [each for each in faults if each.kind in ("kill", "cut")])
        except Refusal as refusal:
            self.outcome.refused += 1
            self.desk.saw(f"refused_{refusal.code}")
            return
        self._count_known(answer)
        job.note(answer)
        self.desk.saw(*job.situations)
        for fault in faults:
            if fault.kind == "again":
                await self._repeat(job, answer, "repeated_at_once")
            elif fault.kind == "tomorrow" and job.later:
                self.tomorrow.append((job, answer))

    async def _twins(self, job: Job, name: str) -> None:
        """Two ask the same at once, by the same key: one does it, and both hear the same."""
        first, second = await self.ring.twins(job.name, job.do, stream(self.scenario.seed, f"turns/{name}"))
        if not (_same(first, second) or _same(second, first)):
            raise _Wrong("twins_hear_otherwise", f"{job.name}: {first}", f"and {second}")
        self.desk.saw("twins")

    async def _half(self, job: Job, faults: list[Fault]) -> None:
        """A file that is still being written when it is taken: nothing of it may be loaded."""
        for fault in faults:
            if fault.kind == "half" and job.file is not None:
                part = job.file[: len(job.file) * (fault.at % 97) // 100]
                if fault.at % 2:  # whole lines: only the counts of the header tell that some are missing
                    part = part[: part.rfind(b"\n") + 1]

                async def do(connection: Connection, part: bytes = part) -> Any:
                    return await load(connection, part, self.desk.day)

                try:
                    answer = await self.ring.done("half a file", do, [])
                except Refusal:
                    self.desk.saw("file_cut_between_lines" if fault.at % 2 else "file_cut")
                else:
                    raise _Wrong("half_file_taken", f"{answer} of {part[:200]!r}")

    async def _repeat(self, job: Job, answer: Any, situation: str) -> None:
        """The same again answers the same, and (as the judge will see) changes nothing."""
        try:
            second = await self.ring.done(job.name, job.do, [])
        except Refusal as refusal:
            raise _Wrong("repeat_refused", f"{job.name}: {refusal.code}: {refusal.message}") from refusal
        self._count_known(second)
        if not _same(answer, second):
            raise _Wrong("repeat_answers_otherwise", f"{job.name}: {answer}", f"then {second}")
        self.desk.saw(situation, *(["file_twice", "guard_known_file"] if job.file is not None else []))

    def _count_known(self, answer: Any) -> None:
        if isinstance(answer, Replayed):
            self.desk.saw("guard_idempotency_key")
        elif isinstance(answer, dict) and answer.get("known"):
            self.desk.saw("guard_source_key")

    async def _night(self, day: int, code: str) -> None:
        """Every night that is due for a risk carrier."""
        name, carrier = night_id(day, code), self.world.carriers[code]
        if code in self.waits:
            await self._late_feed(code)
        two, proved = name in self.scenario.two, name in self.scenario.proved

        async def nights(connection: Connection) -> list[tuple[str, str]]:
            states = []
            for due in await dates_to_run(connection, carrier, self.desk.day):
                report = await run_night(
                    self.url, carrier, due, workers=2 if two else 1, payments_folder=self.folder, checks=proved,
                    connection=connection, limits=LIMITS,
                )  # fmt: skip
                states.append((str(due), report.state))
                if report.state != "released":
                    break
            return states

        faults = self.scenario.faults.get(name, [])
        turns = stream(self.scenario.seed, f"turns/{name}") if two else None
        strikes = [each for each in faults if each.kind != "again"]
        if any(each.kind == "rival" for each in strikes) and turns is None:
            turns = stream(self.scenario.seed, f"turns/{name}")
        done = await self.ring.done("night", nights, strikes, turns)
        self.outcome.nights += 1
        self.desk.saw(*(["two_workers"] if two else []), *(["night_proved"] if proved else []))
        if len(done) > 1:
            self.desk.saw("missed_night_caught_up")
        if done and done[-1][1] == "waiting":
            self.desk.saw("night_waited")
            self.waits[code] = done[-1][0]
        if done and done[-1][1] == "stopped":
            raise _Wrong("night_stopped", str(done))
        if len(faults) > len(strikes):
            before = await books_hash(self.eyes)
            await self.ring.done("night", nights, [])
            if await books_hash(self.eyes) != before:
                raise _Wrong("night_again_wrote", name)
            self.desk.saw("night_again")

    async def _late_feed(self, code: str) -> None:
        """A night waits for a feed: the insurer sends empty files for that day; before them somebody may end a hold."""
        day = datetime.fromisoformat(self.waits.pop(code)).date()
        if stream(self.scenario.seed, f"late/{code}/{day}").random() < 0.5:
            for over in await ended_late(self.desk, code, day):
                over.note(await self.ring.done(over.name, over.do, []))
                self.desk.saw(*over.situations)
        for kind in ("claims", "declarations"):
            content = file_of(kind, code, [], day, f"late {kind}")

            async def do(connection: Connection, content: bytes = content) -> Any:
                return await load(connection, content, day)

            await self.ring.done(f"{kind} file", do, [])
        self.desk.saw("empty_file_opens_the_gate")


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, dict) and isinstance(second, dict):
        if "known" in first or "known" in second:
            if "read" in first:
                return bool(first["read"] == second["read"] and second["added"] == second["changed"] == 0)
            return bool(first["id"] == second["id"])
        if "read" in first:
            return bool(second["added"] == 0)
    return bool(first == second)


def turns_of(scenario: Scenario, night: str) -> random.Random:
    """The generator that gives the turns of a night."""
    return stream(scenario.seed, f"turns/{night}")
