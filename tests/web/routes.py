"""The routes that the router knows, and for each object in a path: one of another's, one that never was."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from app.core import db as database
from app.core import ids
from app.core.settings import ROOT, Settings
from app.main import create_app
from app.web.access import policy, registered
from app.web.page import is_page
from jobs.simulation.arena import with_database
from tests.api.client import Api, serving
from tests.security.conftest import make_books
from tests.security.observe import tables

EXAMPLES: dict[str, Any] = msgspec.json.decode((ROOT / "app" / "web" / "examples.json").read_bytes())
ROUTES = registered(create_app(Settings()))
API = {route: scopes for route, scopes in policy().items() if not is_page(route.split(" ")[1])}
PAGES = {route: scopes for route, scopes in policy().items() if is_page(route.split(" ")[1])}
CLOSED = sorted(route for route, scopes in API.items() if scopes)
OPEN = sorted(route for route, scopes in API.items() if not scopes)
OBJECTS = [route for route in CLOSED if "{" in route]
LISTS = [route for route in CLOSED if "{" not in route and route.startswith("GET /v1/")]
# Query parameters without which a route says nothing about its object.
QUERIES = {
    "/differences": {"from": "1", "to": "1"},
    "/statement": {"fromDate": "2026-03-01", "untilDate": "2026-03-31"},
}

Sample = tuple[str, ...]
_CLAIM, _PAYOUT = ids.claim_reference(99_999_999, 2026), ids.payout_number(99_999_999, 2026)
MISSING: dict[str, Sample] = {
    "claims/{reference}/events/{fact}": (_CLAIM, "999999999"),
    "claims/{reference}": (_CLAIM,),
    "references/{reference}": (_CLAIM,),
    "offsets/{reference}": (ids.offset_reference(99_999, 999_999, 0),),
    "declarations/{declaration}": (ids.declaration_reference(99_999, 999_999),),
    "holds/{hold}": ("999999999",),
    "agreements/{agreement}": ("999999999",),
    "payments/{payment}": ("999999999",),
    "payouts/{number}": (_PAYOUT,),
    "providers/{number}": ("nobody",),
    "agb-codes/{agb}": ("99999999",),
    "running-accounts/{risk_carrier}/{provider}": ("ZZ", "nobody"),
    "policies/{risk_carrier}/{version}": ("ZZ", "1"),
    "policies/{risk_carrier}/differences": ("ZZ",),
    "nights/{risk_carrier}/{business_date}": ("ZZ", "2026-03-02"),
    "night-previews/{preview_id}": ("999999999",),
    "batches/{batch_id}": ("999999999",),
    "jobs/{job_id}": ("999999999",),
    "incidents/{incident}": ("999999999",),
}
_ONLY_OF_B = """(select provider_id from running_account group by provider_id having bool_and(risk_carrier_id = 2))"""
_OWNED: dict[str, str] = {
    "claims/{reference}/events/{fact}": """select c.reference, a.adjustment_id::text from claim c
        join adjustment a using (account_id, claim_id) where c.risk_carrier_id = 2""",
    "claims/{reference}": "select reference from claim where risk_carrier_id = 2 order by kind <> 3",  # a correction
    "references/{reference}": "select reference from claim where risk_carrier_id = 2",
    "holds/{hold}": "select hold_id::text from hold where risk_carrier_id = 2",
    "payments/{payment}": "select payment_id::text from payment where risk_carrier_id = 2",
    "providers/{number}": f"select number from provider where provider_id in {_ONLY_OF_B}",
    "agb-codes/{agb}": f"select agb from agb_registration where provider_id in {_ONLY_OF_B}",
    "running-accounts/{risk_carrier}/{provider}": "select 'BB', number from provider where provider_id in "
    + _ONLY_OF_B,
    "policies/{risk_carrier}/{version}": "select 'BB', '1'",
    "policies/{risk_carrier}/differences": "select 'BB'",
    "nights/{risk_carrier}/{business_date}": "select 'BB', '2026-03-02'",
    "jobs/{job_id}": "select job_id::text from job where risk_carrier_id = 2",
    "incidents/{incident}": "select incident_id::text from incident where risk_carrier_id = 2",
}


class World(msgspec.Struct):
    """The API on the books of two risk carriers, AA (1) and BB (2), and an object of BB for each path."""

    api: Api
    owned: dict[str, Sample]
    before: dict[str, str]


async def fingerprints(db: database.Connection) -> dict[str, str]:
    """All rows of every table as one hash each; without the tokens, which note that they were used."""
    return {
        name: await db.fetchval(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {name} t {only}"
        )
        for name in await tables(db)
        for only in ["where subject not like 'token:%'" if name == "audit" else ""]
        if name != "api_token"
    }


async def _owned(db: database.Connection) -> dict[str, Sample]:
    found = {kind: tuple(await db.fetchrow(f"{query} limit 1")) for kind, query in _OWNED.items()}
    offset = await db.fetchrow(
        """select account_id, declaration_id, offset_line from offset_reversal where risk_carrier_id = 2 limit 1"""
    )
    found["offsets/{reference}"] = (ids.offset_reference(*offset),)
    found["declarations/{declaration}"] = (ids.declaration_reference(offset[0], offset[1]),)
    payout = await db.fetchrow("select payout_id, business_date from payout where risk_carrier_id = 2 limit 1")
    found["payouts/{number}"] = (ids.payout_number(payout[0], payout[1].year),)
    preview = await db.fetchval(
        """insert into job (risk_carrier_id, kind, subject, business_date, payload, created_by, created_at)
           values (2, 'preview', 'for the matrix', '2026-03-05', '{}', 'test', now()) returning job_id::text"""
    )
    found["night-previews/{preview_id}"] = (preview,)
    found["batches/{batch_id}"] = (await _batch_of_b(db),)
    found["agreements/{agreement}"] = (await _agreement_of_b(db),)
    return found


async def _batch_of_b(db: database.Connection) -> str:
    found: str = await db.fetchval(
        """insert into batch (batch_id, risk_carrier_id, idempotency_key, file_name, content_type, size_bytes, sha256,
             parts, business_date, received_at, received_by, keep_days, job_id)
           select nextval('batch_id'), 2, 'for the matrix', 'a.jsonl', 'application/x-ndjson', 1, sha256('x'), 1,
             '2026-03-05', now(), 'test', 1, job_id from job where risk_carrier_id = 2 limit 1
           returning batch_id::text"""
    )
    return found


async def _agreement_of_b(db: database.Connection) -> str:
    found: str = await db.fetchval(
        """insert into offset_agreement (account_id, risk_carrier_id, debtor_account_id, reason_id, number, evidence,
             valid_from, reason)
           select min(account_id), 2, max(account_id), (select min(reason_id) from reason_code
             where risk_carrier_id = 2), 'OVK', 'for the matrix', '2030-01-01', 'for the matrix'
           from running_account where risk_carrier_id = 2 returning agreement_id::text"""
    )
    return found


@asynccontextmanager
async def two_carriers(server_url: str, template: str, payments: Path) -> AsyncIterator[World]:
    """The books of tests/security, with the API on them."""
    admin = await database.connect(server_url)
    name = f"vereffen_matrix_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    url = with_database(server_url, name)
    db = await database.connect(url)
    await make_books(db, url, payments)
    async with serving(db, url) as api:
        yield World(api, await _owned(db), await fingerprints(db))
    await db.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


def kind_of(route: str) -> str:
    """Which of the samples a route's path is about."""
    template = route.split(" ")[1].removeprefix("/v1/")
    return next(kind for kind in sorted(MISSING, key=len, reverse=True) if template.startswith(kind))


def filled(route: str, sample: Sample) -> str:
    """The path of a route with an object in it."""
    path = route.split(" ")[1]
    for value in sample:
        before, _, rest = path.partition("{")
        path = before + value + rest.partition("}")[2]
    return path


async def ask(client: httpx.AsyncClient, route: str, path: str | None = None) -> httpx.Response:
    """Send what the document shows for that route, to `path` when it has an object in it."""
    method = route.split(" ")[0]
    path = path or filled(route, MISSING[kind_of(route)] if "{" in route else ())
    query = next((found for end, found in QUERIES.items() if path.endswith(end)), None)
    if method == "GET":
        return await client.get(path, params=query)
    handler = ROUTES[route].route_handler_map[method][0]  # type: ignore[index]
    body = EXAMPLES.get(handler.operation_id or "", {})
    return await client.request(method, path, json=body, headers={"idempotency-key": uuid.uuid4().hex})
