"""A risk carrier changes its policy: passes, order, caps, floors, start of offset, what a night waits for."""

import random
import re
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from app.core.db import Connection
from app.policies import apply_policy
from jobs.simulation.actors.model import Job

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

_OWN_AGB = 'passes = ["exact_reference", "own_agb"]'
_EXACT = 'passes = ["exact_reference", "exact_amount", "own_agb", "same_entity"]'
_WHOLE = 'passes = ["exact_reference", "exact_amount"]'
_QUIETER = r"(\[reasons\.(?:DS98|FC)\](?:\n(?!\[).*)*?\n)(offset = .*)"
_LOUDER = r"(\[reasons\.(?:CM98|MC)\](?:\n(?!\[).*)*?\n)offset = .*"
CHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "as_published": (),
    "floor": (("floor_cents = 0", "floor_cents = 2500"),),
    "cap": (("floor_cents = 0", 'floor_cents = 0\ncap_percent = "60"'),),
    "night_cap": (("floor_cents = 0", "floor_cents = 0\ncap_cents = 8000"),),
    "own_agb_only": ((r"passes = .*", _OWN_AGB),),
    "exact_amount": ((r"passes = .*", _EXACT), (_QUIETER, rf"\1{_WHOLE}\n\2")),
    "by_due_date": (('order = "priority"', 'order = "due_date"'),),
    "on_request": ((_QUIETER, r'\1offset = { start = "on_request" }'),),
    "after_due": ((_QUIETER, r'\1offset = { start = "after_due" }'),),
    "never": (
        (_QUIETER, r'\1offset = { start = "never" }'),
        (_LOUDER, r'\1offset = { start = "never" }'),
    ),
    "charges": ((_LOUDER,
                 r'\1offset = { start = "at_once", charges = true }'),),
    "share": ((_LOUDER,
               r'\1offset = { start = "at_once", mode = "percentage", percent = 40 }'),),
    "matures_soon": (("matures_days = 90", "matures_days = 4"),),
    "gate": ((r"\[allocation\]", "[gate]\ndeclarations = 0\nclaims = 0\n\n[allocation]"),),
}  # fmt: skip


def plan(pick: random.Random) -> dict[str, Any]:
    """One to three changes of the published text."""
    return {"changes": pick.sample(sorted(CHANGES), pick.randint(1, 3))}


def changed(text: str, changes: list[str], name: str, valid_from: str) -> str:
    """The published text with those changes, valid from a day; the name makes it another text."""
    for change in changes:
        for pattern, put in CHANGES[change]:
            text = re.sub(pattern, put, text)
    text = re.sub(r'^name = ".*"', f'name = "{name}"', text, flags=re.MULTILINE)
    return re.sub(r"^valid_from = .*", f"valid_from = {valid_from}", text, flags=re.MULTILINE)


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The changed policy, valid from today."""
    account, _, _ = desk.whose(args)
    code = account[0]
    text = changed(desk.world.texts[code], args["changes"], f"Simulatie {desk.key}", desk.day.isoformat())

    async def do(connection: Connection) -> Any:
        applied = await apply_policy(
            connection,
            desk.world.carriers[code],
            text,
            actor="simulator",
            applied_at=datetime.combine(desk.day, time(12), UTC),
        )
        return applied.version

    # not later: an older text after a newer one of the same day is a way back, and a version of its own
    return Job("policy", do, situations=tuple(f"policy_{each}" for each in args["changes"]), later=False)
