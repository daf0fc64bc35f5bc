"""What PostgreSQL still owes, looked up every few seconds by every worker: enough on its own, should nobody ever ring.

A chore makes rows or takes them away in transactions of its own and may be done by several workers at once.
"""

from collections.abc import Awaitable, Callable

from app.core.db import Connection, transaction
from app.core.jobs import ACTOR
from app.nights import schedule_due

Chore = Callable[[Connection], Awaitable[object]]

_KEEP_PREVIEWS = "30 days"  # a preview is about a day that has passed by then
_FORGET = "delete from job where kind = 'preview' and ended_at < clock_timestamp() - $1::text::interval"


async def forget_previews(connection: Connection) -> None:
    """Previews of a month ago go; the rows of other jobs stay, they say what happened."""
    async with transaction(connection, role="worker", actor=ACTOR):
        await connection.execute(_FORGET, _KEEP_PREVIEWS)


CHORES: tuple[Chore, ...] = (schedule_due, forget_previews)
