"""The decision of a night for one running account, as plainly as it can be said: loops over what the rules name.

It shares nothing with the product's merge: every pass looks at every entry and every claim, quadratic and obvious.
"""

import copy
from collections import defaultdict
from datetime import date
from typing import Any, NamedTuple

from app.core.db import Connection

NO_LIMIT = 10**18
TAKEN_OVER = 8
World = dict[str, Any]
"""The rows that decide about one running account, by table, each row a dict by column."""


class Line(NamedTuple):
    """One offset: cents of an entry that go to a component of a claim (kind 2 principal, 3 costs, 4 interest)."""

    entry: int
    claim: int
    kind: int
    cents: int
    open_after: int
    on_pass: int


class Decided(NamedTuple):
    """What the oracle says: lines in order, answers by claim in scope, and (gross, offset, net) by IBAN."""

    lines: list[Line]
    answers: dict[int, int]
    payouts: dict[int, tuple[int, int, int]]


async def decide(connection: Connection, account_id: int, day: date) -> Decided:
    """Read the account's rows one table at a time and decide."""
    return decided(await read(connection, account_id, day), day)


def decided(world: World, day: date) -> Decided:
    """Decide from rows that were read, and perhaps changed since; they stay as they are."""
    world = standing(world, day)
    entries, claims = world["entries"], world["claims"]
    if any(entry["iban_id"] is None for entry in entries):
        return Decided([], {}, {})
    lines = _passes(world, [claim for claim in claims if claim["blocked"] == 0])
    answers = {}
    if any(entry["kind"] == 1 for entry in entries):
        for claim in claims:
            answers[claim["claim_id"]] = claim["blocked"] or _answer(world, claim)
    payouts: dict[int, tuple[int, int, int]] = {}
    for iban in {entry["iban_id"] for entry in entries}:
        gross = sum(entry["cents"] for entry in entries if entry["iban_id"] == iban)
        ours = {entry["entry_id"] for entry in entries if entry["iban_id"] == iban}
        offset = sum(line.cents for line in lines if line.entry in ours)
        payouts[iban] = (gross, offset, gross - offset)
    return Decided(lines, answers, payouts)


def standing(world: World, day: date) -> World:
    """A copy before the first pass: the open claims in order, each with what it may take and what keeps it out."""
    world = copy.deepcopy(world)
    components = ("open_principal_cents", "open_costs_cents", "open_interest_cents")
    world["claims"] = [claim for claim in world["claims"] if any(claim[each] for each in components)]
    world["claims"].sort(key=lambda claim: _order(world, claim))
    _limit_entries(world)
    for claim in world["claims"]:
        claim["blocked"] = _blocked(world, claim, day)
    return world


async def read(connection: Connection, account_id: int, day: date) -> World:
    """The account's rows as they stand, claims of which nothing is open any more among them."""

    async def rows(text: str, *more: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await connection.fetch(text, account_id, *more)]

    carrier = await connection.fetchval("select risk_carrier_id from running_account where account_id = $1", account_id)
    policy = await connection.fetchrow(
        """
        select * from policy_version where risk_carrier_id = $1 and valid_from <= $2
        order by valid_from desc, version desc limit 1
        """,
        carrier,
        day,
    )
    assert policy is not None
    reasons = await connection.fetch(
        "select * from reason_policy where policy_version_id = $1", policy["policy_version_id"]
    )
    within = "valid_from <= $2 and (valid_until is null or valid_until >= $2)"
    world: World = {
        "policy": dict(policy),
        "reasons": {row["reason_id"]: dict(row) for row in reasons},
        "entries": await rows(
            "select * from payable where account_id = $1 and available_on <= $2 order by approved_at, entry_id", day
        ),
        "claims": await rows(
            """
            select p.*, c.origin_declaration_id from claim_position p join claim c using (account_id, claim_id)
            where p.account_id = $1 and p.registered_on <= $2
            """,
            day,
        ),
        "holds": await rows(
            """
            select * from hold where account_id = $1 and (ended_on is null or ended_on > $2)
              and (from_date <= $2 or active) and (until_date is null or until_date >= $2)
            """,
            day,
        ),
        "rules": await rows(
            f"select * from offset_instruction where account_id = $1 and {within} order by valid_from, instruction_id",
            day,
        ),
    }
    await _payees(connection, account_id, day, world["entries"])
    return world


