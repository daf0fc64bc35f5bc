"""Money whose date lies far ahead is told of: a cut-off date with a wrong year keeps it waiting for years."""

from datetime import date, timedelta

import pytest

from app.core import clock
from app.core.db import Connection
from jobs.night.run import run_night
from tests import factories

MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
OPEN = "select count(*) from incident where check_name = 'waits_long' and resolved_at is null"


async def _world(db: Connection, *days: int) -> None:
    """A declaration for each number of days after Monday."""
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_vgz(db, carrier)
    provider = await factories.make_provider(db, carrier)
    for each in days:
        await factories.make_declaration(db, carrier, provider.agbs[0], 12_345, on=MONDAY + timedelta(days=each))


async def test_money_that_waits_for_a_date_far_ahead_opens_an_incident(db: Connection, db_url: str) -> None:
    await _world(db, 0, 400, 800)
    assert (await run_night(db_url, 1, MONDAY)).state == "released"
    assert await db.fetchval("select what from incident where check_name = 'waits_long'") == (
        "2 entries, 24690 cents, wait for the nights of 2027-04-06 to 2028-05-10: "
        "look at the cut-off dates of their files"
    )


async def test_money_that_waits_a_month_at_most_opens_none(db: Connection, db_url: str) -> None:
    await _world(db, 0, 1, 31)
    await run_night(db_url, 1, MONDAY)
    assert await db.fetchval(OPEN) == 0


async def test_it_is_told_once_and_keeps_no_night_from_running(db: Connection, db_url: str) -> None:
    await _world(db, 0, 400)
    for day in (MONDAY, TUESDAY):
        assert (await run_night(db_url, 1, day)).state == "released"
    assert await db.fetchval(OPEN) == 1


@pytest.mark.parametrize("more, told", [((), 0), ((500,), 1)])
async def test_resolved_it_stays_so_until_more_waits(
    db: Connection, db_url: str, more: tuple[int, ...], told: int
) -> None:
    await _world(db, 0, 400)
    await run_night(db_url, 1, MONDAY)
    await db.execute("update incident set resolved_at = $1", clock.now())
    agb = await db.fetchval("select min(agb) from agb_registration")
    for each in more:
        await factories.make_declaration(db, 1, agb, 100, on=MONDAY + timedelta(days=each))
    await run_night(db_url, 1, TUESDAY)
    assert await db.fetchval(OPEN) == told


async def test_it_is_resolved_when_the_declaration_is_withdrawn(db: Connection, db_url: str) -> None:
    await _world(db, 0, 400)
    await run_night(db_url, 1, MONDAY)
    await db.execute("delete from payable")
    await run_night(db_url, 1, TUESDAY)
    assert await db.fetchval("select resolution from incident") == "nothing waits that long any more"
