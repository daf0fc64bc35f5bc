"""The 318 bodies of a JSON test suite against a route that takes JSON: none is a fault of ours, no bad one gets in."""

import base64
from pathlib import Path

import msgspec
from httpx import AsyncClient

from app.core.db import Connection

SUITE = Path(__file__).parent / "json_suite.jsonl"


class Body(msgspec.Struct, frozen=True):
    """One body: `text` repeated `times`, or bytes that are not UTF-8."""

    name: str
    text: str = ""
    times: int = 1
    base64: str | None = None

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.base64) if self.base64 is not None else self.text.encode() * self.times


def bodies(kind: str) -> list[Body]:
    """Those whose name begins so: y must parse, n must not, i is left to the parser."""
    decoder = msgspec.json.Decoder(Body)
    return [each for each in decoder.decode_lines(SUITE.read_bytes()) if each.name.startswith(f"{kind}_")]


async def statuses(caller: AsyncClient, kind: str) -> dict[str, int]:
    """The status of each body; on the way every answer is found to be a problem with a title and a detail."""
    found = {}
    for number, each in enumerate(bodies(kind)):
        headers = {"content-type": "application/json", "idempotency-key": f"suite-{kind}-{number}"}
        answer = await caller.post("/v1/claims", content=each.content, headers=headers)
        assert answer.headers["content-type"].startswith("application/problem+json"), each.name
        assert answer.json()["status"] == answer.status_code, each.name
        assert answer.json()["title"], each.name
        assert answer.json()["detail"], each.name
        found[each.name] = answer.status_code
    return found


def test_the_suite_has_its_318_bodies() -> None:
    assert [len(bodies(kind)) for kind in "yni"] == [95, 188, 35]


async def test_no_body_that_must_not_parse_gets_in(caller: AsyncClient) -> None:
    found = await statuses(caller, "n")
    assert {name: status for name, status in found.items() if status != 400} == {}


async def test_a_body_that_parses_and_is_no_claim_is_refused_for_its_content(caller: AsyncClient) -> None:
    """422, and 400 for what this API takes from nobody: doubled keys, NUL and half characters."""
    found = await statuses(caller, "y")
    assert {name: status for name, status in found.items() if status not in (400, 422)} == {}
    assert sorted(name for name, status in found.items() if status == 400) == STRICTER


STRICTER = [
    "y_object_duplicated_key",
    "y_object_duplicated_key_and_value",
    "y_object_escaped_null_in_key",
    "y_string_null_escape",
]


async def test_a_body_that_parsers_disagree_on_is_a_fault_of_the_sender(caller: AsyncClient) -> None:
    found = await statuses(caller, "i")
    assert {name: status for name, status in found.items() if status not in (400, 422)} == {}


async def test_nothing_of_all_that_is_in_the_books(caller: AsyncClient, db: Connection) -> None:
    for kind in "yni":
        await statuses(caller, kind)
    assert await db.fetchval("select count(*) from claim") == 0
