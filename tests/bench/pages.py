"""The pages over the product's own server, each drawn whole: on the demo insurer, and on a very large provider.

On the demo every page that takes no name is asked for, and of the others one of a thing that the demo has. The large
provider is that of `statement.sql`: 16,000 claims and 100,000 postings in one running account.
"""

import asyncio
import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from app.core import clock, db
from app.core.ids import declaration_reference
from app.core.migrate import migrate
from app.web import people, people_sessions
from app.web.access import policy
from app.web.page import is_page
from jobs.demo import run_demo
from jobs.demo.model import FULL, LAST_DAY, Size
from tests.bench.api import serving
from tests.bench.rounds import Say
from tests.bench.server import Server
from tests.bench.statement import template
from tests.bench.table import Row

BAR_SECONDS = 0.3
TEMPLATE = "bench_pages"
_TIMES = 30
_SMALL = Size(providers=32, declarations=320, claims=60)
_PROVIDER = """select p.number from running_account a join provider p using (provider_id)
               where a.risk_carrier_id = 1
               order by (select count(*) from posting o where o.account_id = a.account_id) desc, a.account_id limit 1"""
# What stands for a name in an address: one of the demo's, the largest where that matters.
_NAMES = {
    "risk_carrier": "select 'VZ'",
    "business_date": f"select '{LAST_DAY}'",
    "version": "select '1'",
    "payouts/number": """select human_reference('AFR', payout_id, extract(year from business_date)::int) from payout
                         where risk_carrier_id = 1 order by offset_cents desc, payout_id limit 1""",
    "providers/number": _PROVIDER,
    "provider": _PROVIDER,
    "claims/reference": "select reference from claim where risk_carrier_id = 1 order by claim_id limit 1",
    "declarations/reference": "select account_id, declaration_id from declaration where risk_carrier_id = 1 limit 1",
    "imports/batch_id": "select batch_id::text from batch where risk_carrier_id = 1 order by size_bytes desc limit 1",
    "jobs/job_id": "select job_id::text from job where risk_carrier_id = 1 order by job_id desc limit 1",
    "incidents/incident": "select incident_id::text from incident where risk_carrier_id = 1 limit 1",
    "preview_id": "select job_id::text from job where kind = 'preview' limit 1",
    "payouts/form": "select 'csv'",
    "running-accounts/form": "select 'csv'",
}
# Pages that show less without a question.
_QUERIES = {
    "/search": "?q=praktijk",
    "/ageing/claims": f"?riskCarrier=VZ&on={LAST_DAY}",
    "/funnel/claims": "?riskCarrier=VZ&part=claimed",
    "/policies/{risk_carrier}/differences": "?from=1&to=1",
}
GIANT = (
    "/",
    "/ageing",
    "/ageing/claims?riskCarrier=ONE",
    "/funnel",
    "/funnel/claims?riskCarrier=ONE&part=offset",
    "/search?q=praktijk",
    "/claims",
    "/claims?provider=P1&openOnly=true",
    "/payouts?provider=P1",
    "/payouts/{payout}",
    "/providers/P1",
    "/running-accounts/ONE/P1?fromDate=2026-01-01&untilDate=2026-12-31",
    "/running-accounts/ONE/P1?fromDate=2026-01-01&untilDate=2026-12-31&kind=offset-principal",
)
_WHOLE = ("/ageing", "/funnel")  # sums over 660,000 postings of a risk carrier: shown, nothing is promised
GIANT_DAY = date(2026, 9, 30)
_GIANT_PAYOUT = """select human_reference('AFR', payout_id, extract(year from business_date)::int) from payout
                   where account_id = 1 order by payout_id desc limit 1"""


async def prepare(server: Server, small: bool) -> None:
    """The demo insurer, played into a database of its own."""
    await server.create(TEMPLATE)
    async with server.connection(TEMPLATE) as connection:
        await migrate(connection)
    with tempfile.TemporaryDirectory() as folder:
        size = _SMALL if small else FULL
        await run_demo(server.database(TEMPLATE), data=Path(folder), workers=2, out=lambda line: None, size=size)
    async with server.connection(TEMPLATE) as connection:
        await connection.execute("vacuum (freeze, analyze)")


