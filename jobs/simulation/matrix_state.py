"""What stands in every table, in few numbers: two databases that hold the same facts under other ids are equal.

Which columns hold facts is found out and not listed: two undisturbed runs of a job, the second with every sequence
moved on and an hour later, differ in ids, references and moments. What is equal in both must be equal after a crash.
"""

from typing import NamedTuple

from app.core.db import Connection

# About attempts, of which a killed job has one more; the last says what it did itself, not what the ones before did.
_ATTEMPTS = frozenset(
    ("fence", "attempts", "holder", "lease_until", "started_at", "not_before", "stage", "done", "total", "result")
)
_WITHOUT_ATTEMPTS = {"audit.body": "body - 'attempts'"}
_ATTEMPT_ROWS = {"audit": "action <> 'night taken up'"}

_COLUMNS = """
select c.relname as table_name, array_agg(a.attname::text order by a.attnum) as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
group by c.relname order by c.relname
"""
_MOVE_SEQUENCES = """
select setval(c.oid::regclass, nextval(c.oid::regclass) + 7919)
from pg_class c where c.relkind = 'S' and c.relnamespace = 'public'::regnamespace
"""

Stable = dict[str, tuple[str, ...]]
"""The columns of each table that hold facts."""


class Digest(NamedTuple):
    """Rows of a table, and a sum of hashes for each column that was asked for."""

    rows: int
    sums: tuple[str | None, ...]


async def columns(connection: Connection) -> Stable:
    """Every table with all its columns that could hold facts."""
    return {
        row["table_name"]: tuple(name for name in row["columns"] if name not in _ATTEMPTS)
        for row in await connection.fetch(_COLUMNS)
    }


async def move_sequences(connection: Connection) -> None:
    """Let every id from here on be another one than it would have been."""
    await connection.execute(_MOVE_SEQUENCES)


async def by_column(connection: Connection, tables: Stable) -> dict[str, Digest]:
    """A sum of hashes per column."""
    return await _digests(
        connection, {name: [_value(name, each) for each in chosen] for name, chosen in tables.items()}
    )


async def by_row(connection: Connection, tables: Stable) -> dict[str, Digest]:
    """A sum of hashes over the rows, of those columns together."""
    together = {name: [f"row({', '.join(_value(name, each) for each in chosen)})"] for name, chosen in tables.items()}
    return await _digests(connection, together)


def equal_columns(tables: Stable, one: dict[str, Digest], other: dict[str, Digest]) -> Stable:
    """The columns with the same sums in both."""
    return {
        name: tuple(each for each, a, b in zip(chosen, one[name].sums, other[name].sums, strict=True) if a == b)
        for name, chosen in tables.items()
    }


def _value(table: str, column: str) -> str:
    return _WITHOUT_ATTEMPTS.get(f"{table}.{column}", f'"{column}"')


_STATEMENT = """
select string_agg(
  format('select %L, count(*), array[%s]::text[] from %I where %s', name, sums, name, kept), ' union all ')
from unnest($1::text[], $2::text[], $3::text[]) as wanted (name, sums, kept)
"""


async def _digests(connection: Connection, wanted: dict[str, list[str]]) -> dict[str, Digest]:
    statement = await connection.fetchval(
        _STATEMENT,
        [*wanted],
        [", ".join(map(_sum, expressions)) for expressions in wanted.values()],
        [_ATTEMPT_ROWS.get(name, "true") for name in wanted],
    )
    return {row[0]: Digest(row[1], tuple(row[2])) for row in await connection.fetch(statement)}


def _sum(expression: str) -> str:
    return f"sum(hashtextextended(({expression})::text, 0)::numeric)"
