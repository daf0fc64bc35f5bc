"""Running accounts over HTTP: balances on a day, entries, the statement; and what any number leads to. Reads only."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from app.core import clock
from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.reports import queries, views
from app.reports.insight_api import ROUTER as INSIGHT
from app.reports.model import (
    AccountFilter,
    Entry,
    EntryFilter,
    Reference,
    RunningAccount,
    RunningAccountDetail,
    Statement,
    StatementRequest,
)
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id
from app.web.formats import AlsoCsv, prefers, spooled
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, ProviderNumber, ProviderPath, RiskCarrierCode, RiskCarrierPath
from app.web.problems import READ_PROBLEMS, missing

CSV = "text/csv"
_YEAR = timedelta(days=364)
_PAYOUT = re.compile(r"AFR-\d{4}-(\d{8,18})-\d")
EntryKindName = Literal[
    "declaration-settled", "offset-principal", "offset-costs", "offset-interest", "payout", "payout-confirmed",
    "claim-registered", "claim-opening", "advance-paid", "advance-paid-elsewhere", "payment-principal",
    "payment-costs", "payment-interest", "payment-on-account", "suspense-principal", "suspense-costs",
    "suspense-interest", "opening-payment", "interest-charged", "costs-charged", "adjusted-down", "adjusted-up",
    "written-off-principal", "written-off-costs", "written-off-interest", "interest-cancelled", "costs-cancelled",
    "offset-principal-reversed", "offset-costs-reversed", "offset-interest-reversed", "settlement-withdrawn",
    "payment-freed", "payment-costs-freed", "payment-interest-freed",
]  # fmt: skip


class References(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All that a number leads to, at most 200."""

    reference: str
    items: list[Reference]


KnownAt = Annotated[
    datetime | None,
    QueryParameter(name="knownAt", description="As the books were at this moment, with an offset; now if not given."),
]
Agb = Annotated[
    str | None, QueryParameter(pattern="^[0-9]{8}$", description="Only what is of this AGB code of the provider.")
]
Claim = Annotated[
    str | None,
    QueryParameter(max_length=64, pattern=PLAIN, description="Only what is of the claim with this reference."),
]


async def _account(conn: Connection, risk_carrier: str, provider: str) -> RunningAccount:
    found = await views.find_account(conn, risk_carrier, provider)
    if found is None:
        raise missing(f"running account of {risk_carrier} and {provider}")
    return found


async def _narrowed(
    conn: Connection, account_id: int, claim: str | None, agb: str | None
) -> tuple[int | None, list[int] | None]:
    """Claim id and AGB registrations that a filter names; 404 when the running account has no such thing."""
    claim_id = agb_ids = None
    if claim is not None and (claim_id := await views.claim_of(conn, account_id, claim.upper())) is None:
        raise missing(f"claim {claim} on this running account")
    if agb is not None and (agb_ids := await views.agb_ids(conn, account_id, agb)) is None:
        raise missing(f"AGB code {agb} on this running account")
    return claim_id, agb_ids


def _moment(known_at: datetime | None) -> datetime:
    """A moment in UTC; now when none is asked for."""
    if known_at is None:
        return clock.now()
    if known_at.tzinfo is None:
        raise Refusal("parameter_invalid", "knownAt needs an offset, such as Z.", status=400, field="knownAt")
    try:
        return known_at.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, and the offset leads out of it
        message = "knownAt is no moment that can be shown in UTC."
        raise Refusal("parameter_invalid", message, status=400, field="knownAt") from None


