"""Pages of jobs: what waits, runs, is done or failed and why; ask for a failed one again."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core.bell import Bell
from app.core.db import Pool
from app.core.errors import Refusal
from app.queue.actions import retry
from app.queue.api import JobNumber
from app.queue.queries import job_list, job_status
from app.web.database import reading, writing
from app.web.page import go, pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked

PAGE = 50
STATES = {
    "waiting": ("warn", marked("wacht")),
    "running": ("busy", marked("loopt")),
    "done": ("good", marked("klaar")),
    "failed": ("bad", marked("mislukt")),
}
KINDS = {
    "night": marked("nacht"),
    "preview": marked("proefnacht"),
    "checks": marked("alle controles"),
    "import": marked("bestand inlezen"),
}
"""The kinds of work, in the words of the pages."""
RETRIES = frozenset({"nights:start", "batches:write"})
"""What a person may ask again: each role that policy.toml lets in may ask for each kind of work itself."""


def _words() -> dict[str, Any]:
    return {
        "states": {state: (kind, gettext(text)) for state, (kind, text) in STATES.items()},
        "kinds": {kind: gettext(text) for kind, text in KINDS.items()},
    }


@get("/jobs")
async def jobs(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    in_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    kind: Annotated[str, QueryParameter(max_length=20)] = "",
    page: Cursor = None,
) -> Response[str]:
    """The jobs of the person's risk carriers, newest first."""
    state, only = (in_state if in_state in STATES else ""), (kind if kind in KINDS else "")
    before = read_cursor(page, (int,))[0] if page else None
    async with reading(pool, person) as connection:
        found = await job_list(
            connection, state=state or None, kind=only or None, code=None, before=before, most=PAGE + 1
        )
    more = None
    if len(found) > PAGE:
        more = "/jobs?" + urlencode({"state": state, "kind": only, "cursor": cursor(found[PAGE - 1].job_id)})
    return render(
        request, "queue/list.html", jobs=found[:PAGE], chosen={"state": state, "kind": only}, more=more, **_words()
    )


@get("/jobs/{job_id:int}")
async def job(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person], job_id: JobNumber
) -> Response[str]:
    """What a job is about, how far it is, what it waits for, and how it ended."""
    async with reading(pool, person) as connection:
        found = await job_status(connection, job_id)
    if found is None:
        raise missing("job")
    return render(request, "queue/job.html", job=found, **_words())


@post("/jobs/{job_id:int}/retries", status_code=200)
async def retried(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    bell: NamedDependency[Bell],
    job_id: JobNumber,
) -> Response[str]:
    """Let a failed job be tried again; sent twice it does nothing more."""
    try:
        async with writing(pool) as connection:
            await retry(connection, person, RETRIES, job_id)
    except Refusal as refusal:
        if refusal.code != "job_done":
            raise
        return go(request, f"/jobs/{job_id}", gettext("Deze taak is al klaar; er valt niets meer te doen."))
    await bell.ring(job_id)
    return go(request, f"/jobs/{job_id}", gettext("De taak wordt opnieuw geprobeerd."))


PAGES = pages(jobs, job, retried)
