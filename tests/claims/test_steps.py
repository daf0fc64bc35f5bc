"""Steps and payments: letters in order, a new reference each, and where money lands."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from app import claims
from app.banking import RecordPayment, record_payment
from app.claims import ChargeClaim, RecordStep
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import PostingKind
from tests.claims.world import Claim, World, small_world

REMINDED = date(2026, 4, 2)


@pytest.fixture
async def world(db: Connection) -> AsyncIterator[World]:
    world = await small_world(db)
    yield world
    await world.assert_sound()


async def remind(world: World, *of: Claim, on: date = REMINDED, **more: object) -> dict[str, object]:
    asked = RecordStep(claims=tuple(claim.reference for claim in of), **more)  # type: ignore[arg-type]
    return await claims.record_step(world.db, world.command(on), asked)


async def pay(world: World, cents: int, reference: object, on: date) -> dict[str, object]:
    asked = RecordPayment(reference=str(reference), cents=cents)
    return await record_payment(world.db, world.command(on), asked)


async def test_a_reminder_asks_what_is_open_after_a_part_payment_under_a_new_reference(world: World) -> None:
    claim = await world.claim(100_000)  # story D9
    await pay(world, 40_000, claim.payment_reference, date(2026, 3, 20))
    answer = await remind(world, claim, term_end=date(2026, 4, 16))
    assert answer["askedCents"] == 60_000
    assert answer["paymentReference"] != claim.payment_reference


async def test_a_payment_on_the_old_reference_still_lands_on_the_claim(world: World) -> None:
    claim = await world.claim(100_000)
    await remind(world, claim)
    await pay(world, 100_000, claim.payment_reference, date(2026, 4, 10))
    assert await world.open(claim) == 0


async def test_the_term_of_a_reminder_comes_from_the_policy(world: World) -> None:
    claim = await world.claim(100_000)
    await remind(world, claim)
    assert await world.db.fetchval("select reminder_term_ends from claim_position") == [date(2026, 4, 16)]


async def test_a_reminder_on_the_due_date_is_too_early(world: World) -> None:
    claim = await world.claim(100_000)
    with pytest.raises(Refusal, match="runs until 2026-04-01"):
        await remind(world, claim, on=date(2026, 4, 1))


async def test_a_second_reminder_waits_for_the_term_of_the_first(world: World) -> None:
    claim = await world.claim(100_000)
    await remind(world, claim)
    with pytest.raises(Refusal, match="term of reminder 1"):
        await remind(world, claim, on=date(2026, 4, 16), term_days=14)
    await remind(world, claim, on=date(2026, 4, 17), term_days=14)
    assert len(await world.db.fetchval("select reminder_term_ends from claim_position")) == 2


async def test_a_policy_that_says_on_the_day_reminds_on_the_due_date_and_on_the_term_end(world: World) -> None:
    await world.db.execute("update dunning_policy set on_the_day = true")
    await world.db.execute(
        "insert into dunning_policy select policy_version_id, reason_id, 2, 30, true, 30 from dunning_policy"
    )
    claim = await world.claim(100_000)
    await remind(world, claim, on=date(2026, 4, 1))
    answer = await remind(world, claim, on=date(2026, 4, 15))
    assert answer["claims"] == [{"claim": claim.reference, "stepNo": 2, "termEnd": "2026-05-15", "askedCents": 100_000}]


async def test_no_reminder_is_skipped(world: World) -> None:
    claim = await world.claim(100_000)
    with pytest.raises(Refusal, match="the next one is reminder 1"):
        await remind(world, claim, step_no=2, term_days=14)


async def test_a_reminder_is_recorded_once(world: World) -> None:
    claim = await world.claim(100_000)
    await remind(world, claim)
    with pytest.raises(Refusal, match="has reminder 1 already"):
        await remind(world, claim, on=date(2026, 5, 4), step_no=1)


async def test_a_quiet_credit_gets_no_letter(world: World) -> None:
    credit = await world.claim(30_000, "CREDIT", kind=2)
    with pytest.raises(Refusal, match="is quiet"):
        await remind(world, credit, term_days=14)


async def test_a_paid_claim_gets_no_letter(world: World) -> None:
    claim = await world.claim(100_000)
    await pay(world, 100_000, claim.payment_reference, date(2026, 3, 20))
    with pytest.raises(Refusal, match="Nothing is open"):
        await remind(world, claim)


async def test_one_letter_over_two_claims_has_one_reference_that_pays_the_oldest_due_first(world: World) -> None:
    old, new = await world.claim(10_000, on=date(2026, 2, 1)), await world.claim(20_000)
    answer = await remind(world, new, old)
    assert answer["askedCents"] == 30_000
    await pay(world, 15_000, answer["paymentReference"], date(2026, 4, 10))
    assert (await world.open(old), await world.open(new)) == (0, 15_000)


async def test_a_payment_goes_to_costs_then_interest_then_principal(world: World) -> None:
    claim = await world.claim(100_000)
    for kind, cents in (("interest", 300), ("costs", 4_000)):
        asked = ChargeClaim(claim=claim.reference, kind=kind, cents=cents, reason="incasso")  # type: ignore[arg-type]
        await claims.charge_claim(world.db, world.command(), asked)
    await pay(world, 5_000, claim.payment_reference, date(2026, 5, 4))
    rows = await world.db.fetch("select kind, cents from posting where kind between 11 and 14 order by line")
    assert [tuple(row) for row in rows] == [(12, 4_000), (13, 300), (11, 700)]


async def test_what_is_paid_too_much_stays_on_account(world: World) -> None:
    claim = await world.claim(100_000)
    answer = await pay(world, 100_001, claim.payment_reference, date(2026, 3, 20))
    assert answer["onAccountCents"] == 1
    assert await world.booked(PostingKind.PAYMENT_ON_ACCOUNT) == 1


async def test_a_payment_on_the_running_account_stays_on_account(world: World) -> None:
    claim = await world.claim(100_000)
    asked = RecordPayment(account=world.account, cents=5_000)
    await record_payment(world.db, world.command(), asked)
    assert await world.open(claim) == 100_000
    assert await world.booked(PostingKind.PAYMENT_ON_ACCOUNT) == 5_000


async def test_a_payment_with_a_reference_that_is_not_ours_stays_on_the_account_given(world: World) -> None:
    asked = RecordPayment(account=world.account, cents=5_000, reference="1234567812345678")
    await record_payment(world.db, world.command(), asked)
    assert await world.booked(PostingKind.PAYMENT_ON_ACCOUNT) == 5_000


async def test_a_payment_without_any_lead_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="leads to no single running account"):
        await pay(world, 5_000, "1234567812345678", date(2026, 5, 4))


async def test_the_effective_date_of_a_payment_is_the_day_it_was_received(world: World) -> None:
    claim = await world.claim(100_000)
    asked = RecordPayment(reference=claim.payment_reference, cents=1, received_on=date(2026, 4, 30))
    await record_payment(world.db, world.command(), asked)
    assert await world.db.fetchval("select effective_date from posting where kind = 11") == date(2026, 4, 30)


async def test_a_letter_of_tomorrow_is_not_recorded_today(world: World) -> None:
    claim = await world.claim(100_000)
    with pytest.raises(Refusal, match="cannot be recorded"):
        await remind(world, claim, sent_on=date(2026, 4, 3))


async def test_a_letter_gives_a_year_at_most(world: World) -> None:
    claim = await world.claim(100_000)
    with pytest.raises(Refusal, match="may last 366 days"):
        await remind(world, claim, term_end=date(9999, 12, 31))