async def _payees(connection: Connection, account_id: int, day: date, entries: list[dict[str, Any]]) -> None:
    """Where each entry's money goes: the IBAN of its practice, else the entity's own, on that day."""
    registrations = await connection.fetch(
        """
        select a.agb_id, a.practice_id from agb_registration a join running_account r using (provider_id)
        where r.account_id = $1
        """,
        account_id,
    )
    ibans = await connection.fetch(
        """
        select i.* from payee_iban i join running_account r using (provider_id)
        where r.account_id = $1 and valid_from <= $2 and (valid_until is null or valid_until >= $2)
        """,
        account_id,
        day,
    )
    practice = {row["agb_id"]: row["practice_id"] for row in registrations}
    for entry in entries:
        own = [i["iban_id"] for i in ibans if i["practice_id"] and i["practice_id"] == practice[entry["agb_id"]]]
        entity = [i["iban_id"] for i in ibans if i["practice_id"] is None]
        entry["iban_id"] = (own or entity or [None])[0]


def _order(world: World, claim: dict[str, Any]) -> tuple[Any, ...]:
    priority = world["reasons"][claim["reason_id"]]["priority"]
    if claim["kind"] == TAKEN_OVER:  # after all that the account owes itself
        return 1, claim["due_date"], claim["claim_id"]
    if world["policy"]["claim_order"] == "priority":
        return 0, priority, claim["due_date"], claim["claim_id"]
    return 0, claim["due_date"], priority, claim["claim_id"]


def _limit_entries(world: World) -> None:
    """What each entry may give, what the account may give, and what each payout may lose."""
    account_rules = [rule for rule in world["rules"] if rule["claim_id"] is None]
    rule = account_rules[-1] if account_rules else {}
    policy = world["policy"]

    def setting(name: str) -> Any:
        return rule[name] if rule.get(name) is not None else policy[name]

    share = setting("cap_basis_points")
    for entry in world["entries"]:
        give = entry["cents"] if share is None else entry["cents"] * share // 10000
        entry["left"] = give if entry["kind"] == 1 else 0
        entry["given_by_limit"] = defaultdict(int)
    cap = setting("cap_cents")
    world["account_left"] = NO_LIMIT if cap is None else cap
    floor = setting("floor_cents") or 0
    world["payout_left"] = {}
    for iban in {entry["iban_id"] for entry in world["entries"]}:
        gross = sum(entry["cents"] for entry in world["entries"] if entry["iban_id"] == iban)
        world["payout_left"][iban] = max(0, gross - floor)


def _held(world: World, claim: dict[str, Any], total: int) -> int:
    holds = [h for h in world["holds"] if h["claim_id"] == claim["claim_id"] and h["for_offset"]]
    if any(hold["cents"] is None for hold in holds):
        return total
    return min(total, sum(int(hold["cents"]) for hold in holds))


def _blocked(world: World, claim: dict[str, Any], day: date) -> int:
    """Why the claim may not be offset tonight, 0 if it may; sets what it may take and under which limit."""
    reason = world["reasons"][claim["reason_id"]]
    rules = [r for r in world["rules"] if r["claim_id"] == claim["claim_id"]]
    account_rules = [r for r in world["rules"] if r["claim_id"] is None]
    mode, limit = reason["offset_mode"], ("reason", claim["reason_id"])
    share, fixed = reason["offset_basis_points"], reason["offset_fixed_cents"]
    for rule in (*account_rules[-1:], *rules[-1:]):
        if rule["mode"] is not None:
            mode, limit = rule["mode"], ("instruction", rule["instruction_id"])
            share, fixed = rule["basis_points"], rule["fixed_cents"]
    total = claim["open_principal_cents"] + claim["open_costs_cents"] + claim["open_interest_cents"]
    charges = reason["offset_charges"]
    may = claim["open_principal_cents"] + (claim["open_costs_cents"] + claim["open_interest_cents"] if charges else 0)
    held = _held(world, claim, total)
    claim["left"] = claim["takes"] = max(0, may - held)
    claim["total"], claim["mode"], claim["limit"], claim["share"], claim["fixed"] = total, mode, limit, share, fixed
    ends = claim["reminder_term_ends"] or []
    nth = reason["offset_start_reminder"]
    ends_n = ends[nth - 1] if len(ends) >= nth else None
    if any(h["claim_id"] is None and h["for_offset"] for h in world["holds"]):
        return 20
    if reason["offset_start"] == 0:
        return 30
    if mode == 0:
        return 35
    if total > 0 and may == 0:
        return 36
    if reason["offset_start"] == 2 and claim["due_date"] >= day:
        return 31
    if reason["offset_start"] == 3 and ends_n is None:
        return 32
    if reason["offset_start"] == 3 and ends_n is not None and ends_n >= day:
        return 33
    if reason["offset_start"] == 4 and (claim["offset_requested_on"] is None or claim["offset_requested_on"] > day):
        return 34
    return 21 if held > 0 and may <= held else 0


