"""Pages of registered agreements: who pays for whom and what went over; forms that register one and end one."""

import re
import secrets
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.ledger import command_of
from app.offsetting import actions, views
from app.offsetting.agreement_api import debtor_account, payer_account
from app.offsetting.model import EndAgreement, RegisterAgreement
from app.web.choices import carriers_seen
from app.web.database import reading, writing
from app.web.page import form_of, go, pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import ProviderPath, RiskCarrierPath
from app.web.people import Person
from app.web.problems import missing
from app.web.told import refused
from app.web.words import gettext, language

PAGE = 100
_KEY = re.compile(r"[0-9A-Za-z_-]{16,64}")
_LONGEST = {"number": 60, "evidence": 400, "reason": 400, "reasonCode": 40}
_MOST_DEBTOR = {"debtorRiskCarrier": 20, "debtorProvider": 64}
_FIELDS = {
    "debtorAccount": "debtorProvider",
    "reasonCode": "reasonCode",
    "validFrom": "validFrom",
    "validUntil": "validUntil",
}
"""The field of the form that a refusal of the command is about, by the field that it names."""


@get("/agreements/{agreement:int}")
async def agreement_page(
    request: Request[Any, Any, Any],
    agreement: FromPath[int],
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    after: Cursor = None,
) -> Response[str]:
    """Who pays for whom, where it is signed, what went over under it, and the form that ends it."""
    return await _one(request, pool, person, agreement, today, after=after)


