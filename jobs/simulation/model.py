"""The data of a simulation: inputs, faults and the scenario that holds them; and the streams of chance."""

import random
from datetime import date
from typing import Any

import msgspec

FIRST = date(2026, 1, 1)
CARRIERS = ("VZ", "ZK")
REASONS = {"VZ": ("CM98", "DS98", "CM96"), "ZK": ("MC", "FC", "EINDAFREKENING")}
ADVANCE = {"VZ": "ADVANCE", "ZK": "VOORSCHOT"}


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody outside does on a day. `id` names it for keys and faults: day and number."""

    id: str
    day: int
    actor: str
    args: dict[str, Any]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One blow to a job.

    `kill`: its process dies before (or `after`) its `at`th statement. `cut`: the server ends every session then.
    `pause`: it falls asleep there, loses its lease and wakes when another is done. `rival`: a second process starts the
    same night. `again`: the finished job once more. `tomorrow`: once more on the next day. `half`: of a file only the
    first `at` per cent are there at first. `twin`: two processes are asked the same at once.
    """

    kind: str
    at: int = 1
    after: bool = False


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A seed in full. `two`: nights (day, risk carrier) that two workers share; `proved`: those with proof."""

    seed: str
    days: int
    providers: int = 8
    first: date = FIRST
    checks_every: int = 1
    inputs_a_day: int = 9
    inputs: list[Input] = []
    faults: dict[str, list[Fault]] = {}
    two: list[str] = []
    proved: list[str] = []


def stream(seed: str, name: str) -> random.Random:
    """One of the streams of a seed, or of a part of it."""
    return random.Random(f"{seed}/{name}")  # noqa: S311 - repeatable chance is the point
