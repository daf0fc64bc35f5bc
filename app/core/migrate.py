"""Migrations: plain SQL files, forward only, each in one transaction, never changed after they were applied."""

import asyncio
import hashlib
import re
from pathlib import Path

import asyncpg

from app.core.db import Connection
from app.core.errors import Refusal
from app.core.settings import ROOT

MIGRATIONS = ROOT / "migrations"

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_LOCK = 0x7665_7265_6666_656E  # "vereffen" in ASCII: one migration at a time per database
_TABLE = """
create table if not exists schema_migration (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""


def files(folder: Path = MIGRATIONS) -> list[tuple[str, str, str]]:
    """The migrations of `folder`, in order: name, sha256, text. Refusal on a bad name or a number used twice."""
    found: list[tuple[str, str, str]] = []
    numbers: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        if path.name == "schema.sql":  # made from the migrations, for reading
            continue
        match = _NAME.match(path.name)
        if match is None:
            raise Refusal("migration_name", f"migrations/{path.name} is not named NNNN_words.sql; rename the file.")
        if other := numbers.get(match[1]):
            raise Refusal(
                "migration_number",
                f"migrations/{path.name} has the number of {other}; take the next free one.",
            )
        numbers[match[1]] = path.name
        content = path.read_bytes()
        found.append((path.name, hashlib.sha256(content).hexdigest(), content.decode()))
    return found


async def migrate(
    connection: Connection, folder: Path = MIGRATIONS, *, lock_timeout_seconds: int = 10, attempts: int = 6
) -> list[str]:
    """Apply what is not applied yet and return those names, in order; an empty list when up to date.

    The session user is a superuser or may create roles. Each file runs in one transaction together with its row
    in `schema_migration`. Refusal when a file that was applied has changed or is gone, or when a new one comes
    before it. A statement that waits longer than `lock_timeout_seconds` for a table gives up and rolls back, so
    that those who came after it go on; the file is tried `attempts` times in all, then Refusal.
    """
    found = files(folder)
    await connection.execute("select pg_advisory_lock($1)", _LOCK, timeout=3600)
    try:
        await connection.execute(_TABLE)
        applied = {
            row["name"]: row["sha256"] for row in await connection.fetch("select name, sha256 from schema_migration")
        }
        _refuse_history(applied, found)
        new = [each for each in found if each[0] not in applied]
        for each in new:
            await _apply(connection, each, lock_timeout_seconds, attempts)
        return [name for name, _, _ in new]
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)


async def _apply(
    connection: Connection, migration: tuple[str, str, str], lock_timeout_seconds: int, attempts: int
) -> None:
    """One file in one transaction with its row; again after a pause when a table was in use all the time."""
    name, sha256, text = migration
    for tried in range(1, attempts + 1):
        try:
            async with connection.transaction():
                await connection.execute("select set_config('lock_timeout', $1, true)", f"{lock_timeout_seconds}s")
                await connection.execute(text, timeout=3600)
                await connection.execute("insert into schema_migration (name, sha256) values ($1, $2)", name, sha256)
        except asyncpg.LockNotAvailableError:
            if tried == attempts:
                raise Refusal(
                    "migration_busy",
                    f"migrations/{name} waited {attempts} times {lock_timeout_seconds} s for a table that is in use; "
                    "nothing of it was kept. Start it again at a quiet moment.",
                ) from None
            await asyncio.sleep(lock_timeout_seconds)  # as long as it held others up, they get for themselves
        else:
            return


def _refuse_history(applied: dict[str, str], found: list[tuple[str, str, str]]) -> None:
    present = {name: sha256 for name, sha256, _ in found}
    for name in sorted(applied):
        if name not in present:
            raise Refusal(
                "migration_missing",
                f"migrations/{name} was applied to this database and is no longer there; put the file back.",
            )
        if present[name] != applied[name]:
            raise Refusal(
                "migration_changed",
                f"migrations/{name} was changed after it was applied; undo that and write a new migration.",
            )
    last = max(applied, default="")
    for name in present:
        if name not in applied and name < last:
            raise Refusal(
                "migration_order",
                f"migrations/{name} comes before {last}, which was applied; give it a later number.",
            )
