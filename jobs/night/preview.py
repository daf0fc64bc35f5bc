"""What the next night would do, on one snapshot and without writing: the same function as the night (law 3)."""

from collections import Counter
from datetime import date

import asyncpg
import msgspec

from app.core.db import Connection, transaction
from jobs.night.plan import BATCH_ENTRIES, policy_in_force
from jobs.night.statements import statement


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


async def preview_night(connection: Connection, risk_carrier_id: int, business_date: date) -> Preview:
    """The totals of that night as the books stand now. Refusal when no policy is in force on the date."""
    n: Counter[str] = Counter()
    left_out: Counter[int] = Counter()
    async with _snapshot(connection):
        policy, batches = await _plan(connection, risk_carrier_id, business_date)
        for batch in batches:
            rows = await connection.fetch(
                statement("preview_batch"),
                risk_carrier_id,
                business_date,
                policy,
                batch["first_account_id"],
                batch["last_account_id"],
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


async def preview_lines(connection: Connection, risk_carrier_id: int, business_date: date) -> list[asyncpg.Record]:
    """Every row that the night would write, ordered by running account: `what` as offset_decide documents it."""
    found: list[asyncpg.Record] = []
    async with _snapshot(connection):
        policy, batches = await _plan(connection, risk_carrier_id, business_date)
        for batch in batches:
            found += await connection.fetch(
                statement("preview_lines"),
                risk_carrier_id,
                business_date,
                policy,
                batch["first_account_id"],
                batch["last_account_id"],
                timeout=3600,
            )
    return found


def _snapshot(connection: Connection):  # type: ignore[no-untyped-def]
    return transaction(connection, role="readonly", actor="preview", isolation="repeatable_read", readonly=True)


async def _plan(connection: Connection, risk_carrier_id: int, business_date: date) -> tuple[int, list[asyncpg.Record]]:
    await connection.execute("set local plan_cache_mode = force_custom_plan")
    policy = await policy_in_force(connection, risk_carrier_id, business_date)
    return policy, await connection.fetch(statement("plan_batches"), risk_carrier_id, business_date, BATCH_ENTRIES)
