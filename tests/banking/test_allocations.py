"""Money on account is given to a claim: once, in the order of the law, from the day that it came in."""

from datetime import date
from typing import Any

import pytest

from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import PostingKind
from app.record import record
from jobs.night.checking import run_checks
from tests.claims.world import TODAY, World, small_world


@pytest.fixture
async def world(db: Connection) -> World:
    return await small_world(db)


async def _record(world: World, kind: str, /, **payload: Any) -> dict[str, Any]:
    return await record(world.db, kind, payload, actor="anna", business_date=TODAY)


async def _paid(world: World, cents: int, received_on: date = TODAY) -> int:
    """A payment without a reference: all of it stays on account."""
    answer = await _record(world, "payment", cents=cents, account=world.account, receivedOn=received_on.isoformat())
    return int(answer["id"])


async def test_money_on_account_lowers_the_claim_and_leaves_the_rest_on_account(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 1_500)
    answer = await _record(world, "allocation", payment=payment, claim=claim.reference, reason="bedoeld")
    assert (answer["allocatedCents"], answer["onAccountCents"], answer["openCents"]) == (1_000, 500, 0)
    assert await world.open(claim) == 0
    await world.assert_sound()


async def test_costs_are_paid_before_principal(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 300)
    await _record(world, "charge", claim=claim.reference, kind="costs", cents=200, reason="aanmaning")
    await _record(world, "allocation", payment=payment, claim=claim.reference, reason="bedoeld")
    assert await world.booked(PostingKind.SUSPENSE_COSTS) == 200
    assert await world.booked(PostingKind.SUSPENSE_PRINCIPAL) == 100


async def test_it_counts_from_the_day_that_the_payment_came_in(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 300, date(2026, 4, 1))
    answer = await _record(world, "allocation", payment=payment, claim=claim.reference, reason="bedoeld")
    assert answer["effectiveDate"] == "2026-04-01"


async def test_it_never_counts_from_before_the_claim_was_there(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 300, date(2026, 2, 1))
    answer = await _record(world, "allocation", payment=payment, claim=claim.reference, reason="bedoeld")
    assert answer["effectiveDate"] == "2026-03-02"


async def test_a_day_before_the_payment_came_in_is_refused(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 300, date(2026, 4, 1))
    with pytest.raises(Refusal, match="before the payment came in"):
        await _record(
            world, "allocation", payment=payment, claim=claim.reference, reason="x", effectiveDate="2026-03-31"
        )


async def test_a_payment_gives_no_more_than_is_on_account_of_it(world: World) -> None:
    first, second, payment = await world.claim(1_000), await world.claim(1_000), await _paid(world, 1_200)
    await _paid(world, 5_000)
    await _record(world, "allocation", payment=payment, claim=first.reference, reason="bedoeld")
    with pytest.raises(Refusal, match=r"EUR 2.00 of payment \d+ is on account"):
        await _record(world, "allocation", payment=payment, claim=second.reference, cents=201, reason="bedoeld")


async def test_a_payment_that_is_given_whole_has_nothing_left(world: World) -> None:
    first, second, payment = await world.claim(1_000), await world.claim(1_000), await _paid(world, 1_000)
    await _record(world, "allocation", payment=payment, claim=first.reference, reason="bedoeld")
    with pytest.raises(Refusal) as refused:
        await _record(world, "allocation", payment=payment, claim=second.reference, reason="bedoeld")
    assert refused.value.code == "nothing_on_account"


async def test_a_claim_gets_no_more_than_is_open(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 5_000)
    with pytest.raises(Refusal) as refused:
        await _record(world, "allocation", payment=payment, claim=claim.reference, cents=1_001, reason="bedoeld")
    assert (refused.value.code, refused.value.field) == ("above_allocatable", "cents")


async def test_freed_money_is_given_without_a_payment(world: World) -> None:
    paid, other = await world.claim(1_000), await world.claim(700)
    await _record(world, "payment", cents=1_000, reference=paid.reference)
    await _record(world, "adjustment", claim=paid.reference, deltaCents=-400, reason="te hoog")
    answer = await _record(world, "allocation", claim=other.reference, reason="verrekening in overleg")
    assert (answer["allocatedCents"], answer["onAccountCents"], answer["openCents"]) == (400, 0, 300)
    await world.assert_sound()


async def test_money_of_payments_is_not_freed_money(world: World) -> None:
    claim = await world.claim(1_000)
    await _paid(world, 1_000)
    with pytest.raises(Refusal, match="Nothing of freed money"):
        await _record(world, "allocation", claim=claim.reference, reason="x")


async def test_a_repeat_with_the_same_key_counts_once(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 500)
    asked = {"payment": payment, "claim": claim.reference, "reason": "bedoeld", "idempotencyKey": "k1"}
    assert await _record(world, "allocation", **asked) == await _record(world, "allocation", **asked)
    assert await world.open(claim) == 500


async def test_the_timeline_of_the_claim_tells_it(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 500)
    await _record(world, "allocation", payment=payment, claim=claim.reference, reason="bedoeld hiervoor")
    rows = await world.db.fetch("select what, cents, cause from claim_timeline($1, $2)", world.account, claim.id)
    assert ("money on account given", 500, "bedoeld hiervoor") in [tuple(row.values()) for row in rows]


async def test_the_checks_are_silent_after_it(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 500)
    await _record(world, "allocation", payment=payment, claim=claim.reference, reason="bedoeld")
    names = ["allocation_booked", "payment_booked", "payment_order", "posting_fact", "suspense_balance"]
    assert await run_checks(world.db, run_id=None, names=names) == []


async def test_a_payment_of_another_running_account_is_refused(world: World) -> None:
    claim, payment = await world.claim(1_000), await _paid(world, 500)
    await world.db.execute("update payment set account_id = account_id + 1 where payment_id = $1", payment)
    with pytest.raises(Refusal) as refused:
        await _record(world, "allocation", payment=payment, claim=claim.reference, reason="x")
    assert refused.value.code == "other_account"
