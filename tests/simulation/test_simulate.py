"""The simulator: sound books over hundreds of days with faults, the same from the same seed, and small failures.

A seed that once found something is kept in `seeds/` as a scenario and played again here.
"""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from jobs.simulation.arena import Arena
from jobs.simulation.model import Scenario
from jobs.simulation.outside import Outside
from jobs.simulation.play import Outcome
from jobs.simulation.proving import play_on, prove
from jobs.simulation.reached import EXPECTED_GUARDS
from jobs.simulation.scenario import make
from jobs.simulation.shrink import Shrinker, smaller, write_test

KEPT = sorted((Path(__file__).parent / "seeds").glob("*.json"))
SEEDS = 6
DAYS = 50
GUARD_SEEDS = int(os.environ.get("VEREFFEN_GUARD_SEEDS", "2"))  # of forty days each; eight for the whole proof


@pytest.fixture
async def made(server_url: str, admin: object, template: str) -> Arena:
    """An arena on the server of these tests."""
    return Arena(admin, server_url, template, template)  # type: ignore[arg-type]


def wrong(outcome: Outcome) -> list[str]:
    """What was wrong, with its first rows and the line that does it again."""
    seed, days = outcome.scenario.seed, outcome.scenario.days
    return [
        f"day {outcome.days}: {each.name}: {each.rows} (./dev run simulate --seed {shlex.quote(seed)} --days {days} "
        f"--providers {outcome.scenario.providers} --inputs {outcome.scenario.inputs_a_day})"
        for each in outcome.violations
    ]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_fifty_days_with_faults_leave_sound_books(made: Arena, seed: int) -> None:
    outcome = await play_on(made, make(f"test {seed}", DAYS, providers=4, checks_every=10, inputs_a_day=6))
    assert wrong(outcome) == []
    assert outcome.days == DAYS
    assert outcome.kills > 20


async def test_a_seed_does_the_same_twice_and_faults_move_no_money(made: Arena) -> None:
    scenario = make("same", 12, providers=4, checks_every=12)
    first, again = await play_on(made, scenario), await play_on(made, scenario)
    calm = await play_on(made, make("same", 12, providers=4, checks_every=12, faults=False))
    assert [wrong(each) for each in (first, again, calm)] == [[], [], []]
    assert first.hash == again.hash == calm.hash
    assert first.kills > 0
    assert calm.kills == calm.cuts == 0


async def test_two_workers_on_every_night_book_the_same_money_as_one(made: Arena) -> None:
    two = await play_on(made, make("pair", 10, providers=4, workers=2, checks_every=10))
    one = await play_on(made, msgspec.structs.replace(two.scenario, two=[], faults={}))
    assert [wrong(each) for each in (two, one)] == [[], []]
    assert two.situations["two_workers"] == 20
    assert two.hash == one.hash


def test_without_faults_the_work_is_the_same() -> None:
    with_faults, without = make("7", 20), make("7", 20, faults=False)
    assert with_faults.inputs == without.inputs
    assert (with_faults.two, with_faults.proved) == (without.two, without.proved)
    assert with_faults.faults
    assert without.faults == {}
    assert make("8", 20).inputs != with_faults.inputs


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
async def test_a_seed_that_found_something_finds_it_no_more(made: Arena, kept: Path) -> None:
    outcome = await play_on(made, msgspec.json.decode(kept.read_bytes(), type=Scenario))
    assert wrong(outcome) == []


async def test_a_failure_is_shrunk_to_the_inputs_that_it_needs(
    made: Arena, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def forgotten(self: Outside, name: str, cents: int) -> None:
        """An outside that forgets what was written off differs from the ledger from then on."""

    monkeypatch.setattr(Outside, "written_off", forgotten)
    whole = make("small 9", 3, providers=2, checks_every=100)
    few = [each for each in whole.inputs if each.actor in ("claims", "write-off")]
    outcome = await play_on(made, msgspec.structs.replace(whole, inputs=few))
    assert "outside_balance" in [each.name for each in outcome.violations]
    shrinker = Shrinker(made, outcome, seconds=600)
    small = await shrinker.shrunk(outcome.scenario)
    assert [each.actor for each in small.inputs][-1] == "write-off"
    assert len(small.inputs) == 2
    assert small.faults == {}
    path = write_test(tmp_path, small, shrinker.last)
    compile(path.read_text(), path.name, "exec")
    kept = msgspec.json.decode((tmp_path / "seed_small_9.json").read_bytes(), type=Scenario)
    assert wrong(await play_on(made, kept)) != []


async def test_delta_debugging_finds_the_few_that_matter() -> None:
    async def fails(items: Sequence[int]) -> bool:
        return {3, 17, 18} <= set(items)

    assert await smaller(list(range(40)), fails) == [3, 17, 18]


@pytest.mark.slow
async def test_every_guard_decides_within_three_hundred_days(made: Arena) -> None:
    seeds = iter([f"guards {n}" for n in range(GUARD_SEEDS)])
    tally = await prove(made, lambda: next(seeds, None), days=40, providers=5, workers=1, compare_every=3)
    assert [wrong(each) for each in tally.failed] == []
    assert tally.differs == []
    idle = {name for name in EXPECTED_GUARDS if not tally.guards[name]}
    assert idle == set() or GUARD_SEEDS < 8, "in 320 days every guard has decided"
    assert len(tally.situations) >= 80
