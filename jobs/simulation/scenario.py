"""What one seed makes of itself before anything runs: a world, the inputs of every day and the faults, all as data.

Four streams of chance, each a generator of its own (`f"{seed}/world"`, `/work`, `/fault`, `/turns`): without faults
the work stays the same. Inputs are symbolic ("pay 45 % of the third open claim of provider 7"): they mean something in
any books, so that any part of a list can be played again. A scenario is JSON: what a shrunk failure is kept as.
"""

import random
from collections.abc import Sequence
from datetime import timedelta

from jobs.simulation.actors import ACTORS, SELDOM
from jobs.simulation.model import CARRIERS, FIRST, Fault, Input, Scenario, stream


def make(
    seed: str,
    days: int,
    *,
    providers: int = 8,
    faults: bool = True,
    workers: int = 1,
    checks_every: int = 1,
    inputs_a_day: int = 9,
    seldom: int = 1,
) -> Scenario:
    """The scenario of a seed; `workers=2` lets two workers share every night, else one night in five.

    `seldom`: how many times as often those come who come now and then; 0 leaves them out.
    """
    world = stream(seed, "world")
    inputs = [each for day in range(days) for each in _inputs(seed, day, providers, inputs_a_day, seldom)]
    nights = [night_id(day, code) for day in range(days) for code in CARRIERS]
    turns = stream(seed, "turns")
    return Scenario(
        seed=seed,
        days=days,
        providers=providers,
        first=FIRST + timedelta(days=world.randrange(365)),
        checks_every=checks_every,
        inputs_a_day=inputs_a_day,
        inputs=inputs,
        faults=_faults(seed, inputs, nights) if faults else {},
        two=[each for each in nights if turns.random() < (1 if workers == 2 else 0.2)],
        proved=[each for each in nights if world.random() < 0.2],
    )


def night_id(day: int, carrier: str) -> str:
    """How faults and turns call a night."""
    return f"{day}.{carrier}"


def _inputs(seed: str, day: int, providers: int, a_day: int, seldom: int) -> list[Input]:
    pick = stream(seed, f"work/{day}")
    names = [each.name for each in ACTORS]
    weights = [each.weight for each in ACTORS]
    chosen = pick.choices(names, weights, k=pick.randint(max(1, a_day - 4), a_day + 4))
    # somebody declares every day: without declarations nothing is ever offset
    chosen[:0] = ["declarations"] * 2
    plans = {each.name: each.plan for each in ACTORS}
    drawn = [(name, pick, plans[name]) for name in chosen]
    for each in SELDOM:
        own = stream(seed, f"work/{day}/{each.name}")
        if own.randrange(100) < each.weight * seldom:
            drawn.append((each.name, own, each.plan))
    return [
        Input(
            id=f"{day}.{number}",
            day=day,
            actor=name,
            args={"carrier": source.randrange(2), "provider": source.randrange(providers), **plan(source)},
        )
        for number, (name, source, plan) in enumerate(drawn)
    ]


def _faults(seed: str, inputs: Sequence[Input], nights: Sequence[str]) -> dict[str, list[Fault]]:
    found = {}
    for name in (*(each.id for each in inputs), *nights):
        # a stream for each job: what happens to one does not hang on which others there are
        if drawn := _drawn(stream(seed, f"fault/{name}"), night=name in nights):
            found[name] = drawn
    return found


def _drawn(pick: random.Random, *, night: bool) -> list[Fault]:
    drawn: list[Fault] = []
    while pick.random() < (0.35 if night else 0.2) and len(drawn) < 4:
        kind = pick.choices(("kill", "cut", "pause", "rival"), (8, 1, 2, 1) if night else (8, 1, 0, 0))[0]
        at = 1 + int(pick.expovariate(1 / (30 if night else 9)))
        drawn.append(Fault(kind=kind, at=at, after=pick.random() < 0.5))
    if pick.random() < 0.05:
        drawn.append(Fault(kind="again"))
    if not night and pick.random() < 0.05:
        drawn.append(Fault(kind="twin"))
    if not night and pick.random() < 0.1:
        drawn.append(Fault(kind="half", at=pick.randrange(97)))
    if not night and pick.random() < 0.05:
        drawn.append(Fault(kind="tomorrow"))
    return drawn
