"""What turned out otherwise: claims raised, lowered and withdrawn, declarations loaded in error."""

import random
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents, chosen

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk


def plan_adjustment(pick: random.Random) -> dict[str, Any]:
    """By so much, or to so much."""
    return {
        "nth": pick.randrange(60),
        "delta": pick.choice((-1, -1, 1)) * cents(pick),
        "percent": pick.randint(0, 150),
        "to": pick.random() < 0.5,
        "late": pick.random() < 0.1,
    }


async def prepare_adjustment(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """Another amount for a claim, open or not: what was taken beyond it comes back."""
    _, _, account_id = desk.whose(args)
    claim = chosen(await desk.claims(account_id), args["nth"])
    if claim is None:
        return None
    name = claim["name"]
    payload: dict[str, Any] = {"claim": claim["reference"], "reason": "herzien"}
    if args["to"]:
        payload["amountCents"] = desk.outside.claims[name].amount * args["percent"] // 100
    else:
        payload["deltaCents"] = args["delta"]

    def note(answer: dict[str, Any]) -> None:
        desk.outside.changed(name, answer["deltaCents"])
        desk.saw("claim_raised" if answer["deltaCents"] > 0 else "claim_lowered")
        if claim["open_cents"] < -answer["deltaCents"]:
            desk.saw("lowered_below_what_was_taken")

    return desk.recorded("adjustment", payload, args, note)


def plan_claim(pick: random.Random) -> dict[str, Any]:
    """Any claim."""
    return {"nth": pick.randrange(60), "late": pick.random() < 0.1}


async def prepare_claim(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """A claim that was wrong from the start."""
    _, _, account_id = desk.whose(args)
    claim = chosen(await desk.claims(account_id), args["nth"])
    if claim is None:
        return None

    def note(_: dict[str, Any]) -> None:
        desk.outside.withdrawn(claim["name"])
        if claim["open_cents"] == 0:
            desk.saw("settled_claim_withdrawn")

    payload = {"claim": claim["reference"], "reason": "ten onrechte"}
    return desk.recorded("withdraw-claim", payload, args, note, situations=["claim_withdrawn"])


def plan_declaration(pick: random.Random) -> dict[str, Any]:
    """Any declaration; a recent one more often."""
    return {"nth": pick.randrange(60), "late": pick.random() < 0.1}


async def prepare_declaration(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """A declaration that was loaded in error: before its night, or after it was settled and paid."""
    account, _, _ = desk.whose(args)
    known = desk.outside.declarations
    names = [name for name, each in known.items() if each.account == account and not each.withdrawn]
    name = chosen(names, -1 - args["nth"])
    if name is None:
        return None

    def note(answer: dict[str, Any]) -> None:
        settled = answer["settled"]
        desk.outside.declaration_withdrawn(
            name, settled=settled, credited=answer.get("creditsCents", 0), claimed=answer.get("claimedCents", 0)
        )
        desk.saw("settled_declaration_withdrawn" if settled else "queued_declaration_withdrawn")
        if answer.get("returnedToClaimsCents"):
            desk.saw("withdrawn_declaration_gave_offsets_back")
        if known[name].credits:
            desk.saw("withdrawn_declaration_had_credits")

    payload = {"declaration": name, "reason": "foutief geladen"}
    return desk.recorded("withdraw-declaration", payload, args, note)