async def addresses(connection: db.Connection) -> list[str]:
    """The pages that a supervisor opens; not those whose thing the demo does not have."""
    found = []
    for route, roles in policy().items():
        method, path = route.split(" ")
        part = path.endswith("/progress")  # of a page, which asks for it by itself
        if method != "GET" or part or not is_page(path) or "role:supervisor" not in roles:
            continue
        noun = path.split("/")[1]
        names = re.findall(r"\{(\w+)\}", path)
        values = {name: await _value(connection, _NAMES.get(f"{noun}/{name}", _NAMES.get(name))) for name in names}
        if None not in values.values():
            found.append(path.format(**values) + _QUERIES.get(path, ""))
    return found


async def _value(connection: db.Connection, query: str | None) -> str | None:
    """The name that a query gives, a declaration's of its two numbers; None when the demo has no such thing."""
    row = None if query is None else await connection.fetchrow(query)
    if row is None:
        return None
    return declaration_reference(row[0], row[1]) if len(row) > 1 else str(row[0])


async def session(connection: db.Connection) -> str:
    """Somebody who sees every risk carrier and is signed in; the secret of the session."""
    known = await connection.fetchval("select array_agg(risk_carrier_id) from risk_carrier")
    await people.create(connection, login="bench", name="Bench", role="supervisor", carriers=known, actor="bench")
    async with db.transaction(connection, role="worker", actor="bench"):
        number = await connection.fetchval("select person_id from person where login = 'bench'")
        return await people_sessions.begin(connection, number, clock.now())


def ask(port: int, secret: str, path: str) -> list[float]:
    """Seconds of each answer of that page, the first (which fills caches) left out."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": "localhost", "Cookie": f"vereffen={secret}", "Accept": "text/html"}
    seconds = []
    for _ in range(_TIMES + 1):
        start = time.perf_counter()
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        body = answer.read()
        seconds.append(time.perf_counter() - start)
        assert answer.status == 200, f"{path}: {answer.status} {body[:200]!r}"
    client.close()
    return sorted(seconds[1:])


class Page(msgspec.Struct):
    """The address of a page and its seconds, in order of length."""

    path: str
    seconds: list[float]

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return self.seconds[len(self.seconds) * 95 // 100]


async def timed(server: Server, database: str, paths: Sequence[str], day: date) -> list[Page]:
    """Every one of those pages of a database, on a business date."""
    async with server.connection(database) as connection:
        secret = await session(connection)
        named = [await _named(connection, path) for path in paths] if paths else await addresses(connection)
    async with serving("app.commands.serving", server.database(database), day) as port:
        return [Page(path, await asyncio.to_thread(ask, port, secret, path)) for path in named]


async def _named(connection: db.Connection, path: str) -> str:
    return path.format(payout=await connection.fetchval(_GIANT_PAYOUT)) if "{" in path else path


async def rows(server: Server, small: bool, say: Say) -> list[Row]:
    """A line of the table for every page: the 95th percentile against the bar."""
    say("pages")
    await prepare(server, small)
    async with server.clone(TEMPLATE) as database:
        demo = await timed(server, database, (), LAST_DAY)
    await server.drop(TEMPLATE)
    async with server.clone(await template(server)) as database:
        giant = await timed(server, database, GIANT, GIANT_DAY)
    return [_row("demo", page) for page in demo] + [
        _row("giant", page, barred=not page.path.startswith(_WHOLE)) for page in giant
    ]


def _row(world: str, page: Page, *, barred: bool = True) -> Row:
    return Row(
        what=f"page, {world}: {page.path}",
        measured=f"p50 {statistics.median(page.seconds) * 1000:.0f} ms, p95 {page.p95 * 1000:.0f} ms",
        value=page.p95,
        bar=BAR_SECONDS if barred else None,
        unit="s",
    )
