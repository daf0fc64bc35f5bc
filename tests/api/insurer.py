"""An insurer with two providers, one night run, and a second risk carrier whose rows nobody else sees."""

from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from app.core.db import Connection
from app.record import record
from jobs.night.run import run_night
from tests import factories
from tests.api.client import Api
from tests.factories import Provider

DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)


class Played(msgspec.Struct):
    """Risk carrier VZ (1): `own` has an offset payout, `held` one that a hold keeps. ZK (2): `foreign` has one too."""

    own: Provider
    held: Provider
    foreign: Provider
    payouts: dict[str, str] = {}


class Insurer(Played, kw_only=True):
    """Such an insurer behind the API."""

    api: Api
    url: str

    async def get(self, path: str, *scopes: str, **query: Any) -> httpx.Response:
        """GET /v1/… as a clerk of VZ with these scopes (all of them when none is named)."""
        client = await self.api.as_(scopes) if scopes else await self.api.as_()
        return await client.get(f"/v1{path}", params=query or None)

    async def csv(self, path: str, media_type: str = "text/csv", **query: Any) -> httpx.Response:
        """The same in another form."""
        client = await self.api.as_()
        return await client.get(f"/v1{path}", params=query or None, headers={"Accept": media_type})

    async def post(self, path: str, body: dict[str, Any], key: str = "k1", carrier: int = 1) -> httpx.Response:
        """POST /v1/… with an idempotency key."""
        client = await self.api.as_(risk_carriers=(carrier,))
        return await client.post(f"/v1{path}", json=body, headers={"Idempotency-Key": key})


@pytest.fixture(scope="session")
def template(insurer_played: tuple[str, Played]) -> str:
    """Every test of the folder begins with a copy of the played insurer."""
    return insurer_played[0]


@pytest.fixture
def office(api: Api, db_url: str, insurer_played: tuple[str, Played]) -> Insurer:
    """The insurer after its night."""
    facts = msgspec.structs.asdict(insurer_played[1])
    return Insurer(api=api, url=db_url, **{**facts, "payouts": dict(facts["payouts"])})


async def play(db: Connection, url: str) -> Played:
    """The insurer after its night of 2 March 2026: 600.00 declared, 200.00 offset with a claim, 400.00 paid."""
    for carrier, code in ((1, "VZ"), (2, "ZK")):
        await factories.make_risk_carrier(db, code, carrier)
        await factories.make_policy_zilveren_kruis(db, carrier)
    own = await factories.make_provider(db, [1, 2], agbs=["04000001", "04000002"], number="P1")
    held = await factories.make_provider(db, 1, number="P2", natural_person=True)
    foreign = await factories.make_provider(db, 2, number="P3")
    made = Played(own=own, held=held, foreign=foreign)
    await factories.make_claim(
        db, 1, "04000001", 20_000, letter_date=date(2026, 1, 5), id="V-1", reason=await _reason(db)
    )
    await factories.make_declaration(db, 1, "04000001", 60_000, on=DAY, id="D-1", number="D-1")
    await factories.make_declaration(db, 1, "04000002", 5_000, on=DAY, id="D-2", number="D-2", hour=10)
    await factories.make_declaration(db, 1, held.agbs[0], 7_000, on=DAY, id="D-3", number="D-3")
    await factories.make_declaration(db, 2, foreign.agbs[0], 9_000, on=DAY, id="D-4", number="D-4")
    hold = {"kind": "attachment", "account": held.account_id, "processes": ["payout"], "reason": "beslag", "owner": "x"}
    await record(db, "hold", hold, actor="test", business_date=DAY)
    for carrier in (1, 2):
        await run_night(url, carrier, DAY, workers=1)
    for name, provider in (("own", own), ("held", held), ("foreign", foreign)):
        made.payouts[name] = await db.fetchval(
            """select human_reference('AFR', payout_id, extract(year from business_date)::int) from payout
               where account_id = any ($1)""",
            list(provider.account_ids.values()),
        )
    return made


async def _reason(db: Connection) -> str:
    """A code of the policy that is offset at once and has a letter."""
    found: str = await db.fetchval(
        """select r.code from reason_code r join reason_policy p using (reason_id)
           where r.risk_carrier_id = 1 and p.offset_start = 1 and p.offset_mode = 3 and not p.quiet
           order by p.priority limit 1"""
    )
    return found
