"""Files over HTTP: uploaded, loaded by a worker or refused whole, and what was refused of them fetched."""

import asyncio
import csv
import gzip
import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from app.batches import tidy_batches
from app.core.db import Connection
from app.core.settings import Settings
from tests import factories
from tests.api.client import DAY, Api, serving
from tests.feed_files import csv_text, jsonl
from tests.jobs.conftest import until_state
from tests.jobs.test_kinds import working

TYPES = {"content-type": "application/x-ndjson"}


def declarations(count: int, **more: Any) -> list[dict[str, Any]]:
    plain = {"type": "declaration", "agb": "41000001", "awardedCents": 100, "approvedAt": "2026-03-01T12:00:00Z"}
    return [{**plain, "id": f"D{n}", **more} for n in range(count)]


@pytest.fixture
async def api(db: Connection, db_url: str) -> AsyncIterator[Api]:
    carrier = await factories.make_risk_carrier(db, "VZ")
    await factories.make_policy_vgz(db, carrier)
    await factories.make_provider(db, carrier, agbs=["41000001"])
    settings = Settings(business_date=DAY, rate=100_000, batch_max_bytes=5_000_000)
    async with serving(db, db_url, settings) as found:
        yield found


async def send(api: Api, content: Any, *, key: str = "k1", name: str = "file.jsonl", **headers: str) -> httpx.Response:
    client = await api.as_()
    return await client.post(
        "/v1/batches",
        content=content,
        params={"riskCarrier": "VZ", "fileName": name},
        headers={**TYPES, "Idempotency-Key": key, **headers},
    )


