"""The bank test: sixteen connections book at random on eight running accounts; who reads always sees sound books.

`VEREFFEN_BANK_OPERATIONS=100000 pytest -s tests/simulation/test_bank.py -k many` says how many a second.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Awaitable
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

DAY = date(2026, 3, 3)
EVE = DAY - timedelta(days=1)
ACCOUNTS = 8
CONNECTIONS = 16
CLAIMS_EACH = 40
FEW = 2_000
MANY = int(os.environ.get("VEREFFEN_BANK_OPERATIONS", "20000"))

# One statement, so one snapshot: the ledger accounts together, the claims of each running account against its
# postings, what is payable to each provider against the queue, and each claim against its own postings.
_SOUND = """
with leg as materialized (
  select p.account_id, p.claim_id, s.ledger, s.cents from posting p
    cross join lateral (values (p.debit, p.cents), (p.credit, -p.cents)) s (ledger, cents)),
claim_leg as (
  select account_id, claim_id, coalesce(sum(cents) filter (where ledger = 2), 0)::bigint as principal,
    coalesce(sum(cents) filter (where ledger = 3), 0)::bigint as costs,
    coalesce(sum(cents) filter (where ledger = 4), 0)::bigint as interest
  from leg where claim_id is not null group by account_id, claim_id),
claims as (select account_id, sum(cents)::bigint as cents from leg where ledger in (2, 3, 4) group by account_id),
open as (
  select account_id, sum(open_principal_cents + open_costs_cents + open_interest_cents)::bigint as cents
  from claim_position group by account_id),
payable_leg as (select account_id, -sum(cents)::bigint as cents from leg where ledger = 1 group by account_id),
queued as (select account_id, sum(cents)::bigint as cents from payable where kind = 2 group by account_id)
select 'all ledger accounts: ' || sum(cents) from leg having sum(cents) <> 0
union all
select format('account %s: claims %s, open %s', account_id, c.cents, o.cents)
from claims c full join open o using (account_id) where coalesce(c.cents, 0) <> coalesce(o.cents, 0)
union all
select format('account %s: payable %s, queued %s', account_id, p.cents, q.cents)
from payable_leg p full join queued q using (account_id) where coalesce(p.cents, 0) <> coalesce(q.cents, 0)
union all
select format('claim %s: %s %s %s', k.claim_id, b.principal, b.costs, b.interest)
from claim_position k left join claim_leg b on b.account_id = k.account_id and b.claim_id = k.claim_id
where (k.open_principal_cents, k.open_costs_cents, k.open_interest_cents)
    is distinct from (coalesce(b.principal, 0), coalesce(b.costs, 0), coalesce(b.interest, 0))
  or least(k.open_principal_cents, k.open_costs_cents, k.open_interest_cents) < 0
  or k.held_cents not between 0 and k.open_principal_cents + k.open_costs_cents + k.open_interest_cents
