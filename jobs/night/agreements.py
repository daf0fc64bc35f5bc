"""Registered agreements (OF-10): before a night matches, what one running account owes and may be offset with another's
declarations is taken over into that other one, and what was not offset since goes back.

Own money comes first on both sides: of the debtor only what its own declarations leave open, of the payer only what its
own claims leave. Both are read with the decision of the night itself (decide.sql), so a preview shows the same lines.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from app.core.audit import audit
from app.core.db import Connection, transaction
from app.core.errors import Bug
from jobs.night.plan import ACTOR, Limits, Run, keep_fence
from jobs.night.statements import decided, statement

TRIES = 3
TAKEN_OVER = 8
Position = dict[str, Any]
"""A row of `claim_position` by column, as JSON has it."""
Positions = dict[tuple[int, int], Position]
"""Positions by (account_id, claim_id); what a payer would take over stands under the debtor's claim_id."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """What decides: a risk carrier, a business date, its policy version and the run (0: a preview)."""

    risk_carrier_id: int
    business_date: date
    policy_version_id: int
    run_id: int = 0


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """One that holds on the business date: the payer's declarations may pay what the debtor owes."""

    agreement_id: int
    debtor_account_id: int
    debtor_carrier_id: int
    number: str
    reason_id: int


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Cents of a debtor's claim that go to the payer, or come back from it."""

    account_id: int
    claim_id: int
    cents: int


class GiveBack(Move, frozen=True, kw_only=True):
    """What is still open of a takeover."""

    takeover_id: int


class Takeover(Move, frozen=True, kw_only=True):
    """What the payer's declarations have room for; the policy version is the one that decided for the debtor."""

    agreement_id: int
    number: str
    reason_id: int
    policy_version_id: int


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """What one payer gives back and takes over in a night; `agb_id` is the AGB registration that it takes over on."""

    payer: int
    agb_id: int | None
    give_back: list[GiveBack]
    take_over: list[Takeover]

    @property
    def debtors(self) -> list[int]:
        """Running accounts whose claims are moved, in order of id."""
        moves: list[Move] = [*self.give_back, *self.take_over]
        return sorted({move.account_id for move in moves})


_PAYERS = """
select account_id from offset_agreement where risk_carrier_id = $1::smallint
  and valid_from <= $2 and coalesce(valid_until, 'infinity') >= $2
  and coalesce(ended_on, 'infinity') > $2
union
select t.payer_account_id from takeover t
  join claim_position p on p.account_id = t.payer_account_id and p.claim_id = t.takeover_id
where p.risk_carrier_id = $1 and p.open_principal_cents > 0
order by 1
"""
_AGREEMENTS = """
select g.agreement_id, g.debtor_account_id, ra.risk_carrier_id as debtor_carrier_id, g.number, g.reason_id
from offset_agreement g join running_account ra on ra.account_id = g.debtor_account_id
where g.account_id = $1 and valid_from <= $2 and coalesce(valid_until, 'infinity') >= $2
  and coalesce(ended_on, 'infinity') > $2 order by g.agreement_id
"""
_GIVE_BACK = """
select t.account_id, t.claim_id, t.takeover_id, p.open_principal_cents as cents from takeover t
  join claim_position p on p.account_id = t.payer_account_id and p.claim_id = t.takeover_id
where t.payer_account_id = $1 and p.open_principal_cents > 0 order by t.takeover_id
"""
_HELD = """
select h.account_id, h.claim_id, case when bool_or(h.cents is null) then null else sum(h.cents)::bigint end as cents
from unnest($1::bigint[], $2::bigint[]) w (account_id, claim_id)
  join hold h on h.account_id = w.account_id and h.claim_id = w.claim_id
where h.active and h.ended_on is null and h.for_offset group by h.account_id, h.claim_id
"""
_AGB = """
select min(g.agb_id) from agb_registration g join running_account ra using (provider_id)
where ra.account_id = $1 and g.valid_from <= $2 and coalesce(g.valid_until, 'infinity') >= $2
"""
_POSITIONS = """
select to_jsonb(p) as position from unnest($1::bigint[], $2::bigint[]) w (account_id, claim_id)
  join claim_position p on p.account_id = w.account_id and p.claim_id = w.claim_id
"""
_POLICY = """
select policy_version_id from policy_version where risk_carrier_id = $1 and valid_from <= $2
order by valid_from desc, version desc limit 1
"""


