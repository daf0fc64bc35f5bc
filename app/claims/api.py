"""Claims over HTTP: lists, one claim with all that belongs to it, its facts, and the commands on it."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.claims import actions, queries, views
from app.claims.model import (
    AdjustClaim,
    ChargeClaim,
    NewAdjustment,
    NewCharge,
    NewStep,
    NewWithdrawal,
    NewWriteOff,
    RecordStep,
    WithdrawClaim,
    WriteOff,
)
from app.claims.registration import post_claim
from app.core.db import Connection, Pool
from app.ledger import accounts_of_provider, command_of, replay_header
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, ClaimName, IdempotencyKey, ProviderNumber, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

StatusName = Literal[
    "requested", "withdrawn", "written-off", "offset", "settled", "at-agency", "disputed", "plan", "on-hold",
    "reminded", "matured", "open",
]  # fmt: skip


class ClaimChanged(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fact that was recorded on a claim: its id, and the claim's amount and open cents after it."""

    id: int
    claim: str
    amount_cents: int
    open_cents: int


class Adjusted(ClaimChanged, frozen=True, kw_only=True):
    """An adjustment: by how much the amount changed."""

    delta_cents: int


class Withdrawn(ClaimChanged, frozen=True, kw_only=True):
    """A withdrawal: how much the claim was."""

    withdrawn_cents: int


class WrittenOff(ClaimChanged, frozen=True, kw_only=True):
    """A write-off: how much of what was open."""

    written_off_cents: int


class Charged(ClaimChanged, frozen=True, kw_only=True):
    """Costs or interest that were charged."""

    charged_cents: int