"""
_KINDS = (
    "payment payment payment adjustment adjustment write-off charge charge hold end-hold reverse-offset reverse-offset "
    "allocation allocation withdraw-claim"
).split()


class Bank:
    """Eight running accounts with claims, offsets that stand, and what sixteen clerks know of them."""

    def __init__(self, db: Connection, url: str) -> None:
        self.db, self.url = db, url
        self.accounts: list[int] = []
        self.claims: list[str] = []
        self.offsets: list[dict[str, str]] = []
        self.holds: list[int] = []
        self.payments: list[int] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.reads = 0

    async def open(self) -> None:
        """Claims, and a night that offsets part of them."""
        await factories.make_risk_carrier(self.db, "VZ", 1)
        await factories.make_policy_zilveren_kruis(self.db, 1)
        made = [await factories.make_provider(self.db, 1) for _ in range(ACCOUNTS)]
        self.accounts = [each.account_id for each in made]
        agbs = [each.agbs[0] for each in made]
        claims = [
            _claim(f"{agb}-{n}", agb, 50_000 + 10_000 * (n % 7)) for n in range(CLAIMS_EACH) for agb in agbs
        ]  # fmt: skip
        await factories.loaded(self.db, 1, "claims", claims, business_date=EVE)
        declared = [_declaration(f"D{agb}-{n}", agb, 900 + n) for n in range(CLAIMS_EACH) for agb in agbs]
        await factories.loaded(self.db, 1, "declarations", declared, business_date=EVE)
        report = await run_night(self.url, 1, EVE, workers=1, checks=False)
        assert report.state == "released"
        self.claims = [row[0] for row in await self.db.fetch("select reference from claim order by claim_id")]
        self.offsets = [
            dict(row)
            for row in await self.db.fetch(
                """select k.source_id as declaration, c.reference as claim from posting p
                     join source_key k on k.account_id = p.account_id and k.kind = 1 and k.fact_id = p.event_id
                     join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
                   where p.kind = 2 order by p.event_id"""
            )
        ]

    async def work(self, operations: int, seed: int) -> None:
        """Let every clerk book until so many operations are done; a refusal is no operation."""
        async with asyncio.TaskGroup() as clerks:
            for number in range(CONNECTIONS):
                clerks.create_task(self._clerk(random.Random(f"{seed}/{number}"), operations))

    async def _clerk(self, pick: random.Random, operations: int) -> None:
        connection = await database.connect(self.url)
        try:
            while self.done.total() < operations:
                kind, payload = self._asked(pick.choice(_KINDS), pick)
                try:
                    answer = await record(connection, kind, payload, actor="clerk", business_date=DAY)
                except Refusal as refusal:
                    self.refused[refusal.code] += 1
                else:
                    self._learn(kind, answer)
        finally:
            await connection.close()

    def _learn(self, kind: str, answer: dict[str, Any]) -> None:
        self.done[kind] += 1
        if kind == "hold":
            self.holds.append(answer["id"])
        elif kind == "payment" and answer["onAccountCents"]:
            self.payments.append(answer["id"])

    def _asked(self, kind: str, pick: random.Random) -> tuple[str, dict[str, Any]]:
        about = {"claim": pick.choice(self.claims), "reason": "toeval"}
        cents = pick.randint(1, 400)
        if kind == "payment":
            whose = {"account": pick.choice(self.accounts)} if pick.random() < 0.3 else {"reference": about["claim"]}
            return kind, {"cents": cents, **whose}
        if kind == "adjustment":
            return kind, {**about, "deltaCents": pick.choice((-1, 1, 1)) * cents}
        if kind == "charge":
            return kind, {**about, "kind": pick.choice(("costs", "interest")), "cents": cents}
        if kind == "hold":
            return kind, {**about, "kind": pick.choice(("dispute", "plan")), "owner": "bank", "cents": cents}
        if kind == "end-hold" and self.holds:
            return kind, {"hold": self.holds.pop(pick.randrange(len(self.holds))), "reason": "over"}
        if kind == "reverse-offset":
            some = {"cents": pick.randint(1, 3), "effectiveDate": DAY.isoformat(), "reason": "bezwaar"}
            return kind, {**pick.choice(self.offsets), **some}
        if kind == "withdraw-claim" and self.done[kind] < CLAIMS_EACH:
            return kind, about
        if kind == "allocation" and self.payments:
            return kind, {**about, "payment": pick.choice(self.payments[-200:])}
        return "write-off", {**about, "cents": cents}

    async def watch(self) -> None:
        """Read all the books in one statement every 10 ms, until cancelled; every time they are sound."""
        connection = await database.connect(self.url)
        try:
            while True:
                found = [row[0] for row in await connection.fetch(_SOUND)]
                assert found == []
                self.reads += 1
                await asyncio.sleep(0.01)
        finally:
            await connection.close()


def _claim(name: str, agb: str, cents: int) -> dict[str, Any]:
    plain = {"type": "claim", "id": name, "agb": agb, "reasonCode": "MC", "ground": "Controle achteraf"}
    return {**plain, "amountCents": cents, "letterDate": EVE.isoformat(), "termDays": 30}


def _declaration(name: str, agb: str, cents: int) -> dict[str, Any]:
    approved = f"{EVE.isoformat()}T09:00:00+01:00"
    return {"type": "declaration", "id": name, "agb": agb, "awardedCents": cents, "approvedAt": approved}


@pytest.fixture
async def bank(db: Connection, db_url: str) -> Bank:
    made = Bank(db, db_url)
    await made.open()
    return made


async def booked(bank: Bank, operations: int, seed: int) -> float:
    """So many operations under the eyes of a reader; how many seconds they took. Fails when the reader ever did."""
    clock = asyncio.get_running_loop().time
    reader = asyncio.create_task(bank.watch())
    began = clock()
    await until_first(reader, bank.work(operations, seed))
    seconds = clock() - began
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    return seconds


async def until_first(reader: "asyncio.Task[None]", work: Awaitable[None]) -> None:
    """The work to its end, or what the reader found first."""
    working = asyncio.ensure_future(work)
    await asyncio.wait({reader, working}, return_when=asyncio.FIRST_COMPLETED)
    if reader.done():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        reader.result()
    await working


async def deadlocks(db: Connection) -> int:
    """How often the server ended a circle of waiting in this database, since it was made."""
    found: int = await db.fetchval("select deadlocks from pg_stat_database where datname = current_database()")
    return found


async def worked(bank: Bank, operations: int) -> None:
    """So many operations, and what they came to for who runs this with -s."""
    seconds = await booked(bank, operations, seed=1)
    sys.stdout.write(
        f"\n{bank.done.total()} operations in {seconds:.1f} s, {bank.done.total() / seconds:.0f}/s, "
        f"{bank.reads} reads of all books; refused {sum(bank.refused.values())}; {dict(bank.done)}\n"
    )
    assert bank.done.total() >= operations
    assert set(bank.done) == set(_KINDS), "every kind of operation was done"
    assert bank.reads > 10


async def test_whoever_reads_sees_sound_books_while_sixteen_connections_book(bank: Bank) -> None:
    await worked(bank, FEW)
    assert await run_checks(bank.db, run_id=None) == []
    assert await deadlocks(bank.db) == 0


@pytest.mark.slow
async def test_whoever_reads_sees_sound_books_over_many_operations(bank: Bank) -> None:
    await worked(bank, MANY)
    assert await run_checks(bank.db, run_id=None) == []
    assert await deadlocks(bank.db) == 0


@pytest.mark.parametrize(
    "change, finds",
    [
        (
            "update claim_position set open_principal_cents = open_principal_cents + 1 where claim_id = {claim}",
            "claim ",
        ),
        ("update payable set cents = cents + 1 where entry_id = (select min(entry_id) from payable)", "payable"),
        ("delete from posting where ctid = (select ctid from posting where kind = 7 limit 1)", "claims "),
        ("update claim_position set held_cents = -1 where claim_id = {claim}", "claim "),
    ],
    ids=["open", "queue", "lost-posting", "held"],
)
async def test_the_reader_sees_a_row_that_was_changed(bank: Bank, change: str, finds: str) -> None:
    offset = {**bank.offsets[0], "reason": "bezwaar", "effectiveDate": DAY.isoformat()}
    await record(bank.db, "reverse-offset", offset, actor="clerk", business_date=DAY)
    assert await bank.db.fetch(_SOUND) == []
    claim = await bank.db.fetchval("select min(claim_id) from claim")
    await bank.db.execute("set session_replication_role = replica")
    for (name,) in await bank.db.fetch(
        "select conname from pg_constraint where conrelid = 'claim_position'::regclass and contype = 'c'"
    ):
        await bank.db.execute(f'alter table claim_position drop constraint "{name}"')
    await bank.db.execute(change.format(claim=claim))
    assert [row[0] for row in await bank.db.fetch(_SOUND) if finds in row[0]] != []
