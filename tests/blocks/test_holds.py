"""Holds: what is kept apart, of a claim in cents or of a whole running account."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from app import claims
from app.banking import RecordPayment, record_payment
from app.blocks import EndHold, RecordHold, end_hold, record_hold
from app.claims import RecordStep
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import pending
from tests.claims.world import TODAY, Claim, World, small_world


@pytest.fixture
async def world(db: Connection) -> AsyncIterator[World]:
    world = await small_world(db)
    yield world
    await world.assert_sound()


async def hold(world: World, claim: Claim | None = None, **more: Any) -> dict[str, Any]:
    more = {"kind": "dispute", "reason": "betwist", "owner": "controle", **more}
    scope = {"claim": claim.reference} if claim else {"account": world.account}
    return await record_hold(world.db, world.command(), RecordHold(**scope, **more))


async def held(world: World) -> int:
    return int(await world.db.fetchval("select sum(held_cents) from claim_position"))


async def test_a_dispute_of_a_claim_holds_all_that_is_open(world: World) -> None:
    await hold(world, await world.claim(50_000))
    assert await held(world) == 50_000


async def test_a_dispute_in_cents_holds_only_those(world: World) -> None:
    await hold(world, await world.claim(50_000), cents=20_000)
    assert await held(world) == 20_000


async def test_two_holds_together_hold_no_more_than_is_open(world: World) -> None:
    claim = await world.claim(50_000)
    await hold(world, claim, cents=30_000)
    await hold(world, claim, cents=30_000, kind="plan")
    assert await held(world) == 50_000


async def test_held_cents_follow_when_the_claim_is_paid(world: World) -> None:
    claim = await world.claim(50_000)
    await hold(world, claim, cents=20_000)
    asked = RecordPayment(reference=claim.payment_reference, cents=40_000)
    await record_payment(world.db, world.command(), asked)
    assert await held(world) == 10_000


async def test_a_hold_that_ends_holds_nothing_more(world: World) -> None:
    started = await hold(world, await world.claim(50_000))
    await end_hold(world.db, world.command(), EndHold(hold=started["id"], reason="ongegrond"))
    assert await held(world) == 0


async def test_a_hold_ends_once(world: World) -> None:
    started = await hold(world, await world.claim(50_000))
    await end_hold(world.db, world.command(), EndHold(hold=started["id"], reason="ongegrond"))
    with pytest.raises(Refusal, match="ended on 2026-05-04"):
        await end_hold(world.db, world.command(), EndHold(hold=started["id"], reason="ongegrond"))


async def test_a_hold_that_starts_later_does_not_count_yet(world: World) -> None:
    await hold(world, await world.claim(50_000), from_date=TODAY + timedelta(days=1))
    assert await held(world) == 0


async def test_an_insolvency_of_the_account_stops_letters(world: World) -> None:
    claim = await world.claim(50_000)
    await hold(world, kind="insolvency", reason="faillissement")
    with pytest.raises(Refusal, match="kept out of dunning"):
        await claims.record_step(world.db, world.command(), RecordStep(claims=(claim.reference,)))


async def test_a_letter_asks_what_is_not_held_for_dunning(world: World) -> None:
    claim = await world.claim(50_000)
    await hold(world, claim, cents=20_000)
    answer = await claims.record_step(world.db, world.command(), RecordStep(claims=(claim.reference,)))
    assert answer["askedCents"] == 30_000


async def test_a_reservation_stops_offset_only_and_counts_as_reserved(world: World) -> None:
    claim = await world.claim(50_000)
    await hold(world, claim, kind="reservation", cents=10_000)
    assert (await pending(world.db, world.account)).reserved == 10_000
    row = await world.db.fetchrow("select for_dunning, for_offset, for_payout, for_agency from hold")
    assert row is not None
    assert tuple(row) == (False, True, False, False)


async def test_a_block_says_what_it_stops(world: World) -> None:
    with pytest.raises(Refusal, match="give processes"):
        await hold(world, kind="block")
    await hold(world, kind="block", processes=("payout",))
    assert await world.db.fetchval("select for_payout and not for_offset from hold") is True


async def test_a_payout_is_not_held_for_one_claim(world: World) -> None:
    with pytest.raises(Refusal, match="give account, not claim"):
        await hold(world, await world.claim(50_000), processes=("payout",))


async def test_a_hold_that_is_over_before_it_starts_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="would be over before"):
        await hold(world, until_date=date(2026, 5, 3))


async def test_a_hold_that_is_asked_for_again_after_its_last_day_is_answered_the_same(world: World) -> None:
    claim = await world.claim(50_000)
    asked = RecordHold(claim=claim.reference, kind="dispute", reason="betwist", owner="controle", until_date=TODAY)
    first = await record_hold(world.db, world.command(idempotency_key="k1"), asked)
    again = await record_hold(world.db, world.command(TODAY + timedelta(days=9), idempotency_key="k1"), asked)
    assert again == first
    with pytest.raises(Refusal, match="would be over"):
        await record_hold(world.db, world.command(TODAY + timedelta(days=9), idempotency_key="k2"), asked)
