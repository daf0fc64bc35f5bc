"""Pages of nights: which there were, what one did and decided, what the next would do; ask for one."""

import secrets
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core.bell import Bell
from app.core.db import Pool
from app.core.errors import Refusal
from app.core.jobs import read_job
from app.ledger import command_of
from app.nights import actions, queries, views
from app.nights.api import DayPath, PreviewNumber
from app.nights.model import AskPreview, NightPreview, NightReport, StartNight
from app.web.database import reading, writing
from app.web.drawing import Step
from app.web.page import form_of, go, pages, render, request_kind
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import RiskCarrierPath
from app.web.people import Person
from app.web.problems import missing
from app.web.words import day, gettext, language, marked

PAGE = 50
STATES = {
    "waiting": ("warn", marked("wacht")),
    "planned": ("busy", marked("ingedeeld")),
    "matching": ("busy", marked("verrekent")),
    "proven": ("busy", marked("gecontroleerd")),
    "released": ("good", marked("vrijgegeven")),
    "stopped": ("bad", marked("gestopt")),
}
"""How a state looks: kind of its sign, and its word."""
RUNNING = ("waiting", "planned", "matching", "proven")
Form = dict[str, str]


def _states() -> dict[str, tuple[str, str]]:
    return {state: (kind, gettext(text)) for state, (kind, text) in STATES.items()}


def _next(path: str, place: str, **filters: object) -> str:
    kept = {name: str(value) for name, value in filters.items() if value not in (None, "")}
    return f"{path}?{urlencode({**kept, 'cursor': place})}"


@get("/nights")
async def nights(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    in_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    page: Cursor = None,
) -> Response[str]:
    """The nights, newest first, with what each did."""
    code, state = risk_carrier or None, in_state if in_state in STATES else None
    after = read_cursor(page, (date, str)) if page else None
    async with reading(pool, person) as connection:
        found = await queries.list_nights(
            connection,
            risk_carrier=code,
            state=state,
            first=None,
            last=None,
            after=(after[0], after[1]) if after else None,
            most=PAGE + 1,
        )
        shown = found[:PAGE]
        totals = await views.night_totals(connection, [(each.risk_carrier, each.business_date) for each in shown])
        carriers = await views.carriers(connection)
    place = cursor(shown[-1].business_date, shown[-1].risk_carrier) if len(found) > PAGE else None
    return render(
        request,
        "nights/list.html",
        nights=[(each, totals[each.risk_carrier, each.business_date]) for each in shown],
        carriers=carriers,
        states=_states(),
        chosen={"riskCarrier": code or "", "state": state or ""},
        more=_next("/nights", place, riskCarrier=code, state=state) if place else None,
    )


def steps_of(night: NightReport) -> list[Step]:
    """Gross, what makes it, what was offset, and what is paid: the rows of the waterfall, amounts in cents."""
    day_of = f"fromDate={night.business_date}&untilDate={night.business_date}"
    payouts = f"/payouts?riskCarrier={night.risk_carrier}&{day_of}"
    made = [Step(label=gettext("Gedeclareerd"), cents=night.declared_cents, href=payouts)]
    if night.returned_cents:
        made.append(Step(label=gettext("Teruggekomen"), cents=night.returned_cents, href=payouts))
    if night.advance_cents:
        made.append(Step(label=gettext("Voorschotten"), cents=night.advance_cents, href=payouts))
    made.append(Step(label=gettext("Bruto"), cents=night.gross_cents, total=True, href=payouts))
    made.append(Step(label=gettext("Verrekend"), cents=-night.offset_cents, href="#claims"))
    made.append(
        Step(
            label=gettext("Uitbetaald"),
            cents=night.net_cents,
            total=True,
            href=payouts,
            note=gettext("op %(date)s", date=day(night.payment_date)),
        )
    )
    return made


@get("/nights/{risk_carrier:str}/{business_date:date}")
async def night(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: RiskCarrierPath,
    business_date: DayPath,
) -> Response[str]:
    """One night: how far it is, or what it did. Before its first step: its job."""
    path = f"/nights/{risk_carrier}/{business_date}"
    async with reading(pool, person) as connection:
        found = await queries.night_report(connection, risk_carrier, business_date)
        if found is None:
            job = await views.night_job(connection, risk_carrier, business_date)
            beside = None
        else:
            beside = await views.night_beside(connection, risk_carrier, business_date)
            job = beside.job
    if found is None and job is None:
        raise missing("night")
    context: dict[str, Any] = {"night": found, "job": job, "where": path, "states": _states(), "carrier": risk_carrier}
    if found is None or beside is None:
        return render(request, "nights/asked.html", business_date=business_date, **context)
    return render(request, "nights/night.html", beside=beside, steps=steps_of(found), **context)


