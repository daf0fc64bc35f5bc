"""The simulated insurer: two risk carriers, one in each published order, and providers of every kind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from app.core.db import Connection
from app.core.settings import ROOT
from app.declarations import import_records
from app.policies import apply_policy
from jobs.simulation.model import CARRIERS, Scenario, stream

EXAMPLES = ROOT / "app" / "policies" / "examples"
LONG_AGO = date(2015, 1, 1)
POLICIES = {"VZ": "vgz.toml", "ZK": "zilveren_kruis.toml"}


class Provider(NamedTuple):
    """A provider of the world: its number, its AGB codes (the last one of a practice, in some), its risk carriers."""

    number: str
    agbs: tuple[str, ...]
    practice: bool
    natural_person: bool
    carriers: tuple[str, ...]

    def record(self, ibans: list[dict[str, Any]]) -> dict[str, Any]:
        """The provider as a file of providers has it."""
        practice = {"practice": "P2"} if self.practice else {}
        return {
            "number": self.number,
            "name": f"Praktijk {self.number}",
            "kvk": f"{60000000 + int(self.number[1:])}",
            "legalForm": "eenmanszaak" if self.natural_person else "bv",
            "naturalPerson": self.natural_person,
            "practices": [{"code": "P2", "name": "Tweede", "from": LONG_AGO.isoformat()}] if self.practice else [],
            "agbCodes": [
                {"agb": agb, "from": LONG_AGO.isoformat(), **(practice if agb == self.agbs[-1] else {})}
                for agb in self.agbs
            ],
            "ibans": ibans,
        }


class World(NamedTuple):
    """What stays the same over the days. `accounts`: running account by (risk carrier code, provider number)."""

    carriers: dict[str, int]
    providers: list[Provider]
    accounts: dict[tuple[str, str], int]
    texts: dict[str, str]


def iban(number: int, bank: str = "ABNA") -> str:
    """A Dutch IBAN that checks, made from a number."""
    account = f"{number:010d}"
    digits = "".join(str(int(sign, 36)) for sign in f"{bank}{account}NL00")
    return f"NL{98 - int(digits) % 97:02d}{bank}{account}"


def providers_of(scenario: Scenario) -> list[Provider]:
    """The providers of a seed: sole traders and companies, one to three AGB codes, most with both risk carriers."""
    pick = stream(scenario.seed, "world/providers")
    made = []
    for n in range(scenario.providers):
        agbs = tuple(f"{41200000 + 10 * n + k}" for k in range(pick.randint(1, 3)))
        carriers = pick.choices((CARRIERS, CARRIERS[:1], CARRIERS[1:]), (6, 1, 1))[0]
        made.append(Provider(f"S{n:03d}", agbs, len(agbs) == 3, pick.random() < 0.3, carriers))
    return made


def first_ibans(provider: Provider) -> list[dict[str, Any]]:
    """The accounts that a provider starts with: one, and one of the practice where it has one."""
    number = 1000 * (1 + int(provider.number[1:]))
    own = [{"iban": iban(number), "holder": f"Praktijk {provider.number}", "from": LONG_AGO.isoformat()}]
    if provider.practice:
        own.append({"iban": iban(number + 500), "holder": "Tweede", "practice": "P2", "from": LONG_AGO.isoformat()})
    return own


async def build(connection: Connection, scenario: Scenario) -> World:
    """Write the world into migrated, empty books."""
    carriers, texts = {}, {}
    providers = providers_of(scenario)
    for number, code in enumerate(CARRIERS, 1):
        await connection.execute(
            """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic)
               values ($1, $2, $3, $4, $5, 'ABNANL2A')""",
            *(number, code, f"Zorgverzekeraar {code} N.V.", f"{30000000 + number}", iban(900_000_000 + number)),
        )
        texts[code] = (EXAMPLES / POLICIES[code]).read_text(encoding="utf-8")
        await apply_policy(
            connection, number, texts[code], actor="simulator", applied_at=datetime(2020, 1, 1, tzinfo=UTC)
        )
        carriers[code] = number
        report = await import_records(
            connection,
            [each.record(first_ibans(each)) for each in providers if code in each.carriers],
            kind="providers",
            risk_carrier_code=code,
            business_date=scenario.first - timedelta(days=1),
            actor="simulator",
        )
        assert report.loaded, report.rejections
    rows = await connection.fetch(
        """select a.account_id, c.code, p.number from running_account a join risk_carrier c using (risk_carrier_id)
             join provider p using (provider_id)"""
    )
    accounts = {(row["code"], row["number"]): row["account_id"] for row in rows}
    return World(carriers, providers, accounts, texts)
