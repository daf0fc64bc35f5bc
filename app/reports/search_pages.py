"""Search: one box for every reference, number, name, AGB code and IBAN; one hit goes straight to its page."""

import re
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from stdnum import iban as iban_format

from app.claims import locate_declaration
from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.core.ids import declaration_reference, parse_declaration_reference, parse_offset_reference
from app.parties import ProviderFilter, ProviderSummary, list_providers
from app.reports import views
from app.web.database import reading
from app.web.page import go, pages, render
from app.web.people import Person
from app.web.words import gettext

FOUND = 50
SHORTEST = 3  # letters of a name: fewer fit half of the providers
_PAYOUT = re.compile(r"AFR-\d{4}-(\d{8,18})-\d")


class Hit(msgspec.Struct, frozen=True):
    """Something that fits: what it is, what it is called, more about it, and its page."""

    what: str
    name: str
    note: str
    href: str


def cleaned(text: str) -> str:
    """As references are stored: ours in capitals without blanks, a payment reference without dots."""
    tight = re.sub(r"\s", "", text)
    digits = tight.replace(".", "")
    if digits.isascii() and digits.isdigit():
        return digits
    return tight.upper() if re.match(r"(?i)(VOR|AFR|DEC|VRK)-", tight) else text.strip()


async def find(conn: Connection, text: str, on: date) -> list[Hit]:
    """All that fits, what was meant exactly before names that hold the text."""
    name = cleaned(text)
    found: list[Hit] = []
    for each in dict.fromkeys((name, name.upper())):  # a number typed in small letters, when it is nothing as it stands
        found = found or [
            *await _own(conn, each),
            *await _references(conn, each),
            *await _sources(conn, each),
            *await _payment_files(conn, each),
        ]
    if not found:  # an invoice number of eight digits may be an AGB code or KvK number as well: then both are shown
        found = [*await _invoices(conn, text.strip()), *await _providers(conn, text.strip(), on)]
    return list({each.href: each for each in found}.values())[:FOUND]


async def _own(conn: Connection, name: str) -> list[Hit]:
    """A declaration (DEC-…) or an offset (VRK-…), which hold their own key."""
    offset = parse_offset_reference(name)
    if offset is None and parse_declaration_reference(name) is None:
        return []
    reference = name if offset is None else declaration_reference(offset[0], offset[1])
    try:
        await locate_declaration(conn, reference)
    except Refusal:  # a good check digit, and no such declaration of these risk carriers
        return []
    href = f"/declarations/{reference}" + (f"#{name}" if offset else "")
    return [Hit(gettext("Verrekening") if offset else gettext("Declaratie"), name, "", href)]


async def _references(conn: Connection, name: str) -> list[Hit]:
    payout = _PAYOUT.fullmatch(name)
    words = {
        "claim-reference": gettext("Vordering"),
        "payment-reference": gettext("Vordering met dit betalingskenmerk"),
        "claim-source": gettext("Vordering met dit nummer in het bronsysteem"),
        "payout": gettext("Uitbetaling"),
    }
    found = []
    for each in await views.find_references(conn, name, [int(payout[1])] if payout else []):
        note = f"{each.risk_carrier} · {each.provider_number}"
        if each.payout_number:
            found.append(Hit(words["payout"], each.payout_number, note, f"/payouts/{each.payout_number}"))
        elif each.claim_reference:
            found.append(Hit(words[each.kind], each.claim_reference, note, f"/claims/{each.claim_reference}"))
    return found


async def _sources(conn: Connection, name: str) -> list[Hit]:
    """Declarations with that id at a source; the number of another risk carrier's is not hinted at."""
    rows = await conn.fetch(
        """select d.account_id, d.declaration_id, d.number, d.invoice_number, c.code
           from source_key s
             join declaration d on d.account_id = s.account_id and d.declaration_id = s.fact_id
             join risk_carrier c on c.risk_carrier_id = d.risk_carrier_id
           where s.source_id = $1 and s.kind = 1 and s.risk_carrier_id = any ((select seen_risk_carriers())::int[])
           order by d.account_id, d.declaration_id limit $2""",
        *(name, FOUND),
    )
    return [
        Hit(
            gettext("Declaratie"),
            row["number"],
            row["code"],
            f"/declarations/{declaration_reference(row['account_id'], row['declaration_id'])}",
        )
        for row in rows
    ]


