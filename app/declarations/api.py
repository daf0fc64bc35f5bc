"""Declarations over HTTP: lists of a provider, one with what became of its money, and its withdrawal."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.claims import locate_declaration
from app.core.db import Pool
from app.core.errors import Refusal
from app.declarations import actions, views
from app.declarations.actions import NewDeclarationWithdrawal, WithdrawDeclaration
from app.declarations.registration import post_declaration
from app.ledger import account_range, command_of, replay_header
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_if, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, IdempotencyKey, ProviderNumber, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

DeclarationName = Annotated[
    str,
    PathParameter(
        min_length=1, max_length=64, pattern=PLAIN, description="Its reference (DEC-…), or its id at the source."
    ),
]


class DeclarationWithdrawn(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the withdrawal did: before settlement it left the queue; after it all was turned back (see `settled`)."""

    id: int
    awarded_cents: int
    settled: bool
    returned_to_claims_cents: int = 0
    credits_cents: int = 0
    claimed_cents: int = 0
    claim: str | None = None


@get("/", operation_id="listDeclarations", summary="List declarations", responses=READ_PROBLEMS)
async def list_declarations(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    provider: ProviderNumber = None,
    risk_carrier: RiskCarrierCode = None,
    number: Annotated[
        str | None,
        QueryParameter(
            max_length=64, pattern=PLAIN, description="Only this declaration or invoice number; needs provider."
        ),
    ] = None,
    first: Annotated[
        date | None,
        QueryParameter(name="fromDate", description="Available to the night on this day or later; needs provider."),
    ] = None,
    last: Annotated[
        date | None,
        QueryParameter(name="untilDate", description="Available to the night on this day or before; needs provider."),
    ] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.DeclarationSummary]:
    """Declarations of one provider, or of all of them, in order of running account and intake.

    By number or day only within a provider: there are millions, and they are kept by running account.
    """
    if provider is None and (number, first, last) != (None, None, None):
        raise Refusal(
            "provider_needed",
            "By number or day declarations are looked up within a provider: give its number as well. "
            "`/v1/references/{reference}` finds one by its number alone.",
            status=400,
            field="provider",
        )
    place = read_cursor(after, (int, int)) if after else (0, 0)
    async with reading(pool, caller) as conn:
        among = await account_range(conn, provider, await risk_carrier_if(conn, risk_carrier), risk_carrier)
        if among is None:
            raise missing(f"provider {provider}")
        wanted = views.DeclarationFilter(among=among, number=number, first=first, last=last)
        items, following = await views.list_declarations(conn, wanted, after=(place[0], place[1]), limit=page_size)
    return Page(items, None if following is None else cursor(*following))


@get("/{declaration:str}", operation_id="getDeclaration", summary="Get a declaration", responses=READ_PROBLEMS)
async def get_declaration(
    declaration: DeclarationName, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> views.DeclarationDetail:
    """A declaration: its credits, the claims that it paid, and the payout that it went out with."""
    async with reading(pool, caller) as conn:
        account_id, declaration_id = await locate_declaration(conn, declaration)
        return await views.declaration_detail(conn, account_id, declaration_id)


@post("/{declaration:str}/withdrawal", operation_id="withdrawDeclaration", summary="Withdraw a declaration",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_withdrawal(
    declaration: DeclarationName,
    data: JSONBody[NewDeclarationWithdrawal],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[DeclarationWithdrawn]:
    """It was loaded in error. Unsettled it leaves the queue; settled, its offsets return and the rest is claimed."""
    asked = WithdrawDeclaration(
        declaration=declaration,
        reason=data.reason,
        effective_date=data.effective_date,
        reason_code=data.reason_code,
    )
    async with writing(pool) as conn:
        answer = await actions.withdraw_declaration(conn, command_of(caller, idempotency_key, today), asked)
    location = f"/v1/declarations/{answer['declaration']}"
    return created(msgspec.convert(answer, DeclarationWithdrawn), location, replay_header(answer))


ROUTER = Router(
    "/declarations",
    tags=["Declarations"],
    route_handlers=[post_declaration, list_declarations, get_declaration, post_withdrawal],
)
"""`/declarations`: what registers one is in `registration.py`, the other handlers are here."""
