"""Files of opening claims: another book comes over, with the letters, part payments, costs and holds of its past."""

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.claims import CEILING
from jobs.simulation.actors.model import Job, cents
from jobs.simulation.model import ADVANCE, REASONS

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

TERM, REMINDER_TERM = timedelta(days=30), timedelta(days=14)
DAY = timedelta(days=1)


def plan(pick: random.Random) -> dict[str, Any]:
    """One to three claims, some weeks to a year old: untouched, reminded, paid in part or in full, charged, held."""
    return {
        "claims": [
            {
                "kind": pick.choices(("claim", "ceiling-interim", "advance"), (8, 1, 1))[0],
                "cents": 2 + cents(pick),
                "agb": pick.randrange(3),
                "reason": pick.randrange(3),
                "age": pick.choice((35, 40, 48, 90, 300)),
                "paid": pick.choice(((), (40,), (40,), (25, 50), (100,))),
                "reminders": pick.randrange(3),
                "costs": pick.choice((0, 0, 4_000)),
                "interest": pick.choice((0, 0, 123)),
                "hold": pick.choice((None, None, None, "dispute", "plan")),
                "until": pick.choice((None, 0, 3)),
            }
            for _ in range(pick.randint(1, 3))
        ],
        "late": pick.random() < 0.08,
    }


def _steps(drawn: dict[str, Any], start: date, on: date, reference: str) -> list[dict[str, Any]]:
    """The letter and the reminders that had gone out by then, each under a reference of its own."""
    made = [("notice", 1, start, start + TERM)] if drawn["kind"] != "advance" else []
    sent = start + TERM + DAY
    for number in range(1, drawn["reminders"] + 1):
        if sent <= on:
            made.append(("reminder", number, sent, sent + REMINDER_TERM))
        sent += REMINDER_TERM + 2 * DAY
    return [
        {
            "kind": kind,
            "stepNo": number,
            "sentOn": sent.isoformat(),
            "termEnd": end.isoformat(),
            "askedCents": drawn["cents"],
            "paymentReference": f"{reference}{n}",
        }
        for n, (kind, number, sent, end) in enumerate(made)
    ]


def _payments(drawn: dict[str, Any], start: date) -> list[dict[str, Any]]:
    """What had come in, as shares of what was open."""
    left, made = drawn["cents"], []
    for number, percent in enumerate(drawn["paid"], 1):
        part = max(1, left * percent // 100)
        made.append({"receivedOn": (start + number * DAY).isoformat(), "cents": part, "reference": "oud"})
        left -= part
    return made


def _charges(drawn: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """Costs and interest that are still open."""
    return [
        {"kind": kind, "cents": drawn[kind], "chargedOn": (on - DAY).isoformat(), "reason": "voor de overgang"}
        for kind in ("costs", "interest")
        if drawn[kind]
    ]


def _holds(drawn: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """A dispute over a half, or a plan over all of it."""
    if drawn["hold"] is None:
        return []
    part = {"cents": drawn["cents"] // 2} if drawn["hold"] == "dispute" else {}
    until = {} if drawn["until"] is None else {"untilDate": (on + drawn["until"] * DAY).isoformat()}
    since = (on - 5 * DAY).isoformat()
    return [{"kind": drawn["hold"], "fromDate": since, "reason": "loopt", "owner": "team", **part, **until}]


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The file of one running account."""
    account, provider, _ = desk.whose(args)
    on = desk.business_date(args)
    reasons = {"ceiling-interim": CEILING, "advance": ADVANCE}
    records = []
    for number, drawn in enumerate(args["claims"]):
        start = on - drawn["age"] * DAY
        day, _, nth = desk.key.partition(".")
        payments = _payments(drawn, start)
        records.append(
            {
                "id": f"O{desk.key}-{number}",
                "agb": provider.agbs[drawn["agb"] % len(provider.agbs)],
                "kind": drawn["kind"],
                "reasonCode": reasons.get(drawn["kind"], {}).get(account[0]) or REASONS[account[0]][drawn["reason"]],
                "ground": "Uit het vorige boek",
                "amountCents": drawn["cents"],
                "openPrincipalCents": drawn["cents"] - sum(each["cents"] for each in payments),
                "registeredOn": start.isoformat(),
                "dueDate": (start + TERM).isoformat(),
                **({} if drawn["kind"] == "advance" else {"letterDate": start.isoformat()}),
                "payments": payments,
                "steps": _steps(drawn, start, on, f"4{day:0>5}{nth:0>6}{number}"),
                "charges": _charges(drawn, on),
                "holds": _holds(drawn, on),
            }
        )

    def note(_: Any) -> None:
        for record in records:
            desk.outside.opened(
                record["id"],
                account,
                record["amountCents"],
                paid=sum(each["cents"] for each in record["payments"]),
                charged=sum(each["cents"] for each in record["charges"]),
            )
            desk.saw(*_reached(record, on))

    return desk.loaded("opening-claims", account[0], records, args, note)


def _reached(record: dict[str, Any], on: date) -> list[str]:
    """The situations of one record."""
    is_open = record["openPrincipalCents"] > 0
    whether = {
        "opening_claim": True,
        "opening_claim_paid_in_part": is_open and bool(record["payments"]),
        "opening_claim_paid_in_full": not is_open,
        "opening_claim_charged": bool(record["charges"]),
        "opening_claim_held": bool(record["holds"]),
        "opening_claim_reminded": any(each["kind"] == "reminder" for each in record["steps"]),
        "opening_reminder_still_runs": any(
            each["kind"] == "reminder" and each["termEnd"] >= on.isoformat() for each in record["steps"]
        ),
    }
    return [name for name, is_so in whether.items() if is_so]