def _passes(world: World, claims: list[dict[str, Any]]) -> list[Line]:
    lines: list[Line] = []
    fixed_left = {claim["limit"]: claim["fixed"] for claim in claims if claim["mode"] == 2}
    for on_pass in world["policy"]["passes"]:
        for entry in world["entries"]:
            for claim in claims:
                if on_pass in _own_passes(world, claim) and _meet(on_pass, entry, claim):
                    _take(world, entry, claim, fixed_left, on_pass, lines)
    return lines


def _own_passes(world: World, claim: dict[str, Any]) -> list[int]:
    """The passes of the policy that the claim's reason takes part in."""
    passes: list[int] = world["policy"]["passes"]
    own = [4] if claim["kind"] == TAKEN_OVER else world["reasons"][claim["reason_id"]]["passes"]
    return passes if own is None else [on_pass for on_pass in passes if on_pass in own]


def _meet(on_pass: int, entry: dict[str, Any], claim: dict[str, Any]) -> bool:
    if entry["kind"] != 1:
        return False
    if on_pass == 1:
        return bool(
            entry["entry_id"] == claim["origin_declaration_id"] or entry["offset_claim_id"] == claim["claim_id"]
        )
    assert on_pass in (3, 4), "the exact amounts have a test of their own"
    return on_pass == 4 or bool(entry["agb_id"] == claim["agb_id"])


def _take(
    world: World,
    entry: dict[str, Any],
    claim: dict[str, Any],
    fixed_left: dict[Any, int],
    on_pass: int,
    lines: list[Line],
) -> None:
    room = NO_LIMIT
    if claim["mode"] == 1:
        room = entry["cents"] * claim["share"] // 10000 - entry["given_by_limit"][claim["limit"]]
    elif claim["mode"] == 2:
        room = fixed_left[claim["limit"]]
    take = min(entry["left"], claim["left"], world["payout_left"][entry["iban_id"]], world["account_left"], room)
    if take <= 0:
        return
    entry["left"] -= take
    world["payout_left"][entry["iban_id"]] -= take
    world["account_left"] -= take
    entry["given_by_limit"][claim["limit"]] += take
    if claim["mode"] == 2:
        fixed_left[claim["limit"]] -= take
    while take > 0:
        for kind, component in ((2, "open_principal_cents"), (3, "open_costs_cents"), (4, "open_interest_cents")):
            piece = min(take, claim[component])
            if piece > 0:
                claim[component] -= piece
                claim["left"] -= piece
                take -= piece
                lines.append(
                    Line(entry["entry_id"], claim["claim_id"], kind, piece, claim["open_principal_cents"], on_pass)
                )


def _answer(world: World, claim: dict[str, Any]) -> int:
    taken = claim["takes"] - claim["left"]
    if taken:
        return 1 if taken == claim["total"] else 2
    near = [
        entry
        for entry in world["entries"]
        if any(_meet(on_pass, entry, claim) for on_pass in _own_passes(world, claim))
    ]
    if not near:
        return 46
    may_give = sum(entry["left"] for entry in near)
    gross = sum(entry["cents"] for entry in world["entries"] if entry["kind"] == 1)
    given = sum(sum(entry["given_by_limit"].values()) for entry in world["entries"])
    still = sum(entry["left"] for entry in world["entries"])
    if world["account_left"] <= 0 or (claim["mode"] != 3 and may_give > 0):
        return 41
    if may_give > 0:
        return 43
    return 41 if gross > given + still else 42
