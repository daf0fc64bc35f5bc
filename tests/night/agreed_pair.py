"""A payer, a debtor and the agreement between them, for the tests of agreements."""

from datetime import date
from typing import Any

from app.core.db import Connection
from app.record import record
from jobs.night.checking import run_checks
from tests import factories

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
PAST = date(2025, 11, 3)


class Pair:
    """A payer and a debtor of one risk carrier (or two), and the agreement between them."""

    def __init__(self, db: Connection, payer: factories.Provider, debtor: factories.Provider) -> None:
        self.db, self.payer, self.debtor = db, payer, debtor

    async def agree(self, on: date = MONDAY, **more: Any) -> int:
        given = {
            "payerAccount": next(iter(self.payer.account_ids.values())),
            "debtorAccount": list(self.debtor.account_ids.values())[-1],
            "number": "OVK-1",
            "evidence": "archief 12-3",
            "reasonCode": "OVERNAME",
            "reason": "moeder betaalt voor dochter",
            **more,
        }
        return int((await record(self.db, "agreement", given, actor="test", business_date=on))["id"])

    async def claim(self, cents: int, due: date = PAST, provider: factories.Provider | None = None) -> int:
        agb = (provider or self.debtor).agbs[0]
        return await factories.make_claim(self.db, 1, agb, cents, letter_date=due, reason="FC")

    async def declare(self, cents: int, provider: factories.Provider, on: date = MONDAY) -> int:
        return await factories.make_declaration(self.db, 1, provider.agbs[0], cents, on=on)


async def make_pair(db: Connection) -> Pair:
    """Two providers of one risk carrier in Zilveren Kruis' order, which offsets at once."""
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_zilveren_kruis(db, carrier)
    return Pair(db, await factories.make_provider(db, carrier), await factories.make_provider(db, carrier))


async def paid(db: Connection, provider: factories.Provider) -> int:
    return int(
        await db.fetchval(
            "select coalesce(sum(net_cents), 0)::bigint from payout where account_id = any ($1)",
            list(provider.account_ids.values()),
        )
    )


async def still_open(db: Connection, claim: int) -> int:
    return int(await db.fetchval("select open_principal_cents from claim_position where claim_id = $1", claim))


async def sound(db: Connection) -> None:
    assert await run_checks(db, run_id=None) == []