class SteppedClaim(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a letter asks for one of its claims, and until when."""

    claim: str
    step_no: int
    term_end: date
    asked_cents: int


class Stepped(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A letter that was recorded, with the payment reference that it got."""

    id: int
    kind: str
    payment_reference: str
    asked_cents: int
    claims: list[SteppedClaim]


@get("/", operation_id="listClaims", summary="List claims", responses=READ_PROBLEMS)
async def list_claims(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: RiskCarrierCode = None,
    provider: ProviderNumber = None,
    status: Annotated[StatusName | None, QueryParameter(description="Only claims that stand so today.")] = None,
    reason_code: Annotated[
        str | None, QueryParameter(name="reasonCode", max_length=40, pattern=PLAIN, description="Only with this code.")
    ] = None,
    open_only: Annotated[
        bool, QueryParameter(name="openOnly", description="Only those of which something is owed.")
    ] = False,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.ClaimSummary]:
    """Claims in order of running account and registration, as they stand now.

    With `status` a page may hold fewer items than asked for (a status is computed, not stored): go on while there is a
    `nextCursor`.
    """
    place = read_cursor(after, (int, int)) if after else (0, 0)
    async with reading(pool, caller) as conn:
        wanted = views.ClaimFilter(
            risk_carrier_id=None if risk_carrier is None else await risk_carrier_id(conn, risk_carrier),
            accounts=await _accounts(conn, provider, risk_carrier),
            reason_code=reason_code,
            status=status,
            open_only=open_only,
        )
        items, following = await views.list_claims(conn, wanted, after=(place[0], place[1]), on=today, limit=page_size)
    return Page(items, None if following is None else cursor(*following))


async def _accounts(conn: Connection, provider: str | None, risk_carrier: str | None) -> tuple[int, ...] | None:
    if provider is None:
        return None
    found = await accounts_of_provider(conn, provider, risk_carrier)
    if not found:
        raise missing(f"provider {provider}")
    return tuple(found)


@get("/{reference:str}", operation_id="getClaim", summary="Get a claim", responses=READ_PROBLEMS)
async def get_claim(
    reference: ClaimName, caller: NamedDependency[Caller], pool: NamedDependency[Pool], today: NamedDependency[date]
) -> views.ClaimDetail:
    """A claim: lines, open per component, holds, references, and what comes next of it by the policy of today."""
    async with reading(pool, caller) as conn:
        account_id, claim_id = await queries.locate_claim(conn, reference)
        return await views.claim_detail(conn, account_id, claim_id, today)


@get("/{reference:str}/lines", operation_id="listClaimLines", summary="List a claim's lines", responses=READ_PROBLEMS)
async def list_lines(
    reference: ClaimName,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.ClaimLine]:
    """The lines of a claim in order."""
    place = read_cursor(after, (int,)) if after else (0,)
    async with reading(pool, caller) as conn:
        account_id, claim_id = await queries.locate_claim(conn, reference)
        line_no = max(-1, min(place[0], 2**31 - 1))
        found = await views.claim_lines(conn, account_id, claim_id, after=line_no, limit=page_size + 1)
    items = found[:page_size]
    return Page(items, cursor(items[-1].line_no) if len(found) > page_size else None)


@get("/{reference:str}/events", operation_id="listClaimEvents", summary="List a claim's facts", responses=READ_PROBLEMS)
async def list_events(
    reference: ClaimName,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.ClaimEvent]:
    """Everything that happened to a claim, in order of date, with its cause."""
    place = read_cursor(after, (date, int, str)) if after else (date.min, 0, "")
    async with reading(pool, caller) as conn:
        account_id, claim_id = await queries.locate_claim(conn, reference)
        found = await views.claim_events(
            conn, account_id, claim_id, after=(place[0], place[1], place[2]), limit=page_size + 1
        )
    items = found[:page_size]
    last = items[-1] if len(found) > page_size else None
    return Page(items, None if last is None else cursor(last.on_date, last.id, last.what))


@get("/{reference:str}/events/{fact:int}", operation_id="getClaimEvent", summary="Get a fact of a claim",
     responses=READ_PROBLEMS)  # fmt: skip
async def get_event(
    reference: ClaimName,
    fact: Annotated[int, PathParameter(description="The id that a command answered.", ge=1, le=2**63 - 1)],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> views.ClaimEvent:
    """The fact with that id: what a command on the claim recorded."""
    async with reading(pool, caller) as conn:
        account_id, claim_id = await queries.locate_claim(conn, reference)
        found = await views.claim_events(conn, account_id, claim_id, after=(date.min, 0, ""), limit=1, fact_id=fact)
    if not found:
        raise missing(f"fact {fact} of claim {reference}")
    return found[0]


def _fields(body: msgspec.Struct, *without: str) -> dict[str, Any]:
    return {name: getattr(body, name) for name in body.__struct_fields__ if name not in without}


def _location(answer: dict[str, Any], reference: str) -> str:
    return f"/v1/claims/{answer.get('claim', reference)}/events/{answer['id']}"


@post("/{reference:str}/adjustments", operation_id="adjustClaim", summary="Adjust a claim's amount",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_adjustment(
    reference: ClaimName,
    data: JSONBody[NewAdjustment],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Adjusted]:
    """Change the amount by a reasoned entry. Below what was offset or paid, that comes back first, newest first."""
    asked = AdjustClaim(claim=reference, **_fields(data))
    async with writing(pool) as conn:
        answer = await actions.adjust_claim(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, Adjusted), _location(answer, reference), replay_header(answer))


@post("/{reference:str}/withdrawal", operation_id="withdrawClaim", summary="Withdraw a claim",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_withdrawal(
    reference: ClaimName,
    data: JSONBody[NewWithdrawal],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Withdrawn]:
    """The claim was wrong: nothing of it is owed, costs and interest neither, and all that was taken comes back."""
    asked = WithdrawClaim(claim=reference, **_fields(data))
    async with writing(pool) as conn:
        answer = await actions.withdraw_claim(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, Withdrawn), _location(answer, reference), replay_header(answer))


@post("/{reference:str}/write-offs", operation_id="writeOffClaim", summary="Write a claim off",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_write_off(
    reference: ClaimName,
    data: JSONBody[NewWriteOff],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[WrittenOff]:
    """The claim is right and will not be collected: `cents` of what is open, or all; costs, interest, principal."""
    asked = WriteOff(claim=reference, **_fields(data))
    async with writing(pool) as conn:
        answer = await actions.write_off(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, WrittenOff), _location(answer, reference), replay_header(answer))


@post("/{reference:str}/charges", operation_id="chargeClaim", summary="Charge costs or interest",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_charge(
    reference: ClaimName,
    data: JSONBody[NewCharge],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Charged]:
    """Costs or interest on a claim with a letter, owed beside the principal."""
    asked = ChargeClaim(claim=reference, **_fields(data))
    async with writing(pool) as conn:
        answer = await actions.charge_claim(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, Charged), _location(answer, reference), replay_header(answer))


@post("/{reference:str}/steps", operation_id="recordStep", summary="Record a letter that went out",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_step(
    reference: ClaimName,
    data: JSONBody[NewStep],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Stepped]:
    """A notice, reminder or last notice over this claim (and `alsoClaims`); it gets a payment reference of its own."""
    asked = RecordStep(claims=(reference, *data.also_claims), **_fields(data, "also_claims"))
    async with writing(pool) as conn:
        answer = await actions.record_step(conn, command_of(caller, idempotency_key, today), asked)
    first = {"claim": answer["claims"][0]["claim"], "id": answer["id"]}
    return created(msgspec.convert(answer, Stepped), _location(first, reference), replay_header(answer))


ROUTER = Router(
    "/claims",
    tags=["Claims"],
    route_handlers=[
        post_claim,
        list_claims,
        get_claim,
        list_lines,
        list_events,
        get_event,
        post_adjustment,
        post_withdrawal,
        post_write_off,
        post_charge,
        post_step,
    ],
)
"""`/claims`: what registers a claim is in `registration.py`, the other handlers are here."""
