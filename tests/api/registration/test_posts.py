"""POST /v1/claims and /v1/declarations over HTTP: statuses, headers, problems."""

from typing import Any

import httpx
import pytest

from app.web import tokens
from tests.api.client import Api
from tests.api.registration.world import claim, credit, declaration, populated

QUERY = {"riskCarrier": "VZ", "source": "core"}


@pytest.fixture
async def client(api: Api) -> httpx.AsyncClient:
    await populated(api.db)
    return await api.as_(["claims:write", "declarations:read", "declarations:write"], [1])


async def post(client: httpx.AsyncClient, noun: str, record: Any, key: str = "k1", **query: str) -> httpx.Response:
    headers = {"idempotency-key": key}
    return await client.post(f"/v1/{noun}", params={**QUERY, **query}, json=record, headers=headers)


async def test_a_new_claim_answers_201_with_its_place_and_reference(client: httpx.AsyncClient) -> None:
    answer = await post(client, "claims", claim())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/v1/claims/{body['reference']}"
    assert (body["id"], body["amountCents"], body["dueDate"], body["known"]) == ("C1", 100000, "2026-04-01", False)


async def test_a_repeat_answers_the_same_and_says_so(client: httpx.AsyncClient) -> None:
    first = await post(client, "claims", claim())
    again = await post(client, "claims", claim())
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers["idempotent-replayed"], again.headers["location"]) == ("true", first.headers["location"])
    assert "idempotent-replayed" not in first.headers


async def test_another_body_under_the_key_answers_422(client: httpx.AsyncClient) -> None:
    await post(client, "claims", claim())
    answer = await post(client, "claims", claim(amountCents=7))
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")


async def test_a_claim_that_is_known_by_its_source_answers_200(client: httpx.AsyncClient) -> None:
    first = await post(client, "claims", claim())
    answer = await post(client, "claims", claim(), "k2")
    assert (answer.status_code, answer.json()) == (200, {**first.json(), "known": True})


async def test_a_declaration_and_its_credit_answer_with_their_places(client: httpx.AsyncClient) -> None:
    first = await post(client, "declarations", declaration())
    assert (first.status_code, first.headers["location"]) == (201, f"/v1/declarations/{first.json()['reference']}")
    second = await post(client, "declarations", credit(), "k2")
    assert (second.status_code, second.headers["location"]) == (201, f"/v1/claims/{second.json()['reference']}")


@pytest.mark.parametrize("name", ["D1", "x/y", "..", " D1", "a\tb", "é" * 40])
async def test_a_declaration_is_read_where_its_post_says_whatever_its_id(client: httpx.AsyncClient, name: str) -> None:
    answer = await post(client, "declarations", declaration(id=name))
    found = await client.get(answer.headers["location"])
    assert (found.status_code, found.json()["reference"]) == (200, answer.json()["reference"])


async def test_the_same_place_is_answered_by_key_and_by_source_id(client: httpx.AsyncClient) -> None:
    first = await post(client, "declarations", declaration())
    for key in ("k1", "k2"):
        again = await post(client, "declarations", declaration(), key)
        assert (again.headers["location"], again.json()["reference"]) == (
            first.headers["location"],
            first.json()["reference"],
        )


async def test_a_credit_with_the_id_of_its_declaration_has_the_place_of_a_claim(client: httpx.AsyncClient) -> None:
    await post(client, "declarations", declaration())
    answer = await post(client, "declarations", credit(id="D1"), "k2")
    assert answer.headers["location"] == f"/v1/claims/{answer.json()['reference']}"


async def test_a_source_with_a_newline_at_its_end_is_refused(client: httpx.AsyncClient) -> None:
    answer = await post(client, "claims", claim(), source="core\n")
    assert (answer.status_code, answer.json()["field"]) == (400, "source")


async def test_a_key_of_another_token_is_another_key(api: Api, client: httpx.AsyncClient) -> None:
    await post(client, "claims", claim())
    _, token = await tokens.create(api.db, name="other", scopes=["claims:write"], carriers=[1], days=1, actor="test")
    answer = await post(api.with_token(token), "claims", claim(id="C2"))
    assert (answer.status_code, answer.json()["id"]) == (201, "C2")


async def test_every_missing_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await post(client, "claims", {"type": "claim", "id": "C1", "amountCents": 5})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {each["field"] for each in answer.json()["errors"]} == {"agb", "reasonCode", "ground", "letterDate"}


async def test_a_fault_names_field_value_and_remedy(client: httpx.AsyncClient) -> None:
    (error,) = (await post(client, "declarations", declaration(agb="41999999"))).json()["errors"]
    assert (error["field"], error["code"], error["value"]) == ("agb", "unknown_agb", "41999999")
    assert error["message"].startswith("agb is 41999999; no provider has this AGB code")


@pytest.mark.parametrize(
    "noun, body",
    [
        ("claims", b"{"),
        ("claims", b""),
        ("claims", b"\xff"),
        ("declarations", b'{"type":"declaration","type":"declaration"}'),
        ("declarations", b'{"id":"\\u0000"}'),
        ("declarations", b'{"awardedCents":NaN}'),
    ],
)
async def test_what_is_no_json_answers_400(client: httpx.AsyncClient, noun: str, body: bytes) -> None:
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    answer = await client.post(f"/v1/{noun}", params=QUERY, content=body, headers=headers)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("noun, record", [("claims", claim()), ("declarations", declaration())])
async def test_without_a_key_it_answers_400(client: httpx.AsyncClient, noun: str, record: dict[str, Any]) -> None:
    answer = await client.post(f"/v1/{noun}", params=QUERY, json=record)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize("noun, record", [("claims", claim(agb="41000002")), ("declarations", declaration())])
async def test_a_foreign_risk_carrier_answers_as_one_that_is_not_there(
    client: httpx.AsyncClient, noun: str, record: dict[str, Any]
) -> None:
    foreign = await post(client, noun, record, riskCarrier="ZK")
    nobody = await post(client, noun, record, riskCarrier="QQ")
    assert (foreign.status_code, nobody.status_code) == (404, 404)
    assert foreign.text.replace("ZK", "QQ") == nobody.text