async def _invoices(conn: Connection, text: str) -> list[Hit]:
    """Declarations with that invoice number of the provider's own: several providers may use the same one."""
    rows = await conn.fetch(
        """with found as materialized (select d.account_id, d.declaration_id, d.number, d.risk_carrier_id
             from declaration d where d.invoice_number = any ($1::text[])
               and d.risk_carrier_id = any ((select seen_risk_carriers())::int[]) limit 1000)
           select f.account_id, f.declaration_id, f.number, c.code, p.number as provider, p.name from found f
             join risk_carrier c on c.risk_carrier_id = f.risk_carrier_id
             join running_account ra on ra.account_id = f.account_id join provider p using (provider_id)
           order by f.account_id, f.declaration_id limit $2""",
        *(list({text, text.upper()}), FOUND),
    )
    return [
        Hit(
            gettext("Declaratie met dit factuurnummer"),
            row["number"],
            f"{row['code']} · {row['provider']} {row['name']}",
            f"/declarations/{declaration_reference(row['account_id'], row['declaration_id'])}",
        )
        for row in rows
    ]


async def _payment_files(conn: Connection, name: str) -> list[Hit]:
    """The night that made the file for the bank with that message id."""
    rows = await conn.fetch(
        """select c.code, r.business_date from payment_file f join run r using (run_id)
             join risk_carrier c on c.risk_carrier_id = f.risk_carrier_id where f.message_id = $1""",
        name,
    )
    return [
        Hit(gettext("Bestand voor de bank"), name, row["code"], f"/nights/{row['code']}/{row['business_date']}")
        for row in rows
    ]


async def _providers(conn: Connection, text: str, on: date) -> list[Hit]:
    tight = re.sub(r"[\s.]", "", text).upper()
    filters = [ProviderFilter(number=text)]
    if re.fullmatch(r"[0-9]{8}", tight):
        filters = [ProviderFilter(agb=tight), ProviderFilter(kvk=tight)]
    elif iban_format.is_valid(tight) or re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", tight):
        filters.append(ProviderFilter(iban=tight))
    found = []
    for each in filters:
        found += await list_providers(conn, each, on=on, after=None, limit=FOUND)
    if not found and text != text.upper():
        found = await list_providers(conn, ProviderFilter(number=text.upper()), on=on, after=None, limit=FOUND)
    if not found and filters[0].agb:
        found = await _once_had(conn, tight, on)
    if not found and len(text) >= SHORTEST:
        found = await list_providers(conn, ProviderFilter(name=text), on=on, after=None, limit=FOUND)
    return [
        Hit(
            gettext("Zorgaanbieder"),
            each.name,
            " · ".join((each.number, *each.agb_codes)),
            f"/providers/{each.number}",
        )
        for each in found
    ]


async def _once_had(conn: Connection, agb: str, on: date) -> list[ProviderSummary]:
    """Who had an AGB code on another day: an old letter still leads to the provider, whoever has the code now."""
    numbers = await conn.fetch(
        """select distinct p.number from agb_registration a join provider p using (provider_id)
           where a.agb = $1 order by p.number limit $2""",
        *(agb, FOUND),
    )
    found = []
    for row in numbers:
        found += await list_providers(conn, ProviderFilter(number=row["number"]), on=on, after=None, limit=1)
    return found


@get("/search")
async def search(
    request: Request[Any, Any, Any],
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    q: Annotated[str, QueryParameter(name="q", max_length=100)] = "",
) -> Response[str]:
    """What a text leads to: straight there when it is one thing."""
    hits: list[Hit] = []
    if q.strip():
        async with reading(pool, person) as conn:
            hits = await find(conn, q, today)
    if len(hits) == 1:
        return go(request, hits[0].href)
    return render(request, "reports/search.html", q=q.strip(), hits=hits, most=FOUND)


PAGES = pages(search)
