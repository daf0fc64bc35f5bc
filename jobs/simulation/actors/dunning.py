"""Reminders: those that the nights propose are taken over, and letters that somebody sends on his own."""

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.core.db import Connection
from app.dunning import accept_proposals
from jobs.simulation.actors.model import Job

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk


def plan_reminders(pick: random.Random) -> dict[str, Any]:
    """What a night of the last days proposed; short terms, so that they end within the simulation."""
    return {"back": pick.randint(1, 4), "term": pick.choice((None, 0, 1, 5))}


async def prepare_reminders(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """All proposals of one night of one risk carrier."""
    account, _, _ = desk.whose(args)
    carrier, on = desk.world.carriers[account[0]], desk.day - timedelta(days=args["back"])
    accepted: list[str] = []

    async def do(connection: Connection) -> Any:
        done = await accept_proposals(connection, carrier, proposed_on=on, actor="simulator", term_days=args["term"])
        accepted.extend(each.reference for each in done if each.dropped is None)  # no answer: a repeat finds none left

    def note(_: Any) -> None:
        if accepted:
            desk.saw("reminder_accepted")

    return Job("reminders", do, note, later=False)  # what was refused today may be due tomorrow


def plan_letter(pick: random.Random) -> dict[str, Any]:
    """A letter over one claim, or over two of one running account."""
    return {
        "nth": pick.randrange(40),
        "kind": pick.choices(("reminder", "notice", "last-notice"), (5, 1, 1))[0],
        "term": pick.choice((0, 1, 5, 14)),
        "two": pick.random() < 0.2,
        "late": pick.random() < 0.05,
    }


async def prepare_letter(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The letter; the rules refuse it while a term runs, on a quiet claim and where nothing is open."""
    _, _, account_id = desk.whose(args)
    claims = [each for each in await desk.claims(account_id) if each["open_cents"] > 0]
    if not claims:
        return None
    first = args["nth"] % len(claims)
    chosen = {first, (first + 1) % len(claims)} if args["two"] else {first}
    payload = {
        "claims": [claims[each]["reference"] for each in sorted(chosen)],
        "kind": args["kind"],
        "termDays": args["term"],
    }
    situation = "letter_over_two_claims" if len(chosen) == 2 else f"{args['kind']}_sent".replace("-", "_")
    return desk.recorded("step", payload, args, situations=[situation])
