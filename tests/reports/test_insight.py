"""Insight: an ageing of any day is the ledger of that day, and what became of a claim adds up to what was claimed."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from app.core.db import Connection, connect
from app.reports import insight
from jobs.night.run import run_night
from jobs.simulation.arena import with_database
from tests.conftest import played_once
from tests.night.worlds import DAY, make_world

_LEDGER = """
select coalesce(sum(case when debit in (2, 3, 4) then cents else 0 end
  - case when credit in (2, 3, 4) then cents else 0 end), 0)::bigint
from posting where booking_date <= $1
"""


async def play(db: Connection, url: str) -> None:
    """A world with claims, credits, advances and a dispute, and one night of it."""
    carrier = await make_world(db, accounts=12, declarations=120)
    await run_night(url, carrier, DAY)


@pytest.fixture(scope="module")
async def played(admin: Connection, server_url: str, migrated: str) -> AsyncIterator[Connection]:
    """That world, played once: these tests only read."""
    async with played_once(admin, server_url, migrated, play) as (name, _):
        connection = await connect(with_database(server_url, name))
        await connection.execute("set default_transaction_read_only = on")
        yield connection
        await connection.close()


def row(due: date, cents: int) -> dict[str, Any]:
    return {"code": "VZ", "due_date": due, "claims": 1, "cents": cents}


@pytest.mark.parametrize("back", [0, 1, 7, 60, 400])
async def test_the_ageing_of_any_day_is_the_ledger_of_that_day(played: Connection, back: int) -> None:
    on = DAY - timedelta(days=back)
    found = await insight.ageing(played, on)
    assert sum(each.cents for each in found) == await played.fetchval(_LEDGER, on)
    assert all(each.cents == sum(age.cents for age in each.ages) for each in found)


async def test_the_ageing_of_before_the_night_holds_what_the_night_offset(played: Connection) -> None:
    offset = await played.fetchval("select sum(offset_cents)::bigint from run_batch where state = 1")
    before = await played.fetchval(_LEDGER, DAY - timedelta(days=1))
    assert offset > 0
    (found,) = await insight.ageing(played, DAY - timedelta(days=1))
    assert found.cents == before


def test_a_claim_is_not_yet_due_on_its_due_date_and_one_day_late_on_the_next() -> None:
    on = date(2026, 3, 2)
    (found,) = insight.by_age([row(on, 500), row(on - timedelta(days=1), 30), row(on - timedelta(days=400), 7)], on)
    assert [age.cents for age in found.ages] == [500, 30, 0, 0, 0, 0, 7]


@pytest.mark.parametrize(("late", "place"), [(30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (365, 5), (366, 6)])
def test_an_age_ends_with_its_last_day(late: int, place: int) -> None:
    on = date(2026, 3, 2)
    (found,) = insight.by_age([row(on - timedelta(days=late), 100)], on)
    assert [age.cents for age in found.ages].index(100) == place


async def test_what_became_of_claims_adds_up_to_what_was_claimed(played: Connection) -> None:
    found = await insight.funnel(played)
    assert [each.reason for each in found if sum(cents for cents, _ in each.parts) != each.claimed_cents] == []
    claimed = await played.fetchval(
        "select sum(cents)::bigint from posting where kind in (7, 8, 9, 10, 20, 21, 23) and claim_id is not null"
    )
    assert sum(each.claimed_cents for each in found) == claimed


async def test_what_is_left_of_claims_is_what_the_ledger_holds_open(played: Connection) -> None:
    found = await insight.funnel(played)
    left = sum(each.open_cents + each.disputed_cents + each.agency_cents for each in found)
    assert left == await played.fetchval(_LEDGER, DAY + timedelta(days=400))


async def test_a_dispute_stands_apart_from_what_is_open(played: Connection) -> None:
    found = await insight.funnel(played)
    disputed = await played.fetchval(
        """
        select open_principal_cents + open_costs_cents + open_interest_cents from claim_position k
        join claim c using (account_id, claim_id) where c.number = 'MC-1'
        """
    )
    assert disputed > 0
    assert sum(each.disputed_cents for each in found) == disputed


@pytest.mark.parametrize("back", [0, 1, 400])
async def test_an_age_is_the_sum_of_the_claims_behind_it(played: Connection, back: int) -> None:
    on = DAY - timedelta(days=back)
    for each in await insight.ageing(played, on):
        for place, age in enumerate(each.ages):
            days = insight.range_of_age(place)
            found = await insight.aged(played, on, each.code, days, after=None, limit=1000)
            assert (found.cents, sum(share.cents for share in found.page)) == (age.cents, age.cents), age.text
            assert (found.claims, len(found.page)) == (age.claims, age.claims)


async def test_a_part_of_the_funnel_is_the_sum_of_the_claims_behind_it(played: Connection) -> None:
    for each in await insight.funnel(played):
        parts = zip(list(insight.PARTS)[1:8], each.parts, strict=True)
        for part, (cents, _) in [("claimed", (each.claimed_cents, "")), *parts]:
            found = await insight.part_of_funnel(played, each.code, each.reason, part, after=None, limit=1000)
            assert (found.cents, sum(share.cents for share in found.page)) == (cents, cents), (each.reason, part)


async def test_the_claims_behind_an_amount_come_in_pages_the_largest_first(played: Connection) -> None:
    whole = await insight.part_of_funnel(played, "VZ", None, "claimed", after=None, limit=1000)
    seen: list[insight.Share] = []
    place = None
    while len(seen) < whole.claims:
        page = (await insight.part_of_funnel(played, "VZ", None, "claimed", after=place, limit=7)).page
        seen += page
        place = (page[-1].cents, page[-1].account_id, page[-1].claim_id)
    assert seen == whole.page
    assert [each.cents for each in seen] == sorted((each.cents for each in seen), reverse=True)
    assert len(seen) > 7


async def test_what_is_held_is_the_sum_of_the_claims_that_hold_it(played: Connection) -> None:
    found = await insight.part_of_funnel(played, "VZ", None, "held", after=None, limit=1000)
    assert found.cents == await played.fetchval("select sum(held_cents)::bigint from claim_position")
    assert found.cents > 0
