"""Pages of insight: what is open by age on any day, and what became of what was claimed."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core.db import Pool
from app.reports import insight
from app.web.database import reading
from app.web.page import pages, render, request_kind
from app.web.paging import Cursor, cursor, read_cursor
from app.web.people import Person
from app.web.words import day, gettext

PAGE = 50


@get("/ageing")
async def ageing(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
    on: Annotated[str, QueryParameter(name="on", max_length=20)] = "",
) -> Response[str]:
    """What was open at the end of a day, by age; of today when no day is asked for."""
    found_day = _day(on, today)
    error = "" if found_day else gettext("Dit is geen dag. Hieronder staat vandaag; kies een andere dag.")
    chosen = found_day or today
    async with reading(pool, person) as connection:
        found = await insight.ageing(connection, chosen)
    return render(
        request, "reports/ageing.html", status=422 if error else 200, ageings=found, on=chosen, today=today, error=error
    )


def _day(text: str, today: date) -> date | None:
    """The day of an address; today when none is asked for, None when it is not one."""
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        return None


@get("/funnel")
async def funnel(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """What was claimed per reason code and what became of it; the start page asks for the table alone."""
    async with reading(pool, person) as connection:
        found = await insight.funnel(connection)
    part = request_kind(request) == "part"
    template = "reports/funnel_tables.html" if part else "reports/funnel.html"
    return render(request, template, funnels=_by_carrier(found))


def _by_carrier(found: list[insight.Funnel]) -> dict[str, list[insight.Funnel]]:
    made: dict[str, list[insight.Funnel]] = {}
    for each in found:
        made.setdefault(each.code, []).append(each)
    return made


@get("/ageing/claims")
async def ageing_claims(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    on: Annotated[str, QueryParameter(name="on", max_length=20)] = "",
    age: Annotated[str, QueryParameter(name="age", max_length=4)] = "",
    after: Cursor = None,
) -> Response[str]:
    """The claims behind an amount of the ageing: of one age, of all that is due, or of the whole day."""
    chosen = _day(on, today) or today
    known = {str(place): insight.range_of_age(place) for place in range(len(insight.AGES))}
    known |= {"due": (1, insight.AGES[-1][0]), "": (0, insight.AGES[-1][0])}
    place = read_cursor(after, insight.PLACE) if after else None
    age = age if age in known else ""
    async with reading(pool, person) as connection:
        found = await insight.aged(connection, chosen, risk_carrier, known[age], after=place, limit=PAGE)
    words = {"due": gettext("vervallen"), "": gettext("alles wat openstaat")}
    word = words[age] if age in words else gettext(insight.AGES[int(age)][1])
    return render(
        request,
        "reports/shares.html",
        shares=found,
        asked={"riskCarrier": risk_carrier, "on": chosen.isoformat(), "age": age},
        here="/ageing/claims",
        title=gettext("Openstaand op %(date)s: %(age)s", date=day(chosen), age=word),
        column=gettext("Toen open"),
        back=(f"/ageing?on={chosen}", gettext("Openstaand naar ouderdom")),
        following=_following(found),
    )


@get("/funnel/claims")
async def funnel_claims(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    reason: Annotated[str, QueryParameter(name="reasonCode", max_length=40)] = "",
    part: Annotated[str, QueryParameter(name="part", max_length=20)] = "claimed",
    after: Cursor = None,
) -> Response[str]:
    """The claims behind a part of the funnel: of one reason code, or of all of a risk carrier."""
    part = part if part in insight.PARTS else "claimed"
    place = read_cursor(after, insight.PLACE) if after else None
    async with reading(pool, person) as connection:
        found = await insight.part_of_funnel(connection, risk_carrier, reason or None, part, after=place, limit=PAGE)
    word = gettext(insight.PARTS[part])
    return render(
        request,
        "reports/shares.html",
        shares=found,
        asked={"riskCarrier": risk_carrier, "reasonCode": reason, "part": part},
        here="/funnel/claims",
        title=f"{reason}: {word}" if reason else word,
        column=word,
        back=("/funnel", gettext("Wat er van het gevorderde werd")),
        following=_following(found),
    )


def _following(found: insight.Shares) -> str | None:
    if len(found.page) < PAGE:
        return None
    last = found.page[-1]
    return cursor(last.cents, last.account_id, last.claim_id)


PAGES = pages(ageing, funnel, ageing_claims, funnel_claims)
