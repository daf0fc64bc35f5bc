"""The only module that reads the time (law 4): a business date is an argument everywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_simulated: ContextVar[Callable[[], datetime] | None] = ContextVar("simulated", default=None)


@contextmanager
def simulated(moment: Callable[[], datetime]) -> Iterator[None]:
    """Let this task, and those that it starts, take `moment()` (aware, UTC) for the time: only for the simulator."""
    token = _simulated.set(moment)
    try:
        yield
    finally:
        _simulated.reset(token)


def now() -> datetime:
    """The moment, aware, in UTC: for recorded times and logs, never for a decision."""
    moment = _simulated.get()
    return datetime.now(UTC) if moment is None else moment()


def today(tz: str = "Europe/Amsterdam") -> date:
    """The calendar date in `tz`: the default of a command's business date, read once at its edge."""
    return now().astimezone(ZoneInfo(tz)).date()


def business_day(fixed: date | None) -> date:
    """The business date of a command from outside: today, unless the settings of a demo or test fix one."""
    return fixed or today()
