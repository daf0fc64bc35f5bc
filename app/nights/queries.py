"""Reading nights: which dates are due, schedules, runs, decisions."""

from datetime import date, timedelta

from app.core.db import Connection
from app.nights.model import Schedule


async def dates_to_run(connection: Connection, risk_carrier_id: int, until: date) -> list[date]:
    """The business dates that still need a night, oldest first, up to and including `until`.

    From the first unreleased run, or the day after the last released one; a risk carrier without any run
    starts with `until` itself.
    """
    row = await connection.fetchrow(
        """
        select min(business_date) filter (where state <> 'released') as unfinished,
               max(business_date) filter (where state = 'released') as released
        from run where risk_carrier_id = $1
        """,
        risk_carrier_id,
    )
    assert row is not None
    first = row["unfinished"] or (row["released"] + timedelta(days=1) if row["released"] else until)
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


async def read_schedules(connection: Connection) -> list[Schedule]:
    """Every schedule, the installation's own first, then by risk carrier."""
    rows = await connection.fetch(
        """
        select risk_carrier_id, kind, start_time, days, next_day, active, scheduled_through
        from job_schedule order by risk_carrier_id nulls first, kind
        """
    )
    return [Schedule(**dict(row)) for row in rows]
