"""Reading jobs with the code of their risk carrier."""

from app.core.db import Connection
from app.core.jobs import Job, list_jobs, read_job
from app.queue.model import JobStatus


async def job_status(connection: Connection, job_id: int) -> JobStatus | None:
    """The job, or None when there is none that the reader may see."""
    job = await read_job(connection, job_id)
    return None if job is None else (await _told(connection, [job]))[0]


async def job_list(
    connection: Connection, *, state: str | None, kind: str | None, code: str | None, before: int | None, most: int
) -> list[JobStatus]:
    """Jobs, newest first, without their results."""
    carrier = None
    if code is not None:
        carrier = await connection.fetchval("select risk_carrier_id from risk_carrier where code = $1", code)
        if carrier is None:
            return []
    found = await list_jobs(
        connection, state=state, kind=kind, risk_carrier_id=carrier, before=before, most=most, results=False
    )
    return await _told(connection, found)


async def _told(connection: Connection, jobs: list[Job]) -> list[JobStatus]:
    rows = await connection.fetch("select risk_carrier_id, code from risk_carrier")
    codes = {row["risk_carrier_id"]: row["code"] for row in rows}
    return [
        JobStatus(
            job_id=job.job_id,
            kind=job.kind,
            risk_carrier=codes.get(job.risk_carrier_id),
            subject=job.subject,
            business_date=job.business_date,
            state=job.state,  # type: ignore[arg-type] # the check of the column holds it to these four
            attempts=job.attempts,
            not_before=job.not_before,
            waiting_for=job.waiting_for if job.state == "waiting" else None,
            stage=job.stage,
            done=job.done,
            total=job.total,
            error=job.error_code if job.state != "done" else None,
            error_text=job.error_text if job.state != "done" else None,
            result=None if job.kind == "preview" else job.result,  # a preview is read at its own address
            created_at=job.created_at,
            started_at=job.started_at,
            ended_at=job.ended_at,
        )
        for job in jobs
    ]
