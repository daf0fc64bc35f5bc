"""Providers pay, on references old and new, right and wrong; staff give what is on account to a claim."""

import random
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents, chosen

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

_REFERENCES = """
select r.reference from payment_reference_claim c join payment_reference r using (reference)
where c.account_id = $1 and c.claim_id = $2 order by r.issued_on, r.reference
"""
_PAYMENTS = """
select payment_id, cents from payment where account_id = $1
order by received_on, cents, recorded_on, payment_id
"""


def plan(pick: random.Random) -> dict[str, Any]:
    """A share of a claim, all of it, too much, or money that says nothing about where it belongs."""
    return {
        "how": pick.choices(("share", "exact", "over", "settled", "silent", "wrong"), (4, 3, 2, 2, 1, 1))[0],
        "nth": pick.randrange(40),
        "percent": pick.randint(1, 99),
        "cents": cents(pick),
        "old": pick.random() < 0.5,
        "late": pick.random() < 0.1,
    }


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """One payment on one running account."""
    account, _, account_id = desk.whose(args)
    how, claims = args["how"], await desk.claims(account_id)
    is_open = how in ("share", "exact", "over")
    claim = chosen([each for each in claims if (each["open_cents"] > 0) == is_open], args["nth"])
    amount: int = args["cents"]
    payload: dict[str, Any] = {"account": account_id}
    if how == "wrong":
        payload["reference"] = "0000000"
    elif how != "silent":
        if claim is None:
            return None
        references = [row[0] for row in await desk.eyes.fetch(_REFERENCES, account_id, claim["claim_id"])]
        references = references or [claim["reference"]]
        payload = {"reference": references[0 if args["old"] else -1]}
        if args["old"] and len(references) > 1:
            desk.saw("payment_on_an_old_reference")
        if is_open:
            amount = {"share": max(1, claim["open_cents"] * args["percent"] // 100), "exact": claim["open_cents"]}.get(
                how, claim["open_cents"] + amount
            )
    named = {"over": "overpayment", "settled": "payment_on_settled", "exact": "paid_in_full", "share": "paid_in_part",
             "silent": "payment_without_reference", "wrong": "payment_with_unknown_reference"}[how]  # fmt: skip
    return desk.recorded(
        "payment",
        {**payload, "cents": amount},
        args,
        lambda _: desk.outside.move(account, "paid", amount, -1),
        situations=[named],
        by_source=True,
    )


def plan_allocation(pick: random.Random) -> dict[str, Any]:
    """Of the nth payment, or of what was freed, to the nth open claim."""
    return {"nth": pick.randrange(40), "payment": pick.randrange(20), "freed": pick.random() < 0.3,
            "cents": cents(pick) if pick.random() < 0.5 else None}  # fmt: skip


async def prepare_allocation(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """Money on account goes to a claim; nobody owes less or more by it."""
    _, _, account_id = desk.whose(args)
    claim = await desk.open_claim(account_id, args["nth"])
    payment = chosen(await desk.eyes.fetch(_PAYMENTS, account_id), args["payment"])
    if claim is None or (payment is None and not args["freed"]):
        return None
    payload: dict[str, Any] = {"claim": claim["reference"], "reason": "bedoeld hiervoor"}
    if not args["freed"]:
        payload["payment"] = payment["payment_id"]
    if args["cents"]:
        payload["cents"] = args["cents"]
    return desk.recorded(
        "allocation", payload, args, situations=["freed_money_given" if args["freed"] else "money_on_account_given"]
    )
