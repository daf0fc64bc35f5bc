"""Batches as others read them, and their bytes for the worker."""

import asyncio
from collections.abc import AsyncIterator

from app.batches.model import Batch, BatchState
from app.core.db import Connection
from app.core.errors import Rejection

PART_SECONDS = 30.0  # not money: longer no part of a file may take to come from the database
_PAGE = 2_000

_BATCHES = """
select b.batch_id, c.code as risk_carrier,
  coalesce(b.outcome, case j.state when 'running' then 'loading' when 'failed' then 'failed' else 'received' end)
    as state,
  b.file_name, b.content_type, b.size_bytes, encode(b.sha256, 'hex') as sha256, b.business_date, b.received_at,
  b.received_by, b.job_id, j.waiting_for, case when b.outcome is null then j.error_code end as error,
  b.kind, b.source, b.cut_off_date, b.declared_rows, b.declared_cents as declared_total_cents,
  coalesce(b.read, j.done) as read, b.added, b.known, b.changed, b.control_total_cents, b.rejection_count,
  b.rejections_kept, b.ended_at, b.content_deleted_at
from batch b join risk_carrier c using (risk_carrier_id) join job j using (job_id)
where ($1::bigint is null or b.batch_id = $1) and ($2::text is null or c.code = $2)
  and ($3::text is null or coalesce(b.outcome, case j.state when 'running' then 'loading' when 'failed' then 'failed'
    else 'received' end) = $3) and ($4::bigint is null or b.batch_id < $4)
order by b.batch_id desc limit $5
"""


async def read_batch(connection: Connection, batch_id: int) -> Batch | None:
    """One batch, or None when there is none that the reader may see."""
    row = await connection.fetchrow(_BATCHES, batch_id, None, None, None, 1)
    return None if row is None else Batch(**dict(row))


async def list_batches(
    connection: Connection, *, risk_carrier: str | None, state: BatchState | None, before: int | None, most: int
) -> list[Batch]:
    """Batches, newest first; `before` is the id of the last one of the page before."""
    rows = await connection.fetch(_BATCHES, None, risk_carrier, state, before, most)
    return [Batch(**dict(row)) for row in rows]


_REJECTIONS = """
select rejection_no, line, code, field, value, message from batch_rejection
where batch_id = $1 and rejection_no > $2 order by rejection_no limit $3
"""


async def rejections(connection: Connection, batch_id: int) -> AsyncIterator[Rejection]:
    """The refused faults of a batch in the order of the file, some thousands at a time."""
    last = 0
    while rows := await connection.fetch(_REJECTIONS, batch_id, last, _PAGE):
        for row in rows:
            yield Rejection(
                code=row["code"], field=row["field"], message=row["message"], value=row["value"], line=row["line"]
            )
        last = rows[-1]["rejection_no"]


class Parts:
    """The bytes of a batch as a stream that threads read; the connection belongs to the loop that made this."""

    def __init__(self, connection: Connection, batch_id: int, parts: int) -> None:
        self._connection = connection
        self._batch_id = batch_id
        self._left = iter(range(1, parts + 1))
        self._loop = asyncio.get_running_loop()

    def read(self, _size: int = -1) -> bytes:
        """The next part whatever its size, b"" after the last one. Only from another thread than the loop's."""
        part = next(self._left, None)
        if part is None:
            return b""
        asked = asyncio.run_coroutine_threadsafe(self._part(part), self._loop)
        return asked.result(PART_SECONDS)

    async def _part(self, part: int) -> bytes:
        content: bytes | None = await self._connection.fetchval(
            "select content from batch_part where batch_id = $1 and part_no = $2", self._batch_id, part
        )
        assert content is not None, f"part {part} of batch {self._batch_id} is gone"
        return content
