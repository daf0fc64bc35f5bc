"""Proposals as pages: what the nights proposed, taking the reminders of a night over, and what became of them."""

import re
import secrets
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.core.db import Pool
from app.core.errors import Refusal
from app.dunning.actions import Accepted, accept_reminders, kept_acceptance
from app.dunning.api import place_of
from app.dunning.queries import KINDS, Proposed, list_proposals
from app.ledger import command_of
from app.web.choices import carriers_seen
from app.web.database import reading, risk_carrier_if, writing
from app.web.page import form_of, go, pages, render, view_of
from app.web.paging import Cursor, cursor
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked

PAGE = 50
_MOST_CLAIMS, _LONGEST_NAME, _MOST_DAYS = 100, 64, 366  # of one acceptance over HTTP
_TICK = "claim-"
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TAKE = "POST /proposals/acceptances"
KIND_WORDS = {
    "reminder": marked("Herinnering"),
    "agency": marked("Overdracht aan incassobureau"),
    "letter": marked("Brief"),
}
DROPPED = {
    "nothing_open": marked("Er staat niets meer open: sinds de nacht is er betaald, verrekend of afgeboekt."),
    "held": marked("Alles wat openstaat wordt aangehouden; daarover gaat geen herinnering uit."),
    "step_taken": marked("Deze herinnering is al vastgelegd."),
    "step_order": marked("Dit is niet de volgende herinnering van deze vordering."),
    "term_running": marked("De termijn van de vorige brief loopt nog."),
    "quiet_claim": marked("Dit is een stille vordering (creditnota, correctie of voorschot); zij krijgt geen brief."),
    "no_term": marked("Het beleid van vandaag heeft geen termijn voor deze herinnering; vul zelf een termijn in."),
    "term_too_long": marked("Deze termijn is te lang; vul minder dagen in."),
    "term_before_letter": marked("Deze termijn eindigt voor de brief; vul meer dagen in."),
    "not_proposed": marked("Deze nacht stelde voor deze vordering geen herinnering voor."),
    "claim_unknown": marked("Deze vordering is er niet, of zij hoort bij een risicodrager die u niet mag zien."),
    "account_unknown": marked("Deze vordering is er niet, of zij hoort bij een risicodrager die u niet mag zien."),
    "claim_ambiguous": marked("Dit staat voor meer dan een vordering; kies haar in de lijst."),
    "key_used_otherwise": marked("Dit is al eens gevraagd met een andere inhoud; kies haar opnieuw in de lijst."),
}
"""Why a reminder was not recorded, by the code of the refusal; a test holds that every one has its sentence."""
_OTHERWISE = marked("De regels laten deze herinnering nu niet toe; bekijk de vordering.")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which proposals a page shows, as its address says it."""

    risk_carrier: str = ""
    kind: str = ""
    night: str = ""
    state: str = ""
    after: str | None = None

    def fields(self, **other: str) -> dict[str, str]:
        """The filters as fields of an address or form, without the empty ones and without the place in the list."""
        found = {"riskCarrier": self.risk_carrier, "kind": self.kind, "proposedOn": self.night, "state": self.state}
        return {name: text for name, text in (found | other).items() if text}


@get("/proposals")
async def proposals(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    kind: Annotated[str, QueryParameter(name="kind", max_length=20)] = "",
    night: Annotated[str, QueryParameter(name="proposedOn", max_length=10)] = "",
    in_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    after: Cursor = None,
) -> Response[str]:
    """What the nights proposed, oldest first; of one night with the form that takes its reminders over."""
    asked = _asked({"riskCarrier": risk_carrier, "kind": kind, "proposedOn": night, "state": in_state}, after)
    return await _shown(request, pool, person, asked)


@post("/proposals/acceptances", status_code=200)
async def reminders_taken_over(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
) -> Response[str]:
    """Record the ticked reminders of a night as sent today; leads to what became of each. Sent twice it records once.

    The list again, with the ticks as they were, when nothing is ticked or the term is none.
    """
    form = await form_of(request)
    asked = _asked(form, form.get("cursor") or None)
    night, key = _day(asked.night), form.get("key", "")
    claims = tuple(name.removeprefix(_TICK) for name in form if name.startswith(_TICK))
    fit = len(claims) <= _MOST_CLAIMS and all(0 < len(each) <= _LONGEST_NAME for each in claims)
    if night is None or not fit or not _KEY.fullmatch(key) or not person.risk_carriers:
        raise Refusal("form_invalid", "The form is not one of this page.", status=400)
    term = form.get("termDays", "")
    days = int(term) if re.fullmatch("[0-9]{1,3}", term) else None
    wrong = term != "" and (days is None or days > _MOST_DAYS)
    if wrong or not claims:
        return await _shown(request, pool, person, asked, form=form, wrong_term=wrong)
    async with writing(pool) as connection:
        answer = await accept_reminders(
            connection, command_of(person, key, today), claims, proposed_on=night, term_days=days
        )
    dropped = any(each.dropped is not None for each in msgspec.convert(answer["outcomes"], list[Accepted]))
    said = "" if dropped else gettext("De aangevinkte herinneringen zijn vastgelegd.")
    return go(request, f"/proposals/acceptances/{key}?{urlencode(asked.fields())}", said)


@get("/proposals/acceptances/{key:str}")
async def acceptance(
    request: Request[Any, Any, Any],
    key: FromPath[str],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    kind: Annotated[str, QueryParameter(name="kind", max_length=20)] = "",
    night: Annotated[str, QueryParameter(name="proposedOn", max_length=10)] = "",
    in_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
) -> Response[str]:
    """What became of the reminders that this person took over with one form: recorded, or dropped with why."""
    if not _KEY.fullmatch(key) or not person.risk_carriers:
        raise missing("acceptance")
    async with reading(pool, person) as connection:
        found = await kept_acceptance(connection, command_of(person, key, today))
    if found is None:
        raise missing("acceptance")
    asked = _asked({"riskCarrier": risk_carrier, "kind": kind, "proposedOn": night, "state": in_state}, None)
    back = urlencode(asked.fields())
    return render(
        request,
        "dunning/acceptance.html",
        recorded=[each for each in found if each.dropped is None],
        dropped=[(each, why(each.dropped)) for each in found if each.dropped is not None],
        back=f"/proposals?{back}" if back else "/proposals",
    )


def why(code: str) -> str:
    """Why a reminder was not recorded, as a sentence in the language at hand."""
    return gettext(DROPPED.get(code, _OTHERWISE))


def state_of(each: Proposed) -> tuple[str, str]:
    """What became of a proposal since its night: the kind of its sign, and its word in the language at hand."""
    if each.taken_over:
        return "quiet", gettext("overgenomen")
    if each.open_now_cents == 0:
        return "good", gettext("niets meer open")
    if each.open_now_cents < each.open_cents:
        return "warn", gettext("minder open")
    return "busy", gettext("open")


def _asked(fields: dict[str, str], after: str | None) -> Asked:
    """The filters of a page; a kind or state that there is not counts as none."""
    kind = fields.get("kind", "")
    return Asked(
        risk_carrier=fields.get("riskCarrier", ""),
        kind=kind if kind in KIND_WORDS else "",
        night=fields.get("proposedOn", ""),
        state="all" if fields.get("state") == "all" else "",
        after=after,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _shown(
    request: Any,
    pool: Pool,
    person: Person,
    asked: Asked,
    *,
    form: dict[str, str] | None = None,
    wrong_term: bool = False,
) -> Response[str]:
    """A page of the list. With a `form` that does not fit: 422, its ticks, its term and what to do about it."""
    night, place = _day(asked.night), place_of(asked.after)
    number = next((number for number, name in KINDS.items() if name == asked.kind), None)
    async with reading(pool, person) as connection:
        carrier = await risk_carrier_if(connection, asked.risk_carrier or None)
        carriers = await carriers_seen(connection)
        found, following = await list_proposals(
            connection,
            carrier,
            proposed_on=night,
            kind=number,
            open_only=asked.state != "all",
            after=place,
            limit=PAGE,
        )
    wrong_night = bool(asked.night) and night is None
    found = [] if wrong_night else found
    open_reminders = [each for each in found if each.kind == "reminder" and not each.taken_over and each.open_now_cents]
    may = view_of(request).may(_TAKE)
    following = None if wrong_night else following
    return render(
        request,
        "dunning/list.html",
        status=422 if form is not None else 200,
        proposals=found,
        carriers=carriers,
        kinds=KIND_WORDS,
        asked=asked,
        hidden=asked.fields() | ({"cursor": asked.after} if asked.after else {}),
        following=f"/proposals?{urlencode(asked.fields(cursor=cursor(*following)))}" if following else "",
        night=night,
        wrong_night=wrong_night,
        nights=[
            (on, f"/proposals?{urlencode(asked.fields(proposedOn=str(on)))}")
            for on in sorted({each.proposed_on for each in open_reminders})
            if may and night is None
        ],
        tickable=open_reminders if may and night is not None else [],
        ticked={each.claim for each in open_reminders if form is None or f"{_TICK}{each.claim}" in form},
        form=form or {},
        wrong_term=wrong_term,
        key=(form or {}).get("key") or secrets.token_urlsafe(16),
        state_of=state_of,
    )


PAGES = pages(proposals, reminders_taken_over, acceptance)
