"""Insight over HTTP: what is open by age on any day, what became of what was claimed, and the claims behind both."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core.db import Pool
from app.core.errors import Refusal
from app.reports import insight
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id
from app.web.paging import Cursor, PageSize, cursor, read_cursor
from app.web.params import PLAIN
from app.web.problems import READ_PROBLEMS

_MOST_DAYS = insight.AGES[-1][0]
OfCarrier = Annotated[
    str, QueryParameter(name="riskCarrier", min_length=1, max_length=20, pattern=PLAIN, description="Its code.")
]
OnDay = Annotated[date | None, QueryParameter(name="onDate", description="At the end of that day; today.")]


class Age(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is open and so many days past its due date; 0 to 0 is not due yet, `untilDays` null is without end."""

    from_days: int
    until_days: int | None
    claims: int
    cents: int


class Ageing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a risk carrier is owed by age; `cents` is the ledger's balance of its claims at the end of that day."""

    risk_carrier: str
    claims: int
    cents: int
    ages: list[Age]


class AgeingReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An ageing per risk carrier that has something open on that day."""

    on_date: date
    items: list[Ageing]


class Funnel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of what was claimed under a reason code: the parts from `paidCents` to `openCents` add up to it."""

    risk_carrier: str
    reason_code: str
    title: str
    claims: int
    claimed_cents: int
    paid_cents: int
    offset_cents: int
    withdrawn_cents: int
    written_off_cents: int
    disputed_cents: int
    agency_cents: int
    open_cents: int


class FunnelReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A row per risk carrier and reason code, as it stands now; the largest amount of each first."""

    items: list[Funnel]


class Share(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A claim, its share in an amount of a report, and what is open of it now."""

    reference: str
    number: str | None
    reason_code: str
    provider: str
    due_date: date
    cents: int
    open_cents: int


class Shares(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The claims that an amount is made of, the largest share first; `claims` and `cents` are of all of them."""

    claims: int
    cents: int
    items: list[Share]
    next_cursor: str | None


@get("/ageing", operation_id="getAgeing", summary="What is open by age", responses=READ_PROBLEMS)
async def get_ageing(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], today: NamedDependency[date], on: OnDay = None
) -> AgeingReport:
    """What providers owed at the end of a day by days past the due date, as it was booked up to and including it."""
    chosen = on or today
    async with reading(pool, caller) as connection:
        found = await insight.ageing(connection, chosen)
    return AgeingReport(on_date=chosen, items=[_ageing(each) for each in found])


def _ageing(found: insight.Ageing) -> Ageing:
    ages = []
    for place, age in enumerate(found.ages):
        low, high = insight.range_of_age(place)
        until = None if high >= _MOST_DAYS else high
        ages.append(Age(from_days=low, until_days=until, claims=age.claims, cents=age.cents))
    return Ageing(risk_carrier=found.code, claims=found.claims, cents=found.cents, ages=ages)


@get("/ageing/claims", operation_id="listAgeingClaims", summary="The claims behind an ageing", responses=READ_PROBLEMS)
async def list_ageing(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: OfCarrier,
    on: OnDay = None,
    low: Annotated[
        int, QueryParameter(name="fromDays", ge=0, le=_MOST_DAYS, description="So many days past the due date.")
    ] = 0,
    high: Annotated[
        int | None, QueryParameter(name="untilDays", ge=0, le=_MOST_DAYS, description="At most so many; without end.")
    ] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Shares:
    """Claims that were open at the end of a day and so many days late. `fromDays=0&untilDays=0`: not due yet."""
    days = (low, _MOST_DAYS if high is None else high)
    if days[1] < low:
        raise Refusal("parameter_invalid", "untilDays lies before fromDays.", status=400, field="untilDays")
    place = read_cursor(after, insight.PLACE) if after else None
    async with reading(pool, caller) as connection:
        await risk_carrier_id(connection, risk_carrier)
        found = await insight.aged(
            connection, on or today, risk_carrier, days, after=place and (place[0], place[1], place[2]), limit=page_size
        )
    return _shares(found, page_size)


@get("/funnel", operation_id="getFunnel", summary="What became of what was claimed", responses=READ_PROBLEMS)
async def get_funnel(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> FunnelReport:
    """Per reason code: claimed, paid, offset, withdrawn, written off, disputed, at the agency and open."""
    async with reading(pool, caller) as connection:
        found = await insight.funnel(connection)
    own = [name for name in Funnel.__struct_fields__ if name not in ("risk_carrier", "reason_code", "title")]
    return FunnelReport(
        items=[
            Funnel(
                risk_carrier=each.code,
                reason_code=each.reason,
                title=each.title_nl,
                **{name: getattr(each, name) for name in own},
            )
            for each in found
        ]
    )


@get("/funnel/claims", operation_id="listFunnelClaims", summary="The claims behind a funnel", responses=READ_PROBLEMS)
async def list_funnel(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: OfCarrier,
    part: Annotated[
        Literal["claimed", "paid", "offset", "withdrawn", "written-off", "disputed", "agency", "open", "held"],
        QueryParameter(description="Which amount."),
    ] = "claimed",
    reason: Annotated[
        str | None,
        QueryParameter(name="reasonCode", min_length=1, max_length=40, pattern=PLAIN, description="Of this one only."),
    ] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Shares:
    """The claims that a part of the funnel is made of."""
    place = read_cursor(after, insight.PLACE) if after else None
    async with reading(pool, caller) as connection:
        await risk_carrier_id(connection, risk_carrier)
        found = await insight.part_of_funnel(
            connection, risk_carrier, reason, part, after=place and (place[0], place[1], place[2]), limit=page_size
        )
    return _shares(found, page_size)


def _shares(found: insight.Shares, size: int) -> Shares:
    items = [
        Share(
            reference=each.reference,
            number=each.number,
            reason_code=each.reason_code,
            provider=each.provider_number,
            due_date=each.due_date,
            cents=each.cents,
            open_cents=each.open_cents,
        )
        for each in found.page
    ]
    last = found.page[-1] if len(found.page) == size else None
    following = None if last is None else cursor(last.cents, last.account_id, last.claim_id)
    return Shares(claims=found.claims, cents=found.cents, items=items, next_cursor=following)


ROUTER = Router("/reports", tags=["Reports"], route_handlers=[get_ageing, list_ageing, get_funnel, list_funnel])
"""`/reports`."""