@get("/nights/{risk_carrier:str}/{business_date:date}/progress")
async def progress(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: RiskCarrierPath,
    business_date: DayPath,
) -> Response[str]:
    """How far a night is, for the page that asks every few seconds; at its end that page is loaded anew."""
    path = f"/nights/{risk_carrier}/{business_date}"
    if request_kind(request) == "page":
        return go(request, path)
    async with reading(pool, person) as connection:
        found = await queries.night_report(connection, risk_carrier, business_date)
        job = await views.night_job(connection, risk_carrier, business_date)
    if found is None and job is None:
        raise missing("night")
    made = render(request, "nights/progress.html", night=found, job=job, where=path, states=_states())
    begun = found is not None and request.query_params.get("asked") == "1"
    if begun or (found is not None and found.state not in RUNNING) or (job is not None and job.state == "failed"):
        made.headers["hx-refresh"] = "true"
    return made


@get("/nights/{risk_carrier:str}/{business_date:date}/decisions")
async def decisions(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: RiskCarrierPath,
    business_date: DayPath,
    answer: Annotated[str | None, QueryParameter(max_length=64)] = None,
    page: Cursor = None,
) -> Response[str]:
    """What a night decided, claim by claim; by answer."""
    after = read_cursor(page, (int, int)) if page else None
    async with reading(pool, person) as connection:
        texts = await views.answer_texts(connection)
        chosen = answer if answer in [code for code, _, _ in texts] else None
        found = await queries.list_decisions(
            connection,
            risk_carrier,
            business_date,
            answer=chosen,
            after=(after[0], after[1]) if after else None,
            most=PAGE + 1,
        )
    if found is None:
        raise missing("night")
    path = f"/nights/{risk_carrier}/{business_date}"
    place = cursor(*found[PAGE - 1][:2]) if len(found) > PAGE else None
    return render(
        request,
        "nights/decisions.html",
        decisions=[each for _, _, each in found[:PAGE]],
        texts={code: english if language() == "en" else dutch for code, dutch, english in texts},
        chosen=chosen or "",
        where=path,
        carrier=risk_carrier,
        business_date=business_date,
        more=_next(f"{path}/decisions", place, answer=chosen) if place else None,
    )


_REFUSED = {
    "night_to_come": marked("Deze dag is nog niet voorbij; een nacht sluit haar dag af."),
    "night_released": marked("De nacht van deze dag is al vrijgegeven; er valt niets meer te doen."),
    "before_first_night": marked("Deze dag ligt voor de laatste nacht en is niet meer te draaien."),
    "night_failed": marked("De taak van deze nacht is mislukt. Vraag die taak opnieuw als de oorzaak weg is."),
    "many_nights": marked("Er zijn meer dan 31 nachten in te halen. Vink aan dat dat klopt, en vraag het opnieuw."),
    "night_year": marked("Van dit jaar is er geen kalender van betaaldagen."),
    "night_has_findings": marked("Er zijn nog meldingen open. Los die eerst op."),
    "not_found": marked("Deze risicodrager of zorgaanbieder is er niet, of u mag die niet zien."),
}
"""What stands in the way, by the code of the refusal."""


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("day_missing", "Choose a day.", status=422, field="businessDate") from None


def _sentence(refusal: Refusal) -> str:
    if refusal.code == "day_missing":
        return gettext("Kies een dag.")
    if refusal.code not in _REFUSED:
        raise refusal
    return gettext(_REFUSED[refusal.code])


async def _form(
    request: Request[Any, Any, Any], pool: Pool, person: Person, template: str, form: Form, error: Refusal | None = None
) -> Response[str]:
    """A form that asks for a night or a preview; with what was filled in and what stands in the way."""
    async with reading(pool, person) as connection:
        carriers = await views.carriers(connection)
    return render(
        request,
        template,
        status=422 if error else 200,
        carriers=carriers,
        form=form,
        error=_sentence(error) if error else "",
        many=error is not None and error.code == "many_nights",
        key=secrets.token_urlsafe(16),
    )


