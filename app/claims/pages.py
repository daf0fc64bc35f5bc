"""Pages of claims: the list, and one with its lines, its facts, what is open, what holds it and what comes next."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.claims import queries, views
from app.claims.model import ClaimKind
from app.claims.rules import NextStep
from app.core.db import Pool
from app.core.errors import Refusal
from app.core.ids import declaration_reference
from app.ledger import accounts_of_provider
from app.web.database import reading
from app.web.page import pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import ClaimName
from app.web.people import Person
from app.web.problems import missing
from app.web.words import day, gettext, marked

PAGE = 50
TAKEN_OVER = views.KIND_NAMES[ClaimKind.TAKEN_OVER]
EVENTS = 200
STATUS_WORDS: dict[str, tuple[str, str]] = {
    "requested": ("busy", marked("aangevraagd")),
    "withdrawn": ("quiet", marked("ingetrokken")),
    "written-off": ("quiet", marked("afgeboekt")),
    "offset": ("good", marked("verrekend")),
    "settled": ("good", marked("voldaan")),
    "at-agency": ("bad", marked("bij het incassobureau")),
    "disputed": ("warn", marked("betwist")),
    "plan": ("warn", marked("betalingsregeling")),
    "on-hold": ("warn", marked("aangehouden")),
    "reminded": ("busy", marked("herinnerd")),
    "matured": ("busy", marked("brief geworden")),
    "open": ("busy", marked("open")),
}
KIND_WORDS: dict[str, str] = {
    views.KIND_NAMES[kind]: text
    for kind, text in zip(
        ClaimKind,
        (
            marked("vordering"),
            marked("creditnota"),
            marked("correctie"),
            marked("voorschot"),
            marked("tussentijdse afrekening plafond"),
            marked("eindafrekening plafond"),
            marked("ingetrokken declaratie"),
            marked("overgenomen vordering"),
        ),
        strict=True,
    )
}
HOLD_WORDS = {
    "dispute": marked("betwisting"),
    "plan": marked("betalingsregeling"),
    "block": marked("blokkade"),
    "agency": marked("incassobureau"),
    "insolvency": marked("insolventie"),
    "cession": marked("cessie of verpanding"),
    "attachment": marked("beslag"),
    "reservation": marked("reservering"),
    "investigation": marked("onderzoek"),
}
PROCESS_WORDS = {
    "dunning": marked("aanmanen"),
    "offset": marked("verrekenen"),
    "payout": marked("uitbetalen"),
    "agency": marked("overdragen"),
}
FACT_WORDS = {
    "registered": marked("Geregistreerd"),
    "became a claim with a letter": marked("Vordering met een brief geworden"),
    "due date changed": marked("Vervaldag veranderd"),
    "notice": marked("Aankondiging"),
    "reminder": marked("Herinnering"),
    "last notice": marked("Laatste aanmaning"),
    "advance paid": marked("Voorschot uitbetaald"),
    "advance paid elsewhere": marked("Voorschot elders uitbetaald"),
    "offset": marked("Verrekend"),
    "offset reversed": marked("Verrekening teruggedraaid"),
    "payment": marked("Betaling"),
    "money on account given": marked("Toegewezen van geld op rekening"),
    "adjusted": marked("Bedrag aangepast"),
    "withdrawn": marked("Ingetrokken"),
    "written off": marked("Afgeboekt"),
    "costs charged": marked("Kosten in rekening gebracht"),
    "interest charged": marked("Rente in rekening gebracht"),
    "hold started": marked("Aangehouden"),
    "hold ended": marked("Niet meer aangehouden"),
    "offset instruction": marked("Opdracht over verrekenen"),
    "offset requested": marked("Verrekening gevraagd"),
    "offset under an agreement": marked("Verrekend onder een overeenkomst"),
    "came back from an agreement": marked("Terug van een overeenkomst"),
}
NEXT_WORDS = {
    "advance paid": marked("Voorschot uitbetalen"),
    "offset": marked("Verrekenen"),
    "letter": marked("Brief met vervaldag"),
    "reminder": marked("Herinnering"),
    "agency": marked("Overdragen aan het incassobureau"),
}
WAIT_WORDS = {
    "night": marked("de volgende nacht"),
    "end of hold": marked("het einde van wat haar aanhoudt"),
    "request of the provider": marked("een verzoek van de zorgaanbieder"),
    "reminder": marked("herinnering"),
}


def said(text: str, words: dict[str, str]) -> str:
    """`reminder 2` in the words of the reader: a word, and its number where there is one."""
    name, _, number = text.rpartition(" ")
    if number.isdigit() and name in words:
        return f"{gettext(words[name])} {number}"
    return gettext(words[text]) if text in words else text


@get("/claims")
async def claims(
    request: Request[Any, Any, Any],
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    provider: Annotated[str, QueryParameter(name="provider", max_length=64)] = "",
    status: Annotated[str, QueryParameter(name="status", max_length=20)] = "",
    reason: Annotated[str, QueryParameter(name="reasonCode", max_length=40)] = "",
    open_only: Annotated[str, QueryParameter(name="openOnly", max_length=5)] = "",
    after: Cursor = None,
) -> Response[str]:
    """Claims in order of running account and registration, as they stand today."""
    place = read_cursor(after, (int, int)) if after else (0, 0)
    chosen = status if status in STATUS_WORDS else ""
    async with reading(pool, person) as conn:
        carrier = None
        if risk_carrier:
            found = await conn.fetchval("select risk_carrier_id from risk_carrier where code = $1", risk_carrier)
            carrier = -1 if found is None else int(found)
        accounts = await accounts_of_provider(conn, provider, risk_carrier or None) if provider else None
        wanted = views.ClaimFilter(
            risk_carrier_id=carrier,
            accounts=None if accounts is None else tuple(accounts),
            reason_code=reason or None,
            status=chosen or None,
            open_only=open_only == "true",
        )
        nobody = accounts == [] or carrier == -1
        items, following = (
            ([], None)
            if nobody
            else await views.list_claims(conn, wanted, after=(place[0], place[1]), on=today, limit=PAGE)
        )
    return render(
        request,
        "claims/list.html",
        claims=items,
        asked={
            "riskCarrier": risk_carrier,
            "provider": provider,
            "status": chosen,
            "reasonCode": reason,
            "openOnly": "true" if open_only == "true" else "",
        },
        words=STATUS_WORDS,
        kinds=KIND_WORDS,
        status_choices=[(name, gettext(text)) for name, (_, text) in STATUS_WORDS.items()],
        following=None if following is None else cursor(*following),
    )


@get("/claims/{reference:str}")
async def claim(
    request: Request[Any, Any, Any],
    reference: ClaimName,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    after: Cursor = None,
) -> Response[str]:
    """A claim: what it is, what is open and held, what happened and why, and what comes next."""
    place = read_cursor(after, (date, int, str)) if after else (date.min, 0, "")
    async with reading(pool, person) as conn:
        account_id, claim_id = await _located(reference, conn)
        found = await views.claim_detail(conn, account_id, claim_id, today)
        events = await views.claim_events(
            conn, account_id, claim_id, after=(place[0], place[1], place[2]), limit=EVENTS + 1
        )
        owner = await conn.fetchval("select name from provider where number = $1", found.provider)
        paid_by = await queries.paid_by(conn, account_id, claim_id)
        origin = await queries.taken_from(conn, account_id, claim_id) if found.kind == TAKEN_OVER else None
    shown = events[:EVENTS]
    last = shown[-1] if len(events) > EVENTS else None
    return render(
        request,
        "claims/one.html",
        claim=found,
        owner=owner,
        today=today,
        timeline_items=[_item(account_id, each, paid_by) for each in shown],
        paid_by=paid_by,
        origin=origin,
        following=None if last is None else cursor(last.on_date, last.id, last.what),
        still=views.account_still(found.holds, today),
        coming=[(said(step.what, NEXT_WORDS), _when(step)) for step in found.next],
        words=STATUS_WORDS,
        kinds=KIND_WORDS,
        holds=[
            (each, gettext(HOLD_WORDS[each.kind]), ", ".join(gettext(PROCESS_WORDS[name]) for name in each.processes))
            for each in found.holds
        ],
    )


async def _located(reference: str, conn: Any) -> tuple[int, int]:
    try:
        return await queries.locate_claim(conn, reference)
    except Refusal as error:
        if error.code == "claim_unknown":
            raise missing("claim") from error
        raise


def _item(
    account_id: int, event: views.ClaimEvent, paid_by: Sequence[queries.PaidBy]
) -> tuple[date, str, str, str | None, int | None]:
    """A fact for the timeline; an offset leads to its declaration, one under an agreement to the payer's claim."""
    link = f"/declarations/{declaration_reference(account_id, event.id)}" if event.what == "offset" else None
    if event.what == "offset under an agreement":
        link = next((f"/claims/{each.claim}" for each in paid_by if each.takeover_id == event.id and each.claim), None)
    return event.on_date, said(event.what, FACT_WORDS), cause_said(event), link, event.cents


