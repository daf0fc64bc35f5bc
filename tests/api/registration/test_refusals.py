"""What a file refuses, POST refuses in the same words: the bad input of the file tests, sent both ways."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from app.claims.registration import CLAIM_READER, register_claim
from app.core import db as database
from app.core.db import Connection
from app.declarations.registration import DECLARATION_READER, register_declaration
from app.web.problems import Rejected
from jobs.simulation.arena import with_database
from tests.api.registration.world import ON, Desk, advance, claim, credit, declaration, desk, populated
from tests.declarations.test_bad_input import CLAIM_FIELDS, FIELDS, imported
from tests.feed_files import jsonl, row_counts

Said = list[tuple[str, str, str | None, str]]

OF_FILES = ("a twice used id", "a NUL in a text")  # other_content there; refused for every body by app/web/body.py
MORE: list[tuple[str, str, dict[str, Any]]] = [
    ("a claim of another content", "claims", claim(id="good", amountCents=7)),
    ("a letter of tomorrow", "claims", claim(letterDate="2026-03-03")),
    ("a claim without anything", "claims", {}),
    ("a claim without what it needs", "claims", {"type": "claim", "id": "C1", "amountCents": 5}),
    ("a claim with an unknown field", "claims", claim(colour="red")),
    ("a final settlement of another", "claims", claim(type="ceiling-final", settles="I", agb="41000005")),
    ("an AGB before its start", "claims", claim(letterDate="1999-01-01")),
    ("a list for a record", "claims", []),  # type: ignore[list-item]
    ("an advance of nobody", "declarations", advance(agb="41999999")),
    ("an advance of another carrier's", "declarations", advance(agb="41000002")),
    ("an advance with an unknown reason", "declarations", advance(reasonCode="ZZ1")),
    ("a credit of tomorrow", "declarations", credit(declaration="good", registeredOn="2026-03-03")),
    ("an advance paid elsewhere tomorrow", "declarations", advance(paid="elsewhere", registeredOn="2026-03-03")),
    ("a declaration of another content", "declarations", declaration(id="good", awardedCents=7)),
    ("a withdrawn declaration", "declarations", credit(declaration="gone")),
    ("a declaration without anything", "declarations", {"type": "declaration"}),
]


@pytest.fixture(scope="module")
async def db(server_url: str, admin: Connection, template: str) -> AsyncIterator[Connection]:
    """A world for tests that store nothing: made once. It has good ones of each kind, and a withdrawn declaration."""
    name = f"vereffen_refusals_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    connection = await database.connect(with_database(server_url, name))
    await populated(connection)
    made = await desk(with_database(server_url, name))
    for each in (declaration(id="good"), declaration(id="gone")):
        await made.declaration(each)
    await made.claim(claim(id="good"))
    await made.claim(claim(id="I", type="ceiling-interim", reasonCode="CM96"))
    await made.pool.close()
    await connection.execute(
        """insert into declaration_withdrawal (account_id, risk_carrier_id, declaration_id, decided_on, reason, settled)
           select account_id, risk_carrier_id, fact_id, date '2026-03-02', 'test', false from source_key
           where source_id = 'gone'"""
    )
    yield connection
    await connection.close()
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def post(db: Connection, server_url: str) -> AsyncIterator[Desk]:
    made = await desk(with_database(server_url, await db.fetchval("select current_database()")), 1)
    yield made
    await made.pool.close()


async def by_file(db: Connection, content: bytes) -> Said:
    report = await imported(db, content)
    assert not report.loaded
    return [(each.code, each.field, each.value, each.message.split(": ", 1)[1]) for each in report.rejections]


async def sent(post: Desk, kind: str, body: bytes) -> None:
    common: dict[str, Any] = {"risk_carrier_id": 1, "business_date": ON, "actor": "test", "source": "core"}
    common["idempotency_key"] = uuid.uuid4().hex
    if kind == "claims":
        await register_claim(post.claims, CLAIM_READER.read(body), **common)
    else:
        await register_declaration(post.declarations, DECLARATION_READER.read(body), **common)


async def by_request(post: Desk, kind: str, body: bytes) -> Said:
    with pytest.raises(Rejected) as error:
        await sent(post, kind, body)
    return [(each.code, each.field, each.value, each.message) for each in error.value.rejections]


@pytest.mark.parametrize("content", [pytest.param(each[1], id=each[0]) for each in FIELDS if each[0] not in OF_FILES])
async def test_a_bad_declaration_is_refused_in_the_words_of_the_file(
    db: Connection, post: Desk, content: Callable[[], bytes]
) -> None:
    before = await row_counts(db)
    body = content().splitlines()[2]
    assert await by_request(post, "declarations", body) == await by_file(db, content())
    assert await row_counts(db) == before


@pytest.mark.parametrize(
    "kind, record",
    [*(("claims", each[1]) for each in CLAIM_FIELDS), *((each[1], each[2]) for each in MORE)],
    ids=[each[0] for each in (*CLAIM_FIELDS, *MORE)],
)
async def test_a_bad_record_is_refused_in_the_words_of_the_file(
    db: Connection, post: Desk, kind: str, record: dict[str, Any]
) -> None:
    before = await row_counts(db)
    total = record.get("awardedCents", record.get("amountCents", 0)) if isinstance(record, dict) else 0
    content = jsonl(kind, [], rows=1, controlTotalCents=total) + json.dumps(record).encode() + b"\n"
    assert await by_request(post, kind, json.dumps(record).encode()) == await by_file(db, content)
    assert await row_counts(db) == before


async def test_one_that_is_refused_does_not_touch_the_others_of_its_group(db: Connection, post: Desk) -> None:
    records = [declaration(id=f"G{n}", agb="41999999" if n % 3 == 0 else "41000001") for n in range(12)]
    done = await asyncio.gather(*(post.declaration(each) for each in records), return_exceptions=True)
    assert [isinstance(each, Rejected) for each in done] == [n % 3 == 0 for n in range(12)]
    assert post.declarations.collector.groups == 1
    assert await db.fetchval("select count(*) from source_key where source_id like 'G%'") == 8
