"""The page of proposals: who sees what, taking the reminders of a night over, and what became of each."""

import ast
import re
from datetime import date, timedelta

import httpx
import pytest

from app.core.settings import ROOT
from app.dunning.pages import DROPPED
from tests.api.client import DAY, Api
from tests.api.office import Office, opened
from tests.claims.world import Claim
from tests.web.visitor import Visitor, visitor_as

LONG_AGO = date(2026, 1, 5)  # its term ended on 4 February
_KEY = re.compile(r'name="key" value="([^"]+)"')


async def propose(office: Office, claim: Claim, *, on: date = DAY, kind: int = 1, cents: int = 1_000) -> None:
    """What the night of that date wrote for a claim: reminder 1, or the agency."""
    version = await office.api.db.fetchval("select max(policy_version_id) from policy_version")
    await office.api.db.execute(
        """insert into run (risk_carrier_id, business_date, payment_date, state, policy_version_id)
           values (1, $1, $1, 'released', $2) on conflict do nothing""",
        *(on, version),
    )
    await office.api.db.execute(
        """insert into dunning_proposal select $1, $2, $3, 1, run_id, 1, business_date, $5 from run
           where business_date = $4 and risk_carrier_id = 1""",
        *(office.world.account, claim.id, kind, on, cents),
    )


@pytest.fixture
async def office(api: Api) -> Office:
    """The small insurer."""
    return await opened(api)


@pytest.fixture
async def proposed(office: Office) -> Claim:
    """A claim for which the night of the day proposed reminder 1."""
    claim = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, claim)
    return claim


@pytest.fixture
async def clerk(api: Api, office: Office) -> Visitor:
    """Somebody of finance who works for VZ."""
    return await visitor_as(api, "finance")


async def night(visitor: Visitor, **more: str) -> str:
    """The page of the proposals of the night of the day."""
    answer = await visitor.client.get("/proposals", params={"proposedOn": str(DAY), **more})
    assert answer.status_code == 200
    return answer.text


async def take(visitor: Visitor, *claims: Claim, **fields: str) -> httpx.Response:
    """Open the night, tick those claims and send the form."""
    page = await visitor.get(f"/proposals?proposedOn={DAY}")
    key = _KEY.search(page.text)
    ticks = {f"claim-{claim.reference}": "yes" for claim in claims}
    sent = {"key": key[1] if key else "k" * 20, "proposedOn": str(DAY), **ticks, **fields}
    return await visitor.post("/proposals/acceptances", **sent)


async def letters(office: Office) -> int:
    """How many reminders are recorded."""
    found: int = await office.api.db.fetchval("select count(*) from claim_step where kind = 2")
    return found


async def test_the_list_leads_to_claim_provider_and_night(office: Office, proposed: Claim, clerk: Visitor) -> None:
    page = (await clerk.get("/proposals")).text
    provider = await office.api.db.fetchval("select number from provider")
    assert f'href="/claims/{proposed.reference}"' in page
    assert f'href="/providers/{provider}"' in page
    assert f'href="/nights/VZ/{DAY}"' in page
    assert "Herinnering 1" in page
    assert "10,00" in page


async def test_kind_night_and_risk_carrier_filter_the_list(office: Office, proposed: Claim, clerk: Visitor) -> None:
    other = await office.world.claim(2_000, on=LONG_AGO)
    await propose(office, other, on=DAY - timedelta(days=1), kind=2)
    found = {
        query: (proposed.reference in page, other.reference in page)
        for query in ("", "kind=reminder", "kind=agency", "kind=letter", f"proposedOn={DAY}", "riskCarrier=VZ")
        for page in [(await clerk.get(f"/proposals?{query}")).text]
    }
    assert found == {
        "": (True, True),
        "kind=reminder": (True, False),
        "kind=agency": (False, True),
        "kind=letter": (False, False),
        f"proposedOn={DAY}": (True, False),
        "riskCarrier=VZ": (True, True),
    }


async def test_a_page_of_the_list_leads_to_the_next(
    office: Office, clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.dunning.pages.PAGE", 1)
    claims = [await office.world.claim(1_000, on=LONG_AGO) for _ in range(2)]
    for claim in claims:
        await propose(office, claim)
    first = (await clerk.get("/proposals?riskCarrier=VZ")).text
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link is not None
    second = (await clerk.get(link[1].replace("&amp;", "&"))).text
    assert [[claim.reference in page for claim in claims] for page in (first, second)] == [[True, False], [False, True]]
    assert 'rel="next"' not in second


async def test_a_day_that_is_none_is_refused_with_a_sentence(proposed: Claim, clerk: Visitor) -> None:
    page = (await clerk.get("/proposals?proposedOn=gisteren")).text
    assert "Dit is geen datum. Schrijf jjjj-mm-dd." in page
    assert proposed.reference not in page


async def test_what_was_paid_since_is_seen_and_has_no_tick(office: Office, proposed: Claim, clerk: Visitor) -> None:
    part = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, part)
    for claim, cents in ((proposed, 1_000), (part, 400)):
        await office.post("/payments", {"cents": cents, "reference": claim.payment_reference})
    page = await night(clerk)
    assert "niets meer open" in page
    assert "minder open" in page
    assert "6,00" in page
    assert re.findall(r'name="claim-([^"]+)" value="yes" checked', page) == [part.reference]


