"""The web application: its routers, its rules and its start and end, in one list."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

from app.banking import api as banking
from app.batches import api as batches
from app.batches import pages as batch_pages
from app.blocks import api as blocks
from app.claims import api as claims
from app.claims import pages as claim_pages
from app.core import clock
from app.core.bell import Bell, NoBell
from app.core.db import Pool, create_pool
from app.core.settings import Settings
from app.declarations import api as declarations
from app.declarations import pages as declaration_pages
from app.dunning import api as dunning
from app.dunning import pages as dunning_pages
from app.incidents import api as incidents
from app.incidents import pages as incident_pages
from app.nights import api as nights
from app.nights import pages as night_pages
from app.offsetting import agreement_pages
from app.offsetting import api as offsetting
from app.offsetting import pages as offsetting_pages
from app.parties import api as parties
from app.parties import pages as party_pages
from app.payouts import api as payouts
from app.payouts import pages as payout_pages
from app.policies import api as policies
from app.policies import pages as policy_pages
from app.queue import api as queue
from app.queue import pages as queue_pages
from app.reports import account_pages as running_account_pages
from app.reports import api as reports
from app.reports import pages as report_pages
from app.reports import search_pages as finding_pages
from app.reports import start
from app.web import health, openapi, people_administration, people_pages, static_files
from app.web.access import Access, policy
from app.web.body import MAX_BYTES, StrictRequest
from app.web.caller import Caller
from app.web.edge import Edge
from app.web.health import pool_figures
from app.web.metrics import Registry
from app.web.page_errors import HANDLERS
from app.web.people import Person

ROUTERS: Sequence[Router] = (
    claims.ROUTER,
    declarations.ROUTER,
    offsetting.ROUTER,
    blocks.ROUTER,
    banking.ROUTER,
    dunning.ROUTER,
    nights.ROUTER,
    batches.ROUTER,
    parties.ROUTER,
    policies.ROUTER,
    payouts.ROUTER,
    reports.ROUTER,
    incidents.ROUTER,
    queue.ROUTER,
)
"""The routers of the domains, each at its noun under /v1."""

PAGES: Sequence[Router] = (
    static_files.ROUTER,
    people_pages.PAGES,
    start.PAGES,
    report_pages.PAGES,
    night_pages.PAGES,
    queue_pages.PAGES,
    incident_pages.PAGES,
    batch_pages.PAGES,
    policy_pages.PAGES,
    people_administration.PAGES,
    payout_pages.PAGES,
    claim_pages.PAGES,
    dunning_pages.PAGES,
    offsetting_pages.PAGES,
    agreement_pages.PAGES,
    declaration_pages.PAGES,
    party_pages.PAGES,
    running_account_pages.PAGES,
    finding_pages.PAGES,
)
"""The pages of the domains, each with paths of its own below /."""

COMMAND_SECONDS = 10.0  # not money: longer no statement of a request may take; what takes longer is a job
METRICS_FOLDER = "_VEREFFEN_METRICS_FOLDER"
"""Set by `vereffen serve` for its processes: where they leave their figures for one another."""


class _Held:
    """What the process holds while it runs; the pool belongs to the event loop of the start-up."""

    access: Access

    def take(self, settings: Settings, pool: Pool | None, bell: Bell | None) -> None:
        """Hold these, and nothing of what was held before."""
        folder = os.environ.get(METRICS_FOLDER)
        self.settings = settings
        self.registry = Registry(Path(folder) if folder else None)
        self.own_pool = pool is None
        self._pool = pool
        self.bell = bell or (Bell(settings.redis_url) if settings.redis_url else NoBell())

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await self.access.guard(connection, handler)

    def pool(self) -> Pool:
        assert self._pool is not None, "a request before the start-up"
        return self._pool

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        """Open what was not given, and close it again; requests in hand were done before (the server waits)."""
        if self.own_pool:
            assert self.settings.database_url is not None, "the server starts with the URL of a database"
            self._pool = await create_pool(
                self.settings.database_url, self.settings.pool_size, command_timeout=COMMAND_SECONDS, min_size=0
            )
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            if self.own_pool:
                await self.bell.close()
                await self.pool().close()

    async def _tick(self) -> None:
        while True:
            pool_figures(self.registry, self.pool())
            self.registry.save()
            await asyncio.sleep(1)


def create_app(
    settings: Settings,
    *,
    pool: Pool | None = None,
    bell: Bell | None = None,
    routers: Sequence[Router] = ROUTERS,
    pages: Sequence[Router] = PAGES,
) -> Litestar:
    """The application. Without `pool` it opens and closes one of its own at `settings.database_url`, and its bell.

    `routers` and `pages` are those of the domains; another list is for tests.
    """
    held = _Held()
    app = Litestar(
        route_handlers=[health.ROUTER, *pages, Router("/v1", route_handlers=[openapi.document, *routers])],
        request_class=StrictRequest,
        request_max_body_size=MAX_BYTES,
        guards=[held.guard],
        exception_handlers=HANDLERS,
        dependencies=_dependencies(held),
        lifespan=[held.lifespan],
        openapi_config=None,
        logging_config=None,
    )
    openapi.configure(app)
    app.state["held"], app.state["inner"] = held, app.asgi_handler
    begin(app, settings, pool=pool, bell=bell)
    return app


def begin(app: Litestar, settings: Settings, *, pool: Pool | None = None, bell: Bell | None = None) -> None:
    """Let an application that does not run hold these, and forget what it held before.

    Its routes are the dear part of it (0.2 s): tests make them once, and begin anew for every database.
    """
    held: _Held = app.state["held"]
    inner = app.state["inner"]
    held.take(settings, pool, bell)
    opened = policy()
    if settings.metrics_open:
        opened["GET /metrics"] = frozenset()
    held.access = Access(settings, held.pool, opened)
    held.access.learn(app)
    app.state.clear()  # what handlers keep belongs to the pool that they had
    app.state.update({"held": held, "inner": inner, "policy": opened})
    app.asgi_handler = Edge(inner, settings, held.registry, held.access.allowed)


def _dependencies(held: _Held) -> dict[str, Provide]:
    """What a handler may ask for by name: caller (API), person (pages), pool, bell, settings, today, registry."""

    def caller(request: Request[Any, Any, Any]) -> Caller:
        found: Caller = request.scope["auth"]
        return found

    def person(request: Request[Any, Any, Any]) -> Person:
        found: Person = request.scope["auth"]
        return found

    def bell() -> Bell:
        return held.bell

    def today() -> date:
        return clock.business_day(held.settings.business_date)

    def registry() -> Registry:
        return held.registry

    return {
        "caller": Provide(caller, sync_to_thread=False),
        "person": Provide(person, sync_to_thread=False),
        "pool": Provide(held.pool, sync_to_thread=False),
        "bell": Provide(bell, sync_to_thread=False),
        "settings": Provide(lambda: held.settings, sync_to_thread=False),
        "today": Provide(today, sync_to_thread=False),
        "registry": Provide(registry, sync_to_thread=False),
    }
