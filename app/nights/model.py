"""Structs of nights: the schedule, and what the API answers."""

from datetime import date, time

import msgspec


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When the jobs of a kind start by themselves: a local time in Europe/Amsterdam on days of the business date.

    `risk_carrier_id` None: the checks over everything. `days`: 1 = Monday. `next_day`: on the day after the business
    date. `scheduled_through`: up to and including it the jobs were made; None: no worker has looked at it yet.
    """

    risk_carrier_id: int | None
    kind: str
    start_time: time
    days: list[int]
    next_day: bool
    active: bool
    scheduled_through: date | None