async def payers(connection: Connection, night: Night) -> list[int]:
    """Running accounts that pay by an agreement of that date, or still have something to give back; in order of id."""
    rows = await connection.fetch(_PAYERS, night.risk_carrier_id, night.business_date)
    return [row["account_id"] for row in rows]


async def moves_of(connection: Connection, night: Night, payer: int, positions: Positions) -> Moves:
    """What the agreements of one payer move. `positions` are read instead of the stored ones, and are moved along.

    Writes nothing. The debtors' claims come in order of due date, the oldest first, whichever agreement they are under.
    """
    give_back = [GiveBack(**dict(row)) for row in await connection.fetch(_GIVE_BACK, payer)]
    await _read(connection, positions, [(payer, back.takeover_id) for back in give_back])
    await _read(connection, positions, [(back.account_id, back.claim_id) for back in give_back])
    for back in give_back:
        positions[payer, back.takeover_id]["open_principal_cents"] -= back.cents
        positions[back.account_id, back.claim_id]["open_principal_cents"] += back.cents
    await _hold_again(connection, positions, sorted({(back.account_id, back.claim_id) for back in give_back}))
    agb_id = await connection.fetchval(_AGB, payer, night.business_date)
    wanted: list[tuple[date, Takeover]] = []
    if agb_id is not None:
        for row in await connection.fetch(_AGREEMENTS, payer, night.business_date):
            wanted += await _still_owed(connection, night, Agreement(**dict(row)), positions)
    take_over = await _with_room(connection, night, payer, agb_id, wanted, positions) if wanted else []
    return Moves(payer=payer, agb_id=agb_id, give_back=give_back, take_over=take_over)


async def _hold_again(connection: Connection, positions: Positions, keys: list[tuple[int, int]]) -> None:
    """What came back may be held meanwhile: a hold on all of a claim, or on more of it than was open."""
    for row in await connection.fetch(_HELD, [key[0] for key in keys], [key[1] for key in keys]):
        position = positions[row["account_id"], row["claim_id"]]
        whole = sum(position[name] for name in ("open_principal_cents", "open_costs_cents", "open_interest_cents"))
        position["held_cents"] = whole if row["cents"] is None else min(whole, row["cents"])


async def _still_owed(
    connection: Connection, night: Night, agreement: Agreement, positions: Positions
) -> list[tuple[date, Takeover]]:
    """What the debtor's own money leaves of its claims, by the policy of its own risk carrier; with the due dates."""
    policy = (
        night.policy_version_id
        if agreement.debtor_carrier_id == night.risk_carrier_id
        else await connection.fetchval(_POLICY, agreement.debtor_carrier_id, night.business_date)
    )
    if policy is None:
        return []  # a risk carrier whose policies begin later: nothing of it may be offset yet
    rows = await connection.fetch(
        decided("agreed_claims", agreed=True),
        agreement.debtor_carrier_id,
        night.business_date,
        policy,
        agreement.debtor_account_id,
        agreement.debtor_account_id,
        night.run_id,
        list(positions.values()),
    )
    return [
        (
            row["due_date"],
            Takeover(
                account_id=agreement.debtor_account_id,
                claim_id=row["claim_id"],
                cents=row["cents"],
                agreement_id=agreement.agreement_id,
                number=agreement.number,
                reason_id=agreement.reason_id,
                policy_version_id=policy,
            ),
        )
        for row in rows
    ]


async def _with_room(
    connection: Connection,
    night: Night,
    payer: int,
    agb_id: int | None,
    wanted: list[tuple[date, Takeover]],
    positions: Positions,
) -> list[Takeover]:
    """Of what is still owed, what the payer's declarations have room for after its own claims."""
    wanted.sort(key=lambda each: (each[0], each[1].claim_id))
    asked = [_position(night, payer, agb_id, due, each) for due, each in wanted]
    rows = await connection.fetch(
        decided("agreed_offsets", agreed=True),
        night.risk_carrier_id,
        night.business_date,
        night.policy_version_id,
        payer,
        payer,
        night.run_id,
        [*positions.values(), *asked],
    )
    room = {row["claim_id"]: row["cents"] for row in rows}
    found = [(due, msgspec.structs.replace(each, cents=room.get(each.claim_id, 0))) for due, each in wanted]
    await _read(connection, positions, [(each.account_id, each.claim_id) for _, each in found if each.cents])
    for due, each in found:
        if each.cents:
            positions[each.account_id, each.claim_id]["open_principal_cents"] -= each.cents
            positions[payer, each.claim_id] = _position(night, payer, agb_id, due, each)
    return [each for _, each in found if each.cents]


