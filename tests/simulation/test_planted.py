"""Planted bugs fit the program, are told about, and are found by its simulator."""

import ast
from pathlib import Path

import pytest

from app.core.settings import ROOT
from tests.simulation import planted

QUICK = ("overpayment_lost", "batches_overlap")
AT_ONCE = 2


@pytest.mark.parametrize("name", planted.bugs())
def test_a_planted_bug_fits_the_program_and_leaves_it_readable(name: str, tmp_path: Path) -> None:
    bug = planted.bugs()[name]
    for each in bug.change:
        (tmp_path / each.file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each.file).write_text((ROOT / each.file).read_text(encoding="utf-8"), encoding="utf-8")
    for path in planted.plant(bug, tmp_path):
        text = path.read_text(encoding="utf-8")
        assert text != (ROOT / path.relative_to(tmp_path)).read_text(encoding="utf-8")
        if path.suffix == ".py":
            ast.parse(text)


def test_a_bug_that_does_not_fit_is_told(tmp_path: Path) -> None:
    change = planted.Change(file="app/x.py", old="no such text", new="")
    with pytest.raises(planted.NotApplied):
        planted.plant(planted.Bug(guard="x", found_by=[], within=1, change=[change]), tmp_path)


def test_there_are_at_least_thirty_and_each_states_what_finds_it_and_how_soon() -> None:
    assert len(planted.bugs()) >= 30
    for name, bug in planted.bugs().items():
        assert bug.found_by, name
        if bug.play == "seeds":
            assert (bug.seed - 1) * planted.SEED_DAYS + bug.day <= bug.within, name
            assert 1 <= bug.day <= planted.SEED_DAYS, name
            assert bug.within % planted.SEED_DAYS == 0, name


@pytest.mark.parametrize("name", [name for name, bug in planted.bugs().items() if bug.play == "orders"])
def test_a_bug_in_the_order_of_turns_names_the_test_that_finds_it(name: str) -> None:
    file, _, test = planted.bugs()[name].test.partition("::")
    assert f"async def {test}(" in (ROOT / file).read_text(encoding="utf-8")
    assert planted.bugs()[name].within > 0


def test_the_table_of_the_documentation_is_that_of_the_data() -> None:
    text = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    table = text.partition(planted.BEGIN)[2].partition(planted.END)[0]
    assert table == planted.documented(), "write it anew: python -m tests.simulation.planted --docs"


@pytest.mark.parametrize("name", QUICK)
async def test_the_simulator_finds_a_planted_bug(name: str, server_url: str) -> None:
    found = await planted.hunt(name, server_url)
    assert set(found.names) & set(planted.bugs()[name].found_by), found


@pytest.mark.slow
async def test_the_simulator_finds_every_planted_bug(server_url: str) -> None:
    done = await planted.hunt_all(list(planted.bugs()), server_url, at_once=AT_ONCE)
    assert {name: found for name, found in done.items() if not found.names} == {}


@pytest.mark.slow
async def test_the_program_without_bugs_survives_the_seeds_that_find_them(server_url: str) -> None:
    played = await planted.sound(server_url, list(planted.bugs()))
    assert [each for each in played if each.names or not each.days] == []
