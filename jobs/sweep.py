"""What PostgreSQL still owes, looked up every few seconds by every worker: enough on its own, should nobody ever ring.

A chore makes rows or takes them away in transactions of its own and may be done by several workers at once.
"""

from collections.abc import Awaitable, Callable

from app.batches import tidy_batches
from app.core.audit import audit
from app.core.clock import now
from app.core.db import Connection, transaction
from app.core.jobs import ACTOR, end_sleepers, resolve_incident
from app.nights import schedule_due

Chore = Callable[[Connection], Awaitable[object]]

_KEEP_PREVIEWS = "30 days"  # a preview is about a day that has passed by then
_FORGET = "delete from job where kind = 'preview' and ended_at < clock_timestamp() - $1::text::interval"


async def forget_previews(connection: Connection) -> None:
    """Previews of a month ago go; the rows of other jobs stay, they say what happened."""
    async with transaction(connection, role="worker", actor=ACTOR):
        await connection.execute(_FORGET, _KEEP_PREVIEWS)


_RELEASED = """
select j.job_id, j.risk_carrier_id, j.subject from job j
  join run r on r.risk_carrier_id = j.risk_carrier_id and r.business_date = j.business_date and r.state = 'released'
where j.kind = 'night' and j.state = 'failed'
"""
_DONE_AFTER_ALL = """
update job set state = 'done', error_code = null, error_text = null, ended_at = clock_timestamp()
where job_id = $1 and state = 'failed' returning 1
"""


async def end_what_others_did(connection: Connection) -> None:
    """A night that failed as a job and was released after all, by hand or with a later one, is done."""
    for row in await connection.fetch(_RELEASED):
        async with transaction(connection, role="worker", actor=ACTOR):
            if await connection.fetchval(_DONE_AFTER_ALL, row["job_id"]) is None:
                continue  # another worker was there first
            await resolve_incident(connection, row["job_id"])
            await audit(
                connection,
                risk_carrier_id=row["risk_carrier_id"],
                account_id=None,
                occurred_at=now(),
                actor=ACTOR,
                action="job done",
                subject=f"job:{row['job_id']}",
                body={"kind": "night", "subject": row["subject"], "by": "another start"},
            )


CHORES: tuple[Chore, ...] = (end_sleepers, schedule_due, end_what_others_did, forget_previews, tidy_batches)
