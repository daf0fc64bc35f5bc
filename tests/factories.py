"""Worlds for tests: risk carriers, providers, policies, claims and declarations, by the same doors as the program uses.

Every function takes a superuser's connection and answers ids. Names and numbers are made up from a counter, so that
two of a kind never clash; amounts are in cents.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from app.core.db import Connection
from app.declarations import ImportReport, import_records
from app.policies import apply_policy

EXAMPLES = Path(__file__).resolve().parents[1] / "app" / "policies" / "examples"
LONG_AGO = date(2015, 1, 1)
_numbers = itertools.count(1)


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as made: `account_ids` by risk carrier id, `agb_ids` by AGB code, `iban_ids` by IBAN."""

    provider_id: int
    number: str
    agbs: list[str]
    account_ids: dict[int, int]
    agb_ids: dict[str, int]
    iban_ids: dict[str, int]

    @property
    def account_id(self) -> int:
        """The running account, where there is one."""
        (account_id,) = self.account_ids.values()
        return account_id


def iban(number: int, bank: str = "ABNA") -> str:
    """A Dutch IBAN that checks, made from a number."""
    account = f"{number:010d}"
    digits = "".join(str(int(sign, 36)) for sign in f"{bank}{account}NL00")
    return f"NL{98 - int(digits) % 97:02d}{bank}{account}"


