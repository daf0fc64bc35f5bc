"""What the API shows of declarations: lists, and one with its credits, offsets and payout. Reads only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from app.core.db import Connection, plan_for_values
from app.core.ids import declaration_reference, offset_reference, payout_number
from app.ledger import AccountRange

SHOWN = 100


class DeclarationSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A declaration in a list; `state` is queued, settled or withdrawn."""

    reference: str
    risk_carrier: str
    provider: str
    agb: str
    number: str
    invoice_number: str | None
    awarded_cents: int
    approved_at: datetime
    available_on: date
    state: str


class CreditedBy(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A claim for (a part of) the declaration: credit note, correction, or what was paid of a withdrawn one."""

    claim: str
    amount_cents: int


class OffsetOf(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the declaration paid on a claim; `standingCents` is what was not reversed of it."""

    reference: str
    claim: str
    cents: int
    standing_cents: int


class DeclarationDetail(DeclarationSummary, frozen=True, kw_only=True):
    """A declaration and what became of its money. The first 100 credits and offsets; all by their own lists."""

    treated_from: date | None
    treated_until: date | None
    settled_on: date | None
    payout: str | None
    offset_cents: int
    offsets: list[OffsetOf]
    credits: list[CreditedBy]
    withdrawn_on: date | None
    withdrawal_reason: str | None


class DeclarationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which declarations of some running accounts; days are those on which the night could first use them."""

    among: AccountRange
    number: str | None = None
    first: date | None = None
    last: date | None = None


_LIST = """
select w.account_id, w.declaration_id, r.code as risk_carrier, v.number as provider, g.agb, w.number, w.invoice_number,
  w.awarded_cents, w.approved_at, w.available_on,
  e.withdrawn, e.queued
from (select * from declaration d
  where (d.account_id, d.declaration_id) > ($1, $2) and d.account_id between $3 and $4
    and ($5::bigint[] is null or d.account_id = any ($5::bigint[]))
    and ($6::smallint is null or d.risk_carrier_id = $6)
    and ($7::text is null or $7 in (d.number, d.invoice_number))
    and ($8::date is null or d.available_on >= $8) and ($9::date is null or d.available_on <= $9)
  order by d.account_id, d.declaration_id limit $10) w
join risk_carrier r on r.risk_carrier_id = w.risk_carrier_id
cross join lateral (select x.number from running_account a join provider x using (provider_id)
  where a.account_id = w.account_id offset 0) v
join agb_registration g on g.agb_id = w.agb_id
cross join lateral (select
    exists (select 1 from declaration_withdrawal x
      where x.account_id = w.account_id and x.declaration_id = w.declaration_id) as withdrawn,
    exists (select 1 from payable q where q.account_id = w.account_id and q.entry_id = w.declaration_id) as queued
  offset 0) e
order by w.account_id, w.declaration_id
"""


async def list_declarations(
    conn: Connection, wanted: DeclarationFilter, *, after: tuple[int, int], limit: int
) -> tuple[list[DeclarationSummary], tuple[int, int] | None]:
    """A page in order of running account and intake, and the place after it (None: that was all)."""
    among = wanted.among
    await plan_for_values(conn)
    rows = await conn.fetch(
        _LIST,
        *(*after, among.low, among.high, among.accounts, among.risk_carrier_id),
        *(wanted.number, wanted.first, wanted.last, limit + 1),
    )
    shown = rows[:limit]
    more = len(rows) > limit
    return [DeclarationSummary(**_summary(row)) for row in shown], (
        (shown[-1]["account_id"], shown[-1]["declaration_id"]) if more else None
    )


def _summary(row: Any) -> dict[str, Any]:
    computed = ("reference", "state")
    fields = {field: row[field] for field in DeclarationSummary.__struct_fields__ if field not in computed}
    state = "withdrawn" if row["withdrawn"] else "queued" if row["queued"] else "settled"
    return {**fields, "reference": declaration_reference(row["account_id"], row["declaration_id"]), "state": state}


_DETAIL = """
select d.treated_from, d.treated_until, p.booking_date as settled_on, y.payout_id, y.business_date,
  coalesce((select sum(x.cents) from posting x where x.account_id = $1 and x.event_id = $2
    and x.kind between 2 and 4), 0)::bigint as taken_cents,
  coalesce((select sum(x.cents) from posting x where x.account_id = $1 and x.reverses_event_id = $2
    and x.kind between 30 and 32), 0)::bigint as returned_cents,
  w.decided_on as withdrawn_on, w.reason as withdrawal_reason
from declaration d
  left join posting p on p.account_id = $1 and p.event_id = $2 and p.kind = 1
  left join payout y on y.account_id = $1 and y.payout_id = p.payout_id
  left join declaration_withdrawal w on w.account_id = $1 and w.declaration_id = $2
where d.account_id = $1 and d.declaration_id = $2
"""
_OFFSETS = """
select p.line, c.reference as claim, p.cents, (p.cents - coalesce((select sum(x.cents) from posting x
    where x.account_id = $1 and x.reverses_event_id = $2 and x.reverses_line = p.line
      and x.kind between 30 and 32), 0))::bigint as standing_cents
from posting p join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
where p.account_id = $1 and p.event_id = $2 and p.kind between 2 and 4 order by p.line limit $3
"""
_CREDITS = """
select c.reference as claim, (c.original_cents + coalesce((select sum(a.delta_cents) from adjustment a
    where a.account_id = $1 and a.claim_id = c.claim_id and a.kind <> 3), 0))::bigint as amount_cents
from claim c where c.account_id = $1 and c.origin_declaration_id = $2 order by c.claim_id limit $3
"""


async def declaration_detail(conn: Connection, account_id: int, declaration_id: int) -> DeclarationDetail:
    """One declaration with its credits, offsets and payout, as it stands."""
    (row,) = await conn.fetch(
        _LIST,
        *(account_id, declaration_id - 1, account_id, account_id, [account_id], None, None, None, None, 1),
    )
    more = await conn.fetchrow(_DETAIL, account_id, declaration_id)
    assert more is not None
    payout = None if more["payout_id"] is None else payout_number(more["payout_id"], more["business_date"].year)
    return DeclarationDetail(
        **_summary(row),
        **{
            field: more[field]
            for field in ("treated_from", "treated_until", "settled_on", "withdrawn_on", "withdrawal_reason")
        },
        payout=payout,
        offset_cents=more["taken_cents"] - more["returned_cents"],
        offsets=_offsets(account_id, declaration_id, await conn.fetch(_OFFSETS, account_id, declaration_id, SHOWN)),
        credits=[CreditedBy(**dict(each)) for each in await conn.fetch(_CREDITS, account_id, declaration_id, SHOWN)],
    )


def _offsets(account_id: int, declaration_id: int, rows: Sequence[Any]) -> list[OffsetOf]:
    return [
        OffsetOf(
            reference=offset_reference(account_id, declaration_id, row["line"]),
            claim=row["claim"],
            cents=row["cents"],
            standing_cents=row["standing_cents"],
        )
        for row in rows
    ]