@get("/running-accounts", operation_id="listRunningAccounts", summary="List running accounts", responses=READ_PROBLEMS)
async def list_accounts(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierCode = None,
    provider: ProviderNumber = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[RunningAccount]:
    """Running accounts in order of opening. Commands on a whole running account name it by its `accountId`."""
    place: tuple[Any, ...] = read_cursor(after, (int,)) if after else (None,)
    async with reading(pool, caller) as conn:
        if risk_carrier is not None:
            await risk_carrier_id(conn, risk_carrier)
        wanted = AccountFilter(risk_carrier=risk_carrier, provider=provider)
        found = await views.list_accounts(conn, wanted, after=place[0], limit=page_size + 1)
    return Page(found[:page_size], cursor(found[page_size - 1].account_id) if len(found) > page_size else None)


@get(
    "/running-accounts/{risk_carrier:str}/{provider:str}",
    operation_id="getRunningAccount",
    summary="Get a running account's balances",
    responses=READ_PROBLEMS,
)
async def get_account(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    on_date: Annotated[
        date | None, QueryParameter(name="onDate", description="By value date; today when not given.")
    ] = None,
    known_at: KnownAt = None,
) -> RunningAccountDetail:
    """What held on a day per ledger account, as it was known then or later, and what waits now."""
    async with reading(pool, caller) as conn:
        account = await _account(conn, risk_carrier, provider)
        return await views.account_detail(conn, account, on=on_date or today, known_at=_moment(known_at))


@get(
    "/running-accounts/{risk_carrier:str}/{provider:str}/entries",
    operation_id="listEntries",
    summary="List a running account's entries",
    responses=READ_PROBLEMS,
)
async def list_entries(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    agb: Agb = None,
    claim: Claim = None,
    kind: Annotated[EntryKindName | None, QueryParameter(description="Only entries of this kind.")] = None,
    first: Annotated[date | None, QueryParameter(name="fromDate", description="Booked from this day on.")] = None,
    last: Annotated[date | None, QueryParameter(name="untilDate", description="Booked up to this day.")] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[Entry]:
    """The postings, in the order of the facts that caused them; what a declaration caused stands together."""
    place = read_cursor(after, (int, int, int, date)) if after else None
    if place is not None and not (-(2**15) <= place[1] < 2**15 and -(2**31) <= place[2] < 2**31):
        raise Refusal("cursor_invalid", "This cursor is not one of this list.", status=400, field="cursor")
    async with reading(pool, caller) as conn:
        account = await _account(conn, risk_carrier, provider)
        claim_id, agb_ids = await _narrowed(conn, account.account_id, claim, agb)
        wanted = EntryFilter(first=first, last=last, kind=kind, claim_id=claim_id, agb_ids=agb_ids)
        key = None if place is None else (place[0], place[1], place[2], place[3])
        found = await views.list_entries(conn, account.account_id, wanted, after=key, limit=page_size + 1)
    shown = found[:page_size]
    return Page(shown, cursor(*views.entry_key(shown[-1])) if len(found) > page_size else None)


@get(
    "/running-accounts/{risk_carrier:str}/{provider:str}/statement",
    operation_id="getStatement",
    summary="Get a running account's statement",
    responses=READ_PROBLEMS,
    operation_class=AlsoCsv,
)
async def get_statement(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    first: Annotated[
        date | None, QueryParameter(name="fromDate", description="First booking date; a year before the last one.")
    ] = None,
    last: Annotated[date | None, QueryParameter(name="untilDate", description="Last booking date; today.")] = None,
    known_at: KnownAt = None,
    agb: Agb = None,
    claim: Claim = None,
    page_size: PageSize = 100,
    after: Cursor = None,
) -> Response[Statement]:
    """Opening balance, movements and closing balance of each side: payable, claims, money on account.

    `pageSize` counts postings; a posting that moves two sides is two lines. Narrow it to an AGB code or to a claim, not
    to both. `Accept: text/csv` gives the whole period as one file, without pages.
    """
    until = last or today
    since = first or max(until, date(1, 1, 1) + _YEAR) - _YEAR
    if until < since or (agb and claim):
        raise Refusal(
            "parameter_invalid",
            "untilDate lies before fromDate." if until < since else "Narrow it to an AGB code or to a claim.",
            status=400,
            field="untilDate" if until < since else "claim",
        )
    async with reading(pool, caller) as conn:
        account = await _account(conn, risk_carrier, provider)
        claim_id, _ = await _narrowed(conn, account.account_id, claim, agb)
        asked = StatementRequest(
            account_id=account.account_id,
            first=since,
            last=until,
            known_at=_moment(known_at),
            claim_id=claim_id,
            agb=agb,
        )
        if prefers(request, CSV):
            name = f"{risk_carrier}-{account.account_id}-{since}-{until}.csv"
            # the annotation is what the document shows; this is the other form that it names
            return await spooled(queries.export_csv(conn, asked), CSV, name)  # type: ignore[return-value]
        return Response(await queries.read_statement(conn, asked, after=after, limit=page_size))


Text = Annotated[
    str,
    PathParameter(
        min_length=1,
        max_length=64,
        pattern=PLAIN,
        description="Any number: VOR-…, AFR-…, DEC-…, VRK-…, a payment reference, a source's own id.",
        examples=[Example(value="VOR-2026-00000123-3")],
    ),
]


def _cleaned(reference: str) -> str:
    """As it is stored: our own in capitals, a payment reference without the dots that people write in it."""
    text = re.sub(r"\s", "", reference)
    digits = text.replace(".", "")
    return digits if digits.isdigit() else text.upper() if re.match(r"(?i)(VOR|AFR|DEC|VRK)-", text) else text


@get("/references/{reference:str}", operation_id="findReference", summary="What a number leads to",
     responses=READ_PROBLEMS)  # fmt: skip
async def find_reference(reference: Text, caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> References:
    """Every claim, payment reference, payout, declaration or offset that it names or ever named; spaces aside."""
    text = _cleaned(reference)
    payout = _PAYOUT.fullmatch(text)
    async with reading(pool, caller) as conn:
        found = await views.find_compound(conn, text)
        found = found or await views.find_references(conn, text, [int(payout[1])] if payout else [])
    if not found:
        raise missing(f"reference {reference}")
    return References(reference=text, items=found)


ROUTER = Router("/", route_handlers=[list_accounts, get_account, list_entries, get_statement, find_reference, INSIGHT])
"""`/running-accounts`, `/references` and `/reports`."""
