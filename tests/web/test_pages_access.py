"""Every page × every role × nobody: what policy.toml says, and nothing else; another's objects are missing."""

import re
from collections.abc import AsyncIterator

import pytest

from app.web.access import policy
from app.web.people import ROLES
from tests.web.routes import PAGES, World, fingerprints, two_carriers
from tests.web.visitor import Visitor, visitor_as

OPEN = {"GET /sign-in", "POST /sign-in"}
CLOSED = sorted(route for route, roles in PAGES.items() if roles)


@pytest.fixture(scope="module")
async def world(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with two_carriers(server_url, template, tmp_path_factory.mktemp("payments")) as found:
        yield found


def address(route: str) -> str:
    """The path of a route with something in it that never was."""
    path = route.split(" ")[1]
    return re.sub(r"\{\w+\}", "999999999", re.sub(r"\{\w*date\w*\}", "2026-03-02", path))


async def status(visitor: Visitor, route: str, **fields: str) -> int:
    """The status that a browser gets for that route."""
    if route.startswith("GET"):
        return (await visitor.get(address(route))).status_code
    return (await visitor.post(address(route), **fields)).status_code


def test_only_signing_in_is_open_to_everybody() -> None:
    assert {route for route, roles in PAGES.items() if not roles} == OPEN


def test_every_page_is_open_to_some_role_that_exists() -> None:
    known = {f"role:{role}" for role in ROLES}
    assert [route for route in CLOSED if not PAGES[route] or not PAGES[route] <= known] == []
    assert len(CLOSED) > 1


async def test_nobody_gets_no_page_but_the_one_to_sign_in(world: World) -> None:
    visitor = Visitor(world.api)
    found = {route: await status(visitor, route) for route in CLOSED}
    assert found == dict.fromkeys(CLOSED, 303)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_refused_what_is_not_its_own(world: World, role: str) -> None:
    visitor = await visitor_as(world.api, role, (1, 2))
    await visitor.get("/")
    closed = [route for route in CLOSED if f"role:{role}" not in PAGES[route]]
    assert {route: await status(visitor, route) for route in closed} == dict.fromkeys(closed, 403)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_comes_at_what_is_its_own(world: World, role: str) -> None:
    visitor = await visitor_as(world.api, role, (1, 2))
    await visitor.get("/")
    own = [route for route in CLOSED if route.startswith("GET") and f"role:{role}" in PAGES[route]]
    found = {route: await status(visitor, route) for route in own}
    assert {route: code for route, code in found.items() if code not in (200, 303, 400, 404)} == {}


async def test_every_form_without_its_token_is_refused_and_no_page_writes_by_being_seen(world: World) -> None:
    found = {}
    for role in ROLES:
        visitor = await visitor_as(world.api, role, (1, 2))
        for route in (each for each in CLOSED if f"role:{role}" in PAGES[each]):
            code = await status(visitor, route, csrf="0" * 64)
            if route.startswith("POST"):
                found[role, route] = code
    assert set(found.values()) == {403}
    now = await fingerprints(world.api.db)
    changed = {name for name, each in now.items() if each != world.before[name]}
    assert changed == {"person", "person_session", "sign_in_try", "audit"}
    acts = await world.api.db.fetch("select distinct action from audit where subject like 'person:%'")
    assert {row["action"] for row in acts} == {"person created", "signed in"}


def test_an_auditor_changes_nothing_in_the_books() -> None:
    own = {"POST /sign-out", "POST /password", "POST /nights/preview"}  # a preview writes its own result and no more
    assert {r for r, roles in policy().items() if r.startswith("POST") and "role:auditor" in roles} <= own
