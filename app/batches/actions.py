"""What happens to a batch: its parts are written, it is received, imported, and its bytes are forgotten."""

import contextlib
from collections.abc import AsyncIterator
from datetime import date
from typing import Any, BinaryIO, cast

import msgspec

from app.batches.model import Upload
from app.batches.queries import Parts
from app.core import clock, db
from app.core.audit import audit
from app.core.db import Connection
from app.core.errors import Refusal, Rejection
from app.core.feed import MOST_REJECTIONS
from app.core.jobs import ACTOR, RunningJob, add_job
from app.declarations import ImportReport, import_file
from app.ledger import Command

_REJECTIONS_A_STATEMENT = 5_000


async def write_part(
    connection: Connection, command: Command, risk_carrier_id: int, batch_id: int, part_no: int, content: bytes
) -> None:
    """One part of an upload in a transaction of its own: a slow sender holds no connection in between."""
    async with db.transaction(connection, role="staff", actor=command.actor, risk_carriers=command.risk_carriers or ()):
        await connection.execute(
            """insert into batch_part (batch_id, part_no, risk_carrier_id, written_at, content)
               values ($1, $2, $3, $4, $5)""",
            *(batch_id, part_no, risk_carrier_id, clock.now(), content),
        )


_RECEIVE = """
insert into batch (batch_id, risk_carrier_id, idempotency_key, file_name, content_type, size_bytes, sha256, parts,
  business_date, received_at, received_by, keep_days, job_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_SAME_KEY = """
select batch_id, job_id, file_name, content_type, sha256 from batch
where risk_carrier_id = $1 and idempotency_key = $2
"""


async def receive_batch(connection: Connection, command: Command, upload: Upload) -> tuple[int, int, bool]:
    """Make an upload a batch, with the job that imports it. Answers its id, the job's, and whether it is a repeat.

    Refusal 422 `key_used_otherwise` when the idempotency key came before with another file.
    """
    async with db.transaction(connection, role="staff", actor=command.actor, risk_carriers=command.risk_carriers or ()):
        # two uploads with one key end one after the other; the second sees the first
        await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 44))", command.idempotency_key)
        same = await connection.fetchrow(_SAME_KEY, upload.risk_carrier_id, command.idempotency_key)
        if same is not None:
            given = (upload.file_name, upload.content_type, upload.sha256)
            if (same["file_name"], same["content_type"], same["sha256"]) != given:
                raise Refusal(
                    "key_used_otherwise",
                    "This Idempotency-Key came before with another file; give each file a key of its own.",
                    status=422,
                    field="Idempotency-Key",
                )
            return same["batch_id"], same["job_id"], True
        job_id, _ = await add_job(
            connection,
            kind="import",
            risk_carrier_id=upload.risk_carrier_id,
            subject=f"batch:{upload.batch_id}",
            business_date=command.business_date,
            payload={"batchId": upload.batch_id},
            actor=command.actor,
        )
        moment = clock.now()
        await connection.execute(
            _RECEIVE,
            *(upload.batch_id, upload.risk_carrier_id, command.idempotency_key, upload.file_name),
            *(upload.content_type, upload.size_bytes, upload.sha256, upload.parts, command.business_date, moment),
            *(command.actor, upload.keep_days, job_id),
        )
        await audit(
            connection,
            risk_carrier_id=upload.risk_carrier_id,
            account_id=None,
            occurred_at=moment,
            actor=command.actor,
            action="batch received",
            subject=f"batch:{upload.batch_id}",
            body={"sizeBytes": upload.size_bytes, "sha256": upload.sha256.hex(), "job": job_id},
        )
    return upload.batch_id, job_id, False


_TO_IMPORT = """
select b.batch_id, b.risk_carrier_id, c.code, b.file_name, b.parts, b.business_date, b.received_by, b.outcome
from batch b join risk_carrier c using (risk_carrier_id) where b.batch_id = $1
"""


async def import_batch(running: RunningJob, url: str) -> dict[str, Any]:
    """The work of an import job: load the batch or refuse it, with its report in the same transaction.

    Harmless when it was done before, or is done by two workers: a file is loaded once, and only the holder of the
    job's fence writes.
    """
    batch_id = int(running.job.payload["batchId"])
    name = running.session
    async with _connection(url, name) as connection, _connection(url, name) as reading:
        async with db.transaction(connection, role="worker", actor=ACTOR):
            batch = await connection.fetchrow(_TO_IMPORT, batch_id)
        assert batch is not None
        if batch["outcome"] is not None:
            return {"outcome": batch["outcome"]}

        async def finish(report: ImportReport) -> None:
            await _end(connection, running, batch_id, report)

        day: date = batch["business_date"]
        report = await import_file(
            connection,
            cast(BinaryIO, Parts(reading, batch_id, batch["parts"])),
            business_date=day,
            actor=batch["received_by"],
            risk_carrier_code=batch["code"],
            file_name=batch["file_name"],
            progress=lambda read: running.progress("records", read, read),
            keep_rejections=MOST_REJECTIONS,
            finish=finish,
        )
        if not report.loaded:
            async with db.transaction(connection, role="worker", actor=ACTOR):
                await _store(connection, batch_id, batch["risk_carrier_id"], report.rejections)
                await finish(report)
    return {"outcome": "loaded" if report.loaded else "refused", "read": report.read, "added": report.added}


@contextlib.asynccontextmanager
async def _connection(url: str, name: str) -> AsyncIterator[Connection]:
    connection = await db.connect(url, command_timeout=None, name=name)
    try:
        yield connection
    finally:
        await connection.close()


_END = """
update batch set outcome = $2, ended_at = $3::timestamptz, kind = $4,
  content_until = $3::timestamptz + make_interval(days => keep_days),
  source = $5, cut_off_date = $6, declared_rows = $7, declared_cents = $8, read = $9, added = $10, known = $11,
  changed = $12, control_total_cents = $13, rejection_count = $14, rejections_kept = $15, import_id = $16
