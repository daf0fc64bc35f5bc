"""The statement of an account with 100,000 postings through the API: totals over all and the first 100 lines."""

import asyncio
import hashlib
import http.client
import statistics
import time
from datetime import date
from pathlib import Path

import msgspec

from app.core.migrate import files, migrate
from app.web import tokens
from tests.bench.api import serving
from tests.bench.rounds import Say
from tests.bench.server import Server
from tests.bench.table import Row

BAR_SECONDS = 0.3
_PATH = "/v1/running-accounts/ONE/P1"
_YEAR = "fromDate=2026-01-01&untilDate=2026-12-31"
_SQL = Path(__file__).with_name("statement.sql")
# What is asked, and whether issue 3 sets a bar for it.
ASKED = {
    "totals and first 100 lines": (f"{_PATH}/statement?{_YEAR}", True),
    "of one AGB code (of five)": (f"{_PATH}/statement?{_YEAR}&agb=01000011", True),
    "of its last six weeks": (f"{_PATH}/statement?fromDate=2026-08-20&untilDate=2026-12-31", True),
    "balances on a day": (f"{_PATH}?onDate=2026-08-20", False),
    "first 100 entries": (f"{_PATH}/entries?pageSize=100", False),
    "entries of one AGB code": (f"{_PATH}/entries?pageSize=100&agb=01000011", False),
}


async def template(server: Server) -> str:
    """The database of `statement.sql`: the one that is there when its sources are the same, else made now."""
    sources = [sha for _, sha, _ in files()] + [_SQL.read_text()]
    name = f"bench_statement_{hashlib.sha256(repr(sources).encode()).hexdigest()[:10]}"
    present = await server.databases()
    if name in present:
        return name
    for other in present:
        if other.startswith("bench_statement_"):
            await server.drop(other)
    making = f"{name}_new"  # renamed when complete: an interrupted one is never taken for a whole one
    await server.create(making)
    async with server.connection(making) as connection:
        await migrate(connection)
        await connection.execute(_SQL.read_text())
        await connection.execute("vacuum (freeze, analyze)")
    async with server.connection() as connection:
        await connection.execute(f'alter database "{making}" rename to "{name}"')
    return name


class Answer(msgspec.Struct):
    """What one question took, in seconds each time, and the body of its last answer."""

    seconds: list[float]
    body: bytes


def ask(port: int, token: str, path: str, rounds: int) -> Answer:
    """Ask again and again on one connection, as a client that waits for each answer."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
    seconds, body = [], b""
    for _ in range(rounds):
        start = time.perf_counter()
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        body = answer.read()
        seconds.append(time.perf_counter() - start)
        assert answer.status == 200, body
    client.close()
    return Answer(seconds, body)


async def rows(server: Server, rounds: int, say: Say) -> list[Row]:
    """The lines of the table, each with a page in the middle proven to carry the balance on."""
    say("statement")
    name = await template(server)
    table = []
    async with server.clone(name) as database:
        async with server.connection(database) as connection:
            _, token = await tokens.create(
                connection, name="bench", scopes=["accounts:read"], carriers=[1], days=1, actor="bench"
            )
            postings = await connection.fetchval("select count(*) from posting where account_id = 1")
        async with serving("app.commands.serving", server.database(database)) as port:
            for what, (path, barred) in ASKED.items():
                # more than the five after which PostgreSQL stops to plan for the values at hand
                found = await asyncio.to_thread(ask, port, token, path, 10 + 5 * rounds)
                table.append(_row(what, found, postings, BAR_SECONDS if barred else None))
            found = await asyncio.to_thread(ask, port, token, _deep(port, token), 10 + 5 * rounds)
            table.append(_row("a page in the middle", found, postings, BAR_SECONDS))
    return table


def _row(what: str, found: Answer, postings: int, bar: float | None) -> Row:
    median = statistics.median(found.seconds)
    fastest, slowest = min(found.seconds), max(found.seconds)
    return Row(
        what=f"statement, {postings:,} postings: {what}",
        measured=f"median {median * 1000:.0f} ms, from {fastest * 1000:.0f} to {slowest * 1000:.0f}",
        value=median,
        bar=bar,
        unit="s",
    )


def _deep(port: int, token: str) -> str:
    """The address of a page half-way: the first one of a day in August, reached by its cursor."""
    path = ASKED["totals and first 100 lines"][0]
    whole = msgspec.json.decode(ask(port, token, path, 1).body)
    day = date(2026, 8, 12).isoformat()
    cursor = f"{day}.0.0.0"
    page = msgspec.json.decode(ask(port, token, f"{path}&cursor={cursor}", 1).body)
    assert page["head"] == whole["head"] | {"knownAt": page["head"]["knownAt"]}
    assert page["lines"][0]["bookingDate"] == day
    return f"{path}&cursor={cursor}"
