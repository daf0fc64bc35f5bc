"""Balances for any pair of effective and recorded time, and what is pending beside them."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from app.core import clock
from app.core.db import Connection
from app.ledger import LedgerAccount, PostingKind, balances, pending
from app.ledger.model import SIDES
from app.record import record
from tests.claims.world import TODAY, World, small_world


@pytest.fixture
async def world(db: Connection) -> AsyncIterator[World]:
    world = await small_world(db)
    yield world
    await world.assert_sound()


async def test_the_posting_kinds_are_those_of_the_database(db: Connection) -> None:
    rows = await db.fetch("select posting_kind_id, code, debit, credit from posting_kind")
    stored = {row["posting_kind_id"]: (row["code"].upper(), (row["debit"], row["credit"])) for row in rows}
    assert stored == {int(kind): (kind.name, SIDES[kind]) for kind in PostingKind}


async def test_the_ledger_accounts_are_those_of_the_database(db: Connection) -> None:
    rows = await db.fetch("select ledger_account_id, code from ledger_account")
    assert {row["ledger_account_id"]: row["code"].upper() for row in rows} == {a.value: a.name for a in LedgerAccount}


async def test_a_balance_is_known_for_any_pair_of_effective_and_recorded_time(world: World) -> None:
    claim = await world.claim(50_000)
    before = clock.now()
    payload = {"reference": claim.payment_reference, "cents": 20_000, "receivedOn": "2026-04-10"}
    await record(world.db, "payment", payload, actor="anna", business_date=TODAY)

    async def owed(effective: date, recorded: object) -> int:
        found = await balances(world.db, world.account, effective=effective, recorded=recorded)  # type: ignore[arg-type]
        return found[LedgerAccount.CLAIMS_PRINCIPAL]

    after = clock.now() + timedelta(seconds=1)
    assert await owed(date(2026, 4, 9), after) == 50_000
    assert await owed(date(2026, 4, 10), before) == 50_000
    assert await owed(date(2026, 4, 10), after) == 30_000


async def test_the_balances_of_a_running_account_sum_to_zero(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(60_000, "A"), (claim, 20_000))
    found = await balances(world.db, world.account, effective=TODAY, recorded=clock.now() + timedelta(seconds=1))
    assert found[LedgerAccount.PAYOUTS_UNDER_WAY] == -40_000
    assert sum(found.values()) == 0


async def test_what_is_queued_and_not_confirmed_is_pending(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(60_000, "A"), (claim, 20_000))
    await world.declaration(7_000, "B")
    reverse = {"declaration": "A", "claim": claim.reference, "effectiveDate": "2026-05-04", "reason": "bezwaar"}
    await record(world.db, "reverse-offset", reverse, actor="anna", business_date=TODAY)
    found = await pending(world.db, world.account)
    assert (found.declarations, found.returned_offsets, found.payouts_unconfirmed) == (7_000, 20_000, 40_000)