async def cut_off(api: Api, begun: bytes) -> tuple[int, dict[str, Any]]:
    """An upload whose sender goes away after the first bytes; what it would have been told."""
    token = await api.token()
    headers = {"authorization": f"Bearer {token}", "host": "localhost", "idempotency-key": "k", **TYPES}
    given = iter([{"type": "http.request", "body": begun, "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(given)

    async def answer(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/batches",
        "raw_path": b"/v1/batches",
        "root_path": "",
        "query_string": b"riskCarrier=VZ&fileName=f",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "extensions": {},
    }
    await api.app(scope, receive, answer)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def ended(api: Api, db_url: str, response: httpx.Response) -> dict[str, Any]:
    """The batch once a worker has done it."""
    assert response.status_code == 202, response.text
    async with working(db_url):
        await until_state(api.db, response.json()["jobId"], "done")
    body: dict[str, Any] = (await (await api.as_()).get(response.headers["location"])).json()
    return body


async def test_an_uploaded_file_is_received_and_then_loaded(api: Api, db_url: str) -> None:
    content = jsonl("declarations", declarations(3))
    response = await send(api, content)
    assert (response.status_code, response.json()["state"]) == (202, "received")
    batch = await ended(api, db_url, response)
    wanted = {
        "state": "loaded",
        "kind": "declarations",
        "declaredRows": 3,
        "read": 3,
        "added": 3,
        "known": 0,
        "controlTotalCents": 300,
        "declaredTotalCents": 300,
        "cutOffDate": "2026-03-02",
        "sha256": hashlib.sha256(content).hexdigest(),
        "rejectionCount": 0,
    }
    assert {name: batch[name] for name in wanted} == wanted
    assert await api.db.fetchval("select count(*) from payable") == 3


@pytest.mark.parametrize(
    "make, kind",
    [
        (lambda records: gzip.compress(jsonl("declarations", records)), "application/gzip"),
        (lambda records: csv_text("declarations", records), "text/csv"),
    ],
)
async def test_gzip_and_csv_are_taken(api: Api, db_url: str, make: Any, kind: str) -> None:
    batch = await ended(api, db_url, await send(api, make(declarations(5)), **{"content-type": kind}))
    assert (batch["state"], batch["added"]) == ("loaded", 5)


async def test_a_file_of_several_parts_comes_together_again(api: Api, db_url: str) -> None:
    content = jsonl("declarations", declarations(20_000, invoiceNumber="F" * 40))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 70_000):
            yield content[start : start + 70_000]

    response = await send(api, pieces())
    assert await api.db.fetchval("select count(*) from batch_part") == 4
    batch = await ended(api, db_url, response)
    assert (batch["state"], batch["added"], batch["sizeBytes"]) == ("loaded", 20_000, len(content))


async def test_the_same_file_under_another_name_and_key_adds_nothing(api: Api, db_url: str) -> None:
    content = jsonl("declarations", declarations(3))
    await ended(api, db_url, await send(api, content))
    again = await ended(api, db_url, await send(api, content, key="k2", name="other.jsonl"))
    assert (again["state"], again["added"], again["known"]) == ("loaded", 0, 3)
    assert await api.db.fetchval("select count(*) from declaration") == 3


async def test_the_same_file_in_two_batches_at_once_is_loaded_once(api: Api, db_url: str) -> None:
    content = jsonl("declarations", declarations(3_000))
    sent = [await send(api, content, key=f"k{n}") for n in range(2)]
    async with working(db_url), working(db_url):
        for each in sent:
            await until_state(api.db, each.json()["jobId"], "done")
    assert await api.db.fetchval("select array_agg(added order by added) from batch") == [0, 3_000]
    assert await api.db.fetchval("select count(*) from declaration") == 3_000


async def test_the_same_key_and_file_answer_the_same_batch(api: Api) -> None:
    content = jsonl("declarations", declarations(3))
    first, again = await send(api, content), await send(api, content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert await api.db.fetchval("select count(*) from job") == 1


async def test_one_key_sent_twice_at_once_makes_one_batch(api: Api) -> None:
    content = jsonl("declarations", declarations(3))
    await api.as_()  # one token for all
    answers = await asyncio.gather(*(send(api, content) for _ in range(4)))
    assert {each.headers["location"] for each in answers} == {answers[0].headers["location"]}


async def test_the_same_key_with_another_file_is_refused(api: Api) -> None:
    await send(api, jsonl("declarations", declarations(3)))
    response = await send(api, jsonl("declarations", declarations(4)))
    assert (response.status_code, response.json()["code"]) == (422, "key_used_otherwise")


async def test_a_refused_file_stores_nothing_and_lists_every_fault(api: Api, db_url: str) -> None:
    records = [
        *declarations(1),
        *({**each, "id": f"X{n}", "agb": "99999999"} for n, each in enumerate(declarations(1_500))),
    ]
    batch = await ended(api, db_url, await send(api, jsonl("declarations", records)))
    assert (batch["state"], batch["rejectionCount"], batch["rejectionsKept"]) == ("refused", 1_500, 1_500)
    assert await api.db.fetchval("select count(*) from declaration") == 0
    response = await (await api.as_()).get(f"/v1/batches/{batch['batchId']}/rejections")
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert response.headers["content-type"].startswith("application/x-ndjson")
    assert [line["line"] for line in lines] == list(range(3, 1_503))
    assert {line["code"] for line in lines} == {"unknown_agb"}


@pytest.mark.parametrize(
    "more, code",
    [({"rows": 4}, "wrong_rows"), ({"controlTotalCents": 1}, "wrong_total"), ({"cutOffDate": None}, "missing_field")],
)
async def test_a_short_or_late_feed_is_refused_aloud(api: Api, db_url: str, more: dict[str, Any], code: str) -> None:
    batch = await ended(api, db_url, await send(api, jsonl("declarations", declarations(3), **more)))
    response = await (await api.as_()).get(f"/v1/batches/{batch['batchId']}/rejections")
    assert (batch["state"], json.loads(response.text)["code"]) == ("refused", code)


async def test_faults_as_csv_run_nothing_in_a_spreadsheet(api: Api, db_url: str) -> None:
    records = declarations(1, agb="=HYPERLINK(1)")
    batch = await ended(api, db_url, await send(api, jsonl("declarations", records), name="=cmd.jsonl"))
    response = await (await api.as_()).get(f"/v1/batches/{batch['batchId']}/rejections?format=csv")
    header, row = list(csv.reader(io.StringIO(response.text)))
    assert header == ["line", "code", "field", "value", "message"]
    assert (row[3], row[4][:6]) == ("'=HYPERLINK(1)", "'=cmd.")


async def test_csv_is_asked_for_by_accept_as_well(api: Api, db_url: str) -> None:
    batch = await ended(api, db_url, await send(api, b"nonsense\n"))
    client = await api.as_()
    response = await client.get(f"/v1/batches/{batch['batchId']}/rejections", headers={"accept": "text/csv"})
    assert response.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    "content, headers, status, code",
    [
        (b"", {}, 422, "batch_empty"),
        (b"{}", {"content-type": "application/json"}, 415, "content_type"),
        (b"{}", {"content-type": "text/csv; charset=latin1"}, 415, "content_type"),
        (b"{}", {"content-encoding": "gzip"}, 415, "content_type"),
        (b"{}", {"content-type": "application/gzip"}, 415, "content_differs"),
        (gzip.compress(b"{}", mtime=0), {}, 415, "content_differs"),
        (b"x" * 5_000_001, {}, 413, "body_too_large"),
        (b"x", {"content-length": "7"}, 400, "upload_incomplete"),
    ],
)
async def test_what_cannot_be_taken_is_said(
    api: Api, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = await send(api, content, **headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await api.db.fetchval("select count(*) from batch") == 0


async def test_a_body_without_length_is_limited_too(api: Api) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b"x" * 100_000

    response = await send(api, pieces())
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_a_gzip_bomb_is_refused_in_bounded_memory(api: Api, db_url: str) -> None:
    bomb = gzip.compress(bytes(1) * 300_000_000, compresslevel=9)
    batch = await ended(api, db_url, await send(api, bomb, **{"content-type": "application/gzip"}))
    assert batch["state"] == "refused"


async def test_an_upload_that_broke_off_is_not_seen_and_swept(api: Api) -> None:
    status, body = await cut_off(api, b"x" * 3_000_000)
    assert (status, body["code"]) == (400, "upload_incomplete")
    assert await api.db.fetchval("select count(*) from batch_part") == 2
    assert (await (await api.as_()).get("/v1/batches")).json()["items"] == []
    await tidy_batches(api.db)
    assert await api.db.fetchval("select count(*) from batch_part") == 2  # perhaps it is under way
    await api.db.execute("update batch_part set written_at = written_at - interval '2 hours'")
    await tidy_batches(api.db)
    assert await api.db.fetchval("select count(*) from batch_part") == 0


async def test_bytes_go_when_their_time_is_over_and_the_report_stays(api: Api, db_url: str) -> None:
    batch = await ended(api, db_url, await send(api, jsonl("declarations", declarations(3))))
    await tidy_batches(api.db)
    assert await api.db.fetchval("select count(*) from batch_part") == 1
    await api.db.execute("update batch set content_until = now() - interval '1 second'")
    await tidy_batches(api.db)
    assert await api.db.fetchval("select count(*) from batch_part") == 0
    after = (await (await api.as_()).get(f"/v1/batches/{batch['batchId']}")).json()
    assert (after["sha256"], after["contentDeletedAt"] is not None) == (batch["sha256"], True)


async def test_batches_are_listed_newest_first_page_by_page(api: Api) -> None:
    sent = [(await send(api, jsonl("declarations", declarations(n)), key=f"k{n}")).json() for n in range(1, 4)]
    client = await api.as_()
    first = (await client.get("/v1/batches?pageSize=2&state=received&riskCarrier=VZ")).json()
    second = (await client.get(f"/v1/batches?pageSize=2&cursor={first['nextCursor']}")).json()
    found = [each["batchId"] for each in first["items"] + second["items"]]
    assert (found, second["nextCursor"]) == ([each["batchId"] for each in sent[::-1]], None)


@pytest.mark.parametrize("path", ["", "/rejections"])
async def test_a_foreign_batch_answers_as_one_that_is_not_there(api: Api, path: str) -> None:
    await factories.make_risk_carrier(api.db, "ZK")
    batch = (await send(api, jsonl("declarations", declarations(1)))).json()
    stranger = await api.as_(risk_carriers=[2])
    foreign = await stranger.get(f"/v1/batches/{batch['batchId']}{path}")
    absent = await stranger.get(f"/v1/batches/{batch['batchId'] + 1}{path}")
    assert (foreign.status_code, foreign.json()) == (404, absent.json())


async def test_a_file_for_a_risk_carrier_of_others_is_not_taken(api: Api) -> None:
    await factories.make_risk_carrier(api.db, "ZK")
    stranger = await api.as_(risk_carriers=[2])
    response = await stranger.post(
        "/v1/batches",
        content=jsonl("declarations", declarations(1)),
        params={"riskCarrier": "VZ", "fileName": "f"},
        headers={**TYPES, "Idempotency-Key": "k"},
    )
    assert response.status_code == 404


async def test_the_header_must_name_the_risk_carrier_that_was_asked_for(api: Api, db_url: str) -> None:
    await factories.make_risk_carrier(api.db, "ZK")
    batch = await ended(api, db_url, await send(api, jsonl("declarations", declarations(1), riskCarrier="ZK")))
    assert batch["state"] == "refused"


async def test_the_business_date_is_that_of_the_upload(api: Api) -> None:
    batch = (await send(api, jsonl("declarations", declarations(1)))).json()
    assert date.fromisoformat(batch["businessDate"]) == DAY
