"""A client of the API in the same process: ASGI without a socket, a real token for every set of rights asked for."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from typing import Any

import httpx
from litestar import Litestar, Router

from app.core.bell import Bell
from app.core.db import Connection, Pool, create_pool
from app.core.settings import Settings
from app.main import begin, create_app
from app.web import tokens
from app.web.caller import SCOPES

DAY = date(2026, 3, 2)
"""The business date of the API in tests, unless a test sets another in `settings`."""


class Api:
    """The application on a database, and clients with tokens for it."""

    def __init__(self, app: Litestar, db: Connection, pool: Pool) -> None:
        self.app = app
        self.db = db
        self.pool = pool
        self._clients: dict[tuple[tuple[str, ...], tuple[int, ...]], httpx.AsyncClient] = {}
        self._open: list[httpx.AsyncClient] = []

    async def token(self, scopes: Sequence[str] = tuple(SCOPES), risk_carriers: Sequence[int] = (1,)) -> str:
        """A new token `vrf_…`; risk carriers by id."""
        _, token = await tokens.create(
            self.db, name="test", scopes=scopes, carriers=risk_carriers, days=90, actor="test"
        )
        return token

    def with_token(self, token: str | None, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """A client at that address that sends this token, or none."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 40000))
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
        self._open.append(client)
        return client

    async def as_(
        self, scopes: Sequence[str] = tuple(SCOPES), risk_carriers: Sequence[int] = (1,)
    ) -> httpx.AsyncClient:
        """`client = await api.as_(["claims:read"], [1])`; the same client for the same rights."""
        key = (tuple(sorted(scopes)), tuple(risk_carriers))
        if key not in self._clients:
            self._clients[key] = self.with_token(await self.token(scopes, risk_carriers))
        return self._clients[key]

    async def close(self) -> None:
        """Close the clients."""
        for client in self._open:
            await client.aclose()


@asynccontextmanager
async def serving(db: Connection, db_url: str, settings: Settings | None = None, **more: Any) -> AsyncIterator[Api]:
    """The application on that database, started and stopped as a server does. `more` goes to `create_app`."""
    chosen = settings or Settings(business_date=DAY, rate=100_000)
    async with await create_pool(db_url, 4, command_timeout=10) as pool:
        with _application(chosen, pool, **more) as app:
            api = Api(app, db, pool)
            running = _Running(app)
            await running.start()
            yield api
            await api.close()
            await running.stop()


_idle: list[Litestar] = []


@contextmanager
def _application(
    settings: Settings, pool: Pool, bell: Bell | None = None, routers: Sequence[Router] | None = None
) -> Iterator[Litestar]:
    """An application that no other test uses now; with the routes of the program it is used again afterwards."""
    if routers is not None:
        yield create_app(settings, pool=pool, bell=bell, routers=routers)
        return
    app = _idle.pop() if _idle else create_app(settings, pool=pool, bell=bell)
    begin(app, settings, pool=pool, bell=bell)
    yield app
    _idle.append(app)


class _Running:
    """The lifespan of the app in a task of its own: a fixture's begin and end are two, which it cannot have."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self._started = asyncio.Event()
        self._ended = asyncio.Event()

    async def _run(self) -> None:
        async with self._app.lifespan():
            self._started.set()
            await self._ended.wait()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())
        begun = asyncio.create_task(self._started.wait())
        await asyncio.wait([self._task, begun], return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            await self._task

    async def stop(self) -> None:
        self._ended.set()
        await self._task