async def test_without_a_night_there_is_no_form_but_the_way_to_it(proposed: Claim, clerk: Visitor) -> None:
    page = (await clerk.get("/proposals?riskCarrier=VZ")).text
    assert "/proposals/acceptances" not in page
    assert f'href="/proposals?riskCarrier=VZ&amp;proposedOn={DAY}"' in page


async def test_ticked_reminders_are_recorded_as_sent_today_by_the_person(
    office: Office, proposed: Claim, clerk: Visitor
) -> None:
    answer = await take(clerk, proposed)
    assert (answer.status_code, answer.headers["location"].split("?")[0][:23]) == (303, "/proposals/acceptances/")
    page = (await clerk.get(answer.headers["location"])).text
    assert "De aangevinkte herinneringen zijn vastgelegd." in page
    assert f'href="/claims/{proposed.reference}"' in page
    row = await office.api.db.fetchrow("select sent_on, asked_cents, term_end from claim_step")
    assert row is not None
    assert (row["sent_on"], row["asked_cents"]) == (DAY, 1_000)
    assert await office.api.db.fetchval("select actor from audit order by audit_id desc limit 1") == "person:finance0"


async def test_what_is_not_ticked_stays_on_the_list(office: Office, proposed: Claim, clerk: Visitor) -> None:
    left = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, left)
    await take(clerk, proposed)
    page = await night(clerk)
    assert (proposed.reference in page, left.reference in page) == (False, True)


async def test_a_reminder_that_was_taken_over_shows_when_all_are_asked_for(proposed: Claim, clerk: Visitor) -> None:
    await take(clerk, proposed)
    page = await night(clerk, state="all")
    assert proposed.reference in page
    assert "overgenomen</span>" in page
    assert "/proposals/acceptances" not in page


async def test_a_double_click_records_once_and_answers_the_same(
    office: Office, proposed: Claim, clerk: Visitor
) -> None:
    key = "a" * 22
    first = await take(clerk, proposed, key=key)
    again = await clerk.post(
        "/proposals/acceptances", key=key, proposedOn=str(DAY), **{f"claim-{proposed.reference}": "yes"}
    )
    assert (first.status_code, first.headers["location"]) == (again.status_code, again.headers["location"])
    assert "De aangevinkte herinneringen zijn vastgelegd." in (await clerk.get(again.headers["location"])).text
    assert await letters(office) == 1


async def test_a_form_sent_again_with_other_ticks_is_refused_with_a_sentence(
    office: Office, proposed: Claim, clerk: Visitor
) -> None:
    other = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, other)
    await take(clerk, proposed, key="a" * 22)
    answer = await take(clerk, other, key="a" * 22)
    assert answer.status_code == 422
    assert "Dit is al eens gestuurd met een andere inhoud." in answer.text
    assert await letters(office) == 1


async def test_what_was_paid_after_the_page_was_drawn_is_dropped_with_why(
    office: Office, proposed: Claim, clerk: Visitor
) -> None:
    await office.post("/payments", {"cents": 1_000, "reference": proposed.payment_reference})
    page = (await clerk.get((await take(clerk, proposed)).headers["location"])).text
    assert "Niet alles is vastgelegd." in page
    assert "De aangevinkte herinneringen zijn vastgelegd." not in page
    assert "Er staat niets meer open: sinds de nacht is er betaald, verrekend of afgeboekt." in page
    assert f'href="/claims/{proposed.reference}"' in page


async def test_a_dropped_reminder_is_told_in_english_too(office: Office, proposed: Claim, clerk: Visitor) -> None:
    await office.post("/payments", {"cents": 1_000, "reference": proposed.payment_reference})
    address = (await take(clerk, proposed)).headers["location"]
    page = (await clerk.get(f"{address}&lang=en")).text
    assert "Nothing is open any more: it was paid, offset or written off since the night." in page


@pytest.mark.parametrize("term", ["7", "0", "366"])
async def test_a_term_of_the_form_is_that_of_the_reminders(
    office: Office, proposed: Claim, clerk: Visitor, term: str
) -> None:
    await take(clerk, proposed, termDays=term)
    ends = await office.api.db.fetchval("select term_end from claim_step")
    assert ends == DAY + timedelta(days=int(term))


@pytest.mark.parametrize("term", ["367", "-1", "7,5", "een week", "٣", "9999"])
async def test_a_term_that_is_none_is_refused_with_a_sentence_and_keeps_the_ticks(
    office: Office, proposed: Claim, clerk: Visitor, term: str
) -> None:
    other = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, other)
    answer = await take(clerk, other, termDays=term)
    assert answer.status_code == 422
    assert "Schrijf een heel getal van 0 tot en met 366, of niets; er is niets vastgelegd." in answer.text
    assert f'value="{term}"' in answer.text
    assert re.findall(r'name="claim-([^"]+)" value="yes" checked', answer.text) == [other.reference]
    assert await letters(office) == 0


