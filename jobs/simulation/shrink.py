"""Makes a failure small: the days up to it, the faults that it needs, the inputs that it needs; then writes a test.

Inputs are symbolic, so every part of a list means something; a part fails the same way when the same invariant is
broken. Delta debugging (Zeller and Hildebrandt, 2002): take away large pieces first, then smaller ones.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TypeVar

import msgspec

from jobs.simulation.arena import Arena
from jobs.simulation.model import Fault, Scenario
from jobs.simulation.play import Outcome
from jobs.simulation.proving import play_on

T = TypeVar("T")

_TEST = '''"""Seed {seed} broke {name} on day {day}: {row}"""

import msgspec

from jobs.simulation.model import Scenario
from jobs.simulation.proving import replay

SCENARIO = msgspec.json.decode(
    rb"""
{scenario}
""",
    type=Scenario,
)


def test_seed_{safe}_leaves_sound_books() -> None:
    outcome = replay(SCENARIO)
    assert [(each.name, each.rows) for each in outcome.violations] == []
'''


class Shrinker:
    """Plays smaller and smaller scenarios until the time is up; `tries` counts them."""

    def __init__(self, made: Arena, outcome: Outcome, seconds: int) -> None:
        self.made, self.name = made, outcome.violations[0].name
        self.day = outcome.days
        self.until = monotonic() + seconds
        self.tries = 0
        self.last = outcome

    async def fails(self, scenario: Scenario) -> bool:
        """Whether the same invariant is broken; never once the time is up."""
        if monotonic() > self.until:
            return False
        self.tries += 1
        outcome = await play_on(self.made, scenario)
        same = any(each.name == self.name for each in outcome.violations)
        if same:
            self.last = outcome
        return same

    async def shrunk(self, scenario: Scenario) -> Scenario:
        """The smallest scenario that was found in the time."""
        small = msgspec.structs.replace(
            scenario,
            days=self.day,
            inputs=[each for each in scenario.inputs if each.day < self.day],
            faults={name: each for name, each in scenario.faults.items() if int(name.split(".")[0]) < self.day},
        )
        late = msgspec.structs.replace(small, checks_every=10**6)  # the checks only at the end: quicker
        if await self.fails(late):
            small = late
        for quieter in (
            msgspec.structs.replace(small, faults={}, two=[], proved=[]),
            msgspec.structs.replace(small, two=[], proved=[]),
            msgspec.structs.replace(small, faults={}),
        ):
            if await self.fails(quieter):
                small = quieter
                break
        small = await self._fewer_inputs(small)
        if not small.faults:
            return small
        return await self._fewer_inputs(await self._fewer_faults(small))

    async def _fewer_inputs(self, small: Scenario) -> Scenario:
        async def fails(inputs: Sequence[object]) -> bool:
            return await self.fails(msgspec.structs.replace(small, inputs=list(inputs)))

        return msgspec.structs.replace(small, inputs=await smaller(small.inputs, fails))

    async def _fewer_faults(self, small: Scenario) -> Scenario:
        def packed(pairs: Sequence[tuple[str, Fault]]) -> dict[str, list[Fault]]:
            faults: dict[str, list[Fault]] = {}
            for name, fault in pairs:
                faults.setdefault(name, []).append(fault)
            return faults

        async def fails(pairs: Sequence[tuple[str, Fault]]) -> bool:
            return await self.fails(msgspec.structs.replace(small, faults=packed(pairs)))

        pairs = [(name, fault) for name, faults in small.faults.items() for fault in faults]
        return msgspec.structs.replace(small, faults=packed(await smaller(pairs, fails)))


async def smaller(items: Sequence[T], fails: Callable[[Sequence[T]], Awaitable[bool]]) -> list[T]:
    """A part of the items that still fails, and of which no single piece can be left out (as far as was tried)."""
    left, pieces = list(items), 2
    if left and await fails([]):
        return []
    while len(left) >= 2:
        size = -(-len(left) // pieces)
        for start in range(0, len(left), size):
            without = left[:start] + left[start + size :]
            if without and await fails(without):
                left, pieces = without, max(pieces - 1, 2)
                break
        else:
            if size == 1:
                return left
            pieces = min(len(left), 2 * pieces)
    return left


def write_test(folder: Path, scenario: Scenario, outcome: Outcome) -> Path:
    """Write the scenario as JSON and as a test that runs by itself; the test's path."""
    safe = "".join(sign if sign.isalnum() else "_" for sign in scenario.seed)
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(scenario), indent=1).decode()
    (folder / f"seed_{safe}.json").write_text(text + "\n", encoding="utf-8")
    wrong = outcome.violations[0]
    row = (wrong.rows[0] if wrong.rows else "").replace("\\", "/").replace('"', "'").replace("\n", " ")
    path = folder / f"test_seed_{safe}.py"
    lean = msgspec.json.encode(scenario).decode().replace('},{"id"', '},\n{"id"')
    path.write_text(
        _TEST.format(seed=scenario.seed, name=wrong.name, day=outcome.days, row=row, scenario=lean, safe=safe),
        encoding="utf-8",
    )
    return path
