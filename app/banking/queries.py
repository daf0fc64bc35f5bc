"""Payments and payouts as the bank side reads them. Functions take a connection and never commit."""

from datetime import date

from asyncpg import Record

from app.core.db import Connection


async def payout_to_confirm(conn: Connection, account_id: int, payout_id: int) -> Record:
    """net_cents, business_date, held, sent (in a payment file) and confirmed of a payout, its account being locked."""
    row = await conn.fetchrow(
        """select y.net_cents, y.business_date, y.held,
             exists (select 1 from payment_instruction i where i.account_id = $1 and i.payout_id = $2) as sent,
             exists (select 1 from payout_confirmation c where c.account_id = $1 and c.payout_id = $2) as confirmed
           from payout y where y.account_id = $1 and y.payout_id = $2""",
        account_id,
        payout_id,
    )
    assert row is not None
    return row


async def money_on_account(conn: Connection, account_id: int, payment_id: int | None) -> int:
    """Cents on account that no claim has got yet: of one payment, or (None) of what was freed from claims.

    Under the lock of the running account.
    """
    cents: int = await conn.fetchval(
        """select coalesce((select sum(p.cents) from posting p
               where p.account_id = $1 and p.event_id = $2 and p.kind = 14), 0)::bigint
             + coalesce((select sum(p.cents) from adjustment a
               join posting p on p.account_id = $1 and p.event_id = a.adjustment_id and p.kind between 34 and 36
               where a.account_id = $1 and $2::bigint is null), 0)::bigint
             - coalesce((select sum(g.cents) from allocation g
               where g.account_id = $1 and g.payment_id is not distinct from $2), 0)::bigint""",
        account_id,
        payment_id,
    )
    return cents


async def find_payment(
    conn: Connection, payment_id: int, risk_carriers: tuple[int, ...] | None = None
) -> tuple[int, date] | None:
    """(account_id, received_on) of a payment; None when there is none among these risk carriers (None: any)."""
    row = await conn.fetchrow(
        """select account_id, received_on from payment
           where payment_id = $1 and ($2::int[] is null or risk_carrier_id = any ($2::int[]))""",
        payment_id,
        risk_carriers,
    )
    return None if row is None else (row["account_id"], row["received_on"])


async def account_of_payout(
    conn: Connection, number: str, payout_id: int, risk_carriers: tuple[int, ...] | None = None
) -> int | None:
    """The running account of the payout with that number (`payout_id` is the id in it); None when there is none.

    Only among these risk carriers (None: any). The whole number counts, its year too: another year is another number.
    """
    found: int | None = await conn.fetchval(
        """select account_id from payout
           where payout_id = $1 and human_reference('AFR', payout_id, extract(year from business_date)::int) = $2
             and ($3::int[] is null or risk_carrier_id = any ($3::int[]))""",
        payout_id,
        number.strip().upper(),
        risk_carriers,
    )
    return found
