"""How much offset may take: instructions for a claim or a running account, and providers who ask for an offset."""

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk


def plan(pick: random.Random) -> dict[str, Any]:
    """A mode, a cap or a floor, for some days."""
    mode = pick.choice(("none", "percentage", "fixed", "full"))
    return {
        "nth": pick.randrange(40),
        "mode": mode,
        "percent": pick.choice(("25", "33.33", "100")) if mode == "percentage" else None,
        "fixedCents": cents(pick) if mode == "fixed" else None,
        "limits": pick.choice((None, None, "capPercent", "capCents", "floorCents")),
        "cents": cents(pick),
        "lasts": pick.choice((0, 3, 9)),
    }


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """An instruction; caps and floors are for a running account."""
    _, _, account_id = desk.whose(args)
    until = (desk.day + timedelta(days=args["lasts"])).isoformat()
    payload: dict[str, Any] = {"reason": "afspraak", "validFrom": desk.day.isoformat(), "validUntil": until}
    limit = args["limits"]
    if limit is not None:
        payload |= {"account": account_id, limit: "50" if limit == "capPercent" else args["cents"]}
    else:
        claim = await desk.open_claim(account_id, args["nth"])
        if claim is None:
            return None
        payload |= {"claim": claim["reference"], "mode": args["mode"]}
        payload |= {name: args[name] for name in ("percent", "fixedCents") if args[name] is not None}
    return desk.recorded("offset-instruction", payload, args, situations=[f"instruction_{limit or args['mode']}"])


def plan_request(pick: random.Random) -> dict[str, Any]:
    """The nth open claim."""
    return {"nth": pick.randrange(40)}


async def prepare_request(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The provider asks to offset a claim."""
    _, _, account_id = desk.whose(args)
    claims = [each for each in await desk.claims(account_id) if each["open_cents"] > 0]
    # those whose policy waits for it come first
    claims.sort(key=lambda each: each["reason"] not in ("DS98", "FC"))
    if not claims:
        return None
    claim = claims[args["nth"] % min(3, len(claims))]
    return desk.recorded("request-offset", {"claim": claim["reference"]}, args, situations=["offset_requested"])
