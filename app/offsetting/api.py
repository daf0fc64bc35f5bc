"""Offsets over HTTP: what was offset against what, why or why not, reversals, instructions and requests."""

from datetime import date
from typing import Annotated
from urllib.parse import quote

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.claims import locate_claim, locate_declaration
from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.core.ids import declaration_reference, parse_offset_reference
from app.ledger import accounts_of_provider, command_of, replay_header
from app.offsetting import actions, agreement_api, queries, views
from app.offsetting.model import (
    NewAccountInstruction,
    NewOffsetInstruction,
    NewOffsetRequest,
    NewReversal,
    RequestOffset,
    ReverseOffset,
    SetOffsetInstruction,
)
from app.web.caller import Caller
from app.web.database import reading, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import (
    PLAIN,
    ClaimName,
    IdempotencyKey,
    ProviderNumber,
    ProviderPath,
    RiskCarrierCode,
    RiskCarrierPath,
)
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

OffsetName = Annotated[
    str, PathParameter(min_length=1, max_length=80, pattern=PLAIN, description="The offset's reference (VRK-…).")
]


class Decision(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a claim was offset, or was not, on a day: the answer that held then, and the facts it rests on."""

    claim: str
    on_date: date
    code: str
    text_nl: str
    text_en: str
    decided_on: date | None
    until_date: date | None
    open_cents: int | None
    held_cents: int | None
    offset_cents: int | None
    fact_date: date | None
    hold: str | None
    policy_version: int | None


class Reversed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A reversal that was recorded: the claim owes it again, the money goes out in the next night."""

    id: int
    claim: str
    returned_cents: int
    open_cents: int
    reversals: list[int]
    effective_date: date


class Instructed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An instruction that was recorded."""

    id: int
    mode: str | None
    valid_from: date


class Requested(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A request for offset that was recorded."""

    id: int
    claim: str
    requested_on: date
    open_cents: int


@get("/claims/{reference:str}/decisions", operation_id="getDecision", summary="Why a claim was offset, or was not",
     tags=["Claims"], responses=READ_PROBLEMS)  # fmt: skip
async def get_decision(
    reference: ClaimName,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    on_date: Annotated[date | None, QueryParameter(name="onDate", description="The day; today when left out.")] = None,
) -> Decision:
    """The decision that holds for the claim on that day; from stored decisions only."""
    async with reading(pool, caller) as conn:
        found = await queries.why(conn, await _own_reference(conn, reference), on_date or today)
    shown = {
        field: getattr(found, field)
        for field in Decision.__struct_fields__
        if field not in ("claim", "on_date", "until_date")
    }
    return Decision(claim=found.reference, on_date=found.on, until_date=found.until, **shown)


async def _own_reference(conn: Connection, name: str) -> str:
    account_id, claim_id = await locate_claim(conn, name)
    reference: str = await conn.fetchval(
        "select reference from claim where account_id = $1 and claim_id = $2", account_id, claim_id
    )
    return reference


@get("/offsets", operation_id="listOffsets", summary="List offsets of a claim, declaration or provider",
     tags=["Offsets"], responses=READ_PROBLEMS)  # fmt: skip
async def list_offsets(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    claim: Annotated[
        str | None, QueryParameter(max_length=64, pattern=PLAIN, description="Only what was taken for this claim.")
    ] = None,
    declaration: Annotated[
        str | None, QueryParameter(max_length=64, pattern=PLAIN, description="Only what this declaration paid.")
    ] = None,
    provider: ProviderNumber = None,
    risk_carrier: RiskCarrierCode = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.Offset]:
    """Offset lines in order of declaration. Name one of claim, declaration and provider."""
    if sum(each is not None for each in (claim, declaration, provider)) != 1:
        raise Refusal("filter_missing", "Name one of claim, declaration and provider.", status=400, field="claim")
    place = read_cursor(after, (int, int, int, int)) if after else views.START
    _check_place(place)
    claim_id = declaration_id = None
    async with reading(pool, caller) as conn:
        if claim is not None:
            account_id, claim_id = await locate_claim(conn, claim)
            accounts = [account_id]
        elif declaration is not None:
            account_id, declaration_id = await locate_declaration(conn, declaration)
            accounts = [account_id]
        else:
            accounts = await accounts_of_provider(conn, provider or "", risk_carrier)
        if not accounts:
            raise missing(f"provider {provider}")
        items, following = await views.list_offsets(
            conn,
            tuple(accounts),
            claim_id=claim_id,
            declaration_id=declaration_id,
            after=(place[0], place[1], place[2], place[3]),
            limit=page_size,
        )
    return Page(items, None if following is None else cursor(*following))


def _check_place(place: tuple[int, ...]) -> None:
    if not (-1 <= place[2] < 2**15 and -1 <= place[3] < 2**31):
        raise Refusal(
            "cursor_invalid", "This cursor is not one of this list; leave it out.", status=400, field="cursor"
        )


@get("/offsets/{reference:str}", operation_id="getOffset", summary="Get an offset", tags=["Offsets"],
     responses=READ_PROBLEMS)  # fmt: skip
async def get_offset(
    reference: OffsetName, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> views.OffsetDetail:
    """One offset line: what one declaration paid on one component of one claim, and what was given back of it."""
    async with reading(pool, caller) as conn:
        return await _offset(conn, reference)


async def _offset(conn: Connection, reference: str) -> views.OffsetDetail:
    key = parse_offset_reference(reference)
    found = None if key is None else await views.offset_detail(conn, *key)
    if found is None:
        raise missing(f"offset {reference}")
    return found


@post("/offsets/{reference:str}/reversals", operation_id="reverseOffset", summary="Reverse an offset",
      tags=["Offsets"], responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_reversal(
    reference: OffsetName,
    data: JSONBody[NewReversal],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Reversed]:
    """Give back an offset, or `cents` of it: the claim returns with its due date and steps, the money is paid out."""
    async with reading(pool, caller) as conn:
        offset = await _offset(conn, reference)
    key = parse_offset_reference(reference)
    assert key is not None
    asked = ReverseOffset(
        declaration=declaration_reference(key[0], key[1]),
        claim=offset.claim,
        line=key[2],
        effective_date=data.effective_date,
        reason=data.reason,
        cents=data.cents,
    )
    async with writing(pool) as conn:
        answer = await actions.reverse_offset(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, Reversed), f"/v1/offsets/{offset.reference}", replay_header(answer))


@post("/claims/{reference:str}/offset-instructions", operation_id="instructOffset", tags=["Claims"],
      summary="Say how much offset takes of a claim", responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_instruction(
    reference: ClaimName,
    data: JSONBody[NewOffsetInstruction],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Instructed]:
    """None, a percentage of declarations, a fixed amount or all; wins over the policy and earlier instructions."""
    asked = SetOffsetInstruction(
        claim=reference, **{name: getattr(data, name) for name in NewOffsetInstruction.__struct_fields__}
    )
    async with writing(pool) as conn:
        answer = await actions.set_offset_instruction(conn, command_of(caller, idempotency_key, today), asked)
    location = f"/v1/claims/{answer['claim']}/events/{answer['id']}"
    return created(msgspec.convert(answer, Instructed), location, replay_header(answer))


@get("/running-accounts/{risk_carrier:str}/{provider:str}/offset-instructions",
     operation_id="listAccountInstructions", tags=["Running accounts"],
     summary="List what was instructed for a running account", responses=READ_PROBLEMS)  # fmt: skip
async def list_instructions(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.AccountInstruction]:
    """Instructions for the whole running account, newest `validFrom` first: of those valid on a day the first holds.

    One replaces another whole: what it leaves out is as the policy says.
    """
    place = read_cursor(after, (date, int)) if after else None
    async with reading(pool, caller) as conn:
        account_id = await _account(conn, risk_carrier, provider)
        found = await views.account_instructions(
            conn, account_id, after=None if place is None else (place[0], place[1]), limit=page_size + 1
        )
    items = found[:page_size]
    return Page(items, cursor(items[-1].valid_from, items[-1].id) if len(found) > page_size else None)


async def _account(conn: Connection, risk_carrier: str, provider: str) -> int:
    found = await accounts_of_provider(conn, provider, risk_carrier)
    if not found:
        raise missing(f"running account of {risk_carrier} and {provider}")
    return found[0]


@post("/running-accounts/{risk_carrier:str}/{provider:str}/offset-instructions", operation_id="instructAccount",
      tags=["Running accounts"], summary="Say how much offset takes of a running account", responses=PROBLEMS,
      response_headers=CREATED_HEADERS)  # fmt: skip
async def post_account_instruction(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    data: JSONBody[NewAccountInstruction],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Instructed]:
    """A mode for all its claims, caps and a floor; wins over the policy and replaces an earlier instruction whole."""
    async with reading(pool, caller) as conn:
        account_id = await _account(conn, risk_carrier, provider)
    asked = SetOffsetInstruction(
        account=account_id, **{name: getattr(data, name) for name in NewAccountInstruction.__struct_fields__}
    )
    async with writing(pool) as conn:
        answer = await actions.set_offset_instruction(conn, command_of(caller, idempotency_key, today), asked)
    location = f"/v1/running-accounts/{quote(risk_carrier, safe='')}/{quote(provider, safe='')}/offset-instructions"
    return created(msgspec.convert(answer, Instructed), location, replay_header(answer))


@post("/claims/{reference:str}/offset-requests", operation_id="requestOffset", tags=["Claims"],
      summary="Note that offset is asked for", responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_request(
    reference: ClaimName,
    data: JSONBody[NewOffsetRequest],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Requested]:
    """A policy that offsets on request waits for this."""
    asked = RequestOffset(claim=reference, requested_on=data.requested_on)
    async with writing(pool) as conn:
        answer = await actions.request_offset(conn, command_of(caller, idempotency_key, today), asked)
    location = f"/v1/claims/{answer['claim']}/events/{answer['id']}"
    return created(msgspec.convert(answer, Requested), location, replay_header(answer))


ROUTER = Router(
    "/",
    route_handlers=[
        get_decision,
        list_offsets,
        get_offset,
        post_reversal,
        post_instruction,
        list_instructions,
        post_account_instruction,
        post_request,
        agreement_api.ROUTER,
    ],
)
"""`/offsets` and `/agreements`, and what offsetting says and takes of a claim or a running account."""
