"""Agreements in random worlds: the night posts what its preview said and what an obvious oracle says, line by line.

`VEREFFEN_WORLDS=50 pytest tests/night/test_agreement_oracle.py` plays more seeds than the quick part does.
"""

import os
import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from app.core.db import Connection
from app.record import record
from jobs.night.checking import run_checks
from jobs.night.preview import preview_lines, preview_night
from jobs.night.run import NightReport, run_night
from tests import factories
from tests.night import agreement_oracle
from tests.night.worlds import every_row

WORLDS = range(3000, 3000 + int(os.environ.get("VEREFFEN_WORLDS", "8")))
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
PAST = date(2025, 11, 3)
PROVIDERS = 6
# Who pays for whom, by place in a shuffled row of providers: the night goes by id, so either may come first.
CHAIN = [(0, 1), (1, 2)]
TWO_PAYERS = [(0, 2), (1, 2)]
TWO_DEBTORS = [(0, 1), (0, 2)]
EACH_OTHER = [(0, 1), (1, 0)]
ALL_OF_IT = [(0, 1), (1, 2), (0, 2), (3, 1), (3, 4)]


class World:
    """One seed: providers of one risk carrier that pay for each other, with claims and declarations."""

    def __init__(self, db: Connection, url: str, seed: int) -> None:
        self.db, self.url, self.pick = db, url, random.Random(seed)
        self.agreements: list[int] = []
        self.nth = 0

    async def start(self) -> None:
        """The first agreement always has something to take over: its debtor owes much, its payer gives much."""
        await factories.make_risk_carrier(self.db, "ZK", 1)
        await factories.make_policy(self.db, 1, self._policy())
        self.made = [
            await factories.make_provider(self.db, 1, agbs=[f"{41200000 + 2 * n + k}" for k in range(2)])
            for n in range(PROVIDERS)
        ]
        roles = self.pick.sample(self.made, PROVIDERS)
        pairs = self.pick.choice((CHAIN, TWO_PAYERS, TWO_DEBTORS, EACH_OTHER, ALL_OF_IT, ALL_OF_IT))
        self.payers = [roles[payer] for payer, _ in pairs]
        for debtor in {debtor for _, debtor in pairs}:
            for _ in range(self.pick.randint(1, 3)):
                await self.claim(roles[debtor])
        for provider in self.made:
            for _ in range(self.pick.choice((0, 0, 1))):
                await self.claim(provider)
        agb, letter = roles[pairs[0][1]].agbs[0], PAST + timedelta(days=self.pick.choice((0, 3, 20)))
        await factories.make_claim(self.db, 1, agb, 100_000, letter_date=letter, reason="MC")
        for pays, owes in pairs:
            await self.agree(roles[pays].account_id, roles[owes].account_id)
        first = [roles[nth] for nth in pairs[0]]
        wide: dict[str, Any] = self.pick.choice(({}, {"capPercent": "80"}, {"capCents": 70_000}, {"floorCents": 9_000}))
        if wide:
            await self.told("offset-instruction", MONDAY, account=first[0].account_id, reason="afspraak", **wide)
        for provider in self.made:
            if provider not in first:
                await self.limit(provider.account_id)

    def _policy(self) -> str:
        """The published one with another order, or with reasons that keep to their own AGB code."""
        text = (factories.EXAMPLES / "zilveren_kruis.toml").read_text()
        for old, new in (
            ('order = "priority"', 'order = "due_date"'),
            ("[reasons.FC]\n", '[reasons.FC]\npasses = ["own_agb"]\n'),
            ("[reasons.CREDIT]\n", '[reasons.CREDIT]\npasses = ["exact_reference", "own_agb"]\n'),
        ):
            assert old in text
            text = text.replace(old, new) if self.pick.random() < 0.4 else text
        return text

    async def told(self, what: str, day: date, /, **payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await record(self.db, what, payload, actor="world", business_date=day)
        return answer

    async def agree(self, payer: int, debtor: int) -> None:
        answer = await self.told(
            "agreement", MONDAY, payerAccount=payer, debtorAccount=debtor, number=f"OVK-{payer}-{debtor}",
            evidence="archief", reasonCode="CREDIT", reason="concern",
        )  # fmt: skip
        self.agreements.append(int(answer["id"]))

    async def claim(self, provider: factories.Provider) -> None:
        """A claim, perhaps held in part or whole, with an instruction of its own, or with costs."""
        cents = self.pick.choice((1, 5_000, self.pick.randint(1, 15_000)))
        letter, reason = PAST + timedelta(days=self.pick.choice((0, 0, 1, 5, 30))), self.pick.choice(("FC", "MC"))
        agb = self.pick.choice(provider.agbs)
        claim = await factories.make_claim(self.db, 1, agb, cents, letter_date=letter, reason=reason)
        reference = await self.db.fetchval("select reference from claim where claim_id = $1", claim)
        what = self.pick.choice(("", "", "", "whole", "part", "from tonight", "share", "fixed", "none", "costs"))
        held: dict[str, Any] = {"claim": reference, "kind": "dispute", "reason": "bezwaar", "owner": "team"}
        told: dict[str, Any] = {"claim": reference, "reason": "afspraak"}
        if what in ("whole", "part", "from tonight"):
            part = {} if what == "whole" else {"cents": self.pick.randint(1, cents)}
            day = MONDAY if what == "from tonight" else MONDAY - timedelta(days=7)
            await self.told("hold", MONDAY - timedelta(days=7), **held, **part, fromDate=day.isoformat())
        elif what == "costs":
            await self.told("charge", MONDAY - timedelta(days=1), **told, kind="costs", cents=400)
        elif what:
            modes: dict[str, dict[str, Any]] = {
                "share": {"mode": "percentage", "percent": "25"},
                "fixed": {"mode": "fixed", "fixedCents": 700},
            }
            await self.told("offset-instruction", MONDAY, **told, **modes.get(what, {"mode": "none"}))

    async def limit(self, account: int) -> None:
        """Perhaps a cap or a floor on a running account, or a hold on all of it."""
        limits: dict[str, dict[str, Any]] = {
            "share": {"capPercent": "60"},
            "cap": {"capCents": self.pick.randint(0, 20_000)},
            "floor": {"floorCents": self.pick.randint(1, 9_000)},
            "mode": {"mode": "percentage", "percent": "50"},
        }
        what = self.pick.choice(("", "", "", "", *limits, "held"))
        if what == "held" and self.pick.random() < 0.5:
            await self.told("hold", MONDAY, account=account, kind="insolvency", reason="faillissement", owner="team")
        elif what in limits:
            await self.told("offset-instruction", MONDAY, account=account, reason="afspraak", **limits[what])

    async def declare(self, day: date) -> None:
        """Declarations of payers, the first of them more than it owes itself, and of some others."""
        amounts = [(self.payers[0], 90_000)] if day == MONDAY else []
        for provider in self.made:
            many = self.pick.randint(0, 3) if provider in self.payers else self.pick.choice((0, 0, 1))
            amounts += [(provider, self.pick.randint(1, 12_000)) for _ in range(many)]
        for provider, cents in amounts:
            agb, hour = self.pick.choice(provider.agbs), self.pick.randint(0, 20)
            await factories.make_declaration(self.db, 1, agb, cents, on=day, hour=hour)

    async def reverse(self, day: date, *, in_part: bool) -> None:
        """Give back an offset, one of what was taken over where there is one."""
        row = await self.db.fetchrow(
            """
            select d.number, c.reference, p.cents, c.kind from posting p
              join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
              join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
            where p.kind = 2 order by c.kind = 8 desc, p.cents desc limit 1
            """
        )
        if row is not None:
            cents = self.pick.randint(1, row["cents"]) if in_part else row["cents"]
            await self.told(
                "reverse-offset", day, declaration=row["number"], claim=row["reference"], cents=cents,
                effectiveDate=day.isoformat(), reason="bezwaar",
            )  # fmt: skip

    async def change(self, day: date) -> None:
        """Between the nights: new money, an offset reversed, perhaps an agreement ended or a debtor held."""
        await self.declare(day)
        await self.reverse(day, in_part=self.pick.random() < 0.5)
        if self.pick.random() < 0.25:
            await self.told("end-agreement", day, agreement=self.agreements[0], reason="opgezegd")
        if self.pick.random() < 0.25:
            account = self.pick.choice(self.made).account_id
            await self.told("hold", day, account=account, kind="attachment", reason="beslag", owner="team")


async def _sources(db: Connection) -> dict[int, int]:
    """The debtor's claim behind each claim that was taken over."""
    return {row[0]: row[1] for row in await db.fetch("select takeover_id, claim_id from takeover")}


async def _posted(db: Connection, report: NightReport) -> list[tuple[Any, ...]]:
    sources = await _sources(db)
    rows = await db.fetch(
        """
        select p.account_id, p.event_id, p.line, p.kind, p.claim_id, p.cents, p.open_after_cents, p.pass
        from posting p join payout y on y.account_id = p.account_id and y.payout_id = p.payout_id
        where y.run_id = $1 and p.kind in (2, 3, 4)
        """,
        report.run_id,
    )
    return sorted((*row[:4], sources.get(row[4], row[4]), *row[5:]) for row in map(tuple, rows))


def _seen(rows: list[asyncpg.Record], sources: dict[int, int]) -> list[tuple[Any, ...]]:
    return sorted(
        (
            *(r["account_id"], r["entry_id"], r["line"], r["kind"]),
            *(sources.get(r["claim_id"], r["claim_id"]), r["cents"], r["open_after"], r["pass"]),
        )
        for r in rows
        if r["what"] == 2
    )


async def _moved(db: Connection, report: NightReport) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    back = await db.fetch("select takeover_id, cents from takeover_return where run_id = $1", report.run_id)
    taken = await db.fetch("select payer_account_id, claim_id, cents from takeover where run_id = $1", report.run_id)
    return {row[0]: row[1] for row in back}, {(row[0], row[1]): row[2] for row in taken}


async def _night(world: World, day: date) -> int:
    """One night against its preview and the oracle; the cents that it took over."""
    db = world.db
    await db.execute("analyze; select pg_stat_force_next_flush()")
    before = await every_row(db)
    seen, totals = await preview_lines(db, 1, day), await preview_night(db, 1, day)
    assert await every_row(db) == before
    said = await agreement_oracle.agreed(db, day)
    earlier = await _sources(db)
    report = await run_night(world.url, 1, day, workers=2)

    assert (report.state, report.findings, report.parked) == ("released", 0, 0)
    posted = await _posted(db, report)
    assert _seen(seen, earlier) == posted
    assert await _moved(db, report) == (said.back, said.taken)
    lines = [
        (account, each.entry, each.kind, earlier.get(each.claim, each.claim), each.cents, each.open_after, each.on_pass)
        for account, found in said.lines.items()
        for each in found
    ]
    assert sorted((*row[:2], *row[3:]) for row in posted) == sorted(lines)
    assert (totals.entries, totals.offset_cents, totals.net_cents, totals.payouts) == (
        report.entries,
        report.offset_cents,
        report.net_cents,
        report.payouts,
    )
    assert (totals.in_scope, sum(totals.left_out.values())) == (report.in_scope, report.left_out_claims)
    return sum(said.taken.values())


async def _nobody_paid_twice(db: Connection) -> None:
    """What was taken over is offset to the cent by the payer, or it went back."""
    standing: dict[int, int] = defaultdict(int)
    rows = await db.fetch(
        "select takeover_id, cents from takeover union all select takeover_id, -cents from takeover_return"
    )
    for row in rows:
        standing[row["takeover_id"]] += row["cents"]
    offset = await db.fetch(
        """
        select p.claim_id, sum(p.cents * case p.kind when 2 then 1 else -1 end)::bigint as cents
        from posting p join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
        where c.kind = 8 and p.kind in (2, 30) group by p.claim_id
        """
    )
    assert {row[0]: row[1] for row in offset} == standing


@pytest.mark.parametrize("seed", WORLDS)
async def test_the_night_moves_what_its_preview_and_the_oracle_say_and_leaves_sound_books(
    db: Connection, db_url: str, seed: int
) -> None:
    world = World(db, db_url, seed)
    await world.start()
    await world.declare(MONDAY)
    assert await _night(world, MONDAY) > 0
    await _nobody_paid_twice(db)
    await world.change(TUESDAY)
    await _night(world, TUESDAY)
    await _nobody_paid_twice(db)
    assert await run_checks(db, run_id=None) == []
    assert await db.fetchval("select count(*) from takeover_return") > 0


async def test_what_comes_back_from_a_payer_is_not_paid_by_whoever_pays_for_that_payer(
    db: Connection, db_url: str
) -> None:
    """The first pays for the second, the second for the third: the third has no agreement with the first."""
    await factories.make_risk_carrier(db, "ZK", 1)
    await factories.make_policy_zilveren_kruis(db, 1)
    first, second, third = [await factories.make_provider(db, 1) for _ in range(3)]
    world = World(db, db_url, 0)
    await world.agree(first.account_id, second.account_id)
    await world.agree(second.account_id, third.account_id)
    claim = await factories.make_claim(db, 1, third.agbs[0], 700, letter_date=PAST, reason="MC")
    await factories.make_declaration(db, 1, second.agbs[0], 1_000, on=MONDAY)
    await run_night(db_url, 1, MONDAY)
    await world.reverse(TUESDAY, in_part=False)
    await factories.make_declaration(db, 1, first.agbs[0], 1_000, on=TUESDAY)
    await run_night(db_url, 1, TUESDAY)
    assert await db.fetchval("select open_principal_cents from claim_position where claim_id = $1", claim) == 700
    assert await db.fetchval("select net_cents from payout where account_id = $1", first.account_id) == 1_000
