"""Pages of a running account: any period, narrowed to an AGB code, a claim or a kind; and the same as a file."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from app.core import clock
from app.core.db import Connection, Pool
from app.offsetting import agreement_state, agreements_of
from app.reports import queries, views
from app.reports.model import Entry, EntryFilter, RunningAccount, Side, Statement, StatementLine, StatementRequest
from app.reports.rules import KINDS
from app.web.database import reading
from app.web.formats import spooled
from app.web.page import HEADERS, pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import FileForm, ProviderPath, RiskCarrierPath
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked

PAGE = 100
AGREEMENTS = 100
YEAR = timedelta(days=364)
SIDE_WORDS = {
    Side.PAYABLE: marked("Te betalen aan de zorgaanbieder"),
    Side.CLAIMS: marked("Vorderingen op de zorgaanbieder"),
    Side.ON_ACCOUNT: marked("Geld op rekening"),
}
STATEMENT_WORDS = (
    marked("declaratie"), marked("verrekening"), marked("uitbetaling"), marked("beginstand vordering"),
    marked("voorschot"), marked("betaling"), marked("betaling op rekening"), marked("toewijzing betaling"),
    marked("betaling voor ingang"), marked("rente"), marked("kosten"), marked("verlaging"), marked("verhoging"),
    marked("afboeking"), marked("rente vervallen"), marked("kosten vervallen"), marked("verrekening teruggedraaid"),
    marked("declaratie ingetrokken"), marked("betaling vrijgevallen"),
    marked("overname onder overeenkomst"), marked("verrekening onder overeenkomst"), marked("teruggave overname"),
    marked("terug van de betaler"),
)  # fmt: skip
"""The words of a statement, for the catalogue: `rules.KINDS` is pure and holds them in Dutch."""
_PARTS = {"principal": marked("hoofdsom"), "costs": marked("kosten"), "interest": marked("rente")}
_OTHER = {6: marked("uitbetaling bevestigd"), 7: marked("vordering"), 10: marked("voorschot elders uitbetaald")}


class Asked(msgspec.Struct, kw_only=True):
    """The filters of the page as they were typed, and a sentence for each that is wrong."""

    first: str
    last: str
    agb: str
    claim: str
    kind: str
    wrong: dict[str, str]

    def query(self) -> dict[str, str]:
        """As parameters of an address."""
        return {"fromDate": self.first, "untilDate": self.last, "agb": self.agb, "claim": self.claim, "kind": self.kind}


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """The filters as they are understood."""

    first: date
    last: date
    claim_id: int | None
    agb_ids: list[int] | None


def kind_word(kind: str) -> str:
    """The kind of an entry (its code) in the words of the reader, with its component where it has one."""
    number = next(number for number, code in views.KIND_CODES.items() if code == kind)
    word = gettext(_OTHER.get(number) or KINDS[number])
    part = next((text for name, text in _PARTS.items() if f"-{name}" in kind), None)
    return word if part is None else f"{word} ({gettext(part)})"


async def _account(conn: Connection, risk_carrier: str, provider: str) -> RunningAccount:
    found = await views.find_account(conn, risk_carrier, provider)
    if found is None:
        raise missing("running account")
    return found


async def _narrowed(conn: Connection, account_id: int, asked: Asked, today: date) -> Narrowed:
    """The filters; what is wrong is noted in `asked.wrong` and left out."""
    last = _date(asked, "untilDate", asked.last) or today
    first = _date(asked, "fromDate", asked.first) or max(last, date.min + YEAR) - YEAR
    if first > last:
        asked.wrong["untilDate"] = gettext("De laatste dag ligt voor de eerste.")
        first = last
    claim_id = agb_ids = None
    if asked.claim and (claim_id := await views.claim_of(conn, account_id, asked.claim.upper())) is None:
        asked.wrong["claim"] = gettext("Deze vordering staat niet op deze rekening-courant.")
    if asked.agb and (agb_ids := await views.agb_ids(conn, account_id, asked.agb)) is None:
        asked.wrong["agb"] = gettext("Deze zorgaanbieder heeft en had deze AGB-code niet.")
    if asked.agb and asked.claim and not asked.kind:
        asked.wrong["claim"] = gettext("Kies een AGB-code of een vordering, niet allebei.")
    if asked.kind and asked.kind not in views.KIND_CODES.values():
        asked.wrong["kind"] = gettext("Deze soort is er niet.")
    return Narrowed(first=first, last=last, claim_id=claim_id, agb_ids=agb_ids)


def _date(asked: Asked, name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        asked.wrong[name] = gettext("Dit is geen datum. Schrijf jjjj-mm-dd.")
        return None


@get("/running-accounts/{risk_carrier:str}/{provider:str}")
async def account(
    request: Request[Any, Any, Any],
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    first: Annotated[str, QueryParameter(name="fromDate", max_length=10)] = "",
    last: Annotated[str, QueryParameter(name="untilDate", max_length=10)] = "",
    agb: Annotated[str, QueryParameter(name="agb", max_length=20)] = "",
    claim: Annotated[str, QueryParameter(name="claim", max_length=64)] = "",
    kind: Annotated[str, QueryParameter(name="kind", max_length=40)] = "",
    after: Cursor = None,
) -> Response[str]:
    """Opening balance, movements and closing balance of each side; of one kind its entries."""
    asked = Asked(first=first, last=last, agb=agb.strip(), claim=claim.strip(), kind=kind, wrong={})
    statement: Statement | None = None
    entries: list[Entry] = []
    following = None
    async with reading(pool, person) as conn:
        found = await _account(conn, risk_carrier, provider)
        agreements = await agreements_of(conn, found.account_id, limit=AGREEMENTS)
        chosen = await _narrowed(conn, found.account_id, asked, today)
        if not asked.wrong and kind:
            entries, following = await _entries(conn, found.account_id, chosen, kind, after)
        elif not asked.wrong:
            wanted = _request(found.account_id, chosen, asked)
            statement = await queries.read_statement(conn, wanted, after=after, limit=PAGE)
            following = statement.next_cursor
    return render(
        request,
        "reports/account.html",
        account=found,
        asked=asked,
        period=chosen,
        statement=statement,
        lines=[(line, explains(line)) for line in statement.lines] if statement else [],
        entries=[(entry, kind_word(entry.kind)) for entry in entries],
        following=following,
        agreements=[(each, agreement_state(each, today)) for each in agreements],
        sides=SIDE_WORDS,
        kind_choices=sorted(((code, kind_word(code)) for code in views.KIND_CODES.values()), key=lambda each: each[1]),
    )


def _request(account_id: int, chosen: Narrowed, asked: Asked) -> StatementRequest:
    return StatementRequest(
        account_id=account_id,
        first=chosen.first,
        last=chosen.last,
        known_at=clock.now(),
        claim_id=chosen.claim_id,
        agb=asked.agb or None,
    )


async def _entries(
    conn: Connection, account_id: int, chosen: Narrowed, kind: str, after: str | None
) -> tuple[list[Entry], str | None]:
    key = read_cursor(after, (int, int, int, date)) if after else None
    if key is not None and not (key[1] < 2**15 and key[2] < 2**31):
        raise missing("page")
    wanted = EntryFilter(
        first=chosen.first, last=chosen.last, kind=kind, claim_id=chosen.claim_id, agb_ids=chosen.agb_ids
    )
    place = None if key is None else (key[0], key[1], key[2], key[3])
    found = await views.list_entries(conn, account_id, wanted, after=place, limit=PAGE + 1)
    more = cursor(*views.entry_key(found[PAGE - 1])) if len(found) > PAGE else None
    return found[:PAGE], more


def explains(line: StatementLine) -> str | None:
    """Where the amount of a line is explained: its claim, its payout, or what its number leads to."""
    if line.side is Side.CLAIMS and line.claim_reference:
        return f"/claims/{line.claim_reference}"
    if line.payout_number:
        return f"/payouts/{line.payout_number}"
    return f"/claims/{line.claim_reference}" if line.claim_reference else None


@get("/running-accounts/{risk_carrier:str}/{provider:str}/statement/{form:str}")
async def statement_file(
    risk_carrier: RiskCarrierPath,
    provider: ProviderPath,
    form: FileForm,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    first: Annotated[str, QueryParameter(name="fromDate", max_length=10)] = "",
    last: Annotated[str, QueryParameter(name="untilDate", max_length=10)] = "",
    agb: Annotated[str, QueryParameter(name="agb", max_length=20)] = "",
    claim: Annotated[str, QueryParameter(name="claim", max_length=64)] = "",
) -> Stream:
    """The statement of a period whole, as CSV or JSON."""
    if form not in ("csv", "json"):
        raise missing("file")
    asked = Asked(first=first, last=last, agb=agb.strip(), claim=claim.strip(), kind="", wrong={})
    async with reading(pool, person) as conn:
        found = await _account(conn, risk_carrier, provider)
        chosen = await _narrowed(conn, found.account_id, asked, today)
        if asked.wrong:
            raise missing("statement")
        wanted = _request(found.account_id, chosen, asked)
        name = f"{risk_carrier}-{found.account_id}-{chosen.first}-{chosen.last}.{form}"
        parts = queries.export_csv(conn, wanted) if form == "csv" else _as_text(queries.export_json(conn, wanted))
        made = await spooled(parts, "text/csv" if form == "csv" else "application/json", name)
    made.headers.update(HEADERS)
    return made


async def _as_text(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        yield part.decode()


PAGES = pages(account, statement_file)
