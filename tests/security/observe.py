"""What the catalog tells, and which transaction wrote to which table."""

import msgspec

from app.core.db import Connection

ROLES = ("staff", "portal", "agency", "worker", "readonly")
_TABLES = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname not in ('schema_migration', 'observed')
order by 1
"""
_OBSERVE = """
create table observed (name text, xid bigint, primary key (name, xid));
grant insert on observed to public;
create function observe() returns trigger language plpgsql as $$
begin
  insert into observed values (tg_argv[0], txid_current()) on conflict do nothing;
  return null;
end $$
"""


class Seen(msgspec.Struct, frozen=True):
    """After one door: the tables in which it changed rows, and those of a transaction that wrote no audit row."""

    door: str
    changed: frozenset[str]
    unaudited: frozenset[str]


async def tables(db: Connection) -> list[str]:
    """Every table of the schema; a partitioned one stands for its partitions."""
    return [row["relname"] for row in await db.fetch(_TABLES)]


async def watch(db: Connection) -> None:
    """Note from here on for every row that is inserted, updated or deleted its table and transaction."""
    await db.execute(_OBSERVE)
    for name in await tables(db):
        await db.execute(
            f"""create trigger observe after insert or update or delete on {name}
                for each row execute function observe('{name}')"""
        )


async def look_at(db: Connection, door: str) -> Seen:
    """What was noted since the last look."""
    rows = [(row["name"], row["xid"]) for row in await db.fetch("delete from observed returning name, xid")]
    audited = {xid for name, xid in rows if name == "audit"}
    return Seen(
        door,
        frozenset(name for name, _ in rows if name != "audit"),
        frozenset(name for name, xid in rows if xid not in audited),
    )


async def stop_watching(db: Connection) -> None:
    """Take the notes and their triggers away."""
    await db.execute("drop function observe() cascade; drop table observed")
