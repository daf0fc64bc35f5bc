"""Asking for nights: by schedule, by hand, and previews."""

from datetime import date, datetime, time
from typing import Any

import msgspec

from app.core.audit import audit
from app.core.clock import now
from app.core.db import Connection, transaction
from app.core.jobs import add_job
from app.nights.model import Schedule
from app.nights.queries import read_schedules
from app.nights.rules import due_dates, last_due

_THROUGH = """
update job_schedule set scheduled_through = $4
where risk_carrier_id is not distinct from $1 and kind = $2 and scheduled_through is not distinct from $3 and active
returning 1
"""


async def schedule_due(connection: Connection, *, moment: datetime | None = None) -> list[int]:
    """Make the jobs whose time has come, one per schedule and business date; answers the ids of the new ones.

    Every worker does this every few seconds; the database's clock decides, or `moment` where a test gives one. A date
    that was missed is made up for, and which worker comes first does not matter: the key of a job is unique.
    """
    at: datetime = moment or await connection.fetchval("select clock_timestamp()")
    made: list[int] = []
    for schedule in await read_schedules(connection):
        newest = last_due(schedule, at)
        if not schedule.active or (schedule.scheduled_through is not None and schedule.scheduled_through >= newest):
            continue
        async with transaction(connection, role="worker", actor="schedule"):
            key = (schedule.risk_carrier_id, schedule.kind, schedule.scheduled_through)
            if await connection.fetchval(_THROUGH, *key, newest) is None:
                continue  # another worker was there first
            for day in due_dates(schedule, at):
                job_id, new = await add_job(
                    connection,
                    kind=schedule.kind,
                    risk_carrier_id=schedule.risk_carrier_id,
                    subject=day.isoformat(),
                    business_date=day,
                    actor="schedule",
                )
                made += [job_id] if new else []
    return made


async def set_schedule(
    connection: Connection,
    risk_carrier_id: int | None,
    *,
    start_time: time,
    days: list[int],
    next_day: bool,
    active: bool,
    actor: str,
    moment: datetime | None = None,
) -> Schedule:
    """Set when the nights of a risk carrier start (None: when the checks over everything do), from the next time on.

    What was missed before is not made up for by this; the first night that runs takes the missed dates along.
    """
    chosen = Schedule(
        risk_carrier_id=risk_carrier_id,
        kind="checks" if risk_carrier_id is None else "night",
        start_time=start_time,
        days=days,
        next_day=next_day,
        active=active,
        scheduled_through=None,
    )
    async with transaction(connection, role="worker", actor=actor):
        at: datetime = moment or await connection.fetchval("select clock_timestamp()")
        through: date = await connection.fetchval(_SET, *msgspec.structs.astuple(chosen)[:-1], last_due(chosen, at))
        body: dict[str, Any] = {"start": start_time.isoformat("minutes"), "days": days, "active": active}
        await audit(
            connection,
            risk_carrier_id=risk_carrier_id,
            account_id=None,
            occurred_at=now(),
            actor=actor,
            action="schedule set",
            subject=f"schedule:{chosen.kind}",
            body={**body, "nextDay": next_day},
        )
    return msgspec.structs.replace(chosen, scheduled_through=through)


_SET = """
insert into job_schedule (risk_carrier_id, kind, start_time, days, next_day, active, scheduled_through)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict on constraint job_schedule_once do update set start_time = excluded.start_time, days = excluded.days,
  next_day = excluded.next_day, active = excluded.active, scheduled_through = excluded.scheduled_through
returning scheduled_through
"""
