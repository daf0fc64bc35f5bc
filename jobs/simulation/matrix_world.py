"""The small world of the crash matrix: one risk carrier in Zilveren Kruis' order, with something for every job to do.

The night before DAY has run: offsets stand, payouts are at the bank, one is held, a reminder is proposed. What DAY
brings lies in the queue. Everything came through the product's own doors, on a calendar of its own.
"""

import csv
import gzip
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from app.core.clock import simulated
from app.core.db import Connection
from app.declarations import import_file
from app.policies import apply_policy
from app.record import record
from jobs.night.run import run_night

DAY = date(2026, 3, 4)
EVE = DAY - timedelta(days=1)
PAST = DAY - timedelta(days=90)
MOMENT = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
CARRIER = 1
ACTOR = "matrix"
AGBS = tuple((f"{41100000 + 2 * n}", f"{41100001 + 2 * n}") for n in range(5))
POLICY = Path(__file__).resolve().parents[2] / "app" / "policies" / "examples" / "zilveren_kruis.toml"
Records = Sequence[Mapping[str, Any]]


def iban(number: int) -> str:
    """A Dutch IBAN that checks, made from a number."""
    account = f"{number:010d}"
    digits = "".join(str(int(sign, 36)) for sign in f"ABNA{account}NL00")
    return f"NL{98 - int(digits) % 97:02d}ABNA{account}"


def file_of(kind: str, records: Records, *, cut_off: date = DAY, **more: Any) -> bytes:
    """A file of JSON Lines as a source would send it; `more` fills or replaces fields of its header."""
    head = {**_head(kind, records, cut_off), **more}
    return "".join(json.dumps(each) + "\n" for each in (head, *records)).encode()


def packed_csv_of(kind: str, records: Records) -> bytes:
    """The same as CSV, packed by gzip."""
    names = list(dict.fromkeys(name for each in records for name in each))
    out = io.StringIO()
    out.write("#" + ";".join(f"{name}={value}" for name, value in _head(kind, records, DAY).items()) + "\n")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(names)
    writer.writerows([each.get(name, "") for name in names] for each in records)
    return gzip.compress(out.getvalue().encode(), mtime=0)


def _head(kind: str, records: Records, cut_off: date) -> dict[str, Any]:
    total = sum(_cents(each) for each in records)
    plain = {"kind": kind, "source": "core", "riskCarrier": "VZ", "cutOffDate": cut_off.isoformat()}
    return {**plain, "rows": len(records), "controlTotalCents": total}


def _cents(each: Mapping[str, Any]) -> int:
    for name in ("awardedCents", "amountCents"):
        if name in each:
            return int(each[name])
    return sum(int(line["cents"]) for line in each.get("lines", ()))


async def load(connection: Connection, kind: str, records: Records, *, on: date = DAY) -> None:
    """Import records that must load."""
    report = await import_file(
        connection, file_of(kind, records, cut_off=on), business_date=on, actor=ACTOR, file_name=f"{kind}.jsonl"
    )
    assert report.loaded, [each.message for each in report.rejections]


async def note(connection: Connection, kind: str, payload: Mapping[str, Any], *, on: date = DAY) -> dict[str, Any]:
    """Record a fact; what it answered."""
    return await record(connection, kind, payload, actor=ACTOR, business_date=on)


def provider(n: int, codes: Sequence[str]) -> dict[str, Any]:
    """A provider of the feed ; the third has another IBAN from DAY on."""
    since = "2015-01-01"
    ibans = [{"iban": iban(1000 + n), "holder": f"Praktijk {n}", "from": since}]
    if n == 2:  # whose payout is held meanwhile
        ibans[0]["until"] = EVE.isoformat()
        ibans.append({"iban": iban(2000 + n), "holder": f"Praktijk {n}", "from": DAY.isoformat()})
    return {
        "number": f"W{n:04d}",
        "name": f"Praktijk {n}",
        "kvk": f"{50000000 + n}",
        "legalForm": "bv",
        "naturalPerson": False,
        "agbCodes": [{"agb": agb, "from": since} for agb in codes],
        "ibans": ibans,
    }


def claim(name: str, agb: str, cents: int, *, letter: date = EVE) -> dict[str, Any]:
    """A claim of the feed."""
    plain = {"type": "claim", "id": name, "number": name, "agb": agb, "reasonCode": "MC", "ground": "Controle achteraf"}
    return {**plain, "amountCents": cents, "letterDate": letter.isoformat(), "termDays": 30}


def declaration(name: str, agb: str, cents: int, *, on: date = DAY, hour: int = 9) -> dict[str, Any]:
    """A declaration of the feed."""
    approved = datetime(on.year, on.month, on.day, hour, tzinfo=UTC).isoformat()
    return {"type": "declaration", "id": name, "agb": agb, "awardedCents": cents, "approvedAt": approved}


def credit(name: str, of: str, cents: int) -> dict[str, Any]:
    """A credit note of the feed; `cents` positive."""
    return {"type": "credit-note", "id": name, "declaration": of, "amountCents": -cents}