async def test_a_form_without_a_tick_is_refused_with_a_sentence(
    office: Office, proposed: Claim, clerk: Visitor
) -> None:
    answer = await take(clerk)
    assert answer.status_code == 422
    assert "Vink ten minste een herinnering aan; er is niets vastgelegd." in answer.text
    assert await letters(office) == 0


@pytest.mark.parametrize("fields", [{"key": "k"}, {"proposedOn": "gisteren"}, {"claim-": "yes"}, {"cursor": "x"}])
async def test_a_form_that_is_not_of_this_page_does_nothing(
    office: Office, proposed: Claim, clerk: Visitor, fields: dict[str, str]
) -> None:
    ticks = () if "cursor" in fields else (proposed,)
    assert (await take(clerk, *ticks, **fields)).status_code == 400
    assert await letters(office) == 0


async def test_an_auditor_sees_the_list_without_the_form(office: Office, proposed: Claim) -> None:
    visitor = await visitor_as(office.api, "auditor")
    page = await night(visitor)
    assert proposed.reference in page
    assert ("/proposals/acceptances" in page, "checkbox" in page) == (False, False)
    await visitor.get("/")
    assert (await take(visitor, proposed)).status_code == 403
    assert await letters(office) == 0


async def test_a_hand_over_is_shown_and_cannot_be_ticked(office: Office, clerk: Visitor) -> None:
    claim = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, claim, kind=2)
    page = await night(clerk)
    assert claim.reference in page
    assert "overdragen kan nog niet vanuit Vereffen" in page
    assert "checkbox" not in page


async def test_proposals_of_another_risk_carrier_are_not_seen_or_taken_over(office: Office, proposed: Claim) -> None:
    await office.stranger()
    stranger = await visitor_as(office.api, "finance", (2,))
    assert proposed.reference not in await night(stranger)
    assert (await stranger.get("/proposals?riskCarrier=VZ")).status_code == 404
    page = (await stranger.get((await take(stranger, proposed)).headers["location"])).text
    assert "Deze vordering is er niet, of zij hoort bij een risicodrager die u niet mag zien." in page
    assert await letters(office) == 0


async def test_what_became_of_a_form_is_for_who_sent_it(office: Office, proposed: Claim, clerk: Visitor) -> None:
    address = (await take(clerk, proposed)).headers["location"]
    colleague = await visitor_as(office.api, "finance")
    found = [(await visitor.get(address)).status_code for visitor in (clerk, colleague)]
    assert found == [200, 404]


async def test_somebody_without_a_risk_carrier_sees_nothing_and_takes_nothing_over(
    office: Office, proposed: Claim
) -> None:
    visitor = await visitor_as(office.api, "finance", ())
    assert proposed.reference not in await night(visitor)
    assert (await take(visitor, proposed)).status_code == 400
    assert (await visitor.get(f"/proposals/acceptances/{'k' * 20}")).status_code == 404


async def test_the_start_page_and_the_night_lead_to_what_they_count(
    office: Office, proposed: Claim, clerk: Visitor
) -> None:
    await propose(office, proposed, kind=2)
    start = (await clerk.get("/")).text
    assert 'href="/proposals?kind=reminder&amp;riskCarrier=VZ">1<' in start
    assert 'href="/proposals?kind=agency&amp;riskCarrier=VZ">1<' in start
    link = f"/proposals?state=all&amp;proposedOn={DAY}&amp;riskCarrier=VZ"
    assert f'href="{link}">2<' in (await clerk.get(f"/nights/VZ/{DAY}")).text
    behind = (await clerk.get(link.replace("&amp;", "&"))).text
    assert behind.count(f'<a href="/claims/{proposed.reference}">') == 2


_ELSEWHERE = {"several_accounts", "sent_later"}  # the page asks for one claim at a time, sent today
_MADE_IN = {
    "app/claims/actions.py": {"record_step", "_step_of"},
    "app/claims/rules.py": {"step_refusal", "term_refusal"},
    "app/claims/queries.py": {"locate_claim"},
    "app/ledger/actions.py": {"book", "_used_otherwise"},
}


def codes() -> set[str]:
    """The codes with which a reminder can be dropped: of refusals, and of rules that give (code, sentence)."""
    found = set()
    for name, functions in _MADE_IN.items():
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if getattr(function, "name", "") not in functions:
                continue
            for node in ast.walk(function):
                first = None
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal" and node.args:
                    first = node.args[0]
                elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                    first = node.value.elts[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_code_with_which_a_reminder_is_dropped_has_its_sentence() -> None:
    found = codes()
    assert sorted(found - set(DROPPED) - _ELSEWHERE) == []
    assert len(found) > 10
