"""When nights start by themselves: one job per risk carrier and business date, whatever the clock on the wall does."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest

from app.core.db import Connection, connect
from app.nights import Schedule, due_dates, last_due, read_schedules, schedule_due, set_schedule, start_moment
from tests import factories

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVERY_DAY = list(range(1, 8))


def schedule(start: str, **more: object) -> Schedule:
    usual = {
        "risk_carrier_id": 1, "kind": "night", "start_time": time.fromisoformat(start), "days": EVERY_DAY,
        "next_day": False, "active": True, "scheduled_through": date(2023, 12, 31),
    }  # fmt: skip
    return Schedule(**{**usual, **more})  # type: ignore[arg-type]


def moment(text: str) -> datetime:
    """A local time in Amsterdam, written without its offset."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


def changes_of_the_clock() -> list[date]:
    """The days of 2024 to 2040 on which the clock in Amsterdam changes."""
    noon = [datetime(2024, 1, 1, 12, tzinfo=AMSTERDAM) + timedelta(days=n) for n in range(366 * 17)]
    days = pairwise(noon)
    return [after.date() for before, after in days if before.utcoffset() != after.utcoffset() and after.year <= 2040]


def test_the_clock_changes_twice_a_year_until_2040() -> None:
    assert len(changes_of_the_clock()) == 34


@pytest.mark.parametrize("start", ["00:00", "01:59", "02:00", "02:30", "03:00", "22:00", "23:59"])
@pytest.mark.parametrize("next_day", [False, True])
def test_every_business_date_to_2040_has_one_start_and_each_lies_after_the_one_before(
    start: str, next_day: bool
) -> None:
    chosen = schedule(start, next_day=next_day)
    starts = [start_moment(chosen, date(2024, 1, 1) + timedelta(days=n)) for n in range(6210)]
    gaps = {(after - before) for before, after in pairwise(starts)}
    assert gaps == {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}


@pytest.mark.parametrize("day", changes_of_the_clock())
@pytest.mark.parametrize("start", ["02:00", "02:30", "03:00"])
def test_looked_at_every_minute_a_date_on_which_the_clock_changes_is_due_once(day: date, start: str) -> None:
    chosen = schedule(start, scheduled_through=day - timedelta(days=1))
    at, made = datetime.combine(day, time(), AMSTERDAM).astimezone(UTC), []
    for _ in range(24 * 60):
        found = due_dates(chosen, at)
        made += found
        if found:
            chosen = msgspec.structs.replace(chosen, scheduled_through=last_due(chosen, at))
        at += timedelta(minutes=1)
    assert made == [day]


def test_a_start_that_the_spring_change_skips_comes_an_hour_later_by_the_wall() -> None:
    begin = start_moment(schedule("02:30"), date(2026, 3, 29)).astimezone(AMSTERDAM)
    assert begin.strftime("%H:%M") == "03:30"


def test_a_start_that_the_autumn_change_has_twice_is_the_first() -> None:
    assert start_moment(schedule("02:30"), date(2026, 10, 25)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_night_after_midnight_is_of_the_day_before() -> None:
    chosen = schedule("02:30", next_day=True)
    assert last_due(chosen, moment("2026-03-04T02:31")) == date(2026, 3, 3)


def test_missed_dates_are_due_in_order() -> None:
    chosen = schedule("22:00", scheduled_through=date(2026, 3, 1))
    assert due_dates(chosen, moment("2026-03-04T22:00")) == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]


def test_nothing_is_due_before_its_time() -> None:
    assert due_dates(schedule("22:00", scheduled_through=date(2026, 3, 1)), moment("2026-03-02T21:59")) == []


def test_days_that_are_not_chosen_are_not_due() -> None:
    chosen = schedule("22:00", days=[1, 2, 3, 4, 5], scheduled_through=date(2026, 3, 5))
    assert due_dates(chosen, moment("2026-03-09T22:00")) == [date(2026, 3, 6), date(2026, 3, 9)]


def test_a_schedule_that_is_off_makes_nothing() -> None:
    assert due_dates(schedule("22:00", active=False), moment("2026-03-09T22:00")) == []


async def set_nightly(db: Connection, carrier: int, at: str) -> Schedule:
    return await set_schedule(
        db, carrier, start_time=time(22), days=EVERY_DAY, next_day=False, active=True, actor="test", moment=moment(at)
    )


async def nights(db: Connection) -> list[tuple[int, str]]:
    rows = await db.fetch("select risk_carrier_id, subject from job where kind = 'night' order by job_id")
    return [(row["risk_carrier_id"], row["subject"]) for row in rows]


async def test_a_new_schedule_starts_with_the_next_time(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    await set_nightly(db, carrier, "2026-03-04T15:00")
    await schedule_due(db, moment=moment("2026-03-04T21:59"))
    assert await nights(db) == []
    await schedule_due(db, moment=moment("2026-03-04T22:01"))
    assert await nights(db) == [(carrier, "2026-03-04")]


async def test_a_schedule_that_was_set_after_its_time_waits_for_the_next_day(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    await set_nightly(db, carrier, "2026-03-04T23:00")
    await schedule_due(db, moment=moment("2026-03-05T23:00"))
    assert await nights(db) == [(carrier, "2026-03-05")]


async def test_after_days_without_a_worker_there_is_a_job_for_each_missed_date(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    await set_nightly(db, carrier, "2026-03-04T15:00")
    await schedule_due(db, moment=moment("2026-03-07T08:00"))
    assert await nights(db) == [(carrier, "2026-03-04"), (carrier, "2026-03-05"), (carrier, "2026-03-06")]


async def test_a_date_that_somebody_started_by_hand_gets_no_second_job(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    await set_nightly(db, carrier, "2026-03-04T15:00")
    await db.execute(
        """insert into job (risk_carrier_id, kind, subject, business_date, payload, created_by, created_at)
           values ($1, 'night', '2026-03-04', '2026-03-04', '{}', 'token:x', now())""",
        carrier,
    )
    assert await schedule_due(db, moment=moment("2026-03-04T22:01")) == []
    assert await nights(db) == [(carrier, "2026-03-04")]


async def test_ten_workers_that_look_at_once_make_one_job_per_carrier_and_date(db: Connection, db_url: str) -> None:
    carriers = [await factories.make_risk_carrier(db, code) for code in ("VZ", "WZ", "XZ")]
    for carrier in carriers:
        await set_nightly(db, carrier, "2026-10-20T15:00")
    workers = [await connect(db_url) for _ in range(10)]
    at = moment("2026-10-27T08:00")
    await asyncio.gather(*[schedule_due(worker, moment=at) for worker in workers])
    for worker in workers:
        await worker.close()
    dates = [(date(2026, 10, 20) + timedelta(days=n)).isoformat() for n in range(7)]
    assert sorted(await nights(db)) == sorted((carrier, day) for carrier in carriers for day in dates)


async def test_the_checks_over_everything_run_every_sunday(db: Connection) -> None:
    await db.execute("update job_schedule set scheduled_through = '2026-03-03'")
    for day in ("2026-03-04", "2026-03-08", "2026-03-09", "2026-03-15"):
        await schedule_due(db, moment=moment(f"{day}T07:00"))
    rows = await db.fetch("select subject from job where kind = 'checks' order by 1")
    assert [row["subject"] for row in rows] == ["2026-03-08", "2026-03-15"]


async def test_a_schedule_is_told_as_it_was_set(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    chosen = await set_nightly(db, carrier, "2026-03-04T15:00")
    assert chosen in await read_schedules(db)
    assert chosen.scheduled_through == date(2026, 3, 3)
