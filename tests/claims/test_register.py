"""Status and timeline come from facts; every reference ever issued is found."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from app import claims, record
from app.core import ids
from app.core.db import Connection
from app.core.errors import Refusal
from tests.claims.world import TODAY, Claim, World, small_world


@pytest.fixture
async def world(db: Connection) -> AsyncIterator[World]:
    world = await small_world(db)
    yield world
    await world.assert_sound()


async def status(world: World, claim: Claim, on: date = TODAY) -> str:
    (found,) = await claims.claims_register(world.db, world.account, on, claim_id=claim.id)
    return found.status


async def do(world: World, what: str, on: date = TODAY, /, **payload: Any) -> dict[str, Any]:
    return await record.record(world.db, what, payload, actor="anna", business_date=on)


async def test_a_new_claim_is_open(world: World) -> None:
    assert await status(world, await world.claim(50_000)) == "open"


async def test_a_reminded_claim_says_how_often_on_the_day_asked(world: World) -> None:
    claim = await world.claim(50_000)
    await do(world, "step", date(2026, 4, 2), claims=[claim.reference])
    assert [await status(world, claim, on) for on in (date(2026, 4, 1), date(2026, 4, 2))] == ["open", "reminded 1"]


async def test_a_claim_that_declarations_paid_is_offset_and_until_then_open(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(50_000, "A"), (claim, 50_000))
    assert [await status(world, claim, on) for on in (date(2026, 5, 3), TODAY)] == ["open", "offset"]


@pytest.mark.parametrize(
    "kind, expected",
    [("dispute", "disputed"), ("plan", "plan"), ("agency", "at agency"), ("attachment", "on hold")],
)
async def test_a_hold_shows_in_the_status(world: World, kind: str, expected: str) -> None:
    claim = await world.claim(50_000)
    await do(world, "hold", claim=claim.reference, kind=kind, reason="x", owner="y")
    assert await status(world, claim) == expected


@pytest.mark.parametrize(
    "kind, expected",
    [("withdraw-claim", "withdrawn"), ("write-off", "written off"), ("payment", "settled")],
)
async def test_a_closed_claim_says_why(world: World, kind: str, expected: str) -> None:
    claim = await world.claim(50_000)
    if kind == "payment":
        await do(world, kind, reference=claim.payment_reference, cents=50_000)
    else:
        await do(world, kind, claim=claim.reference, reason="x")
    assert await status(world, claim) == expected


async def test_a_matured_credit_shows_its_new_code(world: World) -> None:
    credit = await world.claim(30_000, "CREDIT", kind=2)
    await world.db.execute(
        """insert into claim_maturity select $1, $2, 1, $3, p.reason_id, r.reason_id, $3, $3
           from claim_position p, reason_code r where r.code = 'DS93'""",
        *(world.account, credit.id, TODAY),
    )
    (found,) = await claims.claims_register(world.db, world.account, TODAY)
    assert (found.status, found.reason) == ("matured", "DS93")


async def test_the_register_counts_what_was_offset_and_paid(world: World) -> None:
    claim = await world.claim(50_000)
    await do(world, "payment", reference=claim.payment_reference, cents=10_000)
    await world.settle(await world.declaration(20_000, "A"), (claim, 20_000))
    (found,) = await claims.claims_register(world.db, world.account, TODAY)
    assert (found.open_cents, found.offset_cents, found.paid_cents) == (20_000, 20_000, 10_000)


async def test_the_timeline_tells_every_fact_with_date_and_cause(world: World) -> None:
    claim = await world.claim(50_000)
    await do(world, "step", date(2026, 4, 2), claims=[claim.reference])
    await do(world, "payment", date(2026, 4, 10), reference=claim.payment_reference, cents=10_000)
    await world.settle(await world.declaration(20_000, "A"), (claim, 20_000))
    reverse = {"declaration": "A", "claim": claim.reference, "effectiveDate": "2026-05-04", "reason": "bezwaar"}
    await do(world, "reverse-offset", **reverse)
    await do(world, "request-offset", claim=claim.reference)
    told = [
        (entry.on_date, entry.what, entry.cents)
        for entry in await claims.claim_timeline(world.db, world.account, claim.id)
    ]
    assert told == [
        (date(2026, 3, 2), "registered", 50_000),
        (date(2026, 4, 2), "reminder 1", 50_000),
        (date(2026, 4, 10), "payment", 10_000),
        (TODAY, "offset", 20_000),
        (TODAY, "offset reversed", 20_000),
        (TODAY, "offset requested", None),
    ]


async def test_every_reference_of_a_claim_leads_to_it(world: World) -> None:
    claim = await world.claim(50_000)
    step = await do(world, "step", date(2026, 4, 2), claims=[claim.reference])
    for text in (claim.reference.lower(), claim.payment_reference or "", step["paymentReference"]):
        assert (await claims.find_reference(world.db, text)).claims == (claim.reference,)


async def test_a_payment_reference_is_found_as_it_is_printed_in_groups(world: World) -> None:
    claim = await world.claim(50_000)
    digits = claim.payment_reference or ""
    grouped = " ".join(digits[n : n + 4] for n in range(0, 16, 4))
    assert (await claims.find_reference(world.db, grouped)).document == "claim letter"


async def test_a_payout_number_leads_to_its_payout(world: World) -> None:
    payout = await world.settle(await world.declaration(50_000, "A"))
    found = await claims.find_reference(world.db, ids.payout_number(payout, 2026))
    assert (found.kind, found.payout_id) == ("payout", payout)


async def test_a_reference_that_was_never_issued_is_not_found(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        await claims.find_reference(world.db, ids.payout_number(999, 2026))
    assert refused.value.status == 404


async def test_a_kind_that_cannot_be_recorded_is_refused_with_those_that_can(world: World) -> None:
    with pytest.raises(Refusal, match="choose payment, step, hold"):
        await do(world, "gift", cents=1)


@pytest.mark.parametrize("cents", [1.0, "1", 0, -5, 10**12 + 1, True, None])
async def test_an_amount_that_is_no_whole_number_of_cents_is_refused(world: World, cents: object) -> None:
    with pytest.raises(Refusal, match="This payment does not fit") as refused:
        await do(world, "payment", account=world.account, cents=cents)
    assert refused.value.status == 422


async def test_an_unknown_field_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="Its fields are cents"):
        await do(world, "payment", account=world.account, cents=1, bedrag=1)


async def test_a_repeat_by_source_id_is_known(world: World) -> None:
    first = await do(world, "payment", account=world.account, cents=1, source="bank", sourceId="7")
    again = await do(world, "payment", account=world.account, cents=1, source="bank", sourceId="7")
    assert again == {"id": first["id"], "known": True}
