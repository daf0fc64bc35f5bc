"""Random histories: facts of every kind between real nights; whatever happens, every check of the books stays silent.

`VEREFFEN_HISTORIES=50 pytest tests/offsetting/test_random_histories.py` plays more seeds than the quick part does.
"""

import json
import os
import random
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from app.core import db as database
from app.core.db import Connection
from app.core.errors import Refusal
from app.record import record
from jobs.night.checking import run_checks
from jobs.night.run import run_night
from tests import factories

FIRST = date(2026, 3, 2)
AGBS = ("01000001", "01000002")
PASSES = ["exact_reference", "own_agb", "same_entity"]


def narrowed(text: str, pick: random.Random) -> str:
    """A published policy in which some reasons take part in some of its passes, drawn from a stream of its own."""
    passes = pick.choice((PASSES, PASSES, PASSES[:2]))

    def some(found: re.Match[str]) -> str:
        own = [name for name in passes if pick.random() < 0.5]
        return f"passes = {json.dumps(own)}\n{found[0]}" if own and pick.random() < 0.5 else found[0]

    text = re.sub(r"^passes = .*$", f"passes = {json.dumps(passes)}", text, flags=re.MULTILINE)
    return re.sub(r"^offset = ", some, text, flags=re.MULTILINE)


class History:
    """One seed: a risk carrier, a provider, and a stream of facts that the rules may refuse but never break."""

    def __init__(self, db: Connection, url: str, seed: int) -> None:
        self.db, self.url, self.seed, self.pick = db, url, seed, random.Random(seed)
        self.day = FIRST
        self.done: Counter[str] = Counter()

    async def start(self) -> None:
        await factories.make_risk_carrier(self.db, "VZ", 1)
        name = self.pick.choice(("vgz", "zilveren_kruis"))
        text = (factories.EXAMPLES / f"{name}.toml").read_text()
        await factories.make_policy(self.db, 1, narrowed(text, random.Random(f"passes {self.seed}")))
        self.reason = "CM98" if name == "vgz" else "MC"
        made = await factories.make_provider(self.db, 1, agbs=AGBS, ibans=(factories.iban(1),))
        self.account = made.account_ids[1]

    async def some(self, question: str) -> Any:
        rows = [row[0] for row in await self.db.fetch(question)]
        return self.pick.choice(rows) if rows else None

    def cents(self) -> int:
        return self.pick.choice((1, 99, 10_000, self.pick.randint(1, 60_000)))

    async def load(self) -> None:
        """Something from the files."""
        agb, kind = (
            self.pick.choice(AGBS),
            self.pick.choice(("declaration", "declaration", "claim", "credit", "advance")),
        )
        if kind == "declaration":
            await factories.make_declaration(self.db, 1, agb, self.cents(), on=self.day, hour=self.pick.randint(0, 20))
        elif kind == "claim":
            letter = self.day - timedelta(days=self.pick.randint(0, 40))
            await factories.make_claim(
                self.db, 1, agb, self.cents(), letter_date=letter, reason=self.reason, business_date=self.day
            )
        elif kind == "advance":
            paid = self.pick.choice(("request", "elsewhere"))
            reason = {} if self.reason == "CM98" else {"reasonCode": "VOORSCHOT"}
            await factories.make_advance(self.db, 1, agb, self.cents(), on=self.day, paid=paid, **reason)
        else:
            declaration = await self.some(
                """select declaration_id from declaration d where not exists
                     (select 1 from declaration_withdrawal w where w.declaration_id = d.declaration_id)
                     and not exists (select 1 from claim c where c.origin_declaration_id = d.declaration_id)"""
            )
            if declaration is None:
                return
            most = await self.db.fetchval(
                "select awarded_cents from declaration where declaration_id = $1", declaration
            )
            await factories.make_credit(self.db, 1, declaration, self.pick.randint(1, most), on=self.day)
        self.done[kind] += 1

    async def act(self) -> None:
        """One command of a random kind with random arguments; a refusal is a fine answer."""
        kind = self.pick.choice(
            "payment payment allocation allocation step step hold end-hold adjustment adjustment withdraw-claim "
            "withdraw-declaration withdraw-declaration write-off charge reverse-offset reverse-offset "
            "offset-instruction".split()
        )
        payload = await self.payload(kind)
        if None in payload.values():
            return
        try:
            await record(self.db, kind, payload, actor="history", business_date=self.day)
            self.done[kind] += 1
        except Refusal:
            self.done["refused"] += 1

    async def payload(self, kind: str) -> dict[str, Any]:
        claim = await self.some("select reference from claim")
        about = {"claim": claim, "reason": "toeval"}
        maybe = self.pick.random() < 0.5
        if kind == "payment":
            return {"cents": self.cents(), "reference": await self.some("select reference from payment_reference")}
        if kind == "allocation":
            payment = await self.some("select payment_id from payment")
            return {**about, **({"payment": payment} if maybe else {})}
        if kind == "step":
            return {"claims": [claim] if claim else None, "termDays": self.pick.randint(0, 5)}
        if kind == "hold":
            scope = {"claim": claim} if maybe else {"account": self.account}
            more = {"cents": self.cents()} if maybe and self.pick.random() < 0.5 else {}
            until = (self.day + timedelta(days=self.pick.randint(0, 4))).isoformat()
            return {"kind": self.pick.choice(("dispute", "reservation", "plan")), "reason": "x", "owner": "y",
                    "untilDate": until, **scope, **more}  # fmt: skip
        if kind == "end-hold":
            return {"hold": await self.some("select hold_id from hold where ended_on is null"), "reason": "over"}
        if kind == "adjustment":
            return {**about, "deltaCents": self.pick.choice((-1, -1, 1)) * self.cents()}
        if kind == "withdraw-declaration":
            named = "select source_id from source_key where kind = 1"
            return {"declaration": await self.some(named), "reason": "foutief geladen"}
        if kind == "write-off":
            return {**about, **({"cents": self.cents()} if maybe else {})}
        if kind == "charge":
            return {**about, "kind": "costs" if maybe else "interest", "cents": self.cents()}
        if kind == "reverse-offset":
            return await self.reversal()
        if kind == "offset-instruction":
            mode = self.pick.choice(({"mode": "percentage", "percent": "33.33"}, {"mode": "full"}, {"mode": "none"}))
            return {"claim": claim, "reason": "x", **mode} if maybe else {
                "account": self.account, "reason": "x", "capPercent": "75", "floorCents": 500}  # fmt: skip
        return about

    async def reversal(self) -> dict[str, Any]:
        row = await self.db.fetchrow(
            """select s.source_id, c.reference from posting p join source_key s on s.kind = 1 and s.fact_id = p.event_id
                 join claim c on c.claim_id = p.claim_id where p.kind between 2 and 4
               order by md5(p.event_id || $1::text) limit 1""",
            str(self.pick.random()),
        )
        if row is None:
            return {"declaration": None}
        some = {"cents": self.cents()} if self.pick.random() < 0.5 else {}
        return {"declaration": row["source_id"], "claim": row["reference"], "reason": "bezwaar",
                "effectiveDate": self.day.isoformat(), **some}  # fmt: skip

    async def night(self) -> None:
        report = await run_night(self.url, 1, self.day, workers=1, checks=False)
        assert report.state == "released", report
        self.day += timedelta(days=1)


