"""Every route × {no token, a bad one, expired, revoked, without the scope, another's object, no such object}."""

import re
from collections.abc import AsyncIterator

import pytest

from app.web import openapi, tokens
from app.web.access import policy
from app.web.caller import SCOPES
from tests.web.routes import (
    CLOSED,
    LISTS,
    MISSING,
    OBJECTS,
    OPEN,
    ROUTES,
    World,
    ask,
    filled,
    fingerprints,
    kind_of,
    two_carriers,
)

VARYING = {"x-request-id", "content-length"}  # a number of its own; as long as the name that was asked for


@pytest.fixture(scope="module")
async def world(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with two_carriers(server_url, template, tmp_path_factory.mktemp("payments")) as found:
        yield found


async def answers(world: World, token: str | None) -> dict[str, tuple[int, str]]:
    """Status and code of every closed route; each from an address of its own, or the failures would be limited."""
    found = {}
    for number, route in enumerate(CLOSED):
        client = world.api.with_token(token, address=f"10.0.0.{number}")
        answer = await ask(client, route)
        found[route] = (answer.status_code, answer.json().get("code", ""))
    return found


def all_of(status: int, code: str) -> dict[str, tuple[int, str]]:
    return dict.fromkeys(CLOSED, (status, code))


def test_every_registered_route_has_a_line_of_policy_and_every_line_a_route() -> None:
    assert sorted(ROUTES) == sorted(policy())


def test_the_document_describes_exactly_the_routes_below_v1(world: World) -> None:
    document = openapi.schema(world.api.app, policy())
    described = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    known = {route.replace(" /v1", " ") for route in ROUTES if " /v1/" in route}
    assert described == {re.sub(r"_(\w)", lambda match: match[1].upper(), route) for route in known}


def test_only_health_the_document_and_files_of_the_pages_are_open() -> None:
    assert OPEN == ["GET /health/live", "GET /health/ready", "GET /static/{version}/{name}", "GET /v1/openapi.json"]


def test_every_object_of_a_path_has_a_sample_in_these_tests() -> None:
    assert [route for route in OBJECTS if not any(kind in route for kind in MISSING)] == []
    assert len(OBJECTS) > 25


async def test_no_route_answers_without_a_token(world: World) -> None:
    assert await answers(world, None) == all_of(401, "token_missing")


async def test_no_route_answers_to_a_token_that_never_was(world: World) -> None:
    assert await answers(world, "vrf_999999_" + "x" * 43) == all_of(401, "token_invalid")


async def test_no_route_answers_to_the_number_of_a_token_with_another_secret(world: World) -> None:
    number = (await world.api.token()).split("_")[1]
    assert await answers(world, f"vrf_{number}_" + "x" * 43) == all_of(401, "token_invalid")


async def test_no_route_answers_to_an_expired_token(world: World) -> None:
    token = await world.api.token()
    await world.api.db.execute(
        """update api_token set created_at = now() - interval '91 days', expires_at = now() - interval '1 second'
           where token_id = $1""",
        int(token.split("_")[1]),
    )
    assert await answers(world, token) == all_of(401, "token_expired")


async def test_no_route_answers_to_a_revoked_token(world: World) -> None:
    token = await world.api.token()
    await tokens.revoke(world.api.db, int(token.split("_")[1]), actor="test")
    assert await answers(world, token) == all_of(401, "token_revoked")


async def test_every_route_refuses_a_token_that_has_every_scope_but_its_own(world: World) -> None:
    found = {}
    for route in CLOSED:
        client = await world.api.as_(sorted(SCOPES - policy()[route]), [1, 2])
        answer = await ask(client, route)
        found[route] = (answer.status_code, answer.json()["code"])
    assert found == all_of(403, "scope_missing")


async def test_an_object_of_ones_own_is_found_on_every_route_that_reads(world: World) -> None:
    client = await world.api.as_(sorted(SCOPES), [2])
    found = {}
    for route in (each for each in OBJECTS if each.startswith("GET")):
        found[route] = (await ask(client, route, filled(route, world.owned[kind_of(route)]))).status_code
    assert {route: status for route, status in found.items() if status != 200} == {}


async def test_anothers_object_is_missing_on_every_route(world: World) -> None:
    client = await world.api.as_(sorted(SCOPES), [1])
    found = {}
    for route in OBJECTS:
        found[route] = (await ask(client, route, filled(route, world.owned[kind_of(route)]))).status_code
    assert {route: status for route, status in found.items() if status != 404} == {}


async def test_anothers_object_and_none_at_all_are_answered_in_the_same_words_and_headers(world: World) -> None:
    client = await world.api.as_(sorted(SCOPES), [1])
    different = {}
    for route in OBJECTS:
        seen = []
        for sample in (world.owned[kind_of(route)], MISSING[kind_of(route)]):
            answer = await ask(client, route, filled(route, sample))
            text = answer.text
            for value in sorted(sample, key=len, reverse=True):
                text = text.replace(value, "…")
            headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
            seen.append((answer.status_code, text, headers))
        if seen[0] != seen[1]:
            different[route] = seen
    assert different == {}


async def test_a_token_for_no_risk_carrier_sees_no_item_in_any_list(world: World) -> None:
    client = await world.api.as_(sorted(SCOPES), [])
    seen = {route: (await ask(client, route)).json().get("items", []) for route in LISTS}
    assert {route: items for route, items in seen.items() if items} == {}
    assert len(seen) > 10


async def test_the_whole_matrix_wrote_nothing(world: World) -> None:
    for token in (None, await world.api.token(sorted(SCOPES), [1])):
        for route in OBJECTS:
            await ask(world.api.with_token(token), route, filled(route, world.owned[kind_of(route)]))
    assert await fingerprints(world.api.db) == world.before
