"""The page "why (not)?": the decision that held for a claim on a day, and all those before and after it."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.claims import locate_claim
from app.core.db import Pool
from app.core.errors import Refusal
from app.offsetting import queries, views
from app.web.database import reading
from app.web.page import pages, render
from app.web.params import ClaimName
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, language, marked

HOLD_WORDS = {
    "betwisting": marked("betwisting"),
    "betalingsregeling": marked("betalingsregeling"),
    "blokkade": marked("blokkade"),
    "incassobureau": marked("incassobureau"),
    "insolventie": marked("insolventie"),
    "cessie of verpanding": marked("cessie of verpanding"),
    "beslag": marked("beslag"),
    "reservering": marked("reservering"),
    "onderzoek": marked("onderzoek"),
}


@get("/claims/{reference:str}/why")
async def why(
    request: Request[Any, Any, Any],
    reference: ClaimName,
    person: NamedDependency[Person],
    pool: NamedDependency[Pool],
    today: NamedDependency[date],
    on_date: Annotated[str, QueryParameter(name="onDate", max_length=10)] = "",
) -> Response[str]:
    """Why a claim was offset on a day, or was not; from stored decisions only."""
    wrong = ""
    try:
        on = date.fromisoformat(on_date) if on_date else today
    except ValueError:
        on, wrong = today, gettext("Dit is geen datum. Schrijf jjjj-mm-dd.")
    async with reading(pool, person) as conn:
        try:
            account_id, claim_id = await locate_claim(conn, reference)
        except Refusal as error:
            raise missing("claim") from error
        own = await conn.fetchval(
            "select reference from claim where account_id = $1 and claim_id = $2", account_id, claim_id
        )
        answer = await queries.why(conn, own, on)
        given = await views.decisions_of(conn, account_id, claim_id)
    return render(
        request,
        "offsetting/why.html",
        answer=answer,
        text=answer.text_nl if language() == "nl" else answer.text_en,
        hold=gettext(HOLD_WORDS[answer.hold]) if answer.hold else "",
        decisions=[(each, each.text_nl if language() == "nl" else each.text_en) for each in given],
        on=on,
        given=on_date if wrong else on.isoformat(),
        wrong=wrong,
    )


PAGES = pages(why)
