"""Offsets given back, declarations withdrawn, instructions: the money table of the design, row by row."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from app.banking import ConfirmPayout, confirm_payout
from app.core import ids
from app.core.db import Connection
from app.core.errors import Refusal
from app.declarations import WithdrawDeclaration, withdraw_declaration
from app.ledger import PostingKind
from app.offsetting import (
    RequestOffset,
    ReverseOffset,
    SetOffsetInstruction,
    request_offset,
    reverse_offset,
    set_offset_instruction,
)
from tests.claims.world import TODAY, Claim, World, small_world


@pytest.fixture
async def world(db: Connection) -> AsyncIterator[World]:
    world = await small_world(db)
    yield world
    await world.assert_sound()


async def reverse(world: World, claim: Claim, cents: int | None = None) -> dict[str, Any]:
    asked = ReverseOffset(
        declaration="A", claim=claim.reference, cents=cents, effective_date=date(2026, 4, 30), reason="bezwaar gegrond"
    )
    return await reverse_offset(world.db, world.command(), asked)


async def withdraw(world: World, name: str = "A") -> dict[str, Any]:
    return await withdraw_declaration(
        world.db, world.command(), WithdrawDeclaration(declaration=name, reason="foutief geladen")
    )


async def undone(world: World, declaration_id: int) -> int:
    """33 + what is still claimed for the declaration: equals its awarded amount after a withdrawal."""
    claimed = await world.db.fetchval(
        """select coalesce(sum(c.original_cents + coalesce(
             (select sum(delta_cents) from adjustment a where a.claim_id = c.claim_id), 0)), 0)::bigint
           from claim c where origin_declaration_id = $1""",
        declaration_id,
    )
    return int(claimed) + await world.booked(PostingKind.SETTLEMENT_WITHDRAWN)


async def test_a_reversed_offset_returns_to_the_claim_and_is_paid_out_whole(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(30_000, "A"), (claim, 30_000))
    await reverse(world, claim)
    assert await world.open(claim) == 50_000
    assert await world.queued() == {2: 30_000}


async def test_a_reversal_in_part_leaves_the_rest_offset(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(30_000, "A"), (claim, 30_000))
    await reverse(world, claim, 10_000)
    assert await world.open(claim) == 30_000


async def test_two_part_reversals_on_one_day_are_two_events(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(30_000, "A"), (claim, 30_000))
    first, second = await reverse(world, claim, 10_000), await reverse(world, claim, 20_000)
    assert first["id"] != second["id"]
    assert await world.db.fetchval("select count(*) from offset_reversal") == 2


async def test_no_more_is_reversed_than_was_offset(world: World) -> None:
    claim = await world.claim(50_000)
    await world.settle(await world.declaration(30_000, "A"), (claim, 30_000))
    await reverse(world, claim, 10_000)
    with pytest.raises(Refusal, match=r"EUR 200.00 of declaration A stands offset"):
        await reverse(world, claim, 20_001)


async def test_a_reversal_mirrors_its_line_and_names_its_effective_date(world: World) -> None:
    claim = await world.claim(50_000)
    declaration = await world.declaration(30_000, "A")
    await world.settle(declaration, (claim, 30_000))
    await reverse(world, claim)
    row = await world.db.fetchrow(
        """select debit, credit, reverses_event_id, reverses_line, open_after_cents, booking_date, effective_date
           from posting where kind = 30"""
    )
    assert row is not None
    assert tuple(row) == (2, 1, declaration, 1, 50_000, TODAY, date(2026, 4, 30))


async def test_the_claim_keeps_its_due_date_and_steps_when_an_offset_is_reversed(world: World) -> None:
    claim = await world.claim(50_000)
    await world.db.execute("update claim_position set reminder_term_ends = '{2026-04-16}'")
    await world.settle(await world.declaration(30_000, "A"), (claim, 30_000))
    await reverse(world, claim)
    row = await world.db.fetchrow("select due_date, reminder_term_ends from claim_position")
    assert row is not None
    assert tuple(row) == (date(2026, 4, 1), [date(2026, 4, 16)])


async def test_no_role_may_change_a_posting(world: World) -> None:
    from app.core import db as database

    claim = await world.claim(50_000)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(world.db, role="staff", actor="anna", risk_carriers=[1]):
            await world.db.execute("update posting set cents = 1 where claim_id = $1", claim.id)


async def test_a_declaration_withdrawn_before_settlement_leaves_the_queue_with_its_credits(world: World) -> None:
    declaration = await world.declaration(60_000, "A")
    credit = await world.claim(30_000, "CREDIT", kind=2, of=declaration)
    assert (await withdraw(world))["settled"] is False
    assert await world.queued() == {}
    assert await world.open(credit) == 0


async def test_a_withdrawn_credit_that_was_offset_elsewhere_gives_that_back(world: World) -> None:
    declaration = await world.declaration(60_000, "A")
    credit = await world.claim(30_000, "CREDIT", kind=2, of=declaration)
    await world.settle(await world.declaration(40_000, "B"), (credit, 30_000))
    await withdraw(world)
    assert await world.queued() == {2: 30_000}


async def test_the_paid_part_of_a_withdrawn_declaration_becomes_a_quiet_claim(world: World) -> None:
    declaration = await world.declaration(60_000, "A")
    await world.settle(declaration)
    answer = await withdraw(world)
    assert answer["claimedCents"] == 60_000
    row = await world.db.fetchrow(
        "select kind, letter_date, original_cents from claim where reference = $1", answer["claim"]
    )
    assert row is not None
    assert tuple(row) == (7, None, 60_000)
    assert await undone(world, declaration) == 60_000


async def test_the_offsets_of_a_withdrawn_declaration_return_to_their_claims_without_money(world: World) -> None:
    claim = await world.claim(50_000)
    declaration = await world.declaration(60_000, "A")
    await world.settle(declaration, (claim, 40_000))
    answer = await withdraw(world)
    assert (answer["returnedToClaimsCents"], answer["claimedCents"]) == (40_000, 20_000)
    assert await world.open(claim) == 50_000
    assert await world.queued() == {}
    assert await undone(world, declaration) == 60_000


async def test_a_credit_offset_by_its_own_declaration_stays_when_that_is_withdrawn(world: World) -> None:
    declaration = await world.declaration(60_000, "A")  # story VGZ-1, then withdrawn
    credit = await world.claim(30_000, "CREDIT", kind=2, of=declaration)
    await world.settle(declaration, (credit, 30_000))
    answer = await withdraw(world)
    assert (answer["creditsCents"], answer["claimedCents"]) == (30_000, 0)
    assert await world.open(credit) == 30_000
    assert await undone(world, declaration) == 60_000


async def test_a_credit_above_the_paid_part_is_lowered_to_it(world: World) -> None:
    claim = await world.claim(40_000)
    declaration = await world.declaration(60_000, "A")
    credit = await world.claim(60_000, "CREDIT", kind=2, of=declaration)
    await world.settle(declaration, (claim, 40_000))
    answer = await withdraw(world)
    assert (answer["creditsCents"], answer["claimedCents"]) == (20_000, 0)
    assert (await world.open(claim), await world.open(credit)) == (40_000, 20_000)
    assert await undone(world, declaration) == 60_000


async def test_what_an_earlier_reversal_gave_back_is_claimed_at_the_withdrawal(world: World) -> None:
    claim = await world.claim(50_000)
    declaration = await world.declaration(60_000, "A")
    await world.settle(declaration, (claim, 40_000))
    await reverse(world, claim, 10_000)
    answer = await withdraw(world)
    assert (answer["returnedToClaimsCents"], answer["claimedCents"]) == (30_000, 30_000)
    assert await world.queued() == {2: 10_000}
    assert await undone(world, declaration) == 60_000


async def test_a_declaration_is_withdrawn_once(world: World) -> None:
    await world.settle(await world.declaration(60_000, "A"))
    await withdraw(world)
    with pytest.raises(Refusal, match="was withdrawn before"):
        await withdraw(world)


async def test_a_withdrawal_with_an_unknown_reason_code_stores_nothing(world: World) -> None:
    await world.settle(await world.declaration(60_000, "A"))
    asked = WithdrawDeclaration(declaration="A", reason="x", reason_code="NOPE")
    with pytest.raises(Refusal, match="no reason code NOPE"):
        await withdraw_declaration(world.db, world.command(), asked)
    assert await world.db.fetchval("select count(*) from declaration_withdrawal") == 0


async def test_an_instruction_for_a_claim_says_mode_and_share(world: World) -> None:
    claim = await world.claim(50_000)
    asked = SetOffsetInstruction(claim=claim.reference, mode="percentage", percent="12.50", reason="afspraak")
    await set_offset_instruction(world.db, world.command(), asked)
    row = await world.db.fetchrow("select mode, basis_points, valid_from from offset_instruction")
    assert row is not None
    assert tuple(row) == (1, 1_250, TODAY)


async def test_caps_and_a_floor_are_instructed_for_the_running_account(world: World) -> None:
    asked = SetOffsetInstruction(account=world.account, cap_percent="50", floor_cents=100_000, reason="continuïteit")
    await set_offset_instruction(world.db, world.command(), asked)
    row = await world.db.fetchrow("select mode, cap_basis_points, floor_cents from offset_instruction")
    assert row is not None
    assert tuple(row) == (None, 5_000, 100_000)


@pytest.mark.parametrize(
    "more, sentence",
    [
        ({"mode": "percentage"}, "percent"),
        ({"mode": "full", "fixed_cents": 1}, "fixedCents"),
        ({"mode": "full", "cap_cents": 1}, "running account"),
        ({}, "Give a mode"),
    ],
)
async def test_an_instruction_that_does_not_fit_is_refused(world: World, more: dict[str, Any], sentence: str) -> None:
    claim = await world.claim(50_000)
    asked = SetOffsetInstruction(claim=claim.reference, reason="x", **more)
    with pytest.raises(Refusal, match=sentence):
        await set_offset_instruction(world.db, world.command(), asked)


async def test_a_request_for_offset_is_noted_on_the_claim(world: World) -> None:
    claim = await world.claim(50_000)
    await request_offset(world.db, world.command(), RequestOffset(claim=claim.reference))
    assert await world.db.fetchval("select offset_requested_on from claim_position") == TODAY


async def test_a_second_request_for_offset_leaves_the_day_of_the_first(world: World) -> None:
    # found by the simulator: what a night had offset because of the first looked as if nobody had asked for it
    claim = await world.claim(50_000)
    asked = RequestOffset(claim=claim.reference)
    await request_offset(world.db, world.command(TODAY - timedelta(days=3)), asked)
    answer = await request_offset(world.db, world.command(), asked)
    assert answer["requestedOn"] == (TODAY - timedelta(days=3)).isoformat()
    assert await world.db.fetchval("select offset_requested_on from claim_position") == TODAY - timedelta(days=3)


async def sent(world: World, payout_id: int) -> str:
    assert await world.db.fetchval("select count(*) from payment_instruction where payout_id = $1", payout_id) == 1
    return ids.payout_number(payout_id, 2026)


async def test_a_confirmed_payout_moves_to_the_bank(world: World) -> None:
    payout = await sent(world, await world.settle(await world.declaration(60_000, "A")))
    await confirm_payout(world.db, world.command(), ConfirmPayout(payout=payout, cents=60_000))
    assert await world.booked(PostingKind.PAYOUT_CONFIRMED) == 60_000


async def test_a_payout_is_not_confirmed_for_another_amount(world: World) -> None:
    payout = await sent(world, await world.settle(await world.declaration(60_000, "A")))
    with pytest.raises(Refusal, match=r"is EUR 600.00, not EUR 600.01"):
        await confirm_payout(world.db, world.command(), ConfirmPayout(payout=payout, cents=60_001))


async def test_a_payout_that_was_not_sent_is_not_confirmed(world: World) -> None:
    payout = ids.payout_number(await world.settle(await world.declaration(60_000, "A"), sent=False), 2026)
    with pytest.raises(Refusal, match="in no payment file"):
        await confirm_payout(world.db, world.command(), ConfirmPayout(payout=payout))


async def test_a_declaration_whose_payout_has_not_left_is_not_withdrawn(world: World) -> None:
    """The money would leave afterwards, for nothing."""
    await world.settle(await world.declaration(60_000, "A"), sent=False)
    with pytest.raises(Refusal, match="has not left yet"):
        await withdraw_declaration(world.db, world.command(), WithdrawDeclaration(declaration="A", reason="fout"))
    assert await world.db.fetchval("select count(*) from declaration_withdrawal") == 0


@pytest.mark.parametrize("day", [date(1, 1, 1), TODAY + timedelta(days=1), date(9999, 12, 31)])
async def test_a_request_for_offset_is_of_today_or_before(world: World, day: date) -> None:
    claim = await world.claim(10_000)
    with pytest.raises(Refusal, match="cannot be noted"):
        await request_offset(world.db, world.command(), RequestOffset(claim=claim.reference, requested_on=day))


@pytest.mark.parametrize("percent", ["25\n", "\u0662\u0665", "25.5", "1000", "-5", ""])
def test_a_percentage_is_written_in_plain_digits(percent: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="percent"):
        msgspec.convert({"reason": "r", "mode": "percentage", "percent": percent}, SetOffsetInstruction)
