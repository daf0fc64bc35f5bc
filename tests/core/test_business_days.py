"""TARGET days against the rules of the ECB, computed here a second way."""

from datetime import date, timedelta

import pytest

from app.core.business_days import is_target_day, next_target_day


def easter(year: int) -> date:
    """Gauss' algorithm as corrected for the Gregorian calendar (Meeus/Jones/Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(2015, 2041))
def test_target_is_open_on_weekdays_but_the_six_closing_days(year: int) -> None:
    closed = {date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26)}
    closed |= {easter(year) - timedelta(days=2), easter(year) + timedelta(days=1)}
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    expected = [day for day in days if day.weekday() < 5 and day not in closed]
    assert [day for day in days if is_target_day(day)] == expected


def test_2025_has_255_target_days() -> None:
    assert sum(is_target_day(date(2025, 1, 1) + timedelta(days=n)) for n in range(365)) == 255


def test_dutch_holidays_that_target_does_not_know_are_payment_days() -> None:
    assert is_target_day(date(2026, 4, 27))  # King's Day
    assert is_target_day(date(2026, 5, 14))  # Ascension Day


def test_next_target_day_of_a_target_day_is_that_day() -> None:
    assert next_target_day(date(2026, 3, 2)) == date(2026, 3, 2)


def test_next_target_day_steps_over_easter() -> None:
    assert next_target_day(date(2026, 4, 3)) == date(2026, 4, 7)


def test_next_target_day_steps_over_new_year() -> None:
    assert next_target_day(date(2027, 1, 1)) == date(2027, 1, 4)


@pytest.mark.parametrize("day", [date(2014, 12, 31), date(2041, 1, 1)])
def test_a_year_outside_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="no TARGET calendar"):
        is_target_day(day)
