"""Registered agreements over HTTP: whose declarations may pay what another running account owes (OF-10)."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.core.feed_texts import NOT_BLANK
from app.ledger import Input, Text, accounts_of_provider, command_of, replay_header
from app.offsetting import actions, views
from app.offsetting.model import EndAgreement, RegisterAgreement
from app.web.caller import Caller
from app.web.database import reading, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, IdempotencyKey, ProviderPath, RiskCarrierPath
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing
from app.web.recorded import CREATED_HEADERS, created

AgreementNumber = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The id of the agreement.")]


class NewAccountAgreement(Input, frozen=True, kw_only=True):
    """The declarations of this running account may pay what the debtor owes; both agreed to it (OF-10).

    The debtor is another provider, or the same or another one with another risk carrier. `evidence` says where the
    signed agreement lies; `reasonCode` is a code of this risk carrier that is quiet and offset at once and in full.
    """

    debtor_risk_carrier: Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=PLAIN)]
    debtor_provider: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=PLAIN)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=NOT_BLANK)]
    evidence: Text
    reason_code: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=NOT_BLANK)]
    reason: Text
    valid_from: date | None = None
    valid_until: date | None = None


class NewAgreementEnd(Input, frozen=True, kw_only=True):
    """The agreement holds no longer from `endedOn` on; today when left out."""

    reason: Text
    ended_on: date | None = None


class AgreementRegistered(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An agreement that was registered; the nights from `validFrom` on apply it."""

    id: int
    number: str
    valid_from: date
    valid_until: date | None


class AgreementEnded(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An agreement that was ended; what is still open of it goes back to the debtor in the next night."""

    id: int
    number: str
    ended_on: date


async def payer_account(conn: Connection, risk_carrier: str, provider: str) -> int:
    """The running account of a path; Refusal 404 when there is none that the caller may see."""
    found = await accounts_of_provider(conn, provider, risk_carrier)
    if not found:
        raise missing(f"running account of {risk_carrier} and {provider}")
    return found[0]


async def debtor_account(conn: Connection, payer: int, risk_carrier: str, provider: str) -> int:
    """The running account whose debts are paid; Refusal naming `debtorProvider` when it is unknown or the payer's."""
    found = await accounts_of_provider(conn, provider, risk_carrier)
    if not found:
        raise Refusal(
            "debtor_unknown",
            f"There is no provider {provider} with risk carrier {risk_carrier} that you may see.",
            status=422,
            field="debtorProvider",
        )
    if found[0] == payer:
        raise Refusal(
            "same_account",
            "Payer and debtor are one running account: that offsets without an agreement.",
            status=422,
            field="debtorProvider",
        )
    return found[0]


@get("/running-accounts/{risk_carrier:str}/{provider:str}/agreements", operation_id="listAgreements",
     summary="List the agreements of a running account", responses=READ_PROBLEMS)  # fmt: skip
async def list_agreements(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[views.Agreement]:
    """Those in which it pays for another and those in which another pays for it, newest `validFrom` first.

    One whose payer is of a risk carrier that is not the caller's is not among them.
    """
    place = read_cursor(after, (date, int)) if after else None
    async with reading(pool, caller) as conn:
        account_id = await payer_account(conn, risk_carrier, provider)
        found = await views.agreements_of(
            conn, account_id, after=None if place is None else (place[0], place[1]), limit=page_size + 1
        )
    items = found[:page_size]
    return Page(items, cursor(items[-1].valid_from, items[-1].id) if len(found) > page_size else None)


@get("/agreements/{agreement:int}", operation_id="getAgreement", summary="Get an agreement", responses=READ_PROBLEMS)
async def get_agreement(
    agreement: AgreementNumber, caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> views.Agreement:
    """Who pays for whom, since when and until when, where the signed agreement lies, and what went over under it."""
    async with reading(pool, caller) as conn:
        found = await views.find_agreement(conn, agreement)
    if found is None:
        raise missing(f"agreement {agreement}")
    return found


@post("/running-accounts/{risk_carrier:str}/{provider:str}/agreements", operation_id="registerAgreement",
      summary="Register that a running account pays for another", responses=PROBLEMS,
      response_headers=CREATED_HEADERS)  # fmt: skip
async def post_agreement(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    data: JSONBody[NewAccountAgreement],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[AgreementRegistered]:
    """The path names the payer, the body the debtor. Own money goes first on both sides."""
    async with reading(pool, caller) as conn:
        payer = await payer_account(conn, risk_carrier, provider)
        debtor = await debtor_account(conn, payer, data.debtor_risk_carrier, data.debtor_provider)
    same = ("number", "evidence", "reason_code", "reason", "valid_from", "valid_until")
    asked = RegisterAgreement(
        payer_account=payer, debtor_account=debtor, **{name: getattr(data, name) for name in same}
    )
    async with writing(pool) as conn:
        answer = await actions.register_agreement(conn, command_of(caller, idempotency_key, today), asked)
    location = f"/v1/agreements/{answer['id']}"
    return created(msgspec.convert(answer, AgreementRegistered), location, replay_header(answer))


@post("/agreements/{agreement:int}/end", operation_id="endAgreement", summary="End an agreement",
      responses=PROBLEMS, response_headers=CREATED_HEADERS)  # fmt: skip
async def post_agreement_end(
    agreement: AgreementNumber,
    data: JSONBody[NewAgreementEnd],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[AgreementEnded]:
    """What was offset under it stands; what was taken over and is still open goes back in the next night."""
    asked = EndAgreement(agreement=agreement, reason=data.reason, ended_on=data.ended_on)
    async with writing(pool) as conn:
        answer = await actions.end_agreement(conn, command_of(caller, idempotency_key, today), asked)
    return created(msgspec.convert(answer, AgreementEnded), f"/v1/agreements/{agreement}", replay_header(answer))


ROUTER = Router(
    "/", tags=["Agreements"], route_handlers=[list_agreements, get_agreement, post_agreement, post_agreement_end]
)
"""`/agreements`, and a running account's own."""
