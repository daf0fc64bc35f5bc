"""TARGET days: the days on which euro payments settle, so the only execution dates that a payment file may carry.

The closing days come from the rules in `holidays` (European Central Bank: 1 January, Good Friday, Easter Monday,
1 May, 25 and 26 December), not from a list of ours. Source: ECB, long-term calendar for TARGET closing days.
"""

from datetime import date, timedelta
from functools import cache

FIRST_YEAR = 2015
LAST_YEAR = 2040
_SATURDAY = 5


@cache
def _closed() -> frozenset[date]:
    import holidays  # here, because it takes 0.2 s: most commands ask for no day

    return frozenset(holidays.financial_holidays("XECB", years=range(FIRST_YEAR, LAST_YEAR + 1)))


def is_target_day(day: date) -> bool:
    """Whether TARGET is open on `day`. ValueError outside 2015-2040: beyond it the calendar is not checked."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"no TARGET calendar for {day}: it covers {FIRST_YEAR} to {LAST_YEAR}")
    return day.weekday() < _SATURDAY and day not in _closed()


def next_target_day(day: date) -> date:
    """The first TARGET day on or after `day` (`day` itself when it is one). ValueError outside 2015-2040."""
    while not is_target_day(day):
        day += timedelta(days=1)
    return day
