"""What the next night would do, on one snapshot and without writing: the same statements as the night (law 3)."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import msgspec

from app.core.db import Connection, transaction
from jobs.night.agreements import Night, Position, positions_agreed
from jobs.night.batches import BY_HASH
from jobs.night.plan import BATCH_ENTRIES, policy_in_force
from jobs.night.statements import decided, statement


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of a night that was not run; amounts in cents. `left_out` counts claims by answer code."""

    business_date: date
    entries: int
    declared_cents: int
    returned_cents: int
    advance_cents: int
    offset_cents: int
    net_cents: int
    payouts: int
    in_scope: int
    offset_claims: int
    left_out: dict[int, int]
    unpayable: int


async def preview_night(
    connection: Connection,
    risk_carrier_id: int,
    business_date: date,
    *,
    account_id: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Preview:
    """The totals of that night as the books stand now. Refusal when no policy is in force on the date.

    `account_id`: of that running account only. `progress` is told (what, batches done, of).
    """
    n: Counter[str] = Counter()
    left_out: Counter[int] = Counter()
    async with _snapshot(connection):
        policy, agreed, batches = await _plan(connection, risk_carrier_id, business_date, account_id)
        for number, batch in enumerate(batches):
            if progress is not None:
                progress("preview", number, len(batches))
            rows = await connection.fetch(
                decided("preview_batch", agreed=agreed is not None),
                risk_carrier_id,
                business_date,
                policy,
                batch["first_account_id"],
                batch["last_account_id"],
                0,  # no run: nothing is parked yet
                agreed,
                timeout=3600,
            )
            for row in rows:
                _count(row, n, left_out)
    gross = n["declared"] + n["returned"] + n["advance"]
    return Preview(
        business_date=business_date,
        entries=n["entries"],
        declared_cents=n["declared"],
        returned_cents=n["returned"],
        advance_cents=n["advance"],
        offset_cents=n["offset"],
        net_cents=gross - n["offset"],
        payouts=n["payouts"],
        in_scope=n["in_scope"],
        offset_claims=n["in_scope"] - sum(left_out.values()),
        left_out=dict(sorted(left_out.items())),
        unpayable=n["unpayable"],
    )


def _count(row: asyncpg.Record, n: Counter[str], left_out: Counter[int]) -> None:
    if row["what"] == 3:
        n["payouts"] += row["rows"]
        for name in ("entries", "declared", "returned", "advance", "offset"):
            n[name] += row[name if name == "entries" else f"{name}_cents"]
    elif row["what"] == 4:
        n["in_scope"] += row["with_money"]
        if row["answer"] not in (1, 2) and row["with_money"]:
            left_out[row["answer"]] += row["with_money"]
    elif row["what"] == 5:
        n["unpayable"] += row["rows"]


async def preview_lines(
    connection: Connection,
    risk_carrier_id: int,
    business_date: date,
    *,
    account_id: int | None = None,
    most: int | None = None,
) -> list[asyncpg.Record]:
    """Every row that the night would write, ordered by running account: `what` as preview_lines.sql says.

    `account_id`: of that running account only. `most`: batches are read until there are so many rows.
    """
    found: list[asyncpg.Record] = []
    async with _snapshot(connection):
        policy, agreed, batches = await _plan(connection, risk_carrier_id, business_date, account_id)
        for batch in batches:
            if most is not None and len(found) >= most:
                break
            found += await connection.fetch(
                decided("preview_lines", agreed=agreed is not None),
                risk_carrier_id,
                business_date,
                policy,
                batch["first_account_id"],
                batch["last_account_id"],
                0,  # no run: nothing is parked yet
                agreed,
                timeout=3600,
            )
    return found


@asynccontextmanager
async def _snapshot(connection: Connection) -> AsyncIterator[Connection]:
    """A snapshot of its own, or the one that the caller has open: totals and lines are then of one moment."""
    if connection.is_in_transaction():
        yield connection
        return
    async with transaction(
        connection, role="readonly", actor="preview", isolation="repeatable_read", readonly=True
    ) as inside:
        yield inside


async def _plan(
    connection: Connection, risk_carrier_id: int, business_date: date, account_id: int | None
) -> tuple[int, list[Position] | None, Sequence[Mapping[str, Any]]]:
    await connection.execute("set local plan_cache_mode = force_custom_plan")
    policy = await policy_in_force(connection, risk_carrier_id, business_date)
    night = Night(risk_carrier_id=risk_carrier_id, business_date=business_date, policy_version_id=policy)
    agreed = await positions_agreed(connection, night)
    await connection.execute(BY_HASH)  # as the night does
    if account_id is not None:
        return policy, agreed, [{"first_account_id": account_id, "last_account_id": account_id}]
    rows = await connection.fetch(statement("plan_batches"), risk_carrier_id, business_date, BATCH_ENTRIES)
    return policy, agreed, [dict(row) for row in rows]
