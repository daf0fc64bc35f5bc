"""Offsets that are given back, whole or in part."""

import random
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, chosen

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

_STANDING = """
select s.source_id, c.reference, p.line, p.kind, p.cents,
  k.open_principal_cents + k.open_costs_cents + k.open_interest_cents as open_cents
from posting p join source_key s on s.account_id = p.account_id and s.fact_id = p.event_id and s.kind = 1
  join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  join claim_position k on k.account_id = p.account_id and k.claim_id = p.claim_id
where p.account_id = $1 and p.kind between 2 and 4 order by p.booking_date desc, s.source_id, p.line
"""


def plan(pick: random.Random) -> dict[str, Any]:
    """The nth offset line, newest first, or what the declaration paid on that claim in all."""
    return {"nth": pick.randrange(30), "percent": pick.choice((None, 1, 50, 100, 150)), "line": pick.random() < 0.3}


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """Given back, the money is paid out in the next night and the claim is open again."""
    _, _, account_id = desk.whose(args)
    row = chosen(await desk.eyes.fetch(_STANDING, account_id), args["nth"])
    if row is None:
        return None
    payload: dict[str, Any] = {
        "declaration": row["source_id"],
        "claim": row["reference"],
        "reason": "bezwaar gegrond",
        "effectiveDate": desk.day.isoformat(),
    }
    if args["percent"]:
        payload["cents"] = max(1, row["cents"] * args["percent"] // 100)
    if args["line"]:
        payload["line"] = row["line"]
    situations = ["reversal_in_part" if args["percent"] in (1, 50) else "reversal_in_full"]
    if row["open_cents"] == 0:
        situations.append("reversal_after_settled")
    if row["kind"] != 2:
        situations.append("reversal_of_costs_or_interest")
    return desk.recorded("reverse-offset", payload, args, situations=situations)
