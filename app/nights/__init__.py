"""Nights as others ask for them and read them: start, preview, report, schedule. What a night does is in jobs/night.

What others may call is what this door exports.
"""

from app.nights.actions import schedule_due, set_schedule
from app.nights.model import Schedule
from app.nights.queries import dates_to_run, read_schedules
from app.nights.rules import due_dates, last_due, start_moment

__all__ = [
    "Schedule",
    "dates_to_run",
    "due_dates",
    "last_due",
    "read_schedules",
    "schedule_due",
    "set_schedule",
    "start_moment",
]
