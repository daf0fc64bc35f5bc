"""Asking for a failed job again."""

from app.core.db import Connection, transaction
from app.core.errors import Refusal
from app.core.jobs import read_job, retry_job
from app.web.caller import Reader

_SCOPES = {"import": "batches:write"}
"""Who may ask for a kind again: who may ask for it at all."""


async def retry(connection: Connection, caller: Reader, scopes: frozenset[str], job_id: int) -> None:
    """Ask for a failed job again; for one that waits or runs nothing needs to be done.

    Refusal 404 when the caller may not see it, 403 when the scopes do not reach, 409 when it is done.
    """
    async with transaction(connection, role="staff", actor=caller.actor, risk_carriers=caller.risk_carriers):
        job = await read_job(connection, job_id)
        if job is None:
            raise Refusal("not_found", f"There is no job {job_id} that this token may see.", status=404)
        scope = _SCOPES.get(job.kind, "nights:start")
        if scope not in scopes:
            raise Refusal("forbidden", f"This token lacks the scope {scope}.", status=403)
        if job.state == "done":
            raise Refusal("job_done", f"Job {job_id} is done; nothing is left to do.")
        if job.state == "failed":
            await retry_job(connection, job_id, actor=caller.actor)
