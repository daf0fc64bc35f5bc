"""Nights over HTTP: start one, what one did and decided, what one would do."""

from datetime import date
from typing import Annotated, Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.core.bell import Bell
from app.core.db import Pool
from app.core.jobs import read_job
from app.ledger import command_of
from app.nights import actions, queries
from app.nights.model import (
    AskPreview,
    Night,
    NightDecision,
    NightPreview,
    NightReport,
    RunState,
    StartNight,
)
from app.queue import JobStatus, job_status
from app.web.caller import Caller
from app.web.database import reading, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, IdempotencyKey, RiskCarrierCode, RiskCarrierPath
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing

PreviewNumber = Annotated[
    int,
    PathParameter(ge=1, le=2**63 - 1, description="Number of the preview.", examples=[Example(value=17)]),
]
DayPath = Annotated[date, PathParameter(description="The business date.", examples=[Example(value="2026-03-02")])]


@post(
    "/nights",
    operation_id="startNight",
    summary="Start a night",
    status_code=202,
    responses=PROBLEMS,
)
async def start(
    data: JSONBody[StartNight],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[JobStatus]:
    """Ask for the night of a business date, and for those missed before it, in order; a worker runs it at once.

    A night is one job, however often it is asked for: `Location` leads to it. When its gate is closed it waits,
    says for what, and goes on by itself.
    """
    async with writing(pool) as connection:
        job_id, again = await actions.start_night(connection, command_of(caller, idempotency_key, today), data)
    await bell.ring(job_id)
    async with reading(pool, caller) as connection:
        status = await job_status(connection, job_id)
    if status is None:  # its risk carrier was taken from the token in between
        raise missing("job")
    return Response(status, status_code=202, headers=_accepted(f"/v1/jobs/{job_id}", again))


def _accepted(location: str, again: bool) -> dict[str, str]:
    return {"Location": location, **({"Idempotent-Replayed": "true"} if again else {})}


@get("/nights", operation_id="listNights", summary="Nights, newest first", responses=READ_PROBLEMS)
async def nights(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierCode = None,
    in_state: Annotated[RunState | None, QueryParameter(name="state", description="Only in this state.")] = None,
    first: Annotated[date | None, QueryParameter(name="from", description="From this business date on.")] = None,
    last: Annotated[date | None, QueryParameter(name="until", description="Up to and including this one.")] = None,
    page_size: PageSize = 50,
    page: Cursor = None,
) -> Page[Night]:
    """The nights of the caller's risk carriers, newest business date first."""
    after = read_cursor(page, (date, str)) if page else None
    async with reading(pool, caller) as connection:
        found = await queries.list_nights(
            connection,
            risk_carrier=risk_carrier,
            state=in_state,
            first=first,
            last=last,
            after=(after[0], after[1]) if after else None,
            most=page_size + 1,
        )
    return _page(found, page_size, [(each.business_date, each.risk_carrier) for each in found])


def _page(found: list[Any], size: int, keys: list[tuple[Any, ...]]) -> Page[Any]:
    more = len(found) > size
    return Page(items=found[:size], next_cursor=cursor(*keys[size - 1]) if more else None)


@get(
    "/nights/{risk_carrier:str}/{business_date:date}",
    operation_id="readNight",
    summary="What a night did",
    responses=READ_PROBLEMS,
)
async def report(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierPath,
    business_date: DayPath,
) -> NightReport:
    """From gross to offsets to net, what was left out and why, what was parked or held, and how far it is.

    While it runs the sums are of the batches that are done.
    """
    async with reading(pool, caller) as connection:
        found = await queries.night_report(connection, risk_carrier, business_date)
    if found is None:
        raise missing("night")
    return found


@get(
    "/nights/{risk_carrier:str}/{business_date:date}/decisions",
    operation_id="listNightDecisions",
    summary="What a night decided, claim by claim",
    responses=READ_PROBLEMS,
)
async def decisions(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierPath,
    business_date: DayPath,
    answer: Annotated[
        str | None,
        QueryParameter(
            min_length=1,
            max_length=64,
            pattern=PLAIN,
            description="Only with this answer, by its code.",
            examples=[Example(value="not yet due")],
        ),
    ] = None,
    page_size: PageSize = 50,
    page: Cursor = None,
) -> Page[NightDecision]:
    """The decisions that this night made anew; for every other claim the one of an earlier night still holds."""
    after = read_cursor(page, (int, int)) if page else None
    async with reading(pool, caller) as connection:
        found = await queries.list_decisions(
            connection,
            risk_carrier,
            business_date,
            answer=answer,
            after=(after[0], after[1]) if after else None,
            most=page_size + 1,
        )
    if found is None:
        raise missing("night")
    return _page([each for _, _, each in found], page_size, [(account, claim) for account, claim, _ in found])


@post(
    "/night-previews",
    operation_id="askNightPreview",
    summary="Ask what a night would do",
    status_code=202,
    responses=PROBLEMS,
)
async def ask_preview(
    data: JSONBody[AskPreview],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[NightPreview]:
    """What the night of that date would do as the books stand when a worker reads them; it books nothing.

    The same statements decide as in the night itself. `Location` leads to the preview; it is kept for 30 days.
    """
    async with writing(pool) as connection:
        job_id, again = await actions.ask_preview(connection, command_of(caller, idempotency_key, today), data)
    await bell.ring(job_id)
    found = await _preview(pool, caller, job_id)
    return Response(found, status_code=202, headers=_accepted(f"/v1/night-previews/{job_id}", again))


@get(
    "/night-previews/{preview_id:int}",
    operation_id="readNightPreview",
    summary="What a night would do",
    responses=READ_PROBLEMS,
)
async def preview(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], preview_id: PreviewNumber
) -> NightPreview:
    """A preview that was asked for: totals, claims left out by reason, and the first 1,000 lines, once it is done."""
    return await _preview(pool, caller, preview_id)


async def _preview(pool: Pool, caller: Caller, preview_id: int) -> NightPreview:
    async with reading(pool, caller) as connection:
        job = await read_job(connection, preview_id)
        if job is None or job.kind != "preview":
            raise missing("preview")
        return await queries.preview_of(connection, job)


ROUTER = Router("/", route_handlers=[start, nights, report, decisions, ask_preview, preview])
