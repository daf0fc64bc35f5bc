"""`vereffen serve` as processes: ends what it has in hand, sums its figures, and idle connections hold up nobody."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.commands.serving import api_server
from app.core import db as database
from app.core.db import Connection
from app.core.settings import Settings
from app.web import tokens
from tests.api.conformance.service import free_port

Served = tuple[asyncio.subprocess.Process, httpx.AsyncClient]


@asynccontextmanager
async def served(db: Connection, db_url: str, processes: int = 1) -> AsyncIterator[Served]:
    """The server as child processes, and a client with every right for it."""
    port = free_port()
    _, token = await tokens.create(
        db, name="test", scopes=["claims:read", "metrics:read"], carriers=[1], days=1, actor="test"
    )
    chosen = Settings(host="127.0.0.1", port=port)
    async with api_server(chosen, db_url, None, processes=processes) as child:
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
            await until_it_answers(client)
            yield child, client


async def until_it_answers(client: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if (await client.get("/health/ready")).status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the server does not answer"
        await asyncio.sleep(0.1)


async def test_a_request_in_hand_is_answered_after_sigterm_and_the_end_comes_within_ten_seconds(
    db: Connection, db_url: str
) -> None:
    async with served(db, db_url) as (child, client):
        blocker = await database.connect(db_url)
        async with blocker.transaction():
            await blocker.execute("lock table claim in access exclusive mode")
            waiting = asyncio.create_task(client.get("/v1/claims"))
            await asyncio.sleep(1)
            begun = time.monotonic()
            child.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
        answer = await waiting
        code = await child.wait()
        await blocker.close()
    assert (answer.status_code, code) == (200, 0)
    assert time.monotonic() - begun < 10


async def test_a_request_that_would_never_end_is_rolled_back_within_ten_seconds(db: Connection, db_url: str) -> None:
    async with served(db, db_url) as (child, client):
        blocker = await database.connect(db_url)
        async with blocker.transaction():
            await blocker.execute("lock table claim in access exclusive mode")
            waiting = asyncio.create_task(client.get("/v1/claims"))
            await asyncio.sleep(1)
            begun = time.monotonic()
            child.send_signal(signal.SIGTERM)
            await child.wait()
            took = time.monotonic() - begun
        await blocker.close()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert took < 10.5


async def test_two_processes_tell_one_sum_of_their_requests(db: Connection, db_url: str) -> None:
    async with served(db, db_url, processes=2) as (_, client):
        for _ in range(40):  # new connections, so that both processes get some
            async with httpx.AsyncClient(base_url=client.base_url) as other:
                assert (await other.get("/health/live")).status_code == 200
        await asyncio.sleep(1.5)
        name = 'vereffen_request_seconds_count{method="GET",route="/health/live",status="200"} 40'
        assert name in (await client.get("/metrics")).text


async def test_five_hundred_connections_that_say_nothing_hold_up_nobody(db: Connection, db_url: str) -> None:
    async with served(db, db_url) as (_, client), AsyncExitStack() as stack:
        for _ in range(500):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(b"GET /v1/claims HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            stack.callback(writer.close)
            assert not reader.at_eof()
        spent = []
        for _ in range(40):
            begun = time.monotonic()
            assert (await client.get("/v1/claims")).status_code == 200
            spent.append(time.monotonic() - begun)
    assert sorted(spent)[37] < 0.5


async def test_a_process_that_dies_is_started_again(db: Connection, db_url: str) -> None:
    async with served(db, db_url) as (child, client):
        children = Path(f"/proc/{child.pid}/task/{child.pid}/children")
        if not children.exists():
            pytest.skip("this system does not list the children of a process")
        (worker,) = [int(pid) for pid in children.read_text().split()]
        os.kill(worker, signal.SIGKILL)
        await asyncio.sleep(0.5)
        await until_it_answers(client)
        assert int(children.read_text().split()[0]) != worker
