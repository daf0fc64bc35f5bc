"""Holds of every kind, on a claim or a part of it or a whole running account; some end by hand, some by their date."""

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents, chosen

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

KINDS = (
    "dispute", "plan", "block", "agency", "insolvency", "cession", "attachment", "reservation", "investigation"
)  # fmt: skip
_OPEN = """
select h.hold_id, h.claim_id from hold h
where h.account_id = $1 and h.ended_on is null
order by h.from_date, h.kind, h.reason, h.until_date, h.cents
"""


_MATTERS = """
select h.hold_id from hold h
where h.risk_carrier_id = $1 and h.ended_on is null and h.for_offset
  and h.from_date <= $2 and (h.until_date is null or h.until_date >= $2)
  and exists (select 1 from payable q where q.account_id = h.account_id and q.kind = 1 and q.available_on <= $2)
order by h.reason
"""


def plan(pick: random.Random) -> dict[str, Any]:
    """A kind, a scope, what it stops, its first and its last day."""
    return {
        "kind": pick.choice(KINDS),
        "nth": pick.randrange(40),
        "newest": pick.random() < 0.6,
        "whole": pick.random() < 0.3,
        "cents": cents(pick) if pick.random() < 0.4 else None,
        "payout": pick.random() < 0.4,
        "starts": pick.choice((None, 0, 0, 1, 3)),
        "lasts": pick.choice((None, 0, 1, 3, 8)),
        "late": pick.random() < 0.05,
    }


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The hold; without a last day it lasts until somebody ends it."""
    _, _, account_id = desk.whose(args)
    # the key tells two holds of one kind apart when one of them is ended
    payload: dict[str, Any] = {"kind": args["kind"], "reason": f"sim {desk.key}", "owner": "team"}
    if args["whole"]:
        payload["account"] = account_id
        if args["payout"]:
            payload["processes"] = ["payout"] if args["kind"] == "block" else ["offset", "payout"]
    else:
        # often the newest claim: the next night would offset it
        claim = await desk.open_claim(account_id, -1 - args["nth"] // 3 if args["newest"] else args["nth"])
        if claim is None:
            return None
        payload["claim"] = claim["reference"]
        if args["cents"]:
            payload["cents"] = args["cents"]
    if args["kind"] == "block" and "processes" not in payload:
        payload["processes"] = ["offset", "dunning"]
    start = desk.day + timedelta(days=args["starts"] or 0)
    if args["starts"] is not None:
        payload["fromDate"] = start.isoformat()
    if args["lasts"] is not None:
        payload["untilDate"] = (start + timedelta(days=args["lasts"])).isoformat()
    scope = "account" if args["whole"] else "part" if args["cents"] else "claim"
    situations = [f"hold_{args['kind']}", f"hold_of_{scope}"]
    situations += ["hold_starts_later"] if args["starts"] else []
    return desk.recorded("hold", payload, args, situations=situations, by_source=True)


def plan_end(pick: random.Random) -> dict[str, Any]:
    """The nth of those that stand."""
    return {"nth": pick.randrange(20)}


async def prepare_end(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """One that stands is over."""
    _, _, account_id = desk.whose(args)
    hold = chosen(await desk.eyes.fetch(_OPEN, account_id), args["nth"])
    if hold is None:
        return None
    payload = {"hold": hold["hold_id"], "reason": "afgehandeld"}
    return desk.recorded("end-hold", payload, args, situations=["hold_ended_by_hand"])


async def ended_late(desk: "Desk", code: str, waiting_for: date) -> list[Job]:
    """What keeps something out of a night that waits still is over: in that night it counts, though it has ended."""
    jobs = []
    for nth, hold in enumerate(await desk.eyes.fetch(_MATTERS, desk.world.carriers[code], waiting_for)):
        desk.key = f"late {code} {waiting_for} {nth}"
        payload = {"hold": hold["hold_id"], "reason": "afgehandeld"}
        jobs.append(desk.recorded("end-hold", payload, {}, situations=["hold_ended_while_a_night_waits"]))
    return jobs
