"""Payments over HTTP: record one, give what is on account to a claim; and the bank's word that a payout arrived."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.banking import actions, queries, views
from app.banking.model import (
    AllocateMoney,
    ConfirmPayout,
    NewAllocation,
    NewConfirmation,
    NewPayment,
    NewPaymentAllocation,
    RecordPayment,
)
from app.core.db import Pool
from app.core.errors import Refusal
from app.ledger import account_range, accounts_of_provider, command_of, replay_header
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_if, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, ClaimName, IdempotencyKey, ProviderNumber, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

PaymentNumber = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The id of the payment.")]
PayoutNumber = Annotated[
    str, PathParameter(min_length=1, max_length=40, pattern=PLAIN, description="The number of the payout (AFR-…).")
]


class PaidOpen(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A claim that the payment was for, and what is still open of it."""

    claim: str
    open_cents: int


class PaymentRecorded(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A payment that was booked; `onAccountCents` is what no claim got."""

    id: int
    cents: int
    on_account_cents: int
    claims: list[PaidOpen]


class Allocated(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Money on account that a claim got; `onAccountCents` is what is left of the payment (or of the freed money)."""

    id: int
    claim: str
    payment: int | None
    allocated_cents: int
    on_account_cents: int
    open_cents: int
    effective_date: date


class PayoutConfirmed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The bank's word that a payout arrived."""

    id: int
    payout: str
    cents: int


@get("/payments", operation_id="listPayments", summary="List payments", responses=READ_PROBLEMS)
async def list_payments(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    provider: ProviderNumber = None,
    risk_carrier: RiskCarrierCode = None,
    first: Annotated[date | None, QueryParameter(name="fromDate", description="Received that day or later.")] = None,
    last: Annotated[date | None, QueryParameter(name="untilDate", description="Received that day or before.")] = None,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.Payment]:
    """Payments of one provider, or of all of them, in order of running account and booking."""
    place = read_cursor(after, (int, int)) if after else (0, 0)
    async with reading(pool, caller) as conn:
        among = await account_range(conn, provider, await risk_carrier_if(conn, risk_carrier), risk_carrier)
        if among is None:
            raise missing(f"provider {provider}")
        items, following = await views.list_payments(
            conn, among, first=first, last=last, after=(place[0], place[1]), limit=page_size
        )
    return Page(items, None if following is None else cursor(*following))


@get("/payments/{payment:int}", operation_id="getPayment", summary="Get a payment", responses=READ_PROBLEMS)
async def get_payment(
    payment: PaymentNumber, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> views.PaymentDetail:
    """A payment: which claims got it, and what is still on account."""
    async with reading(pool, caller) as conn:
        found = await queries.find_payment(conn, payment)
        if found is None:
            raise missing(f"payment {payment}")
        return await views.payment_detail(conn, found[0], payment)


@post("/payments", operation_id="recordPayment", summary="Record a payment", responses=PROBLEMS,
      response_headers=CREATED_HEADERS)  # fmt: skip
async def post_payment(
    data: JSONBody[NewPayment],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[PaymentRecorded]:
    """Booked on the claims that its reference leads to, oldest due first; the rest stays on account."""
    account = None if data.provider is None and data.risk_carrier is None else await _payer(pool, caller, data)
    asked = RecordPayment(cents=data.cents, reference=data.reference, received_on=data.received_on, account=account)
    async with writing(pool) as conn:
        answer = await actions.record_payment(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, PaymentRecorded), f"/v1/payments/{answer['id']}", replay_header(answer))


async def _payer(pool: Pool, caller: Caller, data: NewPayment) -> int:
    if data.provider is None or data.risk_carrier is None:
        raise Refusal("provider_and_carrier", "Give riskCarrier and provider together.", status=422, field="provider")
    async with reading(pool, caller) as conn:
        accounts = await accounts_of_provider(conn, data.provider, data.risk_carrier)
    if not accounts:
        raise Refusal(
            "provider_unknown",
            f"There is no provider {data.provider} with risk carrier {data.risk_carrier} that this token may see.",
            status=404,
            field="provider",
        )
    return accounts[0]


def _allocated(answer: dict[str, Any]) -> Response[Allocated]:
    location = f"/v1/claims/{answer['claim']}/events/{answer['id']}"
    return created(msgspec.convert(answer, Allocated), location, replay_header(answer))


@post("/payments/{payment:int}/allocations", operation_id="allocatePayment", summary="Give a payment's rest to a claim",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_allocation(
    payment: PaymentNumber,
    data: JSONBody[NewPaymentAllocation],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Allocated]:
    """What is on account of the payment goes to a claim of the same running account: costs, interest, principal."""
    asked = AllocateMoney(
        payment=payment,
        claim=data.claim,
        reason=data.reason,
        cents=data.cents,
        effective_date=data.effective_date,
    )
    async with writing(pool) as conn:
        answer = await actions.allocate_money(conn, command_of(caller, idempotency_key, today), asked)
    return _allocated(answer)


@post("/claims/{reference:str}/allocations", operation_id="allocateFreedMoney", summary="Give freed money to a claim",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_freed_allocation(
    reference: ClaimName,
    data: JSONBody[NewAllocation],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Allocated]:
    """What came free when claims of the running account were lowered after they were paid goes to this claim."""
    asked = AllocateMoney(claim=reference, reason=data.reason, cents=data.cents, effective_date=data.effective_date)
    async with writing(pool) as conn:
        answer = await actions.allocate_money(conn, command_of(caller, idempotency_key, today), asked)
    return _allocated(answer)


@post("/payouts/{number:str}/confirmation", operation_id="confirmPayout", summary="Confirm that a payout arrived",
      tags=["Payouts"], responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_confirmation(
    number: PayoutNumber,
    data: JSONBody[NewConfirmation],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[PayoutConfirmed]:
    """The bank carried the payout out: it leaves the payouts under way."""
    asked = ConfirmPayout(payout=number.strip().upper(), cents=data.cents, confirmed_on=data.confirmed_on)
    async with writing(pool) as conn:
        answer = await actions.confirm_payout(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, PayoutConfirmed), f"/v1/payouts/{answer['payout']}", replay_header(answer))


ROUTER = Router(
    "/",
    tags=["Payments"],
    route_handlers=[
        list_payments,
        get_payment,
        post_payment,
        post_allocation,
        post_freed_allocation,
        post_confirmation,
    ],
)
"""`/payments`, and the confirmation of a payout."""
