"""Policies as pages: which one is in force, what it says in plain words, what differs, and its file."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.policies import queries, rules, views
from app.policies.actions import diff_policy, parsed
from app.policies.model import Policy
from app.web.database import reading, risk_carrier_id
from app.web.page import pages, render
from app.web.params import PLAIN, RiskCarrierPath
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext


async def _text(connection: Connection, code: str, version: int) -> str:
    """The text of a version; Refusal 404 when there is none that the person may see."""
    carrier = await risk_carrier_id(connection, code)
    if not 1 <= version < 2**31:
        raise missing(f"policy {code} version {version}")
    try:
        return await queries.policy_text(connection, carrier, on=None, version=version)
    except Refusal as error:
        raise missing(f"policy {code} version {version}") from error


@get("/policies")
async def policies(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
    on_date: Annotated[str | None, QueryParameter(name="onDate", max_length=10, pattern=PLAIN)] = None,
) -> Response[str]:
    """The versions of every risk carrier, and which of them a night of a date uses."""
    on, error = today, ""
    if on_date:
        try:
            on = date.fromisoformat(on_date)
        except ValueError:
            error = gettext("Schrijf een datum als 2026-09-30.")
    async with reading(pool, person) as connection:
        found = await queries.policy_versions(connection, None, on)
    carriers: dict[str, list[Any]] = {}
    for row in found:
        carriers.setdefault(row["risk_carrier"], []).append(row)
    return render(
        request,
        "policies/list.html",
        status=422 if error else 200,
        carriers=carriers,
        on=on,
        given=on_date or on.isoformat(),
        error=error,
    )


@get("/policies/{risk_carrier:str}/{version:int}")
async def policy_page(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    version: FromPath[int],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
) -> Response[str]:
    """One version in plain words, with every reason code."""
    async with reading(pool, person) as connection:
        policy: Policy = parsed(await _text(connection, risk_carrier, version))
        versions = await queries.policy_versions(connection, risk_carrier, today)
    (row,) = [each for each in versions if each["version"] == version]
    ordered = sorted(policy.reasons.items(), key=lambda item: (item[1].priority, item[0]))
    return render(
        request,
        "policies/one.html",
        policy=policy,
        row=row,
        reasons=ordered,
        others=[each["version"] for each in versions if each["version"] != version],
        say=views,
    )


@get("/policies/{risk_carrier:str}/differences")
async def policy_differences(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    before: Annotated[int, QueryParameter(name="from", ge=1, le=2**31 - 1)] = 1,
    after: Annotated[int, QueryParameter(name="to", ge=1, le=2**31 - 1)] = 1,
) -> Response[str]:
    """The settings that differ between two versions, side by side."""
    async with reading(pool, person) as connection:
        for version in (before, after):
            await _text(connection, risk_carrier, version)
        changes = await diff_policy(connection, await risk_carrier_id(connection, risk_carrier), before, after)
    return render(
        request,
        "policies/differences.html",
        code=risk_carrier,
        before=before,
        after=after,
        rows=[(views.setting(each), rules.shown(each.before), rules.shown(each.after)) for each in changes],
    )


@get("/policies/{risk_carrier:str}/{version:int}/file")
async def policy_file(
    risk_carrier: RiskCarrierPath,
    version: FromPath[int],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
) -> Response[str]:
    """The TOML file, byte for byte as it was applied."""
    async with reading(pool, person) as connection:
        text = await _text(connection, risk_carrier, version)
    name = f"policy-{risk_carrier}-{version}.toml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/toml", headers=headers)


PAGES = pages(policies, policy_page, policy_differences, policy_file)
