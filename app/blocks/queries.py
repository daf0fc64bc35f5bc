"""Holds as stored. Functions take a connection and never commit."""

from asyncpg import Record

from app.core.db import Connection


async def account_of_hold(conn: Connection, hold_id: int, risk_carriers: tuple[int, ...] | None = None) -> int | None:
    """The running account of a hold; None when there is none among these risk carriers (None: any)."""
    found: int | None = await conn.fetchval(
        """select account_id from hold
           where hold_id = $1 and ($2::int[] is null or risk_carrier_id = any ($2::int[]))""",
        hold_id,
        risk_carriers,
    )
    return found


async def read_hold(conn: Connection, account_id: int, hold_id: int) -> Record:
    """claim_id and ended_on of a hold, under the lock of its running account."""
    row = await conn.fetchrow(
        "select claim_id, ended_on from hold where account_id = $1 and hold_id = $2", account_id, hold_id
    )
    assert row is not None
    return row