_TERM = re.compile(r"term until (\d{4}-\d\d-\d\d)(?:, reference (.+))?")
_DUE = re.compile(r"open too long; due (\d{4}-\d\d-\d\d)")
_MOVED = re.compile(r"(\d{4}-\d\d-\d\d) -> (\d{4}-\d\d-\d\d)")


def cause_said(event: views.ClaimEvent) -> str:
    """The cause of a fact: what somebody wrote stays as it is, what the database made gets the reader's words."""
    cause = event.cause
    if event.what == "offset":
        return gettext("met declaratie %(number)s", number=cause.removeprefix("declaration "))
    if event.what == "offset under an agreement":
        return gettext("overeenkomst %(number)s", number=cause.removeprefix("agreement "))
    if event.what == "payment":
        known = cause.startswith("reference ")
        return gettext("kenmerk %(number)s", number=cause[10:]) if known else gettext("zonder kenmerk")
    if match := _TERM.fullmatch(cause):
        term = gettext("termijn tot en met %(date)s", date=day(date.fromisoformat(match[1])))
        return term + (", " + gettext("kenmerk %(number)s", number=match[2]) if match[2] else "")
    if match := _DUE.fullmatch(cause):
        return gettext("te lang open; vervalt op %(date)s", date=day(date.fromisoformat(match[1])))
    if match := _MOVED.fullmatch(cause):
        return " → ".join(day(date.fromisoformat(each)) for each in match.groups())
    return cause


def _when(step: NextStep) -> str:
    if step.from_date is not None:
        return gettext("vanaf %(date)s", date=day(step.from_date))
    if step.waits_for is not None:
        return gettext("wacht op %(what)s", what=said(step.waits_for, WAIT_WORDS))
    return ""


PAGES = pages(claims, claim)
