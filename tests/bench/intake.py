"""A file of declarations through `import_file`, against binary COPY of the very rows that it leaves behind."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from app.core.db import Connection
from app.declarations import import_file
from tests.bench.data import BUSINESS_DATE, World
from tests.bench.server import Cost, Server, watch_memory
from tests.bench.table import Row, median, ratio, show

_DAY = BUSINESS_DATE - timedelta(days=1)
# The records lie in the file in the order in which the source system approved them, so accounts come as they come.
_RECORDS = """
select json_build_object('type', 'declaration', 'id', 'N' || lpad(n::text, 10, '0'), 'agb', agb, 'awardedCents', cents,
  'approvedAt', to_char(approved_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'invoiceNumber', 'F' || n / 3,
  'treatedFrom', '2026-09-10', 'treatedUntil', '2026-09-12')::text
from (
  select row_number() over (order by p.approved_at, p.entry_id) as n, a.agb, p.cents, p.approved_at
  from payable p join agb_registration a using (agb_id) where p.risk_carrier_id = 1 and p.kind = 1) x order by n
"""
_TABLES = {"declaration": "import_id = $1", "payable": "entry_id > $1", "source_key": "fact_id > $1"}
_BARE = {"declaration": "one table", "all": "three tables"}


async def write_file(server: Server, world: World, path: Path) -> int:
    """The file of as many new declarations as the world has in its queue; returns its size in bytes."""
    async with server.connection(world.template) as connection:
        total = await connection.fetchval(
            "select sum(cents)::bigint from payable where risk_carrier_id = 1 and kind = 1"
        )
        header = {
            "kind": "declarations",
            "source": "bench",
            "riskCarrier": "ONE",
            "cutOffDate": _DAY,
            "rows": world.declarations,
            "controlTotalCents": total,
        }
        with path.open("wb") as out:
            out.write(msgspec.json.encode(header) + b"\n")
            out.flush()
            await connection.copy_from_query(_RECORDS, output=out)
    return path.stat().st_size


async def _intake(server: Server, database: str, path: Path) -> int:
    async with server.connection(database) as connection:
        report = await import_file(connection, path, business_date=_DAY, actor="bench")
    assert report.loaded, report.rejections[:3]
    assert report.import_id is not None
    return report.import_id


async def _save(connection: Connection, import_id: int, folder: Path) -> None:
    """The finished rows as binary COPY, in the order in which intake wrote them."""
    for table, mine in _TABLES.items():
        query = f"select * from {table} where {mine.replace('$1', str(import_id))} order by ctid"
        await connection.copy_from_query(query, output=folder / table, format="binary")


async def _copy(server: Server, database: str, folder: Path, tables: list[str]) -> None:
    async with server.connection(database) as connection, connection.transaction():
        for table in tables:
            await connection.copy_to_table(table, source=folder / table, format="binary")


async def rows(server: Server, world: World, rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Wall time of intake against the same rows copied into `declaration`, and into all tables that intake fills."""
    costs: dict[str, list[Cost]] = {"intake": [], "declaration": [], "all": []}
    peaks: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = await write_file(server, world, folder / "file.jsonl")
        for number in range(1, rounds + 1):
            async with server.clone(world.template) as database:
                async with server.measure(costs["intake"]), watch_memory(server, peaks):
                    import_id = await _intake(server, database, folder / "file.jsonl")
                if number == 1:
                    async with server.connection(database) as connection:
                        await _save(connection, import_id, folder)
            for floor, tables in (("declaration", ["declaration"]), ("all", list(_TABLES))):
                async with server.clone(world.template) as database, server.measure(costs[floor]):
                    await _copy(server, database, folder, tables)
            say(f"intake, round {number}: " + ", ".join(f"{each} {costs[each][-1].wall:.2f} s" for each in costs))
    what = f"intake of {world.declarations:,} declarations ({size / 1e6:.0f} MB)"
    table = [Row(what=what, measured=show(costs["intake"]))]
    for floor, words in (("declaration", "COPY into declaration"), ("all", "COPY into all its tables")):
        value = ratio(costs["intake"], costs[floor], "wall")
        table.append(Row(what=f"  against {words}", measured=show(costs[floor]), value=value, bar=1.3))
    rate = world.declarations / median(costs["intake"], "wall")
    table.append(Row(what="  a second", measured=f"{rate:,.0f}; backend at most {max(peaks.values()) >> 20} MB"))
    return table
