"""The bank carries payouts out, staff send held ones elsewhere and resolve what a night could not do."""

import random
from typing import TYPE_CHECKING, Any

from app.core.db import Connection
from app.core.ids import payout_number
from app.incidents import ResolveIncident, resolve_incident
from app.ledger import Command
from jobs.simulation.actors.model import Job, chosen

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

_SENT = """
select y.payout_id, y.business_date, y.net_cents from payout y join payment_instruction i using (account_id, payout_id)
  join payee_iban b on b.iban_id = y.iban_id
where y.account_id = $1
order by exists (select 1 from payout_confirmation c where c.payout_id = y.payout_id), y.business_date, b.iban
"""
_HELD = """
select y.payout_id, y.business_date, b.iban from payout y join payee_iban b using (iban_id)
where y.account_id = $1 and y.held <> 0 and y.net_cents > 0 order by y.business_date, b.iban
"""
_INCIDENTS = """
select incident_id, check_name from incident where resolved_at is null and account_id is not null
order by account_id, check_name, what collate "C"
"""


def plan_confirmation(pick: random.Random) -> dict[str, Any]:
    """The nth payout that is at the bank; the right amount, another one, or none given."""
    return {"nth": pick.randrange(6), "says": pick.choices(("net", "nothing", "other"), (5, 2, 1))[0]}


async def prepare_confirmation(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The bank's word that a payout arrived."""
    _, _, account_id = desk.whose(args)
    row = chosen(await desk.eyes.fetch(_SENT, account_id), args["nth"])
    if row is None:
        return None
    payload: dict[str, Any] = {"payout": payout_number(row["payout_id"], row["business_date"].year)}
    if args["says"] != "nothing":
        payload["cents"] = row["net_cents"] + (args["says"] == "other")
    return desk.recorded("confirm-payout", payload, args, situations=["payout_confirmed"])


def plan_redirection(pick: random.Random) -> dict[str, Any]:
    """The nth held payout to the nth registered account."""
    return {"nth": pick.randrange(6), "iban": pick.randrange(4)}


async def prepare_redirection(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """A held payout goes to another account of its provider."""
    _, provider, account_id = desk.whose(args)
    row = chosen(await desk.eyes.fetch(_HELD, account_id), args["nth"])
    known = desk.ibans[provider.number]
    if row is None:
        return None
    number = payout_number(row["payout_id"], row["business_date"].year)
    iban = known[-1 - args["iban"] % len(known)]["iban"]

    def note(_: dict[str, Any]) -> None:
        desk.outside.redirected[row["payout_id"]] = iban

    payload = {"payout": number, "iban": iban, "reason": "rekening gesloten"}
    return desk.recorded("redirect-payout", payload, args, note, situations=["payout_redirected"])


def plan_incident(pick: random.Random) -> dict[str, Any]:
    """The nth incident."""
    return {"nth": pick.randrange(6)}


async def prepare_incident(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """Somebody looked at an incident about a running account."""
    row = chosen(await desk.eyes.fetch(_INCIDENTS), args["nth"])
    if row is None:
        return None
    command = Command(actor="simulator", business_date=desk.day, idempotency_key=f"sim {desk.key}")

    async def do(connection: Connection) -> Any:
        return await resolve_incident(connection, command, row["incident_id"], ResolveIncident(resolution="bekeken"))

    return Job("incident", do, situations=(f"resolved_{row['check_name']}",))
