"""Template databases: migrated, filled by data.sql, vacuumed; and the finished rows of one clean night."""

import hashlib
import tempfile
from datetime import date
from pathlib import Path

import msgspec

from app.core.db import Connection
from app.core.migrate import files, migrate
from tests.bench.server import Server

BUSINESS_DATE = date(2026, 10, 6)  # a Tuesday on which TARGET pays
RISK_CARRIER = 1
CLAIM_MEAN_CENTS = 48_000

_HERE = Path(__file__).parent


class World(msgspec.Struct, frozen=True):
    """What a template holds: numbers of risk carrier 1, and the database's name."""

    template: str
    declarations: int
    claims: int
    accounts: int
    giant: int


async def world(server: Server, declarations: int, *, seed: int = 1, nights: int = 1) -> World:
    """The template for that many declarations: the one that is there when its sources are the same, else made now.

    The declarations are available on `nights` business dates from BUSINESS_DATE on.
    """
    sources = [sha for _, sha, _ in files()] + [(_HERE / "data.sql").read_text(), str((seed, CLAIM_MEAN_CENTS))]
    size = f"{declarations}" if nights == 1 else f"{declarations}x{nights}"
    name = f"bench_{size}_{hashlib.sha256(repr(sources).encode()).hexdigest()[:10]}"
    present = await server.databases()
    if name not in present:
        for other in present:
            if other.startswith(f"bench_{size}_"):
                await server.drop(other)
        await _make(server, name, declarations, seed, nights)
    async with server.connection(name) as connection:
        row = await connection.fetchrow(
            """
            select (select count(*) from payable where risk_carrier_id = $1) as declarations,
              (select count(*) from claim_position where risk_carrier_id = $1) as claims,
              (select count(*) from running_account where risk_carrier_id = $1) as accounts,
              (select account_id from bench_giant) as giant
            """,
            RISK_CARRIER,
        )
    assert row is not None
    return World(name, row["declarations"], row["claims"], row["accounts"], row["giant"])


async def _make(server: Server, name: str, declarations: int, seed: int, nights: int) -> None:
    making = f"{name}_new"  # renamed when complete: an interrupted one is never taken for a whole one
    await server.create(making)
    async with server.connection(making) as connection:
        await migrate(connection)
        for setting, value in {
            "declarations": declarations,
            "claims": declarations // 5,
            "seed": seed,
            "claim_mean_cents": CLAIM_MEAN_CENTS,
            "nights": nights,
            "date": BUSINESS_DATE.isoformat(),
        }.items():
            await connection.execute("select set_config($1, $2, false)", f"bench.{setting}", str(value))
        await connection.execute((_HERE / "data.sql").read_text())
        await connection.execute("vacuum (freeze, analyze)")
    async with server.connection() as connection:
        await connection.execute(f'alter database "{making}" rename to "{name}"')


async def has_finished_rows(server: Server, template: str) -> bool:
    """Whether the finished rows of a clean night are in the template."""
    async with server.connection(template) as connection:
        return bool(await connection.fetchval("select to_regclass('fin_posting') is not null"))


# What a night writes, in the order in which the books are read; the floor writes the same in this order.
FINISHED = {
    "fin_posting": "select * from posting where recorded_at > $1 order by account_id, event_id, kind, line",
    "fin_payout": "select * from payout order by account_id, payout_id",
    "fin_payout_entry": "select * from payout_entry order by account_id, entry_id",
    "fin_decision": "select * from decision order by account_id, claim_id",
    "fin_run": "select * from run",
    "fin_run_batch": "select * from run_batch order by batch_no",
    "fin_audit": "select * from audit where occurred_at > $1 order by audit_id",
    "fin_position": """
        select p.account_id, p.claim_id, p.open_principal_cents, p.open_costs_cents, p.open_interest_cents,
          p.held_cents, p.last_answer
        from claim_position p where p.last_answer <> 0 order by p.account_id, p.claim_id""",
}


async def save_finished_rows(server: Server, finished: str, template: str) -> None:
    """Copy the rows that a clean night wrote in database `finished` into the template as fin_* tables."""
    async with server.connection(finished) as source, server.connection(template) as target:
        for table, text in FINISHED.items():
            query = text.replace("$1", f"timestamptz '{BUSINESS_DATE}'")
            columns = await source.fetch(
                "select a.attname, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a "
                "where a.attrelid = $1::regclass and a.attnum > 0 order by a.attnum",
                await _shape(source, table, query),
            )
            await target.execute(f"drop table if exists {table}")
            await target.execute(f"create table {table} ({', '.join(f'{c[0]} {c[1]}' for c in columns)})")
            await _copy(source, target, table, query)
        await target.execute("vacuum (freeze, analyze)")


async def _shape(source: Connection, table: str, query: str) -> str:
    await source.execute(f"create temp table shape_{table} as {query} limit 0")
    return f"shape_{table}"


async def _copy(source: Connection, target: Connection, table: str, query: str) -> None:
    with tempfile.TemporaryFile() as rows:
        await source.copy_from_query(query, output=rows, format="binary")
        rows.seek(0)
        await target.copy_to_table(table, source=rows, format="binary")
