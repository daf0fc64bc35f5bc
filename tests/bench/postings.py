"""Postings a second: ours in batches with positions, and pgledger's batched transfers, on one server in one run."""

import random
from pathlib import Path

from app.core.clock import now
from tests.bench.data import BUSINESS_DATE, RISK_CARRIER, World
from tests.bench.server import Cost, Server
from tests.bench.table import Row

SET = 1_000
ACCOUNTS = 20_000
TRANSFERS = 10_000
PAYMENTS = 100_000

_PAID = """
with paid as (
  select * from unnest($1::bigint[], $2::bigint[], $3::bigint[]) p (account_id, claim_id, payment_id)),
booked as (
  insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date,
    kind, debit, credit, risk_carrier_id)
  select account_id, payment_id, claim_id, 1, $4, 0, $5, $5, 11, 7, 2, $6 from paid order by account_id),
changed as (
  update claim_position c set open_principal_cents = c.open_principal_cents - 1 from paid p
  where c.account_id = p.account_id and c.claim_id = p.claim_id returning 1)
select count(*) from changed
"""
_LOCK = "select 1 from running_account where account_id = any($1) order by account_id for no key update"
# pgledger takes its ULID from a function of another project, which it keeps beside it. Where that is not there,
# this does less work in its place, which favours pgledger.
_ULID = """
create function uuid_to_ulid(id uuid) returns text language sql immutable as $$ select replace(id::text, '-', '') $$
"""


async def batched(server: Server, world: World) -> tuple[Cost, int]:
    """Payments of one cent on random claims: lock, post and change the position, 1,000 in a transaction."""
    costs: list[Cost] = []
    draw = random.Random(1)
    done = 0
    async with server.clone(world.template) as database:
        async with server.connection(database) as connection:
            claims = [
                (row["account_id"], row["claim_id"])
                for row in await connection.fetch(
                    "select account_id, claim_id from claim_position where risk_carrier_id = $1 and held_cents = 0",
                    RISK_CARRIER,
                )
            ]
        async with server.measure(costs), server.connection(database) as connection:
            for number in range(PAYMENTS // SET):
                chosen = draw.sample(claims, min(SET, len(claims)))
                accounts, ids = [list(each) for each in zip(*chosen, strict=True)]
                async with connection.transaction():
                    await connection.fetch(_LOCK, accounts)
                    events = [10**12 + number * SET + i for i in range(len(ids))]
                    changed = await connection.fetchval(
                        _PAID, accounts, ids, events, now(), BUSINESS_DATE, RISK_CARRIER
                    )
                assert changed == len(ids), f"{changed} of {len(ids)} positions changed"
                done += len(ids)
    return costs[0], done


async def pgledger(server: Server, path: Path) -> tuple[Cost, int]:
    """pgledger_create_transfers, 1,000 a call, between random accounts of 20,000."""
    text = path.read_text()
    costs: list[Cost] = []
    draw = random.Random(1)
    await server.create("bench_pgledger")
    async with server.connection("bench_pgledger") as connection:
        beside = sorted(path.parent.glob("vendor/*/*.sql"))
        for each in beside:
            await connection.execute(each.read_text())
        if not beside and "function uuid_to_ulid" not in text.lower():
            await connection.execute(_ULID)
        await connection.execute(text)
        accounts = [
            row["id"]
            for row in await connection.fetch(
                "select (pgledger_create_account('account ' || i, 'EUR')).id from generate_series(1, $1::int) i",
                ACCOUNTS,
            )
        ]
        await connection.execute("vacuum analyze")
    async with server.measure(costs), server.connection("bench_pgledger") as connection:
        for _ in range(TRANSFERS // SET):
            pairs = [draw.sample(accounts, 2) for _ in range(SET)]
            await connection.fetch(
                """
                select * from pgledger_create_transfers(transfer_requests => array(
                  select row(a, b, '1')::transfer_request from unnest($1::text[], $2::text[]) t (a, b)))
                """,
                [pair[0] for pair in pairs],
                [pair[1] for pair in pairs],
            )
    await server.drop("bench_pgledger")
    return costs[0], TRANSFERS


async def rows(server: Server, world: World, path: Path | None, night_rate: float | None) -> list[Row]:
    """Our rates, and the ratio to pgledger's when its SQL file was given; `night_rate` in postings a second."""
    cost, done = await batched(server, world)
    ours = done / cost.wall
    table = [Row(what="postings with positions, 1,000 a transaction, one connection", measured=f"{ours:,.0f}/s")]
    if path is None:
        table.append(
            Row(what="against pgledger", measured="not measured: give its SQL file by --pgledger FILE or PGLEDGER_SQL")
        )
        return table
    cost, done = await pgledger(server, path)
    theirs = done / cost.wall
    table.append(Row(what="pgledger_create_transfers, 1,000 a call, one connection", measured=f"{theirs:,.0f}/s"))
    if night_rate is not None:
        table.append(
            Row(what="postings of the night, two workers, against pgledger", measured=f"{night_rate:,.0f}/s",
                value=night_rate / theirs, bar=20, least=True)
        )  # fmt: skip
    table.append(
        Row(
            what="postings with positions against pgledger",
            measured="",
            value=ours / theirs,
            bar=20 if night_rate is None else None,
            least=True,
        )
    )
    return table
