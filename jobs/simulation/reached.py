"""Which situations a play reached and which guards decided in it, counted in the books and among the answers."""

from collections import Counter
from functools import cache
from pathlib import Path

from app.core.db import Connection

FOLDER = Path(__file__).parent
GUARD_DAYS = 300
"""After so many days every guard of the list must have decided at least once."""
EXPECTED_GUARDS: tuple[str, ...] = (
    *(f"hold_{kind}" for kind in ("dispute", "plan", "block", "agency", "insolvency", "cession", "attachment",
                                  "reservation", "investigation")),
    "account_hold", "part_held", "never_by_policy", "not_yet_due", "not_yet_reminded", "reminder_term_running",
    "not_requested", "switched_off", "cap", "floor", "used_up", "no_iban", "payout_hold", "gate", "advance_not_paid",
    "agreement_over", "fence", "lease", "idempotency_key", "source_key", "known_file",
)  # fmt: skip
"""A new guard gets its name here and its count in guards.sql, or in a refusal or an answer of a repeat."""


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