@pytest.mark.parametrize("seed", range(int(os.environ.get("VEREFFEN_HISTORIES", "3"))))
async def test_a_random_history_leaves_sound_books(db: Connection, db_url: str, seed: int) -> None:
    history = History(db, db_url, seed)
    await history.start()
    for _ in range(8):
        for _ in range(history.pick.randint(2, 8)):
            await history.load() if history.pick.random() < 0.4 else await history.act()
        await history.night()
        if history.pick.random() < 0.5:  # a fact of the day just closed: booked in the next open one
            history.day -= timedelta(days=1)
            await history.act()
            history.day += timedelta(days=1)
    found = await run_checks(db, run_id=None)
    assert [f"{each.check}: {each.what}" for each in found] == [], history.done
    assert history.done["declaration"] > 0


async def test_writers_that_come_at_once_never_take_a_cent_twice(db: Connection, db_url: str) -> None:
    import asyncio

    await factories.make_risk_carrier(db, "VZ", 1)
    await factories.make_policy_vgz(db, 1)
    await factories.make_provider(db, 1, agbs=AGBS, ibans=(factories.iban(1),))
    claim = await factories.make_claim(db, 1, AGBS[0], 1_000, letter_date=FIRST)
    reference = await db.fetchval("select reference from claim where claim_id = $1", claim)

    async def lower(pool: database.Pool) -> bool:
        async with pool.acquire() as connection:
            payload = {"claim": reference, "deltaCents": -100, "reason": "samen"}
            try:
                await record(connection, "adjustment", payload, actor="test", business_date=FIRST)
            except Refusal:
                return False
            return True

    async with await database.create_pool(db_url, 20) as pool:
        answers = await asyncio.gather(*(lower(pool) for _ in range(20)))
    assert sum(answers) == 10
    assert await db.fetchval("select open_principal_cents from claim_position") == 0
    assert await run_checks(db, run_id=None, names=["claim_position", "adjustment_booked"]) == []
