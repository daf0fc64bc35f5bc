"""Holds over HTTP: what is kept apart of a claim or a running account, since when and why; start one, end one."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.blocks import actions, queries, views
from app.blocks.model import EndHold, HoldKind, NewAccountHold, NewClaimHold, NewEnd, NewHold, RecordHold
from app.claims import locate_claim
from app.core.db import Pool
from app.core.errors import Refusal
from app.ledger import accounts_of_provider, command_of, replay_header
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, ClaimName, IdempotencyKey, ProviderNumber, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

HoldNumber = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The id of the hold.")]
KindName = Literal[
    "dispute", "plan", "block", "agency", "insolvency", "cession", "attachment", "reservation", "investigation"
]


class HoldStarted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A hold that was recorded; of a claim with its open and held cents after it."""

    id: int
    kind: str
    processes: list[str]
    from_date: date
    claim: str | None = None
    open_cents: int | None = None
    held_cents: int | None = None


class HoldEnded(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A hold that was ended; of a claim with its open and held cents after it."""

    id: int
    ended_on: date
    reason: str
    claim: str | None = None
    open_cents: int | None = None
    held_cents: int | None = None


@get("/holds", operation_id="listHolds", summary="List holds", responses=READ_PROBLEMS)
async def list_holds(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: RiskCarrierCode = None,
    provider: ProviderNumber = None,
    claim: Annotated[
        str | None, QueryParameter(max_length=64, pattern=PLAIN, description="Only those on this claim.")
    ] = None,
    kind: Annotated[KindName | None, QueryParameter(description="Only of this kind.")] = None,
    open_only: Annotated[
        bool, QueryParameter(name="openOnly", description="Only those that were not ended and are not over.")
    ] = False,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.Hold]:
    """Holds in order of running account and start."""
    place = read_cursor(after, (int, int)) if after else (0, 0)
    claim_id = None
    async with reading(pool, caller) as conn:
        carrier = None if risk_carrier is None else await risk_carrier_id(conn, risk_carrier)
        accounts = None if provider is None else await accounts_of_provider(conn, provider, risk_carrier)
        if claim is not None:
            account_id, claim_id = await locate_claim(conn, claim)
            accounts = [account_id] if accounts is None or account_id in accounts else []
        if accounts == []:
            raise missing(f"claim {claim} of provider {provider}" if claim else f"provider {provider}")
        wanted = views.HoldFilter(
            accounts=None if accounts is None else tuple(accounts),
            claim_id=claim_id,
            risk_carrier_id=carrier,
            kind=None if kind is None else HoldKind[kind.upper()],
            open_only=open_only,
        )
        items, following = await views.list_holds(conn, wanted, after=(place[0], place[1]), on=today, limit=page_size)
    return Page(items, None if following is None else cursor(*following))


@get("/holds/{hold:int}", operation_id="getHold", summary="Get a hold", responses=READ_PROBLEMS)
async def get_hold(hold: HoldNumber, caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> views.Hold:
    """A hold: on what, out of which processes, since when, until when and why."""
    async with reading(pool, caller) as conn:
        account_id = await queries.account_of_hold(conn, hold)
        if account_id is None:
            raise missing(f"hold {hold}")
        return await views.find_hold(conn, account_id, hold)


def _fields(body: NewHold) -> dict[str, Any]:
    return {name: getattr(body, name) for name in NewHold.__struct_fields__}


@post("/claims/{reference:str}/holds", operation_id="holdClaim", summary="Keep a claim apart",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_claim_hold(
    reference: ClaimName,
    data: JSONBody[NewClaimHold],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[HoldStarted]:
    """A dispute, plan or other hold: the claim, or `cents` of it, takes no part in `processes` until it ends."""
    asked = RecordHold(claim=reference, cents=data.cents, **_fields(data))
    async with writing(pool) as conn:
        answer = await actions.record_hold(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, HoldStarted), f"/v1/holds/{answer['id']}", replay_header(answer))


@post("/holds", operation_id="holdAccount", summary="Keep a running account apart",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_account_hold(
    data: JSONBody[NewAccountHold],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[HoldStarted]:
    """A hold on all that a provider and a risk carrier have with each other; only such a one can hold a payout."""
    async with reading(pool, caller) as conn:
        accounts = await accounts_of_provider(conn, data.provider, data.risk_carrier)
    if not accounts:
        raise Refusal(
            "provider_unknown",
            f"There is no provider {data.provider} with risk carrier {data.risk_carrier} that this token may see.",
            status=404,
            field="provider",
        )
    asked = RecordHold(account=accounts[0], **_fields(data))
    async with writing(pool) as conn:
        answer = await actions.record_hold(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, HoldStarted), f"/v1/holds/{answer['id']}", replay_header(answer))


@post("/holds/{hold:int}/end", operation_id="endHold", summary="End a hold",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_end(
    hold: HoldNumber,
    data: JSONBody[NewEnd],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[HoldEnded]:
    """From today on it holds nothing; what it kept apart takes part again in the next night."""
    async with writing(pool) as conn:
        answer = await actions.end_hold(
            conn, command_of(caller, idempotency_key, today), EndHold(hold=hold, reason=data.reason)
        )
    return created(msgspec.convert(answer, HoldEnded), f"/v1/holds/{hold}", replay_header(answer))


ROUTER = Router(
    "/", tags=["Holds"], route_handlers=[list_holds, get_hold, post_claim_hold, post_account_hold, post_end]
)
"""`/holds`, and a claim's own."""
