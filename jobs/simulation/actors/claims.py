"""Files of claims: letters with their terms, ceiling settlements, interim and final."""

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents
from jobs.simulation.model import REASONS

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

CEILING = {"VZ": "CM96", "ZK": "EINDAFREKENING"}


def plan(pick: random.Random) -> dict[str, Any]:
    """One to three claims; the letter of today or some weeks old, a long term or a short one."""
    return {
        "claims": [
            {
                "type": pick.choices(("claim", "ceiling-interim", "ceiling-final"), (8, 1, 1))[0],
                "cents": cents(pick),
                "agb": pick.randrange(3),
                "reason": pick.randrange(3),
                "age": pick.choice((0, 0, 3, 20, 45)),
                "term": pick.choice((0, 14, 30)),
                "lines": pick.random() < 0.3,
                "nth": pick.randrange(20),
            }
            for _ in range(pick.randint(1, 3))
        ],
        "late": pick.random() < 0.08,
    }


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The file of one running account; a final settlement names the interim one that it replaces, if there is one."""
    account, provider, account_id = desk.whose(args)
    on = desk.business_date(args)
    interims = [each for each in await desk.claims(account_id) if each["kind"] == 5]
    records, new, replaced = [], [], {}
    for number, drawn in enumerate(args["claims"]):
        name = f"C{desk.key}-{number}"
        kind = drawn["type"]
        reason = CEILING[account[0]] if kind != "claim" else REASONS[account[0]][drawn["reason"]]
        lines = {"lines": [{"cents": part} for part in (drawn["cents"] - drawn["cents"] // 2, drawn["cents"] // 2)
                           if part]} if drawn["lines"] else {}  # fmt: skip
        record = {
            "type": kind,
            "id": name,
            "agb": provider.agbs[drawn["agb"] % len(provider.agbs)],
            "reasonCode": reason,
            "ground": "Controle achteraf",
            "amountCents": drawn["cents"],
            "letterDate": (on - timedelta(days=drawn["age"])).isoformat(),
            "termDays": drawn["term"],
            **lines,
        }
        if kind == "ceiling-final" and interims:
            interim = interims.pop(drawn["nth"] % len(interims))["name"]
            record["settles"] = interim
            replaced[interim] = drawn["cents"]
        else:
            new.append((name, drawn["cents"]))
        records.append(record)

    def note(_: Any) -> None:
        for name, amount in new:
            desk.outside.claimed(name, account, amount)
        for interim, amount in replaced.items():
            desk.outside.changed(interim, amount - desk.outside.claims[interim].amount)
            desk.saw("final_settles_interim")

    return desk.loaded("claims", account[0], records, args, note)
