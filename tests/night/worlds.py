"""Worlds for the tests of a night's course: seeded, loaded by the import, ready for the night of DAY."""

import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.core import db as database
from app.core.db import Connection
from app.record import record
from jobs.simulation.arena import with_database
from tests import factories

DAY = date(2026, 3, 4)
OWED, PAYS = 100_000_000, 1_000_000


async def make_world(conn: Connection, *, accounts: int, declarations: int, seed: int = 1) -> int:
    """A risk carrier in Zilveren Kruis' order with claims, credits, advances and a queue; its id.

    One running account has a hold that begins on DAY, one a credit that ripens on DAY. Credits never take from
    another AGB code, advances wait for the last pass. The second provider pays for the first under an agreement; what
    the first owes more than its own declarations can pay is `MC-OWED`, `D-PAYS` is what the second has to spare.
    """
    pick = random.Random(seed)
    carrier = await factories.make_risk_carrier(conn)
    await factories.make_policy(conn, carrier, _policy())
    agbs = [[f"{41100000 + 2 * n}", f"{41100001 + 2 * n}"] for n in range(accounts)]
    await factories.loaded(
        conn, carrier, "providers", [_provider(n, codes) for n, codes in enumerate(agbs)], business_date=DAY
    )
    await _earlier(conn, carrier, agbs[0][0])
    claims = [_claim(n, pick, codes) for n, codes in enumerate(agbs * 2)]
    claims.append({**_claim(0, pick, agbs[0]), "id": "MC-OWED", "number": "MC-OWED", "amountCents": OWED})
    await factories.loaded(conn, carrier, "claims", claims, business_date=DAY)
    feed: list[dict[str, Any]] = [_declaration(n, pick, agbs[n % accounts]) for n in range(declarations)]
    feed += [_credit(n, pick, each) for n, each in enumerate(feed[::7])]
    feed.append({**_declaration(declarations, pick, agbs[1]), "id": "D-PAYS", "awardedCents": PAYS})
    feed += [_advance(n, codes) for n, codes in enumerate(agbs[::5])]
    await factories.loaded(conn, carrier, "declarations", feed, business_date=DAY)
    await _agreement(conn)
    reference = await conn.fetchval("select reference from claim where number = 'MC-1'")
    hold = {"claim": reference, "kind": "dispute", "reason": "bezwaar", "owner": "team", "fromDate": DAY.isoformat()}
    await record(conn, "hold", hold, actor="world", business_date=DAY - timedelta(days=1))
    await conn.execute("analyze")
    return carrier


def _policy() -> str:
    text = (factories.EXAMPLES / "zilveren_kruis.toml").read_text()
    for code, passes in (("CREDIT", '["exact_reference", "own_agb"]'), ("VOORSCHOT", '["same_entity"]')):
        table = f"[reasons.{code}]\n"
        assert table in text
        text = text.replace(table, f"{table}passes = {passes}\n")
    return text


async def _earlier(conn: Connection, carrier: int, agb: str) -> None:
    """A credit of 90 days ago on a declaration that nobody settled since: it ripens on DAY, if it stays open."""
    past = DAY - timedelta(days=90)
    declared = await factories.make_declaration(conn, carrier, agb, 100, on=past, id="OLD")
    await factories.make_credit(conn, carrier, declared, 100, on=past, id="OLD-CREDIT")


async def _agreement(conn: Connection) -> None:
    """The second provider pays for the first from DAY on."""
    first, second = await conn.fetch(
        "select account_id from running_account join provider using (provider_id) where number like 'W%' "
        "order by number limit 2"
    )
    given = {
        "payerAccount": second["account_id"],
        "debtorAccount": first["account_id"],
        "number": "OVK-1",
        "evidence": "archief",
        "reasonCode": "CREDIT",
        "reason": "moeder betaalt voor dochter",
    }
    await record(conn, "agreement", given, actor="world", business_date=DAY)


def _provider(n: int, codes: list[str]) -> dict[str, Any]:
    since = factories.LONG_AGO.isoformat()
    return {
        "number": f"W{n:04d}",
        "name": f"Praktijk {n}",
        "kvk": f"{50000000 + n}",
        "legalForm": "bv",
        "naturalPerson": False,
        "agbCodes": [{"agb": agb, "from": since} for agb in codes],
        "ibans": [{"iban": factories.iban(1000 + n), "holder": f"Praktijk {n}", "from": since}],
    }


def _claim(n: int, pick: random.Random, codes: list[str]) -> dict[str, Any]:
    return {
        "type": "claim",
        "id": f"MC-{n}",
        "number": f"MC-{n}",
        "agb": pick.choice(codes),
        "reasonCode": "MC",
        "ground": "Controle achteraf",
        "amountCents": pick.randint(1, 40_000),
        "letterDate": (DAY - timedelta(days=pick.choice((3, 60)))).isoformat(),
        "termDays": 30,
    }


def _declaration(n: int, pick: random.Random, codes: list[str]) -> dict[str, Any]:
    return {
        "type": "declaration",
        "id": f"D-{n}",
        "agb": pick.choice(codes),
        "awardedCents": pick.randint(1, 20_000),
        "approvedAt": datetime.combine(DAY, time(8, n % 60, n // 60 % 60), UTC).isoformat(),
    }


def _credit(n: int, pick: random.Random, of: dict[str, Any]) -> dict[str, Any]:
    cents = pick.randint(1, of["awardedCents"])
    return {"type": "credit-note", "id": f"CN-{n}", "declaration": of["id"], "amountCents": -cents}


def _advance(n: int, codes: list[str]) -> dict[str, Any]:
    return {
        "type": "advance",
        "id": f"A-{n}",
        "agb": codes[0],
        "amountCents": 5_000,
        "paid": "request",
        "reasonCode": "VOORSCHOT",
    }


@asynccontextmanager
async def copy_of(admin: Connection, server_url: str, template: str) -> AsyncIterator[tuple[str, Connection]]:
    """A database of its own, as `template` is: its URL and a superuser's connection."""
    name = f"vereffen_copy_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    url = with_database(server_url, name)
    connection = await database.connect(url)
    try:
        yield url, connection
    finally:
        await connection.close()
        await admin.execute(f"drop database {name} with (force)")


async def others_gone(connection: Connection) -> None:
    """Wait until the server has ended every other session of this database: what they left is then as it stays."""
    while await connection.fetchval(
        """
        select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        """
    ):
        await connection.fetchval("select pg_sleep(0.005)")


async def every_row(connection: Connection) -> list[tuple[Any, ...]]:
    """Every row of every table, as text, with what wrote it last: equal when nothing was written in between."""
    tables = await connection.fetch(
        """
        select oid::regclass::text as name from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1
        """
    )
    found = []
    for table in tables:
        rows = await connection.fetch(f"select t::text as row, xmin::text as by from {table['name']} t order by 1")
        found.append((table["name"], [tuple(row) for row in rows]))
    return found
