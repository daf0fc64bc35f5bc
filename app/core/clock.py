"""The only module that reads the time (law 4): a business date is an argument everywhere else."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The moment, aware, in UTC: for recorded times and logs, never for a decision."""
    return datetime.now(UTC)


def today(tz: str = "Europe/Amsterdam") -> date:
    """The calendar date in `tz`: the default of a command's business date, read once at its edge."""
    return datetime.now(ZoneInfo(tz)).date()


def business_day(fixed: date | None) -> date:
    """The business date of a command from outside: today, unless the settings of a demo or test fix one."""
    return fixed or today()
