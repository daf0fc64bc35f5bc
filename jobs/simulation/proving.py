"""Seeds played one after the other: a single one, a list of inputs again, or as many as the time allows."""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from jobs.simulation.arena import Arena, arena, server
from jobs.simulation.model import Scenario
from jobs.simulation.play import Outcome, play
from jobs.simulation.reached import EXPECTED_GUARDS, GUARD_DAYS
from jobs.simulation.scenario import make


class Tally(msgspec.Struct, kw_only=True):
    """What all plays of a proof did together. `differs`: seeds whose books were not the same money without faults."""

    seeds: int = 0
    days: int = 0
    jobs: int = 0
    refused: int = 0
    nights: int = 0
    kills: int = 0
    cuts: int = 0
    statements: int = 0
    looked: int = 0
    failed: list[Outcome] = []
    differs: list[str] = []
    situations: Counter[str] = msgspec.field(default_factory=Counter)
    guards: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """One play more."""
        self.seeds += 1
        for name in ("days", "jobs", "refused", "nights", "kills", "cuts", "statements", "looked"):
            setattr(self, name, getattr(self, name) + getattr(outcome, name))
        self.situations += outcome.situations
        self.guards.update(outcome.guards)
        if outcome.violations:
            self.failed.append(outcome)

    @property
    def idle_guards(self) -> list[str]:
        """Guards that never decided, once enough days were played to expect it of each."""
        if self.days < GUARD_DAYS:
            return []
        return [name for name in EXPECTED_GUARDS if not self.guards[name]]

    @property
    def sound(self) -> bool:
        """Nothing was wrong, and every guard was needed."""
        return not self.failed and not self.differs and not self.idle_guards


@asynccontextmanager
async def ground(url: str) -> AsyncIterator[Arena]:
    """An arena of this process's own on a server."""
    async with arena(url, f"vereffen_sim_{os.getpid()}") as made:
        yield made


async def play_on(made: Arena, scenario: Scenario) -> Outcome:
    """Play a scenario in a fresh database of an arena, its payment files in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="vereffen-sim-") as folder:
        async with made.clone(f"seed_{abs(hash_of(scenario)) % 10**8}") as (url, eyes):
            return await play(scenario, url, eyes, Path(folder))


def hash_of(scenario: Scenario) -> int:
    """A number for the name of a database."""
    return int.from_bytes(scenario.seed.encode()[-6:], "big")


def replay(scenario: Scenario, given: str | None = None) -> Outcome:
    """Play a scenario by itself, on a private server unless one is given: what a shrunk test calls."""

    async def go(url: str) -> Outcome:
        async with ground(url) as made:
            return await play_on(made, scenario)

    with server(given) as url:
        return asyncio.run(go(url))


async def prove(
    made: Arena,
    seeds: Callable[[], str | None],
    *,
    days: int,
    providers: int,
    workers: int,
    inputs_a_day: int = 9,
    compare_every: int = 4,
    told: Callable[[Outcome], Awaitable[None]] | None = None,
) -> Tally:
    """Play seed after seed, with faults, until `seeds` has no more; every nth also without, for the same money.

    Stops at the first seed that fails: it is to be looked at before anything else.
    """
    tally = Tally()
    while (seed := seeds()) is not None and tally.sound:
        scenario = make(seed, days, providers=providers, workers=workers, inputs_a_day=inputs_a_day)
        outcome = await play_on(made, scenario)
        tally.add(outcome)
        if told is not None:
            await told(outcome)
        if not outcome.violations and tally.seeds % compare_every == 1 % compare_every:
            calm = await play_on(made, msgspec.structs.replace(scenario, faults={}, checks_every=days))
            if calm.hash != outcome.hash:
                tally.differs.append(seed)
    return tally
