"""Pages of providers: the list, and one with all that is dated, and its balances per risk carrier."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core.db import Pool
from app.parties import queries
from app.parties.model import Provider, ProviderFilter
from app.web.database import reading
from app.web.page import pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import ProviderPath
from app.web.people import Person
from app.web.problems import missing

PAGE = 50


@get("/providers")
async def providers(
    request: Request[Any, Any, Any],
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    kvk: Annotated[str, QueryParameter(name="kvk", max_length=20)] = "",
    agb: Annotated[str, QueryParameter(name="agb", max_length=20)] = "",
    after: Cursor = None,
) -> Response[str]:
    """Providers with a running account, in order of number; names and IBANs are looked for in the header."""
    place = read_cursor(after, (str,))[0] if after else None
    asked = {"riskCarrier": risk_carrier.strip(), "kvk": kvk.strip(), "agb": agb.strip()}
    wanted = ProviderFilter(
        risk_carrier=asked["riskCarrier"] or None, kvk=asked["kvk"] or None, agb=asked["agb"] or None
    )
    async with reading(pool, person) as conn:
        found = await queries.list_providers(conn, wanted, on=today, after=place, limit=PAGE + 1)
    return render(
        request,
        "parties/list.html",
        providers=found[:PAGE],
        asked=asked,
        following=cursor(found[PAGE - 1].number) if len(found) > PAGE else None,
    )


@get("/providers/{number:str}")
async def provider(
    request: Request[Any, Any, Any],
    number: ProviderPath,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
) -> Response[str]:
    """A provider: who it is, what it has and had, and what is owed both ways."""
    async with reading(pool, person) as conn:
        found: Provider | None = await queries.read_provider(conn, number)
    if found is None:
        raise missing("provider")
    return render(request, "parties/one.html", provider=found, today=today)


PAGES = pages(providers, provider)
