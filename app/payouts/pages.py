"""Pages of payouts: the list, one payout explained to the cent, its specification and a correction's as files."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from app.claims import locate_claim
from app.core import clock
from app.core.db import Pool
from app.core.errors import Refusal
from app.core.ids import parse_reference
from app.ledger import accounts_of_provider
from app.payouts.actions import hand_out_payment_file
from app.payouts.model import PayoutState
from app.payouts.specification import read_correction, read_specification
from app.payouts.specification_csv import as_json, correction_csv, payment_csv
from app.payouts.views import SHOWN, STATES, PayoutFilter, PayoutLines, list_payouts, payout_lines_shown, read_payout
from app.web.database import reading, writing
from app.web.drawing import Step
from app.web.formats import handed_out
from app.web.page import HEADERS, pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import ClaimName, FileForm, MessageId, PayoutPath
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked, ngettext

PAGE = 50
STATE_WORDS: dict[str, tuple[str, str]] = {
    "nothing-to-pay": ("quiet", marked("niets te betalen")),
    "held": ("warn", marked("aangehouden")),
    "ready": ("busy", marked("klaar")),
    "sent": ("busy", marked("bij de bank")),
    "confirmed": ("good", marked("uitgevoerd")),
}
COMPONENT_WORDS = {2: marked("hoofdsom"), 3: marked("kosten"), 4: marked("rente")}
PASS_WORDS = {
    1: marked("verwijzing"),
    2: marked("gelijk bedrag"),
    3: marked("eigen AGB-code"),
    4: marked("andere AGB-code van dezelfde rechtspersoon"),
}
KIND_WORDS = {
    1: marked("vordering"),
    2: marked("creditnota"),
    3: marked("correctie"),
    4: marked("voorschot"),
    5: marked("tussentijdse afrekening plafond"),
    6: marked("eindafrekening plafond"),
    7: marked("ingetrokken declaratie"),
    8: marked("overgenomen vordering"),
}


def _id(number: str) -> int:
    try:
        kind, payout_id = parse_reference(number)
    except Refusal as error:
        raise missing("payout") from error
    if kind != "payout":
        raise missing("payout")
    return payout_id


def _state(text: str, *, held: bool) -> PayoutState | None:
    if held:
        return "held"
    return next((each for each in STATES.values() if each == text), None)


@get("/payouts")
async def payouts(
    request: Request[Any, Any, Any],
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    risk_carrier: Annotated[str, QueryParameter(name="riskCarrier", max_length=20)] = "",
    provider: Annotated[str, QueryParameter(name="provider", max_length=64)] = "",
    payout_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    held: Annotated[bool, QueryParameter(name="held")] = False,
    first: Annotated[str, QueryParameter(name="fromDate", max_length=10)] = "",
    last: Annotated[str, QueryParameter(name="untilDate", max_length=10)] = "",
    after: Cursor = None,
) -> Response[str]:
    """Payouts, the newest first."""
    place = read_cursor(after, (int,))[0] if after else None
    days, wrong = _days({"fromDate": first, "untilDate": last})
    chosen = _state(payout_state, held=held)
    async with reading(pool, person) as conn:
        accounts = await accounts_of_provider(conn, provider, risk_carrier or None) if provider else None
        wanted = PayoutFilter(
            risk_carrier=risk_carrier or None,
            accounts=accounts,
            state=chosen,
            first=days["fromDate"],
            last=days["untilDate"],
        )
        found = [] if wrong else await list_payouts(conn, wanted, before=place, limit=PAGE + 1)
    asked = {
        "riskCarrier": risk_carrier,
        "provider": provider,
        "state": chosen or "",
        "fromDate": first,
        "untilDate": last,
    }
    return render(
        request,
        "payouts/list.html",
        payouts=[each for _, each in found[:PAGE]],
        asked=asked,
        wrong=wrong,
        words=STATE_WORDS,
        state_choices=[(name, gettext(text)) for name, (_, text) in STATE_WORDS.items()],
        following=cursor(found[PAGE - 1][0]) if len(found) > PAGE else None,
    )


def _days(given: dict[str, str]) -> tuple[dict[str, date | None], dict[str, str]]:
    """The days of a filter by field, and a sentence for each that is none."""
    found: dict[str, date | None] = {}
    wrong = {}
    for name, text in given.items():
        try:
            found[name] = date.fromisoformat(text) if text else None
        except ValueError:
            found[name] = None
            wrong[name] = gettext("Dit is geen datum. Schrijf jjjj-mm-dd.")
    return found, wrong


@get("/payouts/{number:str}")
async def payout(
    request: Request[Any, Any, Any], number: PayoutPath, person: NamedDependency[Person], pool: NamedDependency[Pool]
) -> Response[str]:
    """Gross, less each offset, is net; every line with its declaration, claim, reason and reference."""
    payout_id = _id(number)
    async with reading(pool, person) as conn:
        found = await read_payout(conn, payout_id)
        if found is None or found.number != number.upper():
            raise missing("payout")
        lines = await payout_lines_shown(conn, payout_id)
    return render(
        request,
        "payouts/one.html",
        payout=found,
        lines=lines,
        steps=_steps(lines),
        shown=SHOWN,
        words=STATE_WORDS,
        components=COMPONENT_WORDS,
        passes=PASS_WORDS,
        kinds=KIND_WORDS,
    )


DRAWN = 40  # offsets with a bar of their own; the table below has more of them


def _steps(lines: PayoutLines) -> list[Step]:
    """The rows of the waterfall: what makes gross, each offset, what is left of it."""
    made = [Step(label=gettext("Gedeclareerd"), cents=lines.declared_cents, href="#declarations")]
    if lines.returned_cents:
        made.append(Step(label=gettext("Teruggekomen"), cents=lines.returned_cents, href="#others"))
    if lines.advance_cents:
        made.append(Step(label=gettext("Voorschotten"), cents=lines.advance_cents, href="#others"))
    if len(made) > 1:
        made.append(Step(label=gettext("Bruto"), cents=lines.gross_cents, total=True, href="#declarations"))
    for each in lines.offsets[:DRAWN]:
        made.append(
            Step(
                label=gettext("%(kind)s %(name)s", kind=gettext(KIND_WORDS[each.claim_kind]), name=each.claim_name),
                note=f"{each.reason_code} · {each.declaration_number}",
                cents=-each.cents,
                href=f"/claims/{each.claim_reference}",
            )
        )
    rest = lines.offset_count - len(lines.offsets[:DRAWN])
    if rest > 0:
        text = ngettext("en nog %(count)s verrekening", "en nog %(count)s verrekeningen", rest) % {"count": rest}
        left = lines.offset_cents - sum(each.cents for each in lines.offsets[:DRAWN])
        made.append(Step(label=text, cents=-left, href="#offsets"))
    made.append(Step(label=gettext("Netto"), cents=lines.net_cents, total=True))
    return made


def _file(body: str | bytes, media_type: str, name: str) -> Response[str | bytes]:
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media_type, headers=headers)


@get("/payouts/{number:str}/specification/{form:str}")
async def specification(
    number: PayoutPath, form: FileForm, person: NamedDependency[Person], pool: NamedDependency[Pool]
) -> Response[str | bytes]:
    """The betaalspecificatie as a file, whole."""
    if form not in ("csv", "json"):
        raise missing("file")
    payout_id = _id(number)
    async with reading(pool, person) as conn:
        seen = await read_payout(conn, payout_id)
        if seen is None or seen.number != number.upper():
            raise missing("payout")
        found = await read_specification(conn, number)
    if form == "csv":
        return _file(payment_csv(found), "text/csv", f"{found.number}.csv")
    return _file(as_json(found), "application/json", f"{found.number}.json")


@get("/claims/{reference:str}/correction/{form:str}")
async def correction(
    reference: ClaimName, form: FileForm, person: NamedDependency[Person], pool: NamedDependency[Pool]
) -> Response[str | bytes]:
    """The correctiespecificatie of a claim that is a correction, as a file."""
    if form not in ("csv", "json"):
        raise missing("file")
    async with reading(pool, person) as conn:
        found = await read_correction(conn, *await locate_claim(conn, reference))
    if form == "csv":
        return _file(correction_csv(found), "text/csv", f"{found.claim_reference}.csv")
    return _file(as_json(found), "application/json", f"{found.claim_reference}.json")


@post("/payment-files/{message_id:str}/download", status_code=200)
async def payment_file(message_id: MessageId, person: NamedDependency[Person], pool: NamedDependency[Pool]) -> Stream:
    """The file for the bank as it was made, for who may bring it there; who took it stands in the audit rows."""
    async with writing(pool) as conn:
        made = await hand_out_payment_file(
            conn, message_id, risk_carriers=person.risk_carriers, actor=person.actor, now=clock.now()
        )
    found = handed_out(made.file, "application/xml", f"{message_id}.xml")
    found.headers.update(HEADERS)
    return found


PAGES = pages(payouts, payout, specification, correction, payment_file)
