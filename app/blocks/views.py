"""What the API shows of holds: those of a claim, a provider or a risk carrier, and one. Reads only."""

from datetime import date
from typing import Any

import msgspec

from app.blocks.model import HoldKind
from app.core.db import Connection, plan_for_values


class Hold(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A hold: on a claim (`cents` null: all of it), or with `claim` null on the whole running account."""

    id: int
    risk_carrier: str
    provider: str
    claim: str | None
    kind: str
    processes: tuple[str, ...]
    cents: int | None
    from_date: date
    until_date: date | None
    ended_on: date | None
    reason: str
    owner: str


class HoldFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which holds a list shows. `open_only`: those that were not ended and whose last day has not passed."""

    accounts: tuple[int, ...] | None = None
    claim_id: int | None = None
    risk_carrier_id: int | None = None
    kind: HoldKind | None = None
    open_only: bool = False


_HOLDS = """
select w.account_id, w.hold_id as id, r.code as risk_carrier, v.number as provider, c.reference as claim, w.kind,
  w.for_dunning, w.for_offset, w.for_payout, w.for_agency, w.cents, w.from_date, w.until_date, w.ended_on, w.reason,
  w.owner
from (select * from hold h
  where (h.account_id, h.hold_id) > ($1, $2) and h.account_id between $3 and $4
    and ($5::bigint[] is null or h.account_id = any ($5::bigint[])) and ($6::bigint is null or h.claim_id = $6)
    and ($7::smallint is null or h.risk_carrier_id = $7) and ($8::smallint is null or h.kind = $8)
    and ($9::date is null or h.ended_on is null and (h.until_date is null or h.until_date >= $9))
  order by h.account_id, h.hold_id limit $10) w
join risk_carrier r on r.risk_carrier_id = w.risk_carrier_id
cross join lateral (select x.number from running_account a join provider x using (provider_id)
  where a.account_id = w.account_id offset 0) v
left join lateral (select x.reference from claim x
  where x.account_id = w.account_id and x.claim_id = w.claim_id offset 0) c on true
order by w.account_id, w.hold_id
"""


async def list_holds(
    conn: Connection, wanted: HoldFilter, *, after: tuple[int, int], on: date, limit: int
) -> tuple[list[Hold], tuple[int, int] | None]:
    """A page in order of running account and start, and the place after it (None: that was all)."""
    first, last = (min(wanted.accounts), max(wanted.accounts)) if wanted.accounts else (0, 2**63 - 1)
    await plan_for_values(conn)
    rows = await conn.fetch(
        _HOLDS,
        *(*after, first, last, wanted.accounts, wanted.claim_id, wanted.risk_carrier_id),
        *(wanted.kind, on if wanted.open_only else None, limit + 1),
    )
    shown = rows[:limit]
    following = (shown[-1]["account_id"], shown[-1]["id"]) if len(rows) > limit else None
    return [_hold(row) for row in shown], following


def _hold(row: Any) -> Hold:
    computed = ("kind", "processes")
    return Hold(
        **{field: row[field] for field in Hold.__struct_fields__ if field not in computed},
        kind=HoldKind(row["kind"]).name.lower(),
        processes=tuple(each for each in ("dunning", "offset", "payout", "agency") if row[f"for_{each}"]),
    )


async def find_hold(conn: Connection, account_id: int, hold_id: int) -> Hold:
    """One hold of a running account that has it."""
    rows = await conn.fetch(_HOLDS, *(account_id, hold_id - 1, account_id, account_id, None, None, None, None, None, 1))
    return _hold(rows[0])