def _position(night: Night, payer: int, agb_id: int | None, due: date, takeover: Takeover) -> Position:
    """The position that a claim would have that is taken over, under the number of the claim that it comes from."""
    return {
        "account_id": payer, "claim_id": takeover.claim_id, "risk_carrier_id": night.risk_carrier_id,
        "kind": TAKEN_OVER, "reason_id": takeover.reason_id, "agb_id": agb_id,
        "registered_on": night.business_date.isoformat(), "due_date": due.isoformat(), "last_answer": 0,
        "open_principal_cents": takeover.cents, "open_costs_cents": 0, "open_interest_cents": 0, "held_cents": 0,
    }  # fmt: skip


async def _read(connection: Connection, positions: Positions, keys: Iterable[tuple[int, int]]) -> None:
    """Add the stored positions of claims that are not among `positions` yet."""
    missing = [key for key in keys if key not in positions]
    rows = await connection.fetch(_POSITIONS, [key[0] for key in missing], [key[1] for key in missing])
    positions.update({(row["position"]["account_id"], row["position"]["claim_id"]): row["position"] for row in rows})


async def positions_agreed(connection: Connection, night: Night) -> list[Position] | None:
    """The positions as the agreements of a night would leave them, for a preview; None when there are no agreements."""
    positions: Positions = {}
    for payer in await payers(connection, night):
        await moves_of(connection, night, payer, positions)
    return list(positions.values()) or None


_PENDING = """
select account_id from unnest($2::bigint[]) w (account_id)
where not exists (select 1 from run_agreement d where d.run_id = $1 and d.account_id = w.account_id) order by account_id
"""
_PARTIES = """
select account_id, risk_carrier_id from running_account
where account_id = $1
  or account_id in (select g.debtor_account_id from offset_agreement g where g.account_id = $1
    and g.valid_from <= $2 and coalesce(g.valid_until, 'infinity') >= $2 and coalesce(g.ended_on, 'infinity') > $2)
  or account_id in (select t.account_id from takeover t
    join claim_position p on p.account_id = t.payer_account_id and p.claim_id = t.takeover_id
    where t.payer_account_id = $1 and p.open_principal_cents > 0)
"""
_CLOSED = """
select risk_carrier_id, closed_through from risk_carrier where risk_carrier_id = any ($1::smallint[])
order by risk_carrier_id for share
"""
_LOCK = "select 1 from running_account where account_id = any ($1::bigint[]) order by account_id for no key update"
# Planned for each payer: what is right for one with three declarations is not for a giant.
_WITHIN = "select set_config('lock_timeout', $1::text, true), set_config('plan_cache_mode', 'force_custom_plan', true)"
_DONE = "insert into run_agreement (run_id, account_id, risk_carrier_id) values ($1, $2, $3)"
_INCIDENT = """
insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
values ($1, $2, $3, 'agreement', $4, $5)
"""


async def apply_agreements(connection: Connection, run: Run, *, now: datetime, limits: Limits) -> int:
    """Give back and take over what the agreements of this night move, payer by payer; returns the cents taken over.

    Each payer is one transaction, done once a run. One that fails three times is left alone with an incident: nothing
    of its agreements moves this night.
    """
    assert run.policy_version_id is not None
    night = Night(
        risk_carrier_id=run.risk_carrier_id,
        business_date=run.business_date,
        policy_version_id=run.policy_version_id,
        run_id=run.run_id,
    )
    taken = 0
    for row in await connection.fetch(_PENDING, run.run_id, await payers(connection, night)):
        for attempt in range(1, TRIES + 1):
            try:
                taken += await _move(connection, run, night, row["account_id"], now, limits.lock_wait)
                break
            except (asyncpg.PostgresError, Bug) as failure:
                if isinstance(failure, asyncpg.SyntaxOrAccessError):
                    raise  # the program is at fault, and an incident would hide it
                if attempt == TRIES:
                    await _leave_alone(connection, run, row["account_id"], failure, now)
    return taken