where batch_id = $1 and outcome is null returning risk_carrier_id
"""


async def _end(connection: Connection, running: RunningJob, batch_id: int, report: ImportReport) -> None:
    """The report of a batch, in the transaction that loaded it; LostJob when the job is another worker's by now."""
    outcome, moment = "loaded" if report.loaded else "refused", clock.now()
    carrier = await connection.fetchval(
        _END,
        *(batch_id, outcome, moment, report.kind, report.source, report.cut_off_date, report.declared_rows),
        *(report.declared_total_cents, report.read, report.added, report.known, report.changed),
        *(report.control_total_cents, report.rejection_count, len(report.rejections), report.import_id),
    )
    assert carrier is not None, f"batch {batch_id} has an outcome already"
    await audit(
        connection,
        risk_carrier_id=carrier,
        account_id=None,
        occurred_at=moment,
        actor=ACTOR,
        action=f"batch {outcome}",
        subject=f"batch:{batch_id}",
        body={"read": report.read, "added": report.added, "rejections": report.rejection_count},
    )
    await running.keep_fence(connection)  # last: the transaction was long


_REJECTED = """
insert into batch_rejection (batch_id, rejection_no, risk_carrier_id, line, code, field, value, message)
select $1, $3 + r.no, $2, (r.it->>'line')::bigint, r.it->>'code', r.it->>'field', r.it->>'value', r.it->>'message'
from jsonb_array_elements($4::jsonb) with ordinality as r(it, no)
"""


async def _store(connection: Connection, batch_id: int, carrier: int, rejections: list[Rejection]) -> None:
    for start in range(0, len(rejections), _REJECTIONS_A_STATEMENT):
        some = msgspec.to_builtins(rejections[start : start + _REJECTIONS_A_STATEMENT])
        await connection.execute(_REJECTED, batch_id, carrier, start, some)


_FORGET_PARTS = """
delete from batch_part p where p.batch_id in (
  select batch_id from batch where content_until < clock_timestamp() and content_deleted_at is null
  order by content_until limit 1)
"""
_FORGOTTEN = """
update batch b set content_deleted_at = clock_timestamp()
where b.content_until < clock_timestamp() and b.content_deleted_at is null
  and not exists (select 1 from batch_part p where p.batch_id = b.batch_id)
"""
# An upload that is still under way began less than an hour ago, or has a part of the last hour.
_BROKEN_OFF = """
delete from batch_part p where p.batch_id in (
  select f.batch_id from batch_part f
  where f.part_no = 1 and f.written_at < clock_timestamp() - interval '1 hour'
    and not exists (select 1 from batch b where b.batch_id = f.batch_id)
    and not exists (select 1 from batch_part n where n.batch_id = f.batch_id
      and n.written_at >= clock_timestamp() - interval '1 hour')
  limit 1)
"""


async def tidy_batches(connection: Connection) -> None:
    """A chore of the sweep: the bytes of a batch whose time is over and of an upload that broke off, one of each.

    What the batch says (name, digest, counts, rejections) stays.
    """
    for statement in (_FORGET_PARTS, _FORGOTTEN, _BROKEN_OFF):
        async with db.transaction(connection, role="worker", actor=ACTOR):
            await connection.execute(statement)
