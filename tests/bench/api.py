"""POST of claims and declarations against bare Litestar handlers that write the same rows, on the same server.

The product runs as `vereffen serve` runs it: token, limits, checks, idempotency, audit, all of it. Waiting requests are
collected into one statement there (app/web/collector.py); the bare handlers write each request by itself.
"""

import asyncio
import contextlib
import os
import socket
import statistics
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import msgspec

from app.core.migrate import migrate
from app.core.settings import ROOT
from app.policies import apply_policy
from app.web import tokens
from tests.bench.bare_api import BUSINESS_DATE
from tests.bench.load import Figures, Plan
from tests.bench.rounds import Say
from tests.bench.server import Server
from tests.bench.table import Row
from tests.factories import EXAMPLES, make_risk_carrier

CONNECTIONS = 32
WARM = 1_000
PROVIDERS = 5_000
TEMPLATE = "bench_api"

_WORLD = """
insert into provider (number, name, legal_form, natural_person)
  select 'P' || n, 'Praktijk ' || n, 'bv', false from generate_series(1, $1::int) n;
insert into agb_registration (agb, provider_id, valid_from)
  select (10000000 + provider_id)::text, provider_id, date '2015-01-01' from provider;
insert into running_account (risk_carrier_id, provider_id, opened_on)
  select 1, provider_id, date '2015-01-01' from provider;
"""


async def prepare(server: Server) -> str:
    """A fresh template with one risk carrier and its providers; answers a token for it."""
    await server.create(TEMPLATE)
    async with server.connection(TEMPLATE) as conn:
        await migrate(conn)
        await make_risk_carrier(conn, "VZ")
        policy = (EXAMPLES / "vgz.toml").read_text()
        await apply_policy(conn, 1, policy, actor="bench", applied_at=datetime(2026, 1, 1, tzinfo=UTC))
        for statement in _WORLD.replace("$1::int", str(PROVIDERS)).split(";")[:-1]:
            await conn.execute(statement)
        scopes = ["claims:write", "declarations:write"]
        _, token = await tokens.create(conn, name="bench", scopes=scopes, carriers=[1], days=1, actor="bench")
        await conn.execute("vacuum (freeze, analyze)")
    return token


def _body(noun: str, n: int) -> dict[str, object]:
    agb = str(10000001 + n * 7919 % PROVIDERS)
    if noun == "claims":
        return {"type": "claim", "id": f"C{n:08d}", "agb": agb, "reasonCode": "CM98", "ground": "Controle achteraf",
                "amountCents": 10_000 + n % 977, "letterDate": BUSINESS_DATE}  # fmt: skip
    return {"type": "declaration", "id": f"D{n:08d}", "agb": agb, "awardedCents": 10_000 + n % 977,
            "approvedAt": f"{BUSINESS_DATE}T09:00:00+02:00", "number": f"2026-{n}"}  # fmt: skip


def requests(noun: str, path: str, token: str, count: int) -> list[bytes]:
    """Whole requests, each with a record and a key of its own."""
    made = []
    for n in range(count):
        body = msgspec.json.encode(_body(noun, n))
        head = (
            f"POST {path}?riskCarrier=VZ&source=bench HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/json\r\nidempotency-key: {uuid.uuid4().hex}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


@contextlib.asynccontextmanager
async def serving(module: str, url: str, business_date: date = BUSINESS_DATE) -> AsyncIterator[int]:
    """One server process of that module on the database; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "VEREFFEN_PORT": str(port),
        "VEREFFEN_BUSINESS_DATE": business_date.isoformat(),
        "VEREFFEN_RATE": "1000000",
        "VEREFFEN_LOG_LEVEL": "warning",
    }
    environment.pop("REDIS_URL", None)
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", module, "1", cwd=ROOT, env=environment)
    try:
        for _ in range(600):  # a minute: a machine that is busy starts a server slowly
            with contextlib.suppress(OSError):
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            await asyncio.sleep(0.1)
        yield port
    finally:
        child.terminate()
        await child.wait()


async def measured(port: int, made: list[bytes], connections: int = CONNECTIONS) -> Figures:
    """Send them from a process of its own."""
    plan = Plan("127.0.0.1", port, connections, min(WARM, len(made) // 5), made)
    load = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.load", cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await load.communicate(msgspec.msgpack.encode(plan))
    figures = msgspec.json.decode(out, type=Figures)
    assert set(figures.statuses) == {"201"}, f"answers of another kind: {figures.statuses}"
    return figures


VARIANTS = {  # name: module that serves, path before the noun
    "bare": ("tests.bench.bare_api", "/v1"),
    "product": ("app.commands.serving", "/v1"),
}


async def one(server: Server, variant: str, noun: str, token: str, count: int) -> Figures:
    """One measurement on a fresh copy of the template."""
    module, before = VARIANTS[variant]
    async with server.clone(TEMPLATE) as database, serving(module, server.database(database)) as port:
        return await measured(port, requests(noun, f"{before}/{noun}", token, count))


async def rows(server: Server, rounds: int, count: int, say: Say) -> list[Row]:
    """The lines of the table: throughput as a ratio (at least 0.6), p99 as a ratio (at most 1.5)."""
    token = await prepare(server)
    table: list[Row] = []
    for noun in ("claims", "declarations"):
        found: dict[str, list[Figures]] = {name: [] for name in VARIANTS}
        for number in range(1, rounds + 1):
            for name, figures in found.items():
                figures.append(await one(server, name, noun, token, count))
                last = figures[-1]
                say(f"  {noun} {number} {name}: {last.rate:,.0f}/s, p50 {last.p50:.1f} ms, p99 {last.p99:.1f} ms")
        table += _lines(noun, found["product"], found["bare"])
    await server.drop(TEMPLATE)
    return table


def _lines(noun: str, product: list[Figures], bare: list[Figures]) -> list[Row]:
    pairs = list(zip(product, bare, strict=True))
    rate, against = (statistics.median(each.rate for each in figures) for figures in (product, bare))
    slow, against_slow = (statistics.median(each.p99 for each in figures) for figures in (product, bare))
    return [
        Row(what=f"POST /v1/{noun}, collected, against a bare handler", least=True, bar=0.6,
            measured=f"{rate:,.0f}/s and {against:,.0f}/s, {CONNECTIONS} connections",
            value=statistics.median(a.rate / b.rate for a, b in pairs)),
        Row(what=f"POST /v1/{noun}, p99", bar=1.5, measured=f"{slow:.1f} ms and {against_slow:.1f} ms",
            value=statistics.median(a.p99 / b.p99 for a, b in pairs)),
    ]  # fmt: skip
