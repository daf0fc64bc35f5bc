"""Jobs over HTTP: what waits, runs, is done or failed and why; ask for a failed one again."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from app.core.bell import Bell
from app.core.db import Pool
from app.queue.actions import retry
from app.queue.model import JobState, JobStatus
from app.queue.queries import job_list, job_status
from app.web.caller import Caller
from app.web.database import reading, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing

JobNumber = Annotated[
    int, PathParameter(ge=1, le=2**63 - 1, description="Number of the job.", examples=[Example(value=17)])
]


@get("/", operation_id="listJobs", summary="Jobs, newest first", responses=READ_PROBLEMS)
async def jobs(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    in_state: Annotated[JobState | None, QueryParameter(name="state", description="Only in this state.")] = None,
    kind: Annotated[
        str | None,
        QueryParameter(
            min_length=1,
            max_length=20,
            pattern="^[a-z]+$",
            description="Only of this kind.",
            examples=[Example(value="night")],
        ),
    ] = None,
    risk_carrier: RiskCarrierCode = None,
    page_size: PageSize = 50,
    page: Cursor = None,
) -> Page[JobStatus]:
    """The jobs of the caller's risk carriers, newest first; `result` only stands in the job itself."""
    before = read_cursor(page, (int,))[0] if page else None
    async with reading(pool, caller) as connection:
        found = await job_list(
            connection, state=in_state, kind=kind, code=risk_carrier, before=before, most=page_size + 1
        )
    more = len(found) > page_size
    return Page(items=found[:page_size], next_cursor=cursor(found[page_size - 1].job_id) if more else None)


@get("/{job_id:int}", operation_id="readJob", summary="A job", responses=READ_PROBLEMS)
async def job(caller: NamedDependency[Caller], pool: NamedDependency[Pool], job_id: JobNumber) -> JobStatus:
    """What a job is about, how far it is, what it waits for, and how it ended."""
    return await _read(pool, caller, job_id)


@post(
    "/{job_id:int}/retries",
    operation_id="retryJob",
    summary="Ask for a failed job again",
    status_code=202,
    responses=PROBLEMS,
)
async def retried(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    bell: NamedDependency[Bell],
    job_id: JobNumber,
) -> Response[JobStatus]:
    """Let a failed job be tried again, from the start of its count. Sent twice it does nothing more.

    Scope: that of asking for such a job, `batches:write` for an import and `nights:start` for the others.
    """
    async with writing(pool) as connection:
        await retry(connection, caller, caller.scopes, job_id)
    await bell.ring(job_id)
    status = await _read(pool, caller, job_id)
    return Response(status, status_code=202, headers={"Location": f"/v1/jobs/{job_id}"})


async def _read(pool: Pool, caller: Caller, job_id: int) -> JobStatus:
    async with reading(pool, caller) as connection:
        found = await job_status(connection, job_id)
    if found is None:
        raise missing("job")
    return found


ROUTER = Router("/jobs", route_handlers=[jobs, job, retried])
