"""Plays seeds of the program that PYTHONPATH names until something is wrong; what planted.py runs for each bug.

Started as a file with `python -P`, so that only the copy of the program is found. Reads one line of JSON, writes one.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import app
from jobs.simulation.proving import ground, play_on
from jobs.simulation.scenario import make


async def found(asked: dict[str, Any]) -> dict[str, Any]:
    """The first violation: seed, day, names, first row and how many days it took; without names when there is none."""
    played = 0
    async with ground(asked["server"]) as made:
        for seed, days in asked["seeds"]:
            scenario = make(seed, days, **asked["world"])
            outcome = await play_on(made, scenario)
            played += outcome.days
            names = [each.name for each in outcome.violations]
            rows = [row for each in outcome.violations for row in each.rows]
            if not names and (idle := [each for each in asked["guards"] if not outcome.guards[each]]):
                names = [f"guard {each} never decided" for each in idle]
            if names:
                return {"seed": seed, "day": outcome.days, "days": played, "names": names, "row": " ".join(rows[:1])}
    return {"seed": None, "day": 0, "days": played, "names": [], "row": ""}


def main() -> None:
    """Answer what was asked on standard input."""
    asked = json.loads(sys.stdin.readline())
    assert Path(app.__file__).is_relative_to(asked["program"]), f"{app.__file__} is not the patched program"
    sys.stdout.write(json.dumps(asyncio.run(found(asked))) + "\n")


if __name__ == "__main__":
    main()
