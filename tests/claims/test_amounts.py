"""Changing what a claim is worth: adjustment, withdrawal, write-off, charges. Every test ends on sound books."""

from collections.abc import AsyncIterator, Coroutine
from datetime import date, timedelta
from typing import Any

import pytest

from app import claims
from app.banking import RecordPayment, record_payment
from app.claims import AdjustClaim, ChargeClaim, WithdrawClaim, WriteOff
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import PostingKind
from tests.claims.world import TODAY, Claim, World, small_world


@pytest.fixture
async def world(db: Connection) -> AsyncIterator[World]:
    world = await small_world(db)
    yield world
    await world.assert_sound()


async def adjust(world: World, claim: Claim, delta: int) -> dict[str, object]:
    asked = AdjustClaim(claim=claim.reference, delta_cents=delta, reason="herberekend")
    return await claims.adjust_claim(world.db, world.command(), asked)


async def pay(world: World, claim: Claim, cents: int) -> None:
    await record_payment(world.db, world.command(), RecordPayment(reference=claim.payment_reference, cents=cents))


async def test_a_claim_is_lowered_within_what_is_open(world: World) -> None:
    claim = await world.claim(50_000)
    await adjust(world, claim, -20_000)
    assert await world.open(claim) == 30_000
    assert await world.booked(PostingKind.ADJUSTED_DOWN) == 20_000


async def test_a_claim_is_raised_by_a_reasoned_entry_and_its_original_stays(world: World) -> None:
    claim = await world.claim(50_000)
    answer = await adjust(world, claim, 1_000)
    assert answer["amountCents"] == 51_000
    assert await world.db.fetchval("select original_cents from claim where claim_id = $1", claim.id) == 50_000


async def test_a_claim_is_set_to_an_amount(world: World) -> None:
    claim = await world.claim(50_000)
    asked = AdjustClaim(claim=claim.reference, amount_cents=12_345, reason="herberekend")
    await claims.adjust_claim(world.db, world.command(), asked)
    assert await world.open(claim) == 12_345


async def test_a_claim_lowered_below_what_was_offset_gives_the_newest_offset_back(world: World) -> None:
    claim = await world.claim(50_000)
    first, second = await world.declaration(30_000, "A"), await world.declaration(10_000, "B")
    await world.settle(first, (claim, 30_000), on=date(2026, 5, 1))
    await world.settle(second, (claim, 10_000))
    await adjust(world, claim, -25_000)  # open was 10,000: 15,000 comes back
    assert await world.open(claim) == 0
    assert await world.queued() == {2: 15_000}
    reversed_lines = await world.db.fetch("select declaration_id, cents from offset_reversal order by reversal_id")
    assert [tuple(row) for row in reversed_lines] == [(second, 10_000), (first, 5_000)]


async def test_a_claim_lowered_below_what_was_paid_frees_the_payment(world: World) -> None:
    claim = await world.claim(50_000)
    await pay(world, claim, 50_000)
    await adjust(world, claim, -20_000)
    assert await world.open(claim) == 0
    assert await world.booked(PostingKind.PAYMENT_FREED) == 20_000


async def test_offsets_come_back_before_payments(world: World) -> None:
    claim = await world.claim(50_000)
    await pay(world, claim, 20_000)
    await world.settle(await world.declaration(30_000, "A"), (claim, 30_000))
    await adjust(world, claim, -35_000)
    assert await world.queued() == {2: 30_000}
    assert await world.booked(PostingKind.PAYMENT_FREED) == 5_000


async def test_a_claim_is_not_lowered_below_zero(world: World) -> None:
    claim = await world.claim(50_000)
    with pytest.raises(Refusal, match=r"cannot be lowered by EUR 500.01"):
        await adjust(world, claim, -50_001)
    assert await world.open(claim) == 50_000


async def test_what_was_written_off_is_not_given_back(world: World) -> None:
    claim = await world.claim(50_000)
    await claims.write_off(world.db, world.command(), WriteOff(claim=claim.reference, cents=40_000, reason="oninbaar"))
    with pytest.raises(Refusal, match=r"lower it by at most EUR 100.00"):
        await adjust(world, claim, -20_000)


