"""Agreements between running accounts, of two providers or two risk carriers, and what befalls what was taken over."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from asyncpg import Record

from jobs.simulation.actors.model import Job, chosen
from jobs.simulation.model import REASONS

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

# Who is mostly paid out something, and whose running account is not held.
_PAYING = """
select y.account_id from payout y where y.net_cents > 0 and y.business_date > $1::date - 5 and not exists (
  select 1 from hold h where h.account_id = y.account_id and h.claim_id is null and h.active and h.for_offset)
group by y.account_id order by sum(y.net_cents) desc, y.account_id
"""
# Who owes the most that could be offset and finds no money: for whom somebody would agree to pay.
_OWING = """
select k.account_id from claim_position k
where k.open_principal_cents > 0 and k.last_answer in (2, 40, 42) and not exists (select 1 from hold h
  where h.account_id = k.account_id and h.claim_id is null and h.active and h.for_offset)
group by k.account_id order by sum(k.open_principal_cents) desc, k.account_id
"""
_STANDING = """
select g.agreement_id, g.number from offset_agreement g
where g.account_id = $1 and g.ended_on is null order by g.number
"""
# By the day, the amount and the claim that it comes from: the number of a takeover differs from run to run.
_TAKEN = """
select c.claim_id, c.reference, p.open_principal_cents as open_cents from claim c
  join claim_position p on p.account_id = c.account_id and p.claim_id = c.claim_id
  join takeover t on t.payer_account_id = c.account_id and t.takeover_id = c.claim_id
  left join source_key k on k.account_id = t.account_id and k.fact_id = t.claim_id and k.kind in (2, 3, 4)
where c.account_id = $1 and c.kind = 8 order by c.registered_on desc, c.original_cents, t.account_id,
  k.source_id collate "C", t.number
"""
_OFFSETS = """
select s.source_id, sum(case when p.kind = 2 then p.cents else -p.cents end)::bigint as cents from posting p
  join source_key s on s.account_id = p.account_id and s.kind = 1
    and s.fact_id = case when p.kind = 2 then p.event_id else p.reverses_event_id end
where p.account_id = $1 and p.claim_id = $2 and p.kind in (2, 30) group by s.source_id
having sum(case when p.kind = 2 then p.cents else -p.cents end) > 0 order by s.source_id collate "C"
"""


def plan(pick: random.Random) -> dict[str, Any]:
    """Who pays and whose debt, from when and until when; now and then under a reason code that is not fit for it."""
    return {
        "payer": pick.randrange(4),
        "debtor": pick.randrange(5),
        "own": pick.random() < 0.2,
        "starts": pick.choice((0, 0, 0, 1, 3)),
        "lasts": pick.choice((None, None, None, 2, 10)),
        "unfit": pick.random() < 0.1,
    }


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """A registered agreement of who has money and who owes; `own`: of the same provider's two running accounts."""
    names = {account_id: name for name, account_id in desk.world.accounts.items()}
    account, _, payer = desk.whose(args)
    _, _, debtor = desk.whose({**args, "carrier": args["carrier"] + 1})
    if not args["own"]:
        payer = _one(await desk.eyes.fetch(_PAYING, desk.day), args["payer"], payer)
        account = names[payer]
        debtor = _one(await desk.eyes.fetch(_OWING), args["debtor"], debtor)
    debtor_account = names[debtor]
    since = desk.business_date(args) + timedelta(days=args["starts"])
    until = None if args["lasts"] is None else since + timedelta(days=args["lasts"])
    number = f"OVK-{desk.key}"
    payload = {
        "payerAccount": payer,
        "debtorAccount": debtor,
        "number": number,
        "evidence": "archief",
        "reasonCode": REASONS[account[0]][0] if args["unfit"] else "CREDIT",
        "reason": "groep",
        "validFrom": since.isoformat(),
        **({} if until is None else {"validUntil": until.isoformat()}),
    }

    def note(_: dict[str, Any]) -> None:
        desk.outside.agreed(number, account, debtor_account, since, until)
        desk.saw("agreement", *(["agreement_of_two_carriers"] if account[0] != debtor_account[0] else []))

    return desk.recorded("agreement", payload, args, note, by_source=True)


def _one(rows: Sequence[Record], nth: int, otherwise: int) -> int:
    """The nth running account, or another one where there is none."""
    row = chosen(rows, nth)
    return otherwise if row is None else int(row["account_id"])


def plan_end(pick: random.Random) -> dict[str, Any]:
    """The nth that stands, from today or from a later day; somebody asks it for a day that is over."""
    return {"nth": pick.randrange(20), "from": pick.choice((0, 0, 0, 1, 2, -1))}


async def prepare_end(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """One of that payer's is over; without one, the first that stands of whoever."""
    _, _, account_id = desk.whose(args)
    found = await desk.eyes.fetch(_STANDING, account_id)
    for _, other in () if found else sorted(desk.world.accounts.items()):
        found = [*found, *await desk.eyes.fetch(_STANDING, other)]
    agreement = chosen(found, args["nth"])
    if agreement is None:
        return None
    over = desk.day + timedelta(days=args["from"])
    payload = {"agreement": agreement["agreement_id"], "reason": "opgezegd", "endedOn": over.isoformat()}

    def note(_: dict[str, Any]) -> None:
        desk.outside.agreement_over(agreement["number"], over)
        desk.saw("agreement_ended")

    return desk.recorded("end-agreement", payload, args, note)


def plan_taken(pick: random.Random) -> dict[str, Any]:
    """What befalls a claim that was taken over: mostly its offset is given back, in part or whole; or it is changed."""
    return {
        "nth": pick.randrange(8),
        "act": pick.choices(("reverse", "adjustment"), (6, 1))[0],
        "percent": pick.choice((None, 40, 100)),
        "cents": pick.randint(1, 5_000),
    }


async def prepare_taken(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """A newest claim that was taken over, of that payer or else of the first who has one."""
    _, _, account_id = desk.whose(args)
    others = [each for _, each in sorted(desk.world.accounts.items())]
    for payer in (account_id, *others):
        claim = chosen(await desk.eyes.fetch(_TAKEN, payer), args["nth"])
        if claim is not None:
            break
    else:
        return None
    if args["act"] == "adjustment":  # refused: it is the debtor's claim that would change
        payload: dict[str, Any] = {"claim": claim["reference"], "reason": "herzien", "deltaCents": args["cents"]}
        return desk.recorded("adjustment", payload, {})
    offset = chosen(await desk.eyes.fetch(_OFFSETS, payer, claim["claim_id"]), args["nth"])
    if offset is None:
        return None
    payload = {
        "declaration": offset["source_id"],
        "claim": claim["reference"],
        "reason": "bezwaar gegrond",
        "effectiveDate": desk.day.isoformat(),
    }
    if args["percent"]:
        payload["cents"] = max(1, offset["cents"] * args["percent"] // 100)
    return desk.recorded("reverse-offset", payload, {}, situations=["reversal_of_what_was_taken_over"])
