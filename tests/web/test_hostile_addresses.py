"""Addresses that nobody means: whatever stands where a name belongs, a page answers with a sentence, never with 500."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from litestar.params import QueryParameter

from app.core import db as database
from jobs.simulation.arena import with_database
from tests.api.client import serving
from tests.factories import make_risk_carrier
from tests.web.routes import PAGES, ROUTES
from tests.web.visitor import Visitor, visitor_as

NAMES = {
    "a NUL": "%00",
    "a newline": "VOR%0A",
    "five thousand letters": "A" * 5_000,
    "a thousand letters": "A" * 1_000,
    "half a character": "%C3",
    "an emoji": quote("🧾"),
    "a surrogate": "%ED%A0%80",
    "text that turns around": quote("\u202eROV"),
    "a quote": quote("' or 1=1 --"),
    "markup": quote("<script>alert(1)</script>"),
    "a slash": "..%2F..%2Fetc%2Fpasswd",
    "a very large number": "9" * 30,
    "a negative number": "-1",
    "a percent": "%25s",
    "a reference of another kind": "AFR-2026-00000001-5",
    "no day": "2026-02-30",
}
READ = sorted(route.split(" ")[1] for route, roles in PAGES.items() if route.startswith("GET") and roles)
WRITTEN = sorted(route.split(" ")[1] for route in PAGES if route.startswith("POST") and "{" in route)


def asked_by(path: str) -> list[str]:
    """The names of the query parameters that a page takes."""
    handler = ROUTES[f"GET {path}"].route_handler_map["GET"][0]  # type: ignore[index]
    fields = handler.parsed_fn_signature.parameters.values()
    found = [each.name or field.name for field in fields for each in field.metadata if isinstance(each, QueryParameter)]
    return [*found, "lang", "nothing"]


@asynccontextmanager
async def closing_database(server_url: str, name: str, template: str) -> AsyncIterator[database.Connection]:
    """A database of its own, with nothing in it, while the block runs."""
    admin = await database.connect(server_url)
    await admin.execute(f"create database {name} template {template}")
    db = await database.connect(with_database(server_url, name))
    yield db
    await db.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture(scope="module")
async def visitors(server_url: str, template: str) -> AsyncIterator[list[Visitor]]:
    name = f"vereffen_hostile_{uuid.uuid4().hex[:12]}"
    async with closing_database(server_url, name, template) as db, serving(db, with_database(server_url, name)) as api:
        await make_risk_carrier(db, "VZ")
        yield [await visitor_as(api, role) for role in ("supervisor", "administrator")]


def filled(path: str, name: str) -> str:
    return re.sub(r"\{\w+\}", lambda _: name, path)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_no_name_in_an_address_breaks_a_page(visitors: list[Visitor], name: str) -> None:
    found = {}
    for visitor in visitors:
        for path in (each for each in READ if "{" in each):
            found[path] = (await visitor.get(filled(path, name))).status_code
    assert {path: status for path, status in found.items() if status not in (200, 303, 400, 403, 404, 422)} == {}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_no_name_in_the_address_of_a_form_breaks_it(visitors: list[Visitor], name: str) -> None:
    found = {}
    for visitor in visitors:
        await visitor.get("/")
        for path in WRITTEN:
            found[path] = (await visitor.post(filled(path, name))).status_code
    assert {path: status for path, status in found.items() if status not in (400, 403, 404, 409, 422)} == {}


@pytest.mark.parametrize("path", [path for path in READ if "{" not in path])
async def test_no_question_breaks_a_page(visitors: list[Visitor], path: str) -> None:
    found = {}
    for name in NAMES.values():
        for field in asked_by(path):
            answers = [await visitor.get(f"{path}?{field}={name}") for visitor in visitors]
            found[field, name[:20]] = min(answer.status_code for answer in answers)
    assert {what: status for what, status in found.items() if status not in (200, 303, 400, 403, 404, 422)} == {}


async def test_what_stands_in_an_address_comes_back_as_text(visitors: list[Visitor]) -> None:
    answer = await visitors[0].get(f"/search?q={NAMES['markup']}")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text
