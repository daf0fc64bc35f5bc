"""Postings in, balances out. Functions take a connection and never commit."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

import asyncpg
import msgspec

from app.core.db import Connection
from app.ledger.model import SIDES, LedgerAccount, Pending, Posting


async def registered_after(
    conn: Connection, account_id: int, claim_ids: Collection[int], day: date
) -> asyncpg.Record | None:
    """Of these claims the one that was registered last, reference and registered_on, if that was after `day`."""
    if not claim_ids:
        return None
    return await conn.fetchrow(
        """select reference, registered_on from claim
           where account_id = $1 and claim_id = any ($2::bigint[]) and registered_on > $3
           order by registered_on desc, claim_id limit 1""",
        account_id,
        claim_ids,
        day,
    )


async def post(
    conn: Connection,
    rows: Sequence[Posting],
    *,
    account_id: int,
    risk_carrier_id: int,
    booking_date: date,
    recorded_at: datetime,
) -> None:
    """Insert postings of one running account. The caller holds its lock and changes claim_position with them."""
    if not rows:
        return
    await conn.execute(
        """insert into posting (account_id, risk_carrier_id, booking_date, recorded_at,
             event_id, kind, debit, credit, line, cents, effective_date,
             claim_id, payout_id, open_after_cents, reverses_event_id, reverses_line)
           select $1, $2, $3, $4, r.* from unnest(
             $5::bigint[], $6::smallint[], $7::smallint[], $8::smallint[], $9::int[], $10::bigint[], $11::date[],
             $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::int[]) r""",
        account_id,
        risk_carrier_id,
        booking_date,
        recorded_at,
        [row.event_id for row in rows],
        [int(row.kind) for row in rows],
        [int(SIDES[row.kind][0]) for row in rows],
        [int(SIDES[row.kind][1]) for row in rows],
        [row.line for row in rows],
        [row.cents for row in rows],
        [row.effective_date for row in rows],
        [row.claim_id for row in rows],
        [row.payout_id for row in rows],
        [row.open_after_cents for row in rows],
        [row.reverses_event_id for row in rows],
        [row.reverses_line for row in rows],
    )


async def balances(
    conn: Connection, account_id: int, *, effective: date, recorded: datetime
) -> dict[LedgerAccount, int]:
    """Debit less credit per ledger account in cents: what held on the day `effective`, as known at `recorded` (RA-2).

    Ledger accounts without a posting are absent; the values sum to zero.
    """
    rows = await conn.fetch(
        """select s.ledger_account_id, sum(s.cents)::bigint as cents
           from posting p
             cross join lateral (values (p.debit, p.cents), (p.credit, -p.cents)) s (ledger_account_id, cents)
           where p.account_id = $1 and p.effective_date <= $2 and p.recorded_at <= $3
           group by s.ledger_account_id order by s.ledger_account_id""",
        account_id,
        effective,
        recorded,
    )
    return {LedgerAccount(row["ledger_account_id"]): row["cents"] for row in rows}


async def pending(conn: Connection, account_id: int) -> Pending:
    """What is queued, reserved or not yet confirmed now, beside the posted balances (RA-4)."""
    row = await conn.fetchrow(
        """with queued as (
             select kind, sum(cents)::bigint as cents from payable where account_id = $1 group by kind),
           unconfirmed as (
             select coalesce(sum(p.net_cents), 0)::bigint as cents from payout p where p.account_id = $1 and not exists
               (select 1 from payout_confirmation c where c.account_id = $1 and c.payout_id = p.payout_id)),
           position as (
             select claim_id, held_cents, open_principal_cents + open_costs_cents + open_interest_cents as open
             from claim_position where account_id = $1),
           reserved as (
             select coalesce(sum(least(coalesce(h.cents, p.open), p.open)), 0)::bigint as cents
             from hold h join position p using (claim_id) where h.account_id = $1 and h.kind = 8 and h.active)
           select coalesce((select cents from queued where kind = 1), 0) as declarations,
             coalesce((select cents from queued where kind = 2), 0) as returned_offsets,
             coalesce((select cents from queued where kind = 3), 0) as advances,
             (select cents from unconfirmed) as payouts_unconfirmed,
             (select coalesce(sum(held_cents), 0)::bigint from position) as held,
             (select cents from reserved) as reserved""",
        account_id,
    )
    assert row is not None
    return Pending(**dict(row))


class AccountRange(msgspec.Struct, frozen=True, kw_only=True):
    """Running accounts whose rows a list shows: `accounts`, or (None) all from `low` to `high` of `risk_carrier_id`.

    Without `risk_carrier_id`: all that the transaction lets through.
    """

    low: int
    high: int
    accounts: tuple[int, ...] | None
    risk_carrier_id: int | None


_BOUNDS = """
select coalesce(min(account_id), 1) as low, coalesce(max(account_id), 0) as high from running_account
where $1::smallint is null or risk_carrier_id = $1
"""


async def account_range(
    conn: Connection, provider: str | None, risk_carrier_id: int | None, risk_carrier: str | None
) -> AccountRange | None:
    """Where a list of a provider, of a risk carrier or of all of them begins and ends; None: there is no such provider.

    In a transaction that is bound to its risk carriers.
    """
    if provider is None:
        (row,) = await conn.fetch(_BOUNDS, risk_carrier_id)
        return AccountRange(low=row["low"], high=row["high"], accounts=None, risk_carrier_id=risk_carrier_id)
    found = await accounts_of_provider(conn, provider, risk_carrier)
    if not found:
        return None
    return AccountRange(low=found[0], high=found[-1], accounts=tuple(found), risk_carrier_id=None)


async def accounts_of_provider(
    conn: Connection, provider: str, risk_carrier: str | None = None, risk_carriers: Sequence[int] | None = None
) -> list[int]:
    """Running accounts of a provider (by its number), in order of id: of one risk carrier (by its code), or of all.

    Only among `risk_carriers`, when given: those of others are not hinted at.
    """
    rows = await conn.fetch(
        """select ra.account_id from running_account ra join provider p using (provider_id)
             join risk_carrier r using (risk_carrier_id)
           where p.number = $1 and ($2::text is null or r.code = $2)
             and ($3::int[] is null or ra.risk_carrier_id = any ($3::int[]))
           order by ra.account_id""",
        provider,
        risk_carrier,
        risk_carriers,
    )
    return [row["account_id"] for row in rows]