async def _move(connection: Connection, run: Run, night: Night, payer: int, now: datetime, lock_wait: timedelta) -> int:
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        await connection.execute(_WITHIN, f"{round(lock_wait / timedelta(milliseconds=1))}ms")
        carriers, closed = await _lock_parties(connection, run, payer)
        for carrier in sorted(set(carriers.values())):
            mine = [account for account, of in carriers.items() if of == carrier]
            await connection.execute(statement("apply_holds"), carrier, run.business_date, mine)
        moves = await moves_of(connection, night, payer, {})
        days = {account: _booking_date(run, carrier, closed[carrier]) for account, carrier in carriers.items()}
        await _book(connection, run, moves, days, now)
        await connection.execute(_DONE, run.run_id, payer, run.risk_carrier_id)
        for account in [payer, *moves.debtors] if moves.debtors else []:
            await _tell(connection, run, moves, account, carriers[account], now)
    return sum(each.cents for each in moves.take_over)


async def _lock_parties(connection: Connection, run: Run, payer: int) -> tuple[dict[int, int], dict[int, date | None]]:
    """Lock the payer and its debtors. Answers their risk carriers, and through which day each of these is closed."""
    parties = await connection.fetch(_PARTIES, payer, run.business_date)
    carriers = {row["account_id"]: row["risk_carrier_id"] for row in parties}
    # The carrier first, then the account: the order that intake and commands take them in too.
    closed = await connection.fetch(_CLOSED, sorted(set(carriers.values())))
    await connection.fetch(_LOCK, list(carriers))
    if {row["account_id"] for row in await connection.fetch(_PARTIES, payer, run.business_date)} - set(carriers):
        raise Bug(f"an agreement of account {payer} was registered while its lock was waited for")  # tried again
    return carriers, {row["risk_carrier_id"]: row["closed_through"] for row in closed}


def _booking_date(run: Run, carrier: int, closed_through: date | None) -> date:
    """The night's own date; at another risk carrier the first day that is not closed (RA-2)."""
    if carrier == run.risk_carrier_id or closed_through is None:
        return run.business_date
    return max(run.business_date, closed_through + timedelta(days=1))


async def _book(connection: Connection, run: Run, moves: Moves, days: dict[int, date], now: datetime) -> None:
    if moves.give_back:
        done = await connection.fetchrow(
            statement("give_back"), run.risk_carrier_id, run.business_date, run.run_id, moves.payer, now,
            _rows(moves.give_back, days),
        )  # fmt: skip
        _prove(done, len(moves.give_back), "moved_cents")
    if moves.take_over:
        done = await connection.fetchrow(
            statement("take_over"), run.risk_carrier_id, run.business_date, run.run_id, moves.payer, moves.agb_id, now,
            _rows(moves.take_over, days),
        )  # fmt: skip
        _prove(done, len(moves.take_over), "taken_cents")


def _rows(moves: Sequence[Move], days: dict[int, date]) -> list[dict[str, Any]]:
    return [
        {"nth": nth, "booking_date": days[move.account_id].isoformat(), **msgspec.structs.asdict(move)}
        for nth, move in enumerate(moves)
    ]


def _prove(done: asyncpg.Record | None, moves: int, moved: str) -> None:
    """What was asked, found and changed must agree, or nothing of the payer's moves stays."""
    assert done is not None
    if done["asked"] != moves or done["found"] != moves or done[moved] != done["cents"]:
        raise Bug(f"moves under agreements do not add up: {dict(done)}, {moves} asked")


async def _tell(connection: Connection, run: Run, moves: Moves, account: int, carrier: int, now: datetime) -> None:
    mine = [account == moves.payer or move.account_id == account for move in moves.take_over]
    await audit(
        connection,
        risk_carrier_id=carrier,
        account_id=account,
        occurred_at=now,
        actor=ACTOR,
        action="agreements applied",
        subject=f"account:{account}",
        body={
            "runId": run.run_id,
            "takenOverCents": sum(move.cents for move, of in zip(moves.take_over, mine, strict=True) if of),
            "givenBackCents": sum(m.cents for m in moves.give_back if account in (moves.payer, m.account_id)),
        },
    )


async def _leave_alone(connection: Connection, run: Run, payer: int, failure: BaseException, now: datetime) -> None:
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        await connection.execute(_DONE, run.run_id, payer, run.risk_carrier_id)
        what = f"{type(failure).__name__}: {failure}"[:500]
        await connection.execute(_INCIDENT, run.risk_carrier_id, payer, run.run_id, what, now)