async def test_a_credit_is_not_raised_above_what_its_declaration_leaves(world: World) -> None:
    declaration = await world.declaration(60_000, "A")
    credit = await world.claim(30_000, "CREDIT", kind=2, of=declaration)
    await adjust(world, credit, 30_000)
    with pytest.raises(Refusal, match=r"leaves EUR 0.00 to credit"):
        await adjust(world, credit, 1)


async def test_an_advance_in_the_queue_is_not_changed(world: World) -> None:
    claim = await world.claim(50_000, "ADVANCE", kind=4)
    await world.db.execute(
        "insert into payable values ($1, $2, 1, 3, $3, $4, $4, now(), 50000)",
        world.account,
        claim.id,
        world.agb[0],
        TODAY,
    )
    with pytest.raises(Refusal, match="paid in the next night"):
        await adjust(world, claim, -1)


async def test_a_withdrawn_claim_owes_nothing_and_gives_all_back(world: World) -> None:
    claim = await world.claim(50_000)
    await pay(world, claim, 5_000)
    await world.settle(await world.declaration(20_000, "A"), (claim, 20_000))
    await claims.withdraw_claim(world.db, world.command(), WithdrawClaim(claim=claim.reference, reason="onterecht"))
    assert await world.open(claim) == 0
    assert await world.queued() == {2: 20_000}
    assert await world.booked(PostingKind.PAYMENT_FREED) == 5_000


async def test_a_withdrawn_claim_cancels_its_costs_and_interest_and_frees_what_was_paid_of_them(world: World) -> None:
    claim = await world.claim(50_000)
    for kind, cents in (("costs", 4_000), ("interest", 1_000)):
        asked = ChargeClaim(claim=claim.reference, kind=kind, cents=cents, reason="incasso")  # type: ignore[arg-type]
        await claims.charge_claim(world.db, world.command(), asked)
    await pay(world, claim, 4_500)
    await claims.withdraw_claim(world.db, world.command(), WithdrawClaim(claim=claim.reference, reason="onterecht"))
    assert await world.open(claim) == 0
    assert await world.booked(PostingKind.PAYMENT_COSTS_FREED) == 4_000
    assert await world.booked(PostingKind.PAYMENT_INTEREST_FREED) == 500
    assert await world.booked(PostingKind.INTEREST_CANCELLED) == 1_000


async def test_a_claim_is_withdrawn_once(world: World) -> None:
    claim = await world.claim(50_000)
    asked = WithdrawClaim(claim=claim.reference, reason="onterecht")
    await claims.withdraw_claim(world.db, world.command(), asked)
    with pytest.raises(Refusal, match="Nothing is left"):
        await claims.withdraw_claim(world.db, world.command(), asked)


async def test_a_withdrawn_claim_is_not_raised_again(world: World) -> None:
    claim = await world.claim(50_000)
    await claims.withdraw_claim(world.db, world.command(), WithdrawClaim(claim=claim.reference, reason="onterecht"))
    with pytest.raises(Refusal, match="register a new claim"):
        await adjust(world, claim, 1)


async def test_a_write_off_takes_costs_then_interest_then_principal(world: World) -> None:
    claim = await world.claim(50_000)
    for kind, cents in (("interest", 1_000), ("costs", 4_000)):
        asked = ChargeClaim(claim=claim.reference, kind=kind, cents=cents, reason="incasso")  # type: ignore[arg-type]
        await claims.charge_claim(world.db, world.command(), asked)
    await claims.write_off(world.db, world.command(), WriteOff(claim=claim.reference, cents=4_500, reason="coulance"))
    row = await world.db.fetchrow(
        "select open_principal_cents, open_costs_cents, open_interest_cents from claim_position"
    )
    assert row is not None
    assert tuple(row) == (50_000, 0, 500)


async def test_nothing_is_written_off_beyond_what_is_open(world: World) -> None:
    claim = await world.claim(50_000)
    with pytest.raises(Refusal, match="write off at most that"):
        await claims.write_off(world.db, world.command(), WriteOff(claim=claim.reference, cents=50_001, reason="x"))


