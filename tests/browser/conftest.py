"""A real browser on a served application with a small demo insurer: `page = await page_as("finance")`.

Needs chromium on the PATH. `VEREFFEN_BROWSER=required` (CI) fails without it; otherwise these tests are skipped.
`VEREFFEN_PICTURES=1` writes the pictures of the documentation.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from app.commands.serving import api_server
from app.core import db as database
from app.core.settings import Settings
from app.web import people
from jobs.demo import run_demo
from jobs.demo.model import LAST_DAY, Size
from jobs.simulation.arena import with_database
from tests.api.conformance.service import free_port
from tests.browser.look import ADVICE, Visit, chromium
from tests.web.test_serve import until_it_answers

SMALL = Size(providers=32, declarations=320, claims=60)
PASSWORD = "a long enough word"  # noqa: S105 - of people who exist in tests only


class Site(msgspec.Struct):
    """The served application: its address, a superuser's connection to its database, and where its data is."""

    address: str
    db: database.Connection
    url: str
    data: Path


@pytest.fixture(scope="session")
async def site(
    admin: database.Connection, server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """The demo insurer on a database of its own, played once, with a person of each role (login = role)."""
    if chromium() is None:
        if os.environ.get("VEREFFEN_BROWSER") == "required":
            pytest.fail(ADVICE)
        pytest.skip(ADVICE)
    name = f"vereffen_browser_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    url, data = with_database(server_url, name), tmp_path_factory.mktemp("browser")
    await run_demo(url, data=data, workers=2, out=lambda line: None, size=SMALL)
    db = await database.connect(url)
    for role in people.ROLES:
        carriers = [] if role == "administrator" else [1, 2]
        await people.create(
            db, login=role, name=role.capitalize(), role=role, carriers=carriers, actor="test", password=PASSWORD
        )
    chosen = Settings(host="127.0.0.1", port=free_port(), data=data, business_date=LAST_DAY)
    async with api_server(chosen, url, None):
        address = f"http://127.0.0.1:{chosen.port}"
        await _answers(address)
        yield Site(address, db, url, data)
    await db.close()
    await admin.execute(f"drop database {name} with (force)")


async def _answers(address: str) -> None:

    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        await until_it_answers(client)


@pytest.fixture(scope="session")
async def browser(site: Site) -> AsyncIterator[Browser]:
    """Chromium without a window."""
    path = chromium()
    assert path is not None
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield found
        await found.close()


@pytest.fixture(scope="session")
async def signed_in(site: Site, browser: Browser) -> Callable[[str], Awaitable[str]]:
    """Signs a role in once and answers the session's cookie: argon2 is slow on purpose."""
    cookies: dict[str, str] = {}
    lock = asyncio.Lock()

    async def cookie(role: str) -> str:
        async with lock:
            if role not in cookies:
                context = await browser.new_context(base_url=site.address)
                page = await context.new_page()
                await page.goto("/sign-in")
                await page.get_by_label("Naam").fill(role)
                await page.get_by_label("Wachtwoord").fill(PASSWORD)
                await page.get_by_role("button", name="Log in").click()
                await page.wait_for_url(site.address + "/")
                (found,) = [each for each in await context.cookies() if each["name"] == "vereffen"]
                cookies[role] = found["value"]
                await context.close()
        return cookies[role]

    return cookie


@pytest.fixture
async def page_as(
    site: Site, browser: Browser, signed_in: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """`await page_as("finance")`: a page of that role, `await page_as(None)` of nobody.

    More: `lang="en"`, `java_script_enabled=False`, and whatever a browser context takes. `page.visit` is its Visit.
    """
    opened: list[BrowserContext] = []

    async def page_of(role: str | None, *, lang: str = "nl", **more: object) -> Page:
        context = await browser.new_context(base_url=site.address, **more)  # type: ignore[arg-type]
        opened.append(context)
        values = {"vereffen_lang": lang} | ({"vereffen": await signed_in(role)} if role else {})
        await context.add_cookies([{"name": n, "value": v, "url": site.address} for n, v in values.items()])
        page = await context.new_page()
        Visit.of(page)
        return page

    yield page_of
    for context in opened:
        await context.close()
