"""Pages of insight: what is open by age on any day, and what became of what was claimed."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core.db import Pool
from app.reports import views
from app.web.database import reading
from app.web.page import pages, render, request_kind
from app.web.people import Person
from app.web.words import gettext


@get("/ageing")
async def ageing(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
    on: Annotated[str, QueryParameter(name="on", max_length=20)] = "",
) -> Response[str]:
    """What was open at the end of a day, by age; of today when no day is asked for."""
    error, chosen = "", today
    if on:
        try:
            chosen = date.fromisoformat(on)
        except ValueError:
            error = gettext("Dit is geen dag. Hieronder staat vandaag; kies een andere dag.")
    async with reading(pool, person) as connection:
        found = await views.ageing(connection, chosen)
    return render(
        request, "reports/ageing.html", status=422 if error else 200, ageings=found, on=chosen, today=today, error=error
    )


@get("/funnel")
async def funnel(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """What was claimed per reason code and what became of it; the start page asks for the table alone."""
    async with reading(pool, person) as connection:
        found = await views.funnel(connection)
    part = request_kind(request) == "part"
    template = "reports/funnel_tables.html" if part else "reports/funnel.html"
    return render(request, template, funnels=_by_carrier(found))


def _by_carrier(found: list[views.Funnel]) -> dict[str, list[views.Funnel]]:
    made: dict[str, list[views.Funnel]] = {}
    for each in found:
        made.setdefault(each.code, []).append(each)
    return made


PAGES = pages(ageing, funnel)
