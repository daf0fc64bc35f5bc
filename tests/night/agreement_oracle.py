"""What the agreements of a night move, as plainly as it can be said: payer by payer, claim by claim, on rows in memory.

Per payer in order of account id: what is still open of what it took over goes back to its debtors; then each claim of
its debtors, the oldest due date first, is taken over as far as the debtor's own money leaves it open and the payer's
own claims leave room. Own money is what the oracle of one running account says; nothing of the product decides here.
"""

from datetime import date
from typing import Any, NamedTuple

from app.core.db import Connection
from tests.night import oracle
from tests.night.oracle import TAKEN_OVER, World

FULL = 3
SAME_ENTITY = 4


class Agreed(NamedTuple):
    """Cents that go back by takeover, cents that are taken over by (payer, debtor's claim), and every offset line.

    In `lines`, by running account, what was taken over stands under the claim that it comes from.
    """

    back: dict[int, int]
    taken: dict[tuple[int, int], int]
    lines: dict[int, list[oracle.Line]]


async def agreed(connection: Connection, day: date) -> Agreed:
    """Read every running account and decide; all of them are of one risk carrier."""
    accounts = await connection.fetch("select account_id from running_account order by account_id")
    worlds = {row["account_id"]: await oracle.read(connection, row["account_id"], day) for row in accounts}
    agreements = await connection.fetch(
        """
        select * from offset_agreement where valid_from <= $1 and (valid_until is null or valid_until >= $1)
          and (ended_on is null or ended_on > $1) order by agreement_id
        """,
        day,
    )
    takeovers = await connection.fetch("select * from takeover order by takeover_id")
    back: dict[int, int] = {}
    taken: dict[tuple[int, int], int] = {}
    for payer in worlds:
        back |= _give_back(worlds, [dict(row) for row in takeovers if row["payer_account_id"] == payer])
        debtors = {row["debtor_account_id"]: row["reason_id"] for row in agreements if row["account_id"] == payer}
        taken |= _take_over(worlds, payer, debtors, day)
    return Agreed(back, taken, {account: oracle.decided(world, day).lines for account, world in worlds.items()})


def _claim(world: World, claim_id: int) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [claim for claim in world["claims"] if claim["claim_id"] == claim_id]
    return found


def _give_back(worlds: dict[int, World], takeovers: list[dict[str, Any]]) -> dict[int, int]:
    back = {}
    for takeover in takeovers:
        payers = _claim(worlds[takeover["payer_account_id"]], takeover["takeover_id"])
        if cents := payers["open_principal_cents"]:
            payers["open_principal_cents"] = 0
            _claim(worlds[takeover["account_id"]], takeover["claim_id"])["open_principal_cents"] += cents
            back[takeover["takeover_id"]] = cents
    return back


def _take_over(worlds: dict[int, World], payer: int, debtors: dict[int, int], day: date) -> dict[tuple[int, int], int]:
    wanted = []
    for debtor, reason_id in debtors.items():
        for claim, cents in _still_owed(worlds[debtor], day):
            wanted.append((claim["due_date"], claim["claim_id"], debtor, reason_id, cents))
    wanted.sort()
    asked = {each[1]: _taken_over(payer, each) for each in wanted}
    worlds[payer]["claims"] = [*worlds[payer]["claims"], *asked.values()]
    room = dict.fromkeys(asked, 0)
    for line in oracle.decided(worlds[payer], day).lines:
        if line.claim in room:
            room[line.claim] += line.cents
    for _, claim_id, debtor, _, _ in wanted:
        asked[claim_id]["open_principal_cents"] = room[claim_id]
        _claim(worlds[debtor], claim_id)["open_principal_cents"] -= room[claim_id]
    return {(payer, claim_id): cents for claim_id, cents in room.items() if cents}


def _still_owed(debtor: World, day: date) -> list[tuple[dict[str, Any], int]]:
    """The debtor's own claims that take in full, with what its own money leaves of the principal that may be offset."""
    paid: dict[int, int] = {}
    for line in oracle.decided(debtor, day).lines:
        if line.kind == 2:
            paid[line.claim] = paid.get(line.claim, 0) + line.cents
    found = []
    for claim in oracle.standing(debtor, day)["claims"]:
        cents = min(claim["open_principal_cents"], claim["left"]) - paid.get(claim["claim_id"], 0)
        if claim["blocked"] == 0 and claim["mode"] == FULL and _free(debtor, claim) and cents > 0:
            found.append((claim, cents))
    return found


def _free(debtor: World, claim: dict[str, Any]) -> bool:
    """Not taken over itself, and of a reason that may be offset with other codes than its own."""
    passes = debtor["reasons"][claim["reason_id"]]["passes"]
    return claim["kind"] != TAKEN_OVER and (passes is None or SAME_ENTITY in passes)


def _taken_over(payer: int, wanted: tuple[date, int, int, int, int]) -> dict[str, Any]:
    due, claim_id, _, reason_id, cents = wanted
    return {
        "account_id": payer, "claim_id": claim_id, "kind": TAKEN_OVER, "reason_id": reason_id, "agb_id": None,
        "due_date": due, "open_principal_cents": cents, "open_costs_cents": 0, "open_interest_cents": 0,
        "origin_declaration_id": None, "reminder_term_ends": None, "offset_requested_on": None,
    }  # fmt: skip