async def _one(
    request: Any,
    pool: Pool,
    person: Person,
    number: int,
    today: date,
    *,
    after: str | None = None,
    form: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response[str]:
    if not 0 < number < 2**63:
        raise missing("agreement")
    place = read_cursor(after, (int,))[0] if after else None
    async with reading(pool, person) as conn:
        found = await views.find_agreement(conn, number)
        if found is None:
            raise missing("agreement")
        moved = await views.moved_under(conn, number, after=place, limit=PAGE + 1)
    return render(
        request,
        "offsetting/agreement.html",
        status=422 if wrong else 200,
        agreement=found,
        state=views.agreement_state(found, today),
        open=found.ended_on is None and (found.valid_until is None or found.valid_until >= today),
        moved=moved[:PAGE],
        following=cursor(moved[PAGE - 1].id) if len(moved) > PAGE else None,
        form=form or {"endedOn": today.isoformat(), "reason": "", "key": secrets.token_urlsafe(16)},
        wrong=wrong or {},
    )


@post("/agreements/{agreement:int}/end", status_code=200)
async def agreement_ended(
    request: Request[Any, Any, Any],
    agreement: FromPath[int],
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
) -> Response[str]:
    """End it with a reason; the form again, with a sentence where it does not fit."""
    form = await form_of(request)
    key = _key(form)
    wrong: dict[str, str] = {}
    ended_on = _date(form, "endedOn", wrong)
    reason = _text(form, "reason", wrong)
    if not wrong:
        asked = EndAgreement(agreement=agreement, reason=reason, ended_on=ended_on)
        try:
            async with writing(pool) as conn:
                await actions.end_agreement(conn, command_of(person, key, today), asked)
        except Refusal as refusal:
            if refusal.field != "endedOn":
                raise
            wrong["endedOn"] = refused(refusal.code, refusal.message)
    if wrong:
        shown = {name: form.get(name, "") for name in ("endedOn", "reason", "key")}
        return await _one(request, pool, person, agreement, today, form=shown, wrong=wrong)
    return go(request, f"/agreements/{agreement}", gettext("De overeenkomst is beëindigd."))


@get("/running-accounts/{risk_carrier:str}/{provider:str}/agreements/new")
async def agreement_new(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    debtor: Annotated[str, QueryParameter(name="debtorProvider", max_length=64)] = "",
) -> Response[str]:
    """The form that registers that this running account pays for another."""
    form = {"debtorRiskCarrier": risk_carrier, "debtorProvider": debtor, "validFrom": today.isoformat()}
    return await _form(request, pool, person, (risk_carrier, provider), today, form, {})


async def _form(
    request: Any,
    pool: Pool,
    person: Person,
    payer: tuple[str, str],
    today: date,
    form: dict[str, str],
    wrong: dict[str, str],
) -> Response[str]:
    async with reading(pool, person) as conn:
        account_id = await payer_account(conn, *payer)
        name = await conn.fetchval("select name from provider where number = $1", payer[1])
        reasons = await views.fit_reasons(conn, account_id, today)
        carriers = await carriers_seen(conn)
    return render(
        request,
        "offsetting/agreement_new.html",
        status=422 if wrong else 200,
        payer=payer,
        name=name,
        reasons=[(each.code, f"{each.code}: {each.title_nl if language() == 'nl' else each.title_en}")
                 for each in reasons],
        carriers=carriers,
        form={"key": secrets.token_urlsafe(16), **form},
        wrong=wrong,
    )  # fmt: skip


@post("/running-accounts/{risk_carrier:str}/{provider:str}/agreements", status_code=200)
async def agreement_registered(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
) -> Response[str]:
    """Register it once however often the form is sent; the form again, with a sentence at each field that is wrong."""
    form = await form_of(request)
    key = _key(form)
    wrong: dict[str, str] = {}
    texts = {name: _text(form, name, wrong, most) for name, most in (_LONGEST | _MOST_DEBTOR).items()}
    valid_from, valid_until = _date(form, "validFrom", wrong), _date(form, "validUntil", wrong)
    if valid_from and valid_until and valid_until < valid_from:
        wrong["validUntil"] = gettext("De laatste dag ligt voor de eerste.")
    async with reading(pool, person) as conn:
        payer = await payer_account(conn, risk_carrier, provider)
        debtor = await _debtor(conn, payer, texts, wrong)
    if not wrong and debtor is not None:
        asked = RegisterAgreement(
            payer_account=payer,
            debtor_account=debtor,
            number=texts["number"],
            evidence=texts["evidence"],
            reason_code=texts["reasonCode"],
            reason=texts["reason"],
            valid_from=valid_from,
            valid_until=valid_until,
        )
        try:
            async with writing(pool) as conn:
                answer = await actions.register_agreement(conn, command_of(person, key, today), asked)
        except Refusal as refusal:
            if refusal.field not in _FIELDS:
                raise
            wrong[_FIELDS[refusal.field]] = refused(refusal.code, refusal.message)
        else:
            return go(request, f"/agreements/{answer['id']}", gettext("De overeenkomst is vastgelegd."))
    return await _form(request, pool, person, (risk_carrier, provider), today, form, wrong)


async def _debtor(conn: Connection, payer: int, texts: dict[str, str], wrong: dict[str, str]) -> int | None:
    """The debtor's running account; None with a sentence in `wrong` when there is none that fits."""
    if any(name in wrong for name in _MOST_DEBTOR):
        return None
    try:
        return await debtor_account(conn, payer, texts["debtorRiskCarrier"], texts["debtorProvider"])
    except Refusal as refusal:
        wrong["debtorProvider"] = refused(refusal.code, refusal.message)
        return None


def _key(form: dict[str, str]) -> str:
    """What makes the form count once; Refusal 400 when it is not one of these pages."""
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        raise Refusal("form_invalid", "The form is not one of this page.", status=400)
    return key


def _text(form: dict[str, str], name: str, wrong: dict[str, str], most: int = 400) -> str:
    text = form.get(name, "")
    if not 1 <= len(text) <= most:
        wrong[name] = gettext("Vul dit in, met ten hoogste %(most)s tekens.", most=most)
    return text


def _date(form: dict[str, str], name: str, wrong: dict[str, str]) -> date | None:
    text = form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong[name] = gettext("Dit is geen datum. Schrijf jjjj-mm-dd.")
        return None


PAGES = pages(agreement_page, agreement_ended, agreement_new, agreement_registered)
