"""Incidents over HTTP: what is to be looked at, and its resolution."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.core.db import Pool
from app.incidents.actions import resolve_incident
from app.incidents.model import Incident, Open, ResolveIncident
from app.incidents.queries import list_incidents, read_incident
from app.ledger import command_of, replay_header
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, IdempotencyKey, ProviderNumber, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

Id = Annotated[
    int, PathParameter(ge=1, le=2**63 - 1, description="Number of the incident.", examples=[Example(value=123)])
]


class Resolved(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An incident that was resolved, by whom and how."""

    id: int
    resolution: str
    resolved_by: str


@get("/", operation_id="listIncidents", summary="List incidents", responses=READ_PROBLEMS)
async def get_incidents(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierCode = None,
    provider: ProviderNumber = None,
    check: Annotated[
        str | None, QueryParameter(max_length=60, pattern=PLAIN, description="Only found by this check.")
    ] = None,
    incident_state: Annotated[
        Open, QueryParameter(name="state", description="Which ones; open when not given.")
    ] = "open",
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[Incident]:
    """What checks, nights and releases found wrong, the oldest first. An open one on an account holds its payouts."""
    place: tuple[Any, ...] = read_cursor(after, (int,)) if after else (None,)
    async with reading(pool, caller) as conn:
        if risk_carrier is not None:
            await risk_carrier_id(conn, risk_carrier)
        found = await list_incidents(
            conn,
            risk_carrier=risk_carrier,
            check=check,
            provider=provider,
            state=incident_state,
            after=place[0],
            limit=page_size + 1,
        )
    return Page(found[:page_size], cursor(found[page_size - 1].id) if len(found) > page_size else None)


@get("/{incident:int}", operation_id="getIncident", summary="Get an incident", responses=READ_PROBLEMS)
async def get_incident(incident: Id, caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Incident:
    """What was found, about whom, and how it was resolved."""
    async with reading(pool, caller) as conn:
        found = await read_incident(conn, incident)
    if found is None:
        raise missing(f"incident {incident}")
    return found


@post(
    "/{incident:int}/resolution",
    operation_id="resolveIncident",
    summary="Resolve an incident",
    responses=PROBLEMS,
    response_headers=CREATED_HEADERS,
)
async def post_resolution(
    incident: Id,
    data: JSONBody[ResolveIncident],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Resolved]:
    """Say how it was resolved. What waited for it goes on with the next night or release."""
    async with writing(pool) as conn:
        answer = await resolve_incident(conn, command_of(caller, idempotency_key, today), incident, data)
    return created(msgspec.convert(answer, Resolved), f"/v1/incidents/{incident}", replay_header(answer))


ROUTER = Router("/incidents", route_handlers=[get_incidents, get_incident, post_resolution])
"""`/incidents`."""
