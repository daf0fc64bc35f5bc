"""Incidents as pages: what waits for somebody, one of them, and saying how it was resolved."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.core.db import Pool
from app.incidents.actions import resolve_incident
from app.incidents.model import Incident, Open, ResolveIncident
from app.incidents.queries import list_incidents, read_incident
from app.ledger import Command
from app.web.choices import carriers_seen
from app.web.database import reading, risk_carrier_id, writing
from app.web.page import form_of, go, pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import RiskCarrierCode
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked

_PAGE = 50
_LONGEST = 400  # of app/ledger's Text
_TITLES = {
    "parked": marked("Rekening geparkeerd: de nacht ging verder zonder deze rekening"),
    "payment_refused": marked("De bank weigerde een uitbetaling"),
    "job": marked("Een taak mislukte"),
    "agreement": marked("Overeenkomsten van een betaler konden niet toegepast worden"),
    "waits_long": marked("Geld wacht op een datum die meer dan een maand weg is"),
    "maturity": marked("Een stille vordering kon geen vordering met brief worden"),
}


def title_of(check: str) -> str:
    """What an incident of that check is, in the language at hand."""
    known = _TITLES.get(check)
    return gettext(known) if known else gettext("Controle %(check)s vond een verschil in de boeken", check=check)


@get("/incidents")
async def incidents(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: RiskCarrierCode = None,
    only: Annotated[Open, QueryParameter(name="state")] = "open",
    after: Cursor = None,
) -> Response[str]:
    """The incidents of the person's risk carriers, the oldest first."""
    place: tuple[Any, ...] = read_cursor(after, (int,)) if after else (None,)
    async with reading(pool, person) as connection:
        if risk_carrier is not None:
            await risk_carrier_id(connection, risk_carrier)
        found = await list_incidents(connection, risk_carrier=risk_carrier, state=only, after=place[0], limit=_PAGE + 1)
        carriers = await carriers_seen(connection)
    asked = {"state": only} | ({"riskCarrier": risk_carrier} if risk_carrier else {})
    following = urlencode({**asked, "cursor": cursor(found[_PAGE - 1].id)}) if len(found) > _PAGE else ""
    return render(
        request,
        "incidents/list.html",
        incidents=found[:_PAGE],
        carriers=carriers,
        asked=asked,
        following=f"/incidents?{following}" if following else "",
        title_of=title_of,
    )


@get("/incidents/{incident:int}")
async def incident_page(
    request: Request[Any, Any, Any],
    incident: FromPath[int],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
) -> Response[str]:
    """What was found, about whom, what it holds back, and the form that resolves it."""
    return _shown(request, await _read(pool, person, incident))


@post("/incidents/{incident:int}/resolution", status_code=200)
async def incident_resolved(
    request: Request[Any, Any, Any],
    incident: FromPath[int],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
) -> Response[str]:
    """Resolve it with a reason; the form again, with the reason in it, when that does not fit."""
    form = await form_of(request)
    text = form.get("resolution", "")
    if not 1 <= len(text) <= _LONGEST:
        error = gettext("Schrijf in 1 tot 400 tekens wat er gedaan is.")
        return _shown(request, await _read(pool, person, incident), status=422, resolution=text, error=error)
    command = Command(actor=person.actor, business_date=today, risk_carriers=person.risk_carriers)
    async with writing(pool) as connection:
        await resolve_incident(connection, command, incident, msgspec.convert({"resolution": text}, ResolveIncident))
    return go(request, "/incidents", gettext("Melding %(number)s is opgelost.", number=incident))


async def _read(pool: Pool, person: Person, number: int) -> Incident:
    async with reading(pool, person) as connection:
        found = await read_incident(connection, number)
    if found is None:
        raise missing(f"incident {number}")
    return found


def _shown(
    request: Any, incident: Incident, *, status: int = 200, resolution: str = "", error: str = ""
) -> Response[str]:
    return render(
        request,
        "incidents/one.html",
        status=status,
        incident=incident,
        title=title_of(incident.check),
        resolution=resolution,
        error=error,
    )


PAGES = pages(incidents, incident_page, incident_resolved)