@get("/nights/start")
async def start_form(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
) -> Response[str]:
    """The form that asks for a night."""
    return await _form(request, pool, person, "nights/start.html", {"businessDate": today.isoformat()})


@post("/nights", status_code=200)
async def start(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
) -> Response[str]:
    """Ask for the night of a day and those missed before it; leads to that night."""
    form = await form_of(request)
    try:
        asked = StartNight(
            risk_carrier=form.get("riskCarrier", ""),
            business_date=_day_of(form.get("businessDate", "")),
            catch_up=form.get("catchUp") == "yes",
        )
        async with writing(pool) as connection:
            job_id, _ = await actions.start_night(connection, command_of(person, form.get("key", ""), today), asked)
    except Refusal as refusal:
        return await _form(request, pool, person, "nights/start.html", form, refusal)
    await bell.ring(job_id)
    return go(request, f"/nights/{asked.risk_carrier}/{asked.business_date}", gettext("De nacht is gevraagd."))


@post("/nights/{risk_carrier:str}/{business_date:date}/release", status_code=200)
async def release(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
    risk_carrier: RiskCarrierPath,
    business_date: DayPath,
) -> Response[str]:
    """Have a stopped night proved again, or one that waits tried now; it releases itself when nothing is wrong."""
    path = f"/nights/{risk_carrier}/{business_date}"
    try:
        async with writing(pool) as connection:
            job_id = await actions.take_up(
                connection, command_of(person, "release", today), risk_carrier, business_date
            )
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return go(request, path, _sentence(refusal))
    await bell.ring(job_id)
    return go(request, path, gettext("De nacht wordt opnieuw geprobeerd."))


@get("/nights/preview")
async def preview_form(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
) -> Response[str]:
    """The form that asks what a night would do."""
    return await _form(request, pool, person, "nights/preview_form.html", {"businessDate": today.isoformat()})


@post("/nights/preview", status_code=200)
async def ask_preview(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
) -> Response[str]:
    """Ask what the night of a day would do, for all or one provider; leads to the answer."""
    form = await form_of(request)
    try:
        asked = AskPreview(
            risk_carrier=form.get("riskCarrier", ""),
            business_date=_day_of(form.get("businessDate", "")),
            provider=form.get("provider") or None,
        )
        async with writing(pool) as connection:
            job_id, _ = await actions.ask_preview(connection, command_of(person, form.get("key", ""), today), asked)
    except Refusal as refusal:
        return await _form(request, pool, person, "nights/preview_form.html", form, refusal)
    await bell.ring(job_id)
    return go(request, f"/nights/preview/{job_id}")


@get("/nights/preview/{preview_id:int}")
async def preview(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    preview_id: PreviewNumber,
) -> Response[str]:
    """What a night would do; while a worker reads it, how far it is."""
    async with reading(pool, person) as connection:
        job = await read_job(connection, preview_id)
        if job is None or job.kind != "preview":
            raise missing("preview")
        found = await queries.preview_of(connection, job)
        texts = {
            code: english if language() == "en" else dutch
            for code, dutch, english in await views.answer_texts(connection)
        }
    under_way = found.state in ("waiting", "running")
    part = request_kind(request) == "part"
    template = "nights/preview_progress.html" if part else "nights/preview.html"
    steps = preview_steps(found) if found.totals else []
    made = render(request, template, preview=found, job=job, steps=steps, texts=texts, under_way=under_way)
    if part and not under_way:
        made.headers["hx-refresh"] = "true"
    return made


def preview_steps(found: NightPreview) -> list[Step]:
    """The rows of the waterfall of a night that was not run, amounts in cents."""
    totals = found.totals
    assert totals is not None
    parts = (
        (gettext("Gedeclareerd"), totals.declared_cents),
        (gettext("Teruggekomen"), totals.returned_cents),
        (gettext("Voorschotten"), totals.advance_cents),
    )
    gross = sum(cents for _, cents in parts)
    return [
        *(Step(label=label, cents=cents) for label, cents in parts if cents),
        Step(label=gettext("Bruto"), cents=gross, total=True),
        Step(label=gettext("Zou verrekend worden"), cents=-totals.offset_cents),
        Step(label=gettext("Zou uitbetaald worden"), cents=totals.net_cents, total=True),
    ]


PAGES = pages(nights, night, progress, decisions, start_form, start, release, preview_form, ask_preview, preview)
