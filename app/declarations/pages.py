"""The page of a declaration: what was awarded, credited, offset against what, and paid in which payout."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from app.claims import locate_declaration
from app.core.db import Pool
from app.core.errors import Refusal
from app.declarations import views
from app.declarations.api import DeclarationName
from app.web.database import reading
from app.web.drawing import Step
from app.web.page import pages, render
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked

STATE_WORDS = {
    "queued": ("busy", marked("wacht op een nacht")),
    "settled": ("good", marked("afgehandeld")),
    "withdrawn": ("quiet", marked("ingetrokken")),
}


@get("/declarations/{reference:str}")
async def declaration(
    request: Request[Any, Any, Any],
    reference: DeclarationName,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
) -> Response[str]:
    """A declaration and what became of its money."""
    async with reading(pool, person) as conn:
        try:
            account_id, declaration_id = await locate_declaration(conn, reference)
        except Refusal as error:
            raise missing("declaration") from error
        found = await views.declaration_detail(conn, account_id, declaration_id)
        taken = await conn.fetchval(
            """select coalesce(sum(cents), 0)::bigint from posting
               where account_id = $1 and event_id = $2 and kind between 2 and 4""",
            *(account_id, declaration_id),
        )
        owner = await conn.fetchval("select name from provider where number = $1", found.provider)
    return render(
        request, "declarations/one.html", declaration=found, owner=owner, steps=_steps(found, taken), words=STATE_WORDS
    )


def _steps(found: views.DeclarationDetail, taken: int) -> list[Step]:
    """From awarded to what was left for the payout; nothing while it waits for a night."""
    if found.settled_on is None:
        return []
    made = [Step(label=gettext("Toegekend"), cents=found.awarded_cents, href="#known")]
    made += [
        Step(
            label=gettext("Verrekend met %(claim)s", claim=each.claim),
            cents=-each.cents,
            href=f"/claims/{each.claim}",
        )
        for each in found.offsets
    ]
    if rest := taken - sum(each.cents for each in found.offsets):  # a list shows the first 100
        made.append(Step(label=gettext("Overige verrekeningen"), cents=-rest))
    href = f"/payouts/{found.payout}" if found.payout else None
    made.append(Step(label=gettext("Naar de uitbetaling"), cents=found.awarded_cents - taken, total=True, href=href))
    return made


PAGES = pages(declaration)
