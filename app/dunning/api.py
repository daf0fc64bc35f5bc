"""Proposals over HTTP: the reminders and hand-overs that the nights proposed, and taking reminders over."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.core.db import Pool
from app.core.errors import Refusal
from app.dunning import actions, queries
from app.ledger import Input, Text, command_of, replay_header
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id, writing
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, IdempotencyKey
from app.web.problems import PROBLEMS, READ_PROBLEMS
from app.web.recorded import REPLAYED

_KINDS = {name: kind for kind, name in queries.KINDS.items()}


class NewAcceptance(Input, frozen=True, kw_only=True):
    """Reminders to take over: claims for which a night proposed one on `proposedOn`. `termDays` else by the policy."""

    proposed_on: date
    claims: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=100)]
    term_days: Annotated[int, msgspec.Meta(ge=0, le=366)] | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of a proposal: asked for so much by that reminder, or dropped for a reason (a stable code)."""

    claim: str
    step_no: int
    asked_cents: int
    dropped: str | None


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An outcome per claim, in the order of the request."""

    outcomes: list[Outcome]


def place_of(after: str | None) -> queries.Place:
    """The place in the list that a cursor names; without one its start. Refusal 400 when it is not one of this list."""
    if not after:
        return queries.START
    on, account_id, claim_id, kind, step_no = read_cursor(after, (date, int, int, int, int))
    if not (0 <= kind < 2**15 and 0 <= step_no < 2**15):
        raise Refusal(
            "cursor_invalid", "This cursor is not one of this list; leave it out.", status=400, field="cursor"
        )
    return on, account_id, claim_id, kind, step_no


@get("/", operation_id="listProposals", summary="List what the nights proposed", responses=READ_PROBLEMS)
async def list_proposals(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: Annotated[
        str, QueryParameter(name="riskCarrier", min_length=1, max_length=20, pattern=PLAIN, description="Its code.")
    ],
    proposed_on: Annotated[date | None, QueryParameter(name="proposedOn", description="Only of that night.")] = None,
    kind: Annotated[
        Literal["reminder", "agency", "letter"] | None, QueryParameter(description="Only of this kind.")
    ] = None,
    open_only: Annotated[
        bool, QueryParameter(name="openOnly", description="Leave out reminders that were recorded.")
    ] = True,
    page_size: PageSize = 50,
    after: Cursor = None,
) -> Page[queries.Proposed]:
    """Reminders and hand-overs, oldest first. A proposal does nothing until somebody takes it over."""
    place = place_of(after)
    async with reading(pool, caller) as conn:
        items, following = await queries.list_proposals(
            conn,
            await risk_carrier_id(conn, risk_carrier),
            proposed_on=proposed_on,
            kind=None if kind is None else _KINDS[kind],
            open_only=open_only,
            after=place,
            limit=page_size,
        )
    return Page(items, None if following is None else cursor(*following))


@post(
    "/acceptances",
    operation_id="acceptProposals",
    summary="Take proposed reminders over",
    responses=PROBLEMS,
    response_headers=(REPLAYED,),
    status_code=200,
)
async def post_acceptance(
    data: JSONBody[NewAcceptance],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    idempotency_key: IdempotencyKey,
) -> Response[Acceptance]:
    """Record the reminders as sent today, each with a payment reference of its own.

    Each claim is read again under its lock: one that was paid, held or settled since the night, or reminded by another
    request, is dropped, with why. A request that broke off goes on where it ended when it is sent again.
    """
    command = command_of(caller, idempotency_key, today)
    async with writing(pool) as conn:
        answer = await actions.accept_reminders(
            conn, command, data.claims, proposed_on=data.proposed_on, term_days=data.term_days
        )
    done = msgspec.convert(answer["outcomes"], list[actions.Accepted])
    outcomes = [
        Outcome(claim=each.reference, step_no=each.step_no, asked_cents=each.asked_cents, dropped=each.dropped)
        for each in done
    ]
    return Response(Acceptance(outcomes=outcomes), status_code=200, headers=replay_header(answer))


ROUTER = Router("/proposals", tags=["Proposals"], route_handlers=[list_proposals, post_acceptance])
"""`/proposals`."""
