"""Payouts over HTTP: lists, one payout, why it is what it is, its specification; and where a held one goes instead."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.claims import locate_claim
from app.core.db import Pool
from app.core.errors import Refusal
from app.core.ids import parse_reference
from app.ledger import accounts_of_provider, command_of, replay_header
from app.payouts.model import (
    CorrectionSpecification,
    ExplainedOffset,
    NewRedirection,
    PayoutDetail,
    PayoutExplanation,
    PayoutState,
    PayoutSummary,
    RedirectPayout,
    Specification,
)
from app.payouts.redirection import redirect_payout
from app.payouts.specification import explained, read_correction, read_specification
from app.payouts.specification_csv import correction_csv, payment_csv
from app.payouts.views import PayoutFilter, list_payouts, read_payout
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id, writing
from app.web.formats import AlsoCsv, prefers
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import ClaimName, IdempotencyKey, ProviderNumber, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

CSV = "text/csv"
Number = Annotated[
    str,
    PathParameter(
        pattern="^AFR-[0-9]{4}-[0-9]{8,18}-[0-9]$",
        description="The payout's number, as it stands on the bank statement.",
        examples=[Example(value="AFR-2026-00000123-3")],
    ),
]


class Redirected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A payout that was redirected; `closedIncidents` are the incidents that are resolved by it."""

    id: int
    payout: str
    closed_incidents: list[int]


def _id(number: str) -> int:
    try:
        return parse_reference(number)[1]
    except Refusal as error:  # a wrong check digit: no such number was ever issued
        raise missing(f"payout {number}") from error


@get("/", operation_id="listPayouts", summary="List payouts", responses=READ_PROBLEMS)
async def get_payouts(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierCode = None,
    provider: ProviderNumber = None,
    payout_state: Annotated[PayoutState | None, QueryParameter(name="state", description="Only in this state.")] = None,
    first: Annotated[
        date | None, QueryParameter(name="fromDate", description="Business date from this day on.")
    ] = None,
    last: Annotated[date | None, QueryParameter(name="untilDate", description="Business date up to this day.")] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[PayoutSummary]:
    """Payouts, the newest first. Each is gross, less its offsets, is net."""
    place: tuple[Any, ...] = read_cursor(after, (int,)) if after else (None,)
    async with reading(pool, caller) as conn:
        if risk_carrier is not None:
            await risk_carrier_id(conn, risk_carrier)
        accounts = None
        if provider is not None and not (accounts := await accounts_of_provider(conn, provider, risk_carrier)):
            raise missing(f"provider {provider}")
        wanted = PayoutFilter(risk_carrier=risk_carrier, accounts=accounts, state=payout_state, first=first, last=last)
        found = await list_payouts(conn, wanted, before=place[0], limit=page_size + 1)
    shown = found[:page_size]
    return Page([each for _, each in shown], cursor(shown[-1][0]) if len(found) > page_size else None)


@get("/{number:str}", operation_id="getPayout", summary="Get a payout", responses=READ_PROBLEMS)
async def get_payout(number: Number, caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> PayoutDetail:
    """Amounts, the IBAN it goes to, why it waits, and what the bank was told and said."""
    async with reading(pool, caller) as conn:
        found = await read_payout(conn, _id(number))
    if found is None or found.number != number:
        raise missing(f"payout {number}")
    return found


async def _specification(pool: Pool, caller: Caller, number: str) -> tuple[Specification, bool]:
    """The specification of a payout, and whether the bank was instructed."""
    payout_id = _id(number)
    async with reading(pool, caller) as conn:
        found = await read_payout(conn, payout_id)
        if found is None or found.number != number:
            raise missing(f"payout {number}")
        return await read_specification(conn, number), found.message_id is not None


@get(
    "/{number:str}/explanation",
    operation_id="explainPayout",
    summary="Why a payout is what it is",
    responses=READ_PROBLEMS,
)
async def get_explanation(
    number: Number, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> PayoutExplanation:
    """Gross, less each offset, is net; each offset with its declaration, claim and reason."""
    found, sent = await _specification(pool, caller, number)
    return PayoutExplanation(
        number=found.number,
        gross_cents=found.gross_cents,
        offsets=[
            ExplainedOffset(
                declaration_number=line.declaration_number,
                invoice_number=line.invoice_number,
                claim_reference=offset.claim_reference,
                claim_number=offset.claim_number,
                claim_kind=offset.claim_kind,
                reason_code=offset.reason_code,
                reason=offset.reason,
                component=offset.component,
                matched_by=offset.matched_by,
                offset_cents=-offset.amount_cents,
                open_before_cents=offset.open_before_cents,
                open_after_cents=offset.open_after_cents,
            )
            for line in found.declarations
            for offset in line.offsets
        ],
        offset_cents=-found.offset_cents,
        net_cents=found.net_cents,
        sentences=list(explained(found, sent=sent)),
    )


@get(
    "/{number:str}/specification",
    operation_id="getSpecification",
    summary="Get a payout's specification",
    responses=READ_PROBLEMS,
    operation_class=AlsoCsv,
)
async def get_specification(
    request: Request[Any, Any, Any], number: Number, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[Specification]:
    """The betaalspecificatie: every declaration with what was offset from it. `Accept: text/csv` for a spreadsheet."""
    found, _ = await _specification(pool, caller, number)
    if prefers(request, CSV):
        headers = {"Content-Disposition": f'attachment; filename="{found.number}.csv"'}
        # the annotation is what the document shows; this is the other form that it names
        return Response(payment_csv(found), media_type=CSV, headers=headers)  # type: ignore[arg-type]
    return Response(found)


@post(
    "/{number:str}/redirection",
    operation_id="redirectPayout",
    summary="Send a held payout to another IBAN",
    responses=PROBLEMS,
    response_headers=CREATED_HEADERS,
)
async def post_redirection(
    number: Number,
    data: JSONBody[NewRedirection],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Redirected]:
    """For a held payout whose IBAN closed: name another one that is registered for the same provider today.

    It leaves with the next release of its night. Never after it went to the bank.
    """
    _id(number)
    asked = RedirectPayout(payout=number, iban=data.iban, reason=data.reason)
    async with writing(pool) as conn:
        answer = await redirect_payout(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, Redirected), f"/v1/payouts/{number}", replay_header(answer))


@get(
    "/claims/{reference:str}/correction",
    operation_id="getCorrection",
    summary="Get a correction's specification",
    responses=READ_PROBLEMS,
    operation_class=AlsoCsv,
    tags=["Claims"],
)
async def get_correction(
    request: Request[Any, Any, Any], reference: ClaimName, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CorrectionSpecification]:
    """The correctiespecificatie: per line what the declaration was, becomes and the difference. `Accept: text/csv` too.

    Only a claim that is a correction has one.
    """
    async with reading(pool, caller) as conn:
        found = await read_correction(conn, *await locate_claim(conn, reference))
    if prefers(request, CSV):
        headers = {"Content-Disposition": f'attachment; filename="{found.claim_reference}.csv"'}
        return Response(correction_csv(found), media_type=CSV, headers=headers)  # type: ignore[arg-type]
    return Response(found)


_PAYOUTS = Router(
    "/payouts", route_handlers=[get_payouts, get_payout, get_explanation, get_specification, post_redirection]
)
ROUTER = Router("/", route_handlers=[_PAYOUTS, get_correction])
"""`/payouts`, and the specification of a correction."""