async def make_risk_carrier(conn: Connection, code: str = "VZ", risk_carrier_id: int | None = None) -> int:
    """A risk carrier with one brand and a UZOVI code; its id."""
    carrier = risk_carrier_id or 1 + (await conn.fetchval("select coalesce(max(risk_carrier_id), 0) from risk_carrier"))
    await conn.execute(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic)
           values ($1, $2, $3, $4, $5, 'ABNANL2A')""",
        carrier,
        code,
        f"Zorgverzekeraar {code} N.V.",
        f"{30000000 + carrier}",
        iban(900_000_000 + carrier),
    )
    await conn.execute("insert into brand values ($1, $2, $3)", carrier, code, f"Zorg {code}")
    await conn.execute(
        "insert into uzovi_code values ($1, $2, $3, $4, null)", carrier, f"{7000 + carrier}", code, LONG_AGO
    )
    return carrier


async def make_provider(
    conn: Connection,
    risk_carriers: int | Sequence[int],
    *,
    agbs: Sequence[str] = (),
    ibans: Sequence[str] = (),
    natural_person: bool = False,
    number: str | None = None,
) -> Provider:
    """A provider with AGB codes and an IBAN from 2015 on, and a running account with each risk carrier."""
    nth = next(_numbers)
    carriers = [risk_carriers] if isinstance(risk_carriers, int) else list(risk_carriers)
    codes = list(agbs) or [f"{41000000 + nth}"]
    accounts = list(ibans) or [iban(nth)]
    record = {
        "number": number or f"P{nth:06d}",
        "name": f"Zorgpraktijk {nth}",
        "kvk": f"{40000000 + nth}",
        "legalForm": "eenmanszaak" if natural_person else "bv",
        "naturalPerson": natural_person,
        "agbCodes": [{"agb": agb, "from": LONG_AGO.isoformat()} for agb in codes],
        "ibans": [{"iban": each, "holder": f"Zorgpraktijk {nth}", "from": LONG_AGO.isoformat()} for each in accounts],
    }
    for carrier in carriers:
        await loaded(conn, carrier, "providers", [record], business_date=LONG_AGO)
    return await provider(conn, str(record["number"]))


async def provider(conn: Connection, number: str) -> Provider:
    """A provider that is there, by its number."""
    provider_id = await conn.fetchval("select provider_id from provider where number = $1", number)
    accounts = await conn.fetch(
        "select risk_carrier_id, account_id from running_account where provider_id = $1", provider_id
    )
    codes = await conn.fetch(
        "select agb, agb_id from agb_registration where provider_id = $1 order by agb_id", provider_id
    )
    payees = await conn.fetch(
        "select iban, iban_id from payee_iban where provider_id = $1 order by iban_id", provider_id
    )
    return Provider(
        provider_id=provider_id,
        number=number,
        agbs=[row["agb"] for row in codes],
        account_ids={row[0]: row[1] for row in accounts},
        agb_ids={row[0]: row[1] for row in codes},
        iban_ids={row[0]: row[1] for row in payees},
    )


async def make_policy(conn: Connection, risk_carrier_id: int, text: str) -> int:
    """Apply a policy text; its version's id."""
    applied = await apply_policy(
        conn, risk_carrier_id, text, actor="factory", applied_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    return applied.policy_version_id


async def make_policy_vgz(conn: Connection, risk_carrier_id: int) -> int:
    """VGZ's order: credits at once, claims after one reminder."""
    return await make_policy(conn, risk_carrier_id, (EXAMPLES / "vgz.toml").read_text())


async def make_policy_zilveren_kruis(conn: Connection, risk_carrier_id: int) -> int:
    """Zilveren Kruis' order: everything at once, three reminders for the rest."""
    return await make_policy(conn, risk_carrier_id, (EXAMPLES / "zilveren_kruis.toml").read_text())


async def load(
    conn: Connection, risk_carrier_id: int, kind: str, records: Iterable[Mapping[str, Any]], *, business_date: date
) -> ImportReport:
    """Import records for a risk carrier given by id; whatever the answer is."""
    code = await conn.fetchval("select code from risk_carrier where risk_carrier_id = $1", risk_carrier_id)
    return await import_records(
        conn, records, kind=kind, risk_carrier_code=code, business_date=business_date, actor="factory"
    )


async def loaded(
    conn: Connection, risk_carrier_id: int, kind: str, records: Iterable[Mapping[str, Any]], *, business_date: date
) -> ImportReport:
    """Import records that must load."""
    report = await load(conn, risk_carrier_id, kind, records, business_date=business_date)
    assert report.loaded, [each.message for each in report.rejections]
    return report


async def make_claim(
    conn: Connection,
    risk_carrier_id: int,
    agb: str,
    cents: int,
    *,
    letter_date: date,
    reason: str = "CM98",
    term_days: int | None = 30,
    business_date: date | None = None,
    **more: Any,
) -> int:
    """A claim by letter; its id. `more`: further fields of the record (id, lines, type …)."""
    record = {
        "type": "claim",
        "id": f"C{next(_numbers)}",
        "agb": agb,
        "reasonCode": reason,
        "ground": "Controle achteraf",
        "amountCents": cents,
        "letterDate": letter_date.isoformat(),
        "termDays": term_days,
        **more,
    }
    await loaded(conn, risk_carrier_id, "claims", [_given(record)], business_date=business_date or letter_date)
    return await fact_id(conn, risk_carrier_id, record["id"], 3)


async def make_declaration(
    conn: Connection, risk_carrier_id: int, agb: str, cents: int, *, on: date, hour: int = 9, **more: Any
) -> int:
    """An awarded declaration, approved and loaded on a business date; its id."""
    record = {
        "type": "declaration",
        "id": f"D{next(_numbers)}",
        "agb": agb,
        "awardedCents": cents,
        "approvedAt": datetime.combine(on, time(hour), UTC).isoformat(),
        **more,
    }
    await loaded(conn, risk_carrier_id, "declarations", [_given(record)], business_date=on)
    return await fact_id(conn, risk_carrier_id, record["id"], 1)


async def make_credit(
    conn: Connection, risk_carrier_id: int, declaration_id: int, cents: int, *, on: date, **more: Any
) -> int:
    """A credit note of `cents` (positive here) on a declaration; the id of its claim."""
    named = await conn.fetchval(
        "select source_id from source_key where kind = 1 and fact_id = $1 and risk_carrier_id = $2",
        declaration_id,
        risk_carrier_id,
    )
    record = {"type": "credit-note", "id": f"N{next(_numbers)}", "declaration": named, "amountCents": -cents, **more}
    await loaded(conn, risk_carrier_id, "declarations", [_given(record)], business_date=on)
    return await fact_id(conn, risk_carrier_id, record["id"], 2)


async def make_correction(
    conn: Connection, risk_carrier_id: int, declaration_id: int, cents: Sequence[int], *, on: date, **more: Any
) -> int:
    """A correction with lines of `cents` (positive here) on a declaration; the id of its claim."""
    named = await conn.fetchval(
        "select source_id from source_key where kind = 1 and fact_id = $1 and risk_carrier_id = $2",
        declaration_id,
        risk_carrier_id,
    )
    lines = [{"cents": -each} for each in cents]
    record = {
        "type": "correction",
        "id": f"X{next(_numbers)}",
        "declaration": named,
        "lines": lines,
        "reason": "Wlz",
        **more,
    }
    await loaded(conn, risk_carrier_id, "declarations", [_given(record)], business_date=on)
    return await fact_id(conn, risk_carrier_id, record["id"], 2)


async def make_advance(
    conn: Connection, risk_carrier_id: int, agb: str, cents: int, *, on: date, paid: str = "request", **more: Any
) -> int:
    """An advance, asked for or paid elsewhere; the id of its claim."""
    record = {"type": "advance", "id": f"A{next(_numbers)}", "agb": agb, "amountCents": cents, "paid": paid, **more}
    await loaded(conn, risk_carrier_id, "declarations", [_given(record)], business_date=on)
    return await fact_id(conn, risk_carrier_id, record["id"], 4)


async def fact_id(conn: Connection, risk_carrier_id: int, source_id: str, kind: int) -> int:
    """The id of what was loaded under a source id; kind 1 declaration, 2 credit or correction, 3 claim, 4 advance."""
    found: int = await conn.fetchval(
        "select fact_id from source_key where risk_carrier_id = $1 and kind = $2 and source_id = $3",
        risk_carrier_id,
        kind,
        source_id,
    )
    return found


def _given(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}
