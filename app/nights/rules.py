"""When nights start: pure arithmetic of dates, so that every change of the clock up to 2040 can be tried."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.nights.model import Schedule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def start_moment(schedule: Schedule, business_date: date) -> datetime:
    """The moment (UTC) from which the job of that business date may start; one for every date.

    A local time that the spring change skips counts as if the clock had not changed yet (02:30 becomes 03:30); of one
    that the autumn change has twice it is the first.
    """
    day = business_date + timedelta(days=1 if schedule.next_day else 0)
    return datetime.combine(day, schedule.start_time, AMSTERDAM).astimezone(UTC)


def last_due(schedule: Schedule, now: datetime) -> date:
    """The newest business date whose start lies at or before `now`, whatever its day of the week."""
    day = now.astimezone(AMSTERDAM).date()
    while start_moment(schedule, day) > now:
        day -= timedelta(days=1)
    return day


def due_dates(schedule: Schedule, now: datetime) -> list[date]:
    """The business dates whose jobs are still to be made, oldest first; none when the schedule is off."""
    if not schedule.active:
        return []
    days = (last_due(schedule, now) - schedule.scheduled_through).days
    dates = [schedule.scheduled_through + timedelta(days=n) for n in range(1, days + 1)]
    return [day for day in dates if day.isoweekday() in schedule.days]
