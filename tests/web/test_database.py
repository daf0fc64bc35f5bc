"""The database is away, demoted, slow or full: 503 with the seconds to wait, never a bug; and then it is back."""

import asyncio

import asyncpg
import httpx
import pytest

from app.core import db as database
from app.core.db import Connection
from app.core.errors import Refusal
from app.web.caller import Caller
from app.web.database import reading, writing
from tests.api.client import Api
from tests.night.wire import wire

CALLER = Caller(token_id=1, name="test", scopes=frozenset(), risk_carriers=(1,))


async def cut(admin: Connection, api: Api) -> None:
    """End every connection of the API as a server that shuts down does (57P01)."""
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> $2",
        await api.db.fetchval("select current_database()"),
        await api.db.fetchval("select pg_backend_pid()"),
    )


async def close_door(admin: Connection, api: Api, closed: bool) -> None:
    """Let the database take no new connections, or take them again."""
    name = await api.db.fetchval("select current_database()")
    await admin.execute(f"alter database {name} with allow_connections {'false' if closed else 'true'}")


async def test_connections_that_were_cut_are_replaced_and_the_service_goes_on(api: Api, admin: Connection) -> None:
    client = await api.as_(["claims:read"])
    assert (await client.get("/v1/claims")).status_code == 200
    await cut(admin, api)
    await asyncio.sleep(0.1)
    assert [(await client.get("/v1/claims")).status_code for _ in range(5)] == [200] * 5


async def test_a_database_that_takes_no_connections_is_503_until_it_does(api: Api, admin: Connection) -> None:
    client = await api.as_(["claims:read"])
    await client.get("/v1/claims")
    await close_door(admin, api, closed=True)
    await cut(admin, api)
    answers = [await client.get("/v1/claims") for _ in range(3)]
    ready = await api.with_token(None).get("/health/ready")
    await close_door(admin, api, closed=False)
    after = await client.get("/v1/claims")
    assert {answer.status_code for answer in (*answers, ready)} == {503}
    assert {answer.json()["code"] for answer in answers} == {"database_unavailable"}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert after.status_code == 200


async def test_a_connection_cut_while_it_works_is_503(api: Api, admin: Connection) -> None:
    async def sleep() -> None:
        async with reading(api.pool, CALLER) as conn:
            await conn.execute("select pg_sleep(5)")

    working = asyncio.create_task(sleep())
    await asyncio.sleep(0.3)
    await cut(admin, api)
    with pytest.raises(Refusal) as refused:
        await working
    assert (refused.value.status, refused.value.code) == (503, "database_unavailable")


async def test_a_connection_whose_server_said_its_last_word_is_503_and_never_used_again(db_url: str) -> None:
    """The word of a shut-down may come before the end of the connection: the driver then refuses the next statement."""
    async with wire(db_url) as (line, url):
        pool = await database.create_pool(url, 1)
        async with writing(pool) as conn:
            before = conn.get_server_pid()
        line.say_fatal()
        await asyncio.sleep(0.1)
        with pytest.raises(Refusal) as refused:
            async with reading(pool, CALLER) as conn:
                await conn.fetchval("select 1")
        assert (refused.value.status, refused.value.code) == (503, "database_unavailable")
        async with writing(pool) as conn:
            assert await conn.fetchval("select 1") == 1
            assert conn.get_server_pid() != before
        pool.terminate()


async def test_a_demoted_server_is_left_at_once_by_every_connection(api: Api) -> None:
    name = await api.db.fetchval("select current_database()")
    async with writing(api.pool) as one, writing(api.pool) as two:
        before = {conn.get_server_pid() for conn in (one, two)}
    await api.db.execute(f"alter database {name} set default_transaction_read_only = on")
    await api.pool.expire_connections()
    with pytest.raises(Refusal) as refused:
        async with writing(api.pool) as conn:
            await conn.execute("insert into uzovi_code values (1, '1', '2026-01-01')")
    await api.db.execute(f"alter database {name} reset default_transaction_read_only")
    async with writing(api.pool) as conn:
        writable = await conn.fetchval("select current_setting('transaction_read_only')")
        pid = conn.get_server_pid()
    assert (refused.value.status, writable) == (503, "off")
    assert pid not in before


async def test_a_pool_that_is_all_in_use_is_503_after_two_seconds(api: Api) -> None:
    loop = asyncio.get_running_loop()
    held = [await api.pool.acquire() for _ in range(4)]
    begun = loop.time()
    with pytest.raises(Refusal) as refused:
        async with reading(api.pool, CALLER):
            pytest.fail("there was no connection left")
    waited = loop.time() - begun
    for connection in held:
        await api.pool.release(connection)
    assert (refused.value.status, refused.value.code) == (503, "busy")
    assert 1.9 < waited < 3.5


async def test_a_handler_can_only_read_while_it_reads(api: Api) -> None:
    async with writing(api.pool) as conn:
        assert await conn.fetchval("select current_setting('transaction_read_only')") == "off"
    with pytest.raises(Refusal):  # 25006: what a standby says as well
        async with reading(api.pool, CALLER) as conn:
            await conn.execute("update hold set active = false")


async def test_our_own_faults_are_not_blamed_on_the_database(api: Api) -> None:
    with pytest.raises(asyncpg.exceptions.DataError):
        async with reading(api.pool, CALLER) as conn:
            await conn.fetchval("select $1::int", "x")


async def test_a_request_that_goes_away_leaves_no_connection_and_no_lock(api: Api, db_url: str) -> None:
    async def hold() -> None:
        async with reading(api.pool, CALLER) as conn:
            await conn.execute("select pg_sleep(30)")

    tasks = [asyncio.create_task(hold()) for _ in range(4)]
    await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    other = await database.connect(db_url)
    busy = await other.fetchval(
        """select count(*) from pg_stat_activity where datname = current_database()
           and state <> 'idle' and pid <> pg_backend_pid()"""
    )
    await other.close()
    async with asyncio.timeout(2):
        connections = [await api.pool.acquire() for _ in range(4)]
    for connection in connections:
        await api.pool.release(connection)
    assert busy == 0


async def test_a_thousand_requests_of_many_callers_over_four_connections_mix_up_no_tenant(api: Api) -> None:
    await api.db.executemany(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban)
           values ($1, $2, $2, $3, 'NL91ABNA0417164300')""",
        [(n, f"C{n}", f"{90000000 + n}") for n in range(1, 21)],
    )
    clients: dict[int, httpx.AsyncClient] = {n: await api.as_(["providers:read"], [n]) for n in range(1, 21)}

    async def ask(number: int) -> bool:
        carrier = number % 20 + 1
        request = asyncio.create_task(clients[carrier].get("/v1/risk-carriers"))
        if number % 7 == 0:
            await asyncio.sleep(0.001 * (number % 5))
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)
            return True
        answer = await request
        return answer.status_code == 503 or [each["code"] for each in answer.json()["items"]] == [f"C{carrier}"]

    right = [
        await asyncio.gather(*(ask(number) for number in range(first, first + 50))) for first in range(0, 1000, 50)
    ]
    assert all(all(each) for each in right)
