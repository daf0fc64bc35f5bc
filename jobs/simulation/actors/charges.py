"""Costs and interest that come on a claim, and what nobody will ask any more."""

import random
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents, chosen

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk


def plan(pick: random.Random) -> dict[str, Any]:
    """Costs or interest on the nth claim."""
    return {"nth": pick.randrange(60), "kind": pick.choice(("costs", "interest")), "cents": cents(pick)}


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """A charge; refused on a quiet claim."""
    _, _, account_id = desk.whose(args)
    claim = chosen(await desk.claims(account_id), args["nth"])
    if claim is None:
        return None
    payload = {"claim": claim["reference"], "kind": args["kind"], "cents": args["cents"], "reason": "aangezegd"}
    return desk.recorded(
        "charge",
        payload,
        args,
        lambda _: desk.outside.charged(claim["name"], args["cents"]),
        situations=[f"{args['kind']}_charged"],
        by_source=True,
    )


def plan_write_off(pick: random.Random) -> dict[str, Any]:
    """A part of the nth open claim, or all that is open."""
    return {"nth": pick.randrange(60), "percent": pick.choice((None, 10, 60, 150)), "late": pick.random() < 0.1}


async def prepare_write_off(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """What is open will not be collected."""
    _, _, account_id = desk.whose(args)
    claim = await desk.open_claim(account_id, args["nth"])
    if claim is None:
        return None
    payload: dict[str, Any] = {"claim": claim["reference"], "reason": "oninbaar"}
    if args["percent"]:
        payload["cents"] = max(1, claim["open_cents"] * args["percent"] // 100)

    def note(answer: dict[str, Any]) -> None:
        desk.outside.written_off(claim["name"], answer["writtenOffCents"])
        desk.saw("written_off_in_full" if answer["openCents"] == 0 else "written_off_in_part")

    return desk.recorded("write-off", payload, args, note)
