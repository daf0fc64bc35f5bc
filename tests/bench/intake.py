"""A file of declarations through `import_file`, against binary COPY of the very rows that it leaves behind."""

import resource
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
# What a file of new declarations fills: the order of the file is that of the ids, and sorted is by running account.
_TABLES = {
    "declaration": ("import_id = $1", "declaration_id"),
    "payable": ("entry_id > $1", "entry_id"),
    "source_key": ("fact_id > $1", "fact_id"),
}
_FLOORS = {
    "declaration": ("COPY into declaration alone", ["declaration"], None),
    "all": ("COPY into the three tables that it fills", list(_TABLES), 1.3),
    "sorted": ("the same, sorted by running account", [f"{table}.sorted" for table in _TABLES], None),
}


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
    """The finished rows as binary COPY, in the order of the file and sorted by the keys of their tables."""
    for table, (mine, by_file) in _TABLES.items():
        rows = f"select * from {table} where {mine.replace('$1', str(import_id))}"
        by_key = by_file if table == "source_key" else f"account_id, {by_file}"
        for name, order in ((table, by_file), (f"{table}.sorted", by_key)):
            await connection.copy_from_query(f"{rows} order by {order}", output=folder / name, format="binary")


async def _copy(server: Server, database: str, folder: Path, names: list[str]) -> None:
    async with server.connection(database) as connection, connection.transaction():
        for name in names:
            await connection.copy_to_table(name.removesuffix(".sorted"), source=folder / name, format="binary")


async def rows(server: Server, world: World, rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Wall time of intake against COPY of the very rows that it leaves, made and sorted beforehand."""
    costs: dict[str, list[Cost]] = {"intake": [], **{floor: [] for floor in _FLOORS}}
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
            for floor, (_, names, _) in _FLOORS.items():
                async with server.clone(world.template) as database, server.measure(costs[floor]):
                    await _copy(server, database, folder, names)
            say(f"intake, round {number}: " + ", ".join(f"{each} {costs[each][-1].wall:.2f} s" for each in costs))
    what = f"intake of {world.declarations:,} declarations ({size / 1e6:.0f} MB)"
    rate = world.declarations / median(costs["intake"], "wall")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    memory = f"backend at most {max(peaks.values()) >> 20} MB, Python {peak} MB"
    table = [Row(what=what, measured=f"{show(costs['intake'])}, {rate:,.0f}/s; {memory}")]
    for floor, (words, _, bar) in _FLOORS.items():
        value = ratio(costs["intake"], costs[floor], "wall")
        table.append(Row(what=f"  against {words}", measured=show(costs[floor]), value=value, bar=bar))
    return table
