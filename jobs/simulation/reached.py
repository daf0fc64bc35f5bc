"""Which situations a play reached and which guards decided in it, counted in the books and among the answers."""

from collections import Counter
from functools import cache
from pathlib import Path

from app.core.db import Connection

FOLDER = Path(__file__).parent


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


async def count_situations(connection: Connection) -> Counter[str]:
    """How often each situation that the books show was reached (situations.sql)."""
    return Counter({row[0]: row[1] for row in await connection.fetch(_text("situations")) if row[1]})


async def count_guards(connection: Connection, seen: Counter[str]) -> Counter[str]:
    """How often each guard decided: decisions of nights (guards.sql), refusals, and keys that met a repeat."""
    counted = Counter({row[0]: row[1] for row in await connection.fetch(_text("guards"))})
    for name, count in seen.items():
        if name.startswith("refused_"):
            counted[name.replace("refused_", "refusal_", 1)] += count
        elif name.startswith("guard_"):
            counted[name.removeprefix("guard_")] += count
    counted["fence"] += seen["zombie_lost_lease"] + seen["zombie_session_gone"] + seen["rival_lost_lease"]
    counted["lease"] += seen["rival_night_running"]
    return counted