async def test_a_quiet_credit_bears_no_costs(world: World) -> None:
    credit = await world.claim(30_000, "CREDIT", kind=2)
    asked = ChargeClaim(claim=credit.reference, kind="costs", cents=4_000, reason="incasso")
    with pytest.raises(Refusal, match="has no letter"):
        await claims.charge_claim(world.db, world.command(), asked)


async def test_a_write_after_the_night_of_its_date_is_booked_in_the_next_open_day(world: World) -> None:
    claim = await world.claim(50_000)
    await world.db.execute("update risk_carrier set closed_through = $1", TODAY)
    await adjust(world, claim, -100)
    row = await world.db.fetchrow("select booking_date, effective_date from posting where kind = 22")
    assert row is not None
    assert tuple(row) == (date(2026, 5, 5), TODAY)


async def test_a_claim_of_another_risk_carrier_is_unknown_to_who_may_not_write_for_it(world: World) -> None:
    claim = await world.claim(50_000)
    asked = AdjustClaim(claim=claim.reference, delta_cents=-1, reason="x")
    with pytest.raises(Refusal) as refused:
        await claims.adjust_claim(world.db, world.command(risk_carriers=(2,)), asked)
    assert refused.value.status == 404


async def test_every_write_leaves_an_audit_row_with_its_actor(world: World) -> None:
    claim = await world.claim(50_000)
    await adjust(world, claim, -100)
    row = await world.db.fetchrow("select actor, action, subject from audit where account_id = $1", world.account)
    assert row is not None
    assert tuple(row) == ("anna", "claim adjusted", f"claim:{claim.id}")


async def test_the_same_request_again_gets_the_first_answer_and_changes_nothing(world: World) -> None:
    claim = await world.claim(50_000)
    asked = AdjustClaim(claim=claim.reference, delta_cents=-100, reason="x")
    first = await claims.adjust_claim(world.db, world.command(idempotency_key="k1"), asked)
    again = await claims.adjust_claim(world.db, world.command(idempotency_key="k1"), asked)
    assert again == first
    assert await world.open(claim) == 49_900


async def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    claim = await world.claim(50_000)
    asked = AdjustClaim(claim=claim.reference, delta_cents=-100, reason="x")
    await claims.adjust_claim(world.db, world.command(idempotency_key="k1"), asked)
    other = AdjustClaim(claim=claim.reference, delta_cents=-200, reason="x")
    with pytest.raises(Refusal) as refused:
        await claims.adjust_claim(world.db, world.command(idempotency_key="k1"), other)
    assert refused.value.status == 422


async def test_a_fact_known_by_its_source_id_adds_nothing(world: World) -> None:
    claim = await world.claim(50_000)
    asked = AdjustClaim(claim=claim.reference, delta_cents=-100, reason="x")
    first = await claims.adjust_claim(world.db, world.command(source="core", source_id="7"), asked)
    again = await claims.adjust_claim(world.db, world.command(source="core", source_id="7"), asked)
    assert again == {"id": first["id"], "known": True}
    assert await world.open(claim) == 49_900


@pytest.mark.parametrize("how", ["adjust", "withdraw", "write off", "charge", "pay"])
async def test_nothing_is_booked_on_a_claim_before_the_day_of_its_registration(world: World, how: str) -> None:
    claim = await world.claim(50_000, on=TODAY)
    why: dict[str, Any] = {"claim": claim.reference, "reason": "x"}
    early = world.command(TODAY - timedelta(days=1))
    acts: dict[str, Coroutine[Any, Any, dict[str, Any]]] = {
        "adjust": claims.adjust_claim(world.db, early, AdjustClaim(**why, delta_cents=-100)),
        "withdraw": claims.withdraw_claim(world.db, early, WithdrawClaim(**why)),
        "write off": claims.write_off(world.db, early, WriteOff(**why)),
        "charge": claims.charge_claim(world.db, early, ChargeClaim(**why, kind="costs", cents=100)),
        "pay": record_payment(world.db, early, RecordPayment(reference=claim.payment_reference, cents=100)),
    }
    chosen = acts.pop(how)
    for other in acts.values():
        other.close()
    with pytest.raises(Refusal) as refused:
        await chosen
    assert (refused.value.code, refused.value.field) == ("before_registration", "businessDate")
    assert str(TODAY) in refused.value.message
    assert await world.open(claim) == 50_000
