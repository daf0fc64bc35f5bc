"""Migrations: in order, once, whole, and never changed afterwards."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from app.core import db as database
from app.core import embedded
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.migrate import files, migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "0001_first", "create table first (id bigint primary key);")
    put(
        tmp_path,
        "0002_second",
        "insert into first values (1); create function f() returns int language sql as $$select 1$$;",
    )
    return tmp_path


@pytest.fixture
async def empty(db: Connection) -> Connection:
    await db.execute("drop table schema_migration")
    return db


def put(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.sql").write_text(text)


async def test_migrations_are_applied_in_order_and_once(empty: Connection, folder: Path) -> None:
    assert await migrate(empty, folder) == ["0001_first.sql", "0002_second.sql"]
    assert await migrate(empty, folder) == []
    assert await empty.fetchval("select count(*) from first") == 1


async def test_a_migration_that_fails_leaves_nothing_of_itself(empty: Connection, folder: Path) -> None:
    put(folder, "0003_third", "create table third (id int); select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty, folder)
    assert await empty.fetchval("select to_regclass('third')") is None
    assert await empty.fetchval("select max(name) from schema_migration") == "0002_second.sql"


async def test_a_file_that_changed_after_it_was_applied_is_refused_by_name(empty: Connection, folder: Path) -> None:
    await migrate(empty, folder)
    put(folder, "0001_first", "create table other (id int);")
    with pytest.raises(Refusal, match=r"0001_first\.sql was changed after it was applied"):
        await migrate(empty, folder)


async def test_a_file_that_is_gone_is_refused_by_name(empty: Connection, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(Refusal, match=r"0002_second\.sql was applied .* no longer there"):
        await migrate(empty, folder)


async def test_a_new_file_may_not_come_before_an_applied_one(empty: Connection, folder: Path) -> None:
    (folder / "0001_first.sql").rename(folder / "0003_third.sql")
    put(folder, "0002_second", "select 1;")
    await migrate(empty, folder)
    put(folder, "0001_late", "select 1;")
    with pytest.raises(Refusal, match=r"0001_late\.sql comes before 0003_third\.sql"):
        await migrate(empty, folder)


async def test_two_at_once_apply_each_file_once(empty: Connection, db_url: str, folder: Path) -> None:
    other = await database.connect(db_url)
    applied = await asyncio.gather(migrate(empty, folder), migrate(other, folder))
    await other.close()
    assert sorted(map(len, applied)) == [0, 2]


@pytest.mark.parametrize("name", ["1_short", "0002_again", "0003-minus"])
def test_a_bad_name_or_a_number_used_twice_is_refused(folder: Path, name: str) -> None:
    put(folder, name, "select 1;")
    with pytest.raises(Refusal, match=name):
        files(folder)


async def test_a_role_that_may_create_roles_can_migrate_the_project() -> None:
    """A managed server gives no superuser. A server of its own: roles belong to the whole server."""
    with embedded.temporary_postgres() as url:
        admin = await asyncpg.connect(url)
        await admin.execute("create role migrating login createrole")
        await admin.execute("create database vereffen owner migrating")
        await admin.close()
        connection = await asyncpg.connect(url.replace("postgres@/postgres", "migrating@/vereffen"))
        assert await migrate(connection) == [name for name, _, _ in files()]
        await connection.close()


async def test_a_table_in_use_is_waited_for_in_turns_and_the_migration_lands(
    empty: Connection, db_url: str, folder: Path
) -> None:
    await migrate(empty, folder)
    put(folder, "0003_third", "alter table first add column word text;")
    reader = await database.connect(db_url)
    held = reader.transaction()
    await held.start()
    await reader.execute("select * from first")
    waiting = asyncio.create_task(migrate(empty, folder, lock_timeout_seconds=1, attempts=5))
    await asyncio.sleep(1.3)
    await held.rollback()
    assert await waiting == ["0003_third.sql"]
    await reader.close()


async def test_a_table_that_stays_in_use_is_named_with_its_migration(
    empty: Connection, db_url: str, folder: Path
) -> None:
    await migrate(empty, folder)
    put(folder, "0003_third", "create table third (id int); alter table first add column word text;")
    reader = await database.connect(db_url)
    async with reader.transaction():
        await reader.execute("select * from first")
        with pytest.raises(Refusal, match=r"0003_third\.sql waited 1 times 1 s"):
            await migrate(empty, folder, lock_timeout_seconds=1, attempts=1)
    assert await empty.fetchval("select to_regclass('third')") is None
    await reader.close()
