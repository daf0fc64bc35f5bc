"""Providers change banks: the old account ends, the new one begins at once or only some days later."""

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job
from jobs.simulation.world import iban

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk


def plan(pick: random.Random) -> dict[str, Any]:
    """How many days lie between the two."""
    return {"gap": pick.choice((0, 0, 0, 2))}


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The provider's record, with the end of its account and the new one."""
    account, provider, _ = desk.whose(args)
    known = desk.ibans[provider.number]
    last = known[-1]
    if "practice" in last or date.fromisoformat(last["from"]) >= desk.day:
        return None
    ended = {**last, "until": desk.day.isoformat()}
    begins = desk.day + timedelta(days=1 + args["gap"])
    number = 1000 * (1 + int(provider.number[1:])) + len(known)
    new = {"iban": iban(number), "holder": last["holder"], "from": begins.isoformat()}

    def note(_: Any) -> None:
        desk.ibans[provider.number] = [*known[:-1], ended, new]

    return desk.loaded(
        "providers",
        account[0],
        [provider.record([*known[:-1], ended, new])],
        {},
        note,
        situations=["account_number_closed_for_days" if args["gap"] else "account_number_changed"],
    )
