"""Policies over HTTP: their versions, one of them as JSON or as the text that was applied, what differs. Reads only."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from app.core.db import Pool
from app.core.errors import Refusal
from app.policies import queries, rules
from app.policies.actions import diff_policy, parsed
from app.policies.model import Policy, Reason
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id
from app.web.formats import AlsoToml, prefers
from app.web.params import RiskCarrierCode, RiskCarrierPath
from app.web.problems import READ_PROBLEMS, missing

TOML = "application/toml"


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A version that was applied. `inForce`: the one that a night of today would use; `sha256` is that of its text."""

    risk_carrier: str
    version: int
    name: str
    valid_from: date
    applied_at: datetime
    applied_by: str
    sha256: str
    in_force: bool


class PolicyVersions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The versions, by risk carrier, the newest first."""

    items: list[PolicyVersion]


class PolicyAllocation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The ordered passes and the caps. Shares are in basis points (7000 = 70 %), money in cents."""

    passes: list[str]
    order: str
    cap_basis_points: int | None
    cap_cents: int | None
    floor_cents: int


class PolicyOffset(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """When offset starts for a reason code and how much it takes; `charges`: costs and interest too."""

    start: str
    reminder: int
    mode: str
    basis_points: int | None
    fixed_cents: int | None
    charges: bool


class PolicyStep(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One reminder: so many days after the due date (`onTheDay`, else the day after), and its term."""

    days_after_due: int
    on_the_day: bool
    term_days: int
    minimum_cents: int


class PolicyAgency(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """When a claim is ready for the agency."""

    after_step: int
    on_the_day: bool
    idle_days: int
    minimum_cents: int


class PolicyReason(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What holds for the claims of one reason code. `passes`: those of the policy that it takes part in; null: all."""

    code: str
    title_nl: str
    title_en: str
    priority: int
    owning_team: str
    appeal_days: int | None
    interest_regime: str
    quiet: bool
    matures_days: int | None
    matures_to: str | None
    payment_term_days: int
    passes: list[str] | None
    offset: PolicyOffset
    dunning: list[PolicyStep]
    agency: PolicyAgency | None


class PolicyGate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How old the newest file of a feed may be when a night starts."""

    feed: str
    max_age_days: int


class PolicyDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A policy with every setting stated."""

    risk_carrier: str
    version: int
    name: str
    valid_from: date
    allocation: PolicyAllocation
    gate: list[PolicyGate]
    reasons: list[PolicyReason]


class PolicyChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A setting that differs, as text; null where a version does not have it."""

    path: str
    before: str | None
    after: str | None


class PolicyDifferences(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What differs between two versions of a risk carrier, in order of path."""

    risk_carrier: str
    before: int
    after: int
    items: list[PolicyChange]


class ReasonCode(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A reason code with its titles in the newest version."""

    risk_carrier: str
    code: str
    title_nl: str
    title_en: str
    quiet: bool
    owning_team: str


class ReasonCodes(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Reason codes by risk carrier and code."""

    items: list[ReasonCode]


Version = Annotated[
    int, PathParameter(ge=1, le=2**31 - 1, description="Number of the version.", examples=[Example(value=1)])
]


def _number(name: str, text: str) -> Any:
    return QueryParameter(name=name, ge=1, le=2**31 - 1, description=text, examples=[Example(value=1)])


@get("/policies", operation_id="listPolicies", summary="List policy versions", responses=READ_PROBLEMS)
async def list_policies(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: RiskCarrierCode = None,
) -> PolicyVersions:
    """Every version that was applied. A night uses the newest one that is valid by its business date."""
    async with reading(pool, caller) as conn:
        if risk_carrier is not None:
            await risk_carrier_id(conn, risk_carrier)
        rows = await queries.policy_versions(conn, risk_carrier, today)
    return PolicyVersions(items=[PolicyVersion(**dict(row)) for row in rows])


@get(
    "/policies/{risk_carrier:str}/{version:int}",
    operation_id="getPolicy",
    summary="Get a policy",
    responses=READ_PROBLEMS,
    operation_class=AlsoToml,
)
async def get_policy(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    version: Version,
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> Response[PolicyDocument]:
    """Every setting as JSON; with `Accept: application/toml` the text, byte for byte as it was applied."""
    async with reading(pool, caller) as conn:
        carrier_id = await risk_carrier_id(conn, risk_carrier)
        text = await _text(conn, carrier_id, risk_carrier, version)
    if prefers(request, TOML):
        # the annotation is what the document shows; this is the other form that it names
        return Response(text, media_type=TOML)  # type: ignore[arg-type]
    return Response(_document(risk_carrier, version, parsed(text)))


async def _text(conn: Any, carrier_id: int, code: str, version: int) -> str:
    try:
        return await queries.policy_text(conn, carrier_id, on=None, version=version)
    except Refusal as error:
        raise missing(f"policy {code} version {version}") from error


def _document(code: str, version: int, policy: Policy) -> PolicyDocument:
    return PolicyDocument(
        risk_carrier=code,
        version=version,
        name=policy.name,
        valid_from=policy.valid_from,
        allocation=msgspec.convert(policy.allocation, PolicyAllocation, from_attributes=True),
        gate=[PolicyGate(feed=feed, max_age_days=days) for feed, days in sorted(policy.gate.items())],
        reasons=[_reason(key, reason) for key, reason in policy.reasons.items()],
    )


def _reason(code: str, reason: Reason) -> PolicyReason:
    nested = {
        "offset": msgspec.convert(reason.offset, PolicyOffset, from_attributes=True),
        "passes": None if reason.passes is None else list(reason.passes),
        "dunning": [msgspec.convert(step, PolicyStep, from_attributes=True) for step in reason.dunning],
        "agency": None if reason.agency is None else msgspec.convert(reason.agency, PolicyAgency, from_attributes=True),
    }
    settings = {name: getattr(reason, name) for name in reason.__struct_fields__}
    return PolicyReason(code=code, **{**settings, **nested})


@get(
    "/policies/{risk_carrier:str}/differences",
    operation_id="comparePolicies",
    summary="Compare two policies",
    responses=READ_PROBLEMS,
)
async def compare_policies(
    risk_carrier: RiskCarrierPath,
    before: Annotated[int, _number("from", "The version to compare with.")],
    after: Annotated[int, _number("to", "The version that is compared.")],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> PolicyDifferences:
    """The settings that differ, by their path in the policy."""
    async with reading(pool, caller) as conn:
        carrier_id = await risk_carrier_id(conn, risk_carrier)
        for version in (before, after):
            await _text(conn, carrier_id, risk_carrier, version)
        changes = await diff_policy(conn, carrier_id, before, after)
    return PolicyDifferences(
        risk_carrier=risk_carrier,
        before=before,
        after=after,
        items=[
            PolicyChange(path=each.path, before=rules.shown(each.before), after=rules.shown(each.after))
            for each in changes
        ],
    )


@get("/reason-codes", operation_id="listReasonCodes", summary="List reason codes", responses=READ_PROBLEMS)
async def list_reason_codes(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], risk_carrier: RiskCarrierCode = None
) -> ReasonCodes:
    """Every reason code that a claim may have, with its titles."""
    async with reading(pool, caller) as conn:
        if risk_carrier is not None:
            await risk_carrier_id(conn, risk_carrier)
        rows = await queries.reason_codes(conn, risk_carrier)
    return ReasonCodes(items=[ReasonCode(**dict(row)) for row in rows])


ROUTER = Router("/", route_handlers=[list_policies, get_policy, compare_policies, list_reason_codes])
"""`/policies` and `/reason-codes`."""