def correction(name: str, of: str, cents: int) -> dict[str, Any]:
    """A correction of the feed, in two lines; `cents` positive."""
    lines = [{"cents": -cents + 1}, {"cents": -1}]
    return {"type": "correction", "id": name, "declaration": of, "lines": lines, "reason": "Wlz"}


def advance(name: str, agb: str, cents: int) -> dict[str, Any]:
    """An advance of the feed that goes out with the next night."""
    plain = {"type": "advance", "id": name, "agb": agb, "amountCents": cents, "paid": "request"}
    return {**plain, "reasonCode": "VOORSCHOT"}


def ticking(moment: datetime) -> Callable[[], datetime]:
    """A clock that starts there and goes on by a millisecond at each look: no two transactions are of one moment."""
    looks = itertools.count()
    return lambda: moment + timedelta(milliseconds=next(looks))


async def make_world(connection: Connection, url: str) -> None:
    """Fill a migrated, empty database; `connection` is a superuser's to it, at `url`."""
    with simulated(ticking(MOMENT - timedelta(hours=2))):
        await _registry(connection)
        await _eve(connection)
        report = await run_night(url, CARRIER, EVE, workers=1, checks=False, connection=connection)
        assert report.state == "released", report
        await _day(connection)
    await connection.execute("analyze")


async def _registry(connection: Connection) -> None:
    await connection.execute(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic)
           values ($1, 'VZ', 'Zorgverzekeraar VZ N.V.', '30000001', $2, 'ABNANL2A')""",
        CARRIER,
        iban(900_000_001),
    )
    await connection.execute("insert into brand values ($1, 'VZ', 'Zorg VZ')", CARRIER)
    await connection.execute("insert into uzovi_code values ($1, '7001', 'VZ', '2015-01-01', null)", CARRIER)
    text = POLICY.read_text(encoding="utf-8")
    await apply_policy(connection, CARRIER, text, actor=ACTOR, applied_at=datetime(2020, 1, 1, tzinfo=UTC))
    await load(connection, "providers", [provider(n, codes) for n, codes in enumerate(AGBS)], on=PAST)


async def _eve(connection: Connection) -> None:
    """What the night before settles: W0 pays out after an offset, W1 owes, W2's payout is held, W3 is offset whole."""
    await load(connection, "declarations", [declaration("OLD", AGBS[4][0], 100, on=PAST)], on=PAST)
    await load(connection, "declarations", [credit("OLD-CREDIT", "OLD", 100)], on=PAST)
    owed = await connection.fetchval("select reference from claim where kind = 2")
    await note(connection, "offset-instruction", {"claim": owed, "mode": "none", "reason": "wacht"}, on=PAST)
    await load(
        connection,
        "claims",
        [
            claim("C0", AGBS[0][0], 5_000),
            claim("C1", AGBS[1][0], 40_000, letter=DAY - timedelta(days=60)),
            claim("C3", AGBS[3][0], 3_000),
            {**claim("C4", AGBS[3][1], 2_000), "type": "ceiling-interim"},
        ],
        on=EVE,
    )
    settled = [("D0", 0, 20_000), ("D0b", 0, 7_000), ("D2", 2, 9_000), ("D3", 3, 1_000)]
    feed = [declaration(name, AGBS[n][0], cents, on=EVE) for name, n, cents in settled]
    await load(connection, "declarations", feed, on=EVE)
    block = {"kind": "block", "processes": ["payout"], "reason": "IBAN in onderzoek", "owner": "team"}
    await note(connection, "hold", {**block, "account": await account_of(connection, "W0002")}, on=EVE)


async def _day(connection: Connection) -> None:
    """What lies ready on DAY."""
    await load(
        connection,
        "claims",
        [claim("M0", AGBS[0][1], 12_000), claim("M1", AGBS[2][0], 800), claim("M2", AGBS[3][0], 9_000)],
    )
    feed = [declaration(f"N{n}", AGBS[n % 4][n % 2], 1_500 + 700 * n, hour=8 + n) for n in range(8)]
    await load(connection, "declarations", [*feed, advance("A0", AGBS[2][1], 2_500)])
    await load(connection, "declarations", [credit("K0", "D0", 2_000), correction("K1", "N3", 900)])
    held = {"kind": "dispute", "cents": 1_000, "reason": "bezwaar", "owner": "team", "fromDate": DAY.isoformat()}
    await note(connection, "hold", {**held, "claim": await reference_of(connection, "M0")}, on=EVE)
    await note(connection, "payment", {"cents": 700, "account": await account_of(connection, "W0001")})


async def account_of(connection: Connection, number: str) -> int:
    """The running account of a provider."""
    found: int = await connection.fetchval(
        "select account_id from running_account join provider using (provider_id) where number = $1", number
    )
    return found


async def reference_of(connection: Connection, number: str) -> str:
    """The reference of a claim of the feed."""
    found: str = await connection.fetchval("select reference from claim where number = $1", number)
    return found
