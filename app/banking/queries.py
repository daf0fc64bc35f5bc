"""Payouts as the bank side reads them. Functions take a connection and never commit."""

from asyncpg import Record

from app.core.db import Connection


async def payout_to_confirm(conn: Connection, account_id: int, payout_id: int) -> Record:
    """net_cents, held, sent (is in a payment file) and confirmed of a payout, under the lock of its account."""
    row = await conn.fetchrow(
        """select y.net_cents, y.held,
             exists (select 1 from payment_instruction i where i.account_id = $1 and i.payout_id = $2) as sent,
             exists (select 1 from payout_confirmation c where c.account_id = $1 and c.payout_id = $2) as confirmed
           from payout y where y.account_id = $1 and y.payout_id = $2""",
        account_id,
        payout_id,
    )
    assert row is not None
    return row


async def account_of_payout(conn: Connection, payout_id: int) -> int | None:
    """The running account of a payout; None when there is no such payout."""
    found: int | None = await conn.fetchval("select account_id from payout where payout_id = $1", payout_id)
    return found
