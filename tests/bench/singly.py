"""One transaction a declaration, as object mappers do it: read and lock, match in the program, write row by row."""

from collections.abc import Sequence

import asyncpg

from app.core.clock import now
from app.core.db import Connection
from tests.bench.data import BUSINESS_DATE, World
from tests.bench.server import Cost, Server
from tests.bench.table import Row

DECLARATIONS = 2_000

_POSTING = """
insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, recorded_at, line,
  booking_date, effective_date, kind, debit, credit, risk_carrier_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, 1)
"""


async def one_by_one(server: Server, world: World, per_declaration: float | None) -> list[Row]:
    """Settle 2,000 declarations one by one. `per_declaration`: wall seconds of the night for one, to compare with."""
    costs: list[Cost] = []
    number = min(DECLARATIONS, world.declarations // 5)
    async with server.clone(world.template) as database:
        async with server.connection(database) as connection:
            entries = await connection.fetch(
                """
                select account_id, entry_id, cents, agb_id from payable where risk_carrier_id = 1 and account_id <> $1
                order by hashint8(entry_id), entry_id limit $2
                """,
                world.giant,
                number,
            )
        async with server.measure(costs), server.connection(database) as connection:
            for entry in entries:
                async with connection.transaction():
                    await _settle(connection, entry)
    spent = costs[0].wall / number
    what = f"one transaction a declaration, {number:,} of them"
    if per_declaration is None:
        return [Row(what=what, measured=f"{1 / spent:,.0f}/s")]
    measured = f"{1 / spent:,.0f}/s; the night does {1 / per_declaration:,.0f}/s"
    return [Row(what=what, measured=measured, value=spent / per_declaration, unit="x slower")]


async def _settle(connection: Connection, entry: asyncpg.Record) -> None:
    account, declaration = entry["account_id"], entry["entry_id"]
    await connection.fetchval("select 1 from running_account where account_id = $1 for no key update", account)
    claims = await connection.fetch(
        """
        select c.claim_id, c.open_principal_cents, c.open_principal_cents - c.held_cents as left
        from claim_position c join reason_policy r on r.policy_version_id = 1 and r.reason_id = c.reason_id
        where c.account_id = $1 and c.open_principal_cents > c.held_cents and c.registered_on <= $2
          and (r.offset_start = 1 or r.offset_start = 2 and c.due_date < $2 or c.reminder_term_ends[1] < $2)
        order by c.agb_id <> $3, r.priority, c.due_date, c.claim_id for update of c
        """,
        account,
        BUSINESS_DATE,
        entry["agb_id"],
    )
    payout = await connection.fetchval("select nextval('event_id')")
    moment = now()
    await connection.execute(
        _POSTING, account, declaration, None, payout, entry["cents"], None, moment, 0, BUSINESS_DATE, 1, 5, 1
    )
    offset = await _offset(connection, entry, claims, payout)
    if offset < entry["cents"]:
        net = entry["cents"] - offset
        await connection.execute(_POSTING, account, payout, None, payout, net, None, moment, 0, BUSINESS_DATE, 5, 1, 6)
    await connection.execute("delete from payable where account_id = $1 and entry_id = $2", account, declaration)


async def _offset(connection: Connection, entry: asyncpg.Record, claims: Sequence[asyncpg.Record], payout: int) -> int:
    """Offset the declaration against the claims in order, at most seven tenths of it; returns the cents."""
    account, declaration = entry["account_id"], entry["entry_id"]
    room = entry["cents"] * 7 // 10
    offset = 0
    for line, claim in enumerate(claims, start=1):
        take = min(room - offset, claim["left"])
        if take <= 0:
            break
        after = claim["open_principal_cents"] - take
        await connection.execute(
            _POSTING,
            account,
            declaration,
            claim["claim_id"],
            payout,
            take,
            after,
            now(),
            line,
            BUSINESS_DATE,
            2,
            1,
            2,
        )
        await connection.execute(
            "update claim_position set open_principal_cents = $3 where account_id = $1 and claim_id = $2",
            account,
            claim["claim_id"],
            after,
        )
        offset += take
    return offset
