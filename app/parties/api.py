"""Parties over HTTP: risk carriers, providers with all that is dated, and who had an AGB code on a day. Reads only."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.core.db import Pool
from app.core.errors import Refusal
from app.parties import queries
from app.parties.model import AgbOwner, Provider, ProviderFilter, ProviderSummary, RiskCarrier
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, RiskCarrierCode
from app.web.problems import READ_PROBLEMS, missing

SEARCH_LIMIT = 100
_Part = Annotated[str, msgspec.Meta(min_length=3, max_length=140, pattern=PLAIN)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=PLAIN)]


class ProviderSearch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Whom to look for: at least one of these. `name` is a part of the name; the others are whole."""

    name: _Part | None = None
    iban: _Word | None = None
    kvk: _Word | None = None
    agb: _Word | None = None
    risk_carrier: _Word | None = None


class ProviderMatches(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who was found, in order of number. `complete` is false when there are more: ask for less."""

    items: list[ProviderSummary]
    complete: bool


class RiskCarriers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The risk carriers that the token may see."""

    items: list[RiskCarrier]


Number = Annotated[
    str,
    PathParameter(
        min_length=1,
        max_length=64,
        pattern=PLAIN,
        description="The provider's number, as the providers file gave it.",
        examples=[Example(value="P000123")],
    ),
]
AgbCode = Annotated[
    str, PathParameter(pattern="^[0-9]{8}$", description="An AGB code.", examples=[Example(value="04000001")])
]
OnDate = Annotated[date | None, QueryParameter(name="onDate", description="The day; today when not given.")]


@get("/risk-carriers", operation_id="listRiskCarriers", summary="List risk carriers", responses=READ_PROBLEMS)
async def list_risk_carriers(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], today: NamedDependency[date]
) -> RiskCarriers:
    """The risk carriers of the token, with brands and UZOVI codes. Elsewhere a risk carrier is named by its `code`."""
    async with reading(pool, caller) as conn:
        return RiskCarriers(items=await queries.risk_carriers(conn, today))


@get("/providers", operation_id="listProviders", summary="List providers", responses=READ_PROBLEMS)
async def list_providers(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: RiskCarrierCode = None,
    kvk: Annotated[str | None, QueryParameter(pattern="^[0-9]{8}$", description="Only with this KvK number.")] = None,
    agb: Annotated[
        str | None, QueryParameter(pattern="^[0-9]{8}$", description="Only who has this AGB code today.")
    ] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[ProviderSummary]:
    """Providers that have a running account with a risk carrier of the token, in order of number.

    A name or IBAN is personal data and stands in no address: look for those with `POST /provider-searches`.
    """
    place: tuple[Any, ...] = read_cursor(after, (str,)) if after else (None,)
    async with reading(pool, caller) as conn:
        if risk_carrier is not None:
            await risk_carrier_id(conn, risk_carrier)
        wanted = ProviderFilter(risk_carrier=risk_carrier, kvk=kvk, agb=agb)
        found = await queries.list_providers(conn, wanted, on=today, after=place[0], limit=page_size + 1)
    return Page(found[:page_size], cursor(found[page_size - 1].number) if len(found) > page_size else None)


@post(
    "/provider-searches",
    operation_id="searchProviders",
    summary="Look for providers by name or IBAN",
    status_code=200,
    responses=READ_PROBLEMS,
)
async def search_providers(
    data: JSONBody[ProviderSearch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
) -> ProviderMatches:
    """The same as the list, by what may not stand in an address or a log. Nothing is kept; at most 100 are found."""
    if all(getattr(data, name) is None for name in ("name", "iban", "kvk", "agb")):
        raise Refusal("nothing_asked", "Give a name, IBAN, KvK number or AGB code to look for.", status=422)
    wanted = ProviderFilter(
        risk_carrier=data.risk_carrier,
        kvk=data.kvk,
        agb=data.agb,
        name=data.name,
        iban=None if data.iban is None else data.iban.replace(" ", "").upper(),
    )
    async with reading(pool, caller) as conn:
        found = await queries.list_providers(conn, wanted, on=today, after=None, limit=SEARCH_LIMIT + 1)
    return ProviderMatches(items=found[:SEARCH_LIMIT], complete=len(found) <= SEARCH_LIMIT)


@get("/providers/{number:str}", operation_id="getProvider", summary="Get a provider", responses=READ_PROBLEMS)
async def get_provider(number: Number, caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Provider:
    """Practices, AGB codes and IBANs with their dates, and the posted balances of its running accounts."""
    async with reading(pool, caller) as conn:
        found = await queries.read_provider(conn, number)
    if found is None:
        raise missing(f"provider {number}")
    return found


@get("/agb-codes/{agb:str}", operation_id="getAgbCode", summary="Who had an AGB code", responses=READ_PROBLEMS)
async def get_agb_code(
    agb: AgbCode,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    on_date: OnDate = None,
) -> AgbOwner:
    """The provider, and its practice, that had the code on the day. A code may pass to another provider."""
    async with reading(pool, caller) as conn:
        found = await queries.agb_owner(conn, agb, on_date or today)
    if found is None:
        raise missing(f"AGB code {agb}")
    return found


ROUTER = Router("/", route_handlers=[list_risk_carriers, list_providers, search_providers, get_provider, get_agb_code])
"""`/risk-carriers`, `/providers`, `/provider-searches` and `/agb-codes`."""
