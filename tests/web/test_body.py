"""Bodies: bounded before they are read, strict, and every field at fault is named with its remedy."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
import pytest
from litestar import Router, post
from litestar.params import JSONBody

from app.core.db import Connection
from app.core.errors import Refusal
from app.web import body
from app.web.body import convert, parse
from app.web.problems import PROBLEMS, Rejected
from tests.api.client import Api, serving


class Line(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    amount_cents: Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class Thing(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    amount_cents: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    lines: list[Line] = []


@post("/claims", status_code=200, operation_id="thing", responses=PROBLEMS)
async def take(data: JSONBody[Thing]) -> dict[str, Any]:
    """The route of a real one, so that policy.toml knows it."""
    return {"cents": data.amount_cents, "reason": data.reason}


@pytest.fixture
async def api(db: Connection, db_url: str) -> AsyncIterator[Api]:
    async with serving(db, db_url, routers=[Router("/", route_handlers=[take])]) as found:
        yield found


async def sent(api: Api, content: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any]]:
    client = await api.as_(["claims:write"])
    headers = {"content-type": kind} if kind else {}
    answer = await client.post("/v1/claims", content=content, headers=headers)
    return answer.status_code, answer.json()


async def test_a_good_body_arrives(api: Api) -> None:
    found = await sent(api, '{"amountCents": 5, "reason": "é 💶"}'.encode())
    assert found == (200, {"cents": 5, "reason": "é 💶"})


@pytest.mark.parametrize(
    "text, code",
    [('{"a": 1, "a": 2}', "key_twice"), ('{"x": {"a": 1, "\\u0061": 2}}', "key_twice"), ("[" * 33, "json_too_deep"),
     ('{"a":' * 33 + "1" + "}" * 33, "json_too_deep"), ('["\\u0000"]', "text_invalid"), ('["\\ud800"]', "text_invalid"),
     ('{"\\udc00": 1}', "text_invalid"), ("NaN", "json_invalid"), ("-Infinity", "json_invalid"),
     ("1" * 5000, "json_invalid"), ("nul", "json_invalid"),
     ("1e" + "9" * 30, "json_invalid"), ("{", "json_invalid"), ("{} x", "json_invalid"), ("\ufeff{}", "json_invalid"),
     ('["a\tb"]', "json_invalid"), ("", "body_missing"), ("[" + "1," * 10_000 + "1]", "array_too_long")],
)  # fmt: skip
async def test_a_body_that_is_no_json_of_ours_is_400_and_says_why(api: Api, text: str, code: str) -> None:
    status, problem = await sent(api, text.encode())
    assert (status, problem["code"]) == (400, code)


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00}\x00", b'{"reason": "\xe9"}', b'{"a": "\xed\xa0\x80"}'])
async def test_a_body_that_is_not_utf_8_is_400(api: Api, content: bytes) -> None:
    assert (await sent(api, content))[0] == 400


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "application/json; charset=latin-1", "multipart/form-data"]
)
async def test_a_body_of_another_content_type_is_415(api: Api, kind: str) -> None:
    status, problem = await sent(api, b'{"amountCents": 5, "reason": "x"}', kind)
    assert (status, problem["code"]) == (415, "content_type")


async def test_a_body_of_more_than_a_megabyte_is_413_announced_or_not(api: Api) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    client = await api.as_(["claims:write"])
    headers = {"content-type": "application/json"}
    announced = await client.post("/v1/claims", content=b" " * 1_000_001, headers=headers)
    streamed = await client.post("/v1/claims", content=pieces(), headers=headers)
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert announced.json()["code"] == "body_too_large"


async def test_a_body_that_comes_too_slowly_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    monkeypatch.setattr(body, "BODY_SECONDS", 0.2)
    client = await api.as_(["claims:write"])
    answer = await client.post("/v1/claims", content=pieces(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (408, "body_slow")


async def test_every_field_at_fault_is_named_at_once(api: Api) -> None:
    status, problem = await sent(api, b'{"amountCents": "5", "lines": [{"amountCents": 0}], "status": "paid"}')
    assert (status, problem["code"], problem["field"]) == (422, "body_invalid", "amountCents")
    assert {(each["field"], each["code"]) for each in problem["errors"]} == {
        ("amountCents", "field_invalid"),
        ("reason", "field_missing"),
        ("lines[0].amountCents", "field_invalid"),
        ("status", "field_unknown"),
    }
    assert "Known are amountCents, reason, lines" in str(problem["errors"])


@pytest.mark.parametrize("value", ['"5"', "5.0", "5e0", "true", "null", "0", "-1", "1000000000001", "1" * 400, "[5]"])
async def test_an_amount_is_a_whole_number_of_cents_and_nothing_like_it(api: Api, value: str) -> None:
    status, problem = await sent(api, b'{"amountCents": %s, "reason": "x"}' % value.encode())
    assert (status, problem["errors"][0]["field"]) == (422, "amountCents")


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null", "true", "[{}]"])
async def test_a_body_that_is_no_object_is_422(api: Api, text: str) -> None:
    assert (await sent(api, text.encode()))[0] == 422


@pytest.mark.parametrize(
    "content",
    [b"[" * 40 + b'"' + b'\\"' * 400_000, b"[" * 20 + b'"' * 900_000, b"{" * 40 + b'"' + b"\\" * 900_001,
     b"[" + b'"a",' * 200_000 + b'"a"]', b"[" * 900_000, b'{"a":' * 150_000, b'"' + b"\\u0000" * 150_000 + b'"'],
)  # fmt: skip
def test_the_worst_megabyte_is_refused_in_less_than_a_second(content: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(Refusal):
        parse(content)
    assert time.process_time() - begun < 1


def test_a_number_with_a_point_stays_exact() -> None:
    assert str(parse(b"[12.30]")[0]) == "12.30"


def test_a_value_at_fault_is_shown_short_and_storable() -> None:
    with pytest.raises(Rejected) as refused:
        convert({"amountCents": 1, "reason": "x" * 1000}, Thing)
    assert refused.value.rejections[0].value == "x" * 100
