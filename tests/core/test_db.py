"""Connections, roles of a transaction and retries."""

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection


@pytest.fixture
async def roles(db: Connection) -> None:
    for role in ("staff", "readonly"):
        if not await db.fetchval("select true from pg_roles where rolname = $1", f"vereffen_{role}"):
            await db.execute(f"create role vereffen_{role}")


async def test_a_connection_speaks_utc_without_jit(db: Connection) -> None:
    assert await db.fetchval("select current_setting('timezone') || current_setting('jit')") == "UTCoff"


async def test_json_goes_in_and_out_as_python_values(db: Connection) -> None:
    value = {"naam": "Praktijk Zuid", "cents": [1, 2]}
    assert await db.fetchval("select $1::jsonb", value) == value
    assert await db.fetchval("select $1::json", value) == value


async def test_a_transaction_takes_its_role_and_tenants_and_leaves_nothing_behind(db: Connection, roles: None) -> None:
    shown = """select current_user || ' ' || current_setting('vereffen.actor') || ' '
        || current_setting('vereffen.risk_carriers') || ' ' || current_setting('vereffen.provider_id')"""
    actor = "o'neill"
    async with database.transaction(db, role="staff", actor=actor, risk_carriers=[1, 2], provider_id=7):
        assert await db.fetchval(shown) == "vereffen_staff o'neill {1,2} 7"
    assert (await db.fetchval(shown)).split() == ["postgres"]


async def test_a_preview_cannot_write(db: Connection, roles: None) -> None:
    await db.execute("create table scratch (id bigint); grant all on scratch to vereffen_readonly")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.transaction(db, role="readonly", actor="test", isolation="repeatable_read", readonly=True):
            await db.execute("insert into scratch values (1)")
    assert await db.fetchval("select count(*) from scratch") == 0


async def test_a_pool_gives_back_no_open_transaction(db_url: str) -> None:
    async with await database.create_pool(db_url, 1) as pool:
        async with pool.acquire() as connection:
            await connection.execute("begin; create table scratch (id bigint)")
        async with pool.acquire() as connection:
            assert await connection.fetchval("select to_regclass('scratch')") is None
            assert not connection.is_in_transaction()


async def test_a_deadlock_is_tried_again_and_then_succeeds() -> None:
    answers: list[Exception | str] = [
        asyncpg.DeadlockDetectedError("x"),
        asyncpg.SerializationError("x"),
        "done",
    ]

    async def attempt() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await database.retry_serialization(attempt) == "done"
    assert answers == []


async def test_the_last_serialization_failure_goes_up() -> None:
    tried = 0

    async def attempt() -> None:
        nonlocal tried
        tried += 1
        raise asyncpg.SerializationError("x")

    with pytest.raises(asyncpg.SerializationError):
        await database.retry_serialization(attempt, attempts=3)
    assert tried == 3
