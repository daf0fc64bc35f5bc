"""Search: any reference, number, name, AGB code or IBAN; one hit goes straight to its page."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from app.core.ids import declaration_reference, offset_reference, payout_number
from app.web import people
from tests.browser.conftest import PASSWORD, Site
from tests.browser.look import check_page

PageAs = Callable[..., Awaitable[Page]]
QUESTIONS = {
    "claim": "select reference, reference as target from claim order by claim_id limit 1",
    "payment reference": """select reference, (select c.reference from claim c where c.account_id = x.account_id
        and c.claim_id = x.claim_id) as target from payment_reference_claim x
        where (select count(*) from payment_reference_claim y where y.reference = x.reference) = 1
        order by reference limit 1""",
    "provider": "select number as reference, number as target from provider order by number limit 1",
    "agb": """select a.agb as reference, p.number as target from agb_registration a join provider p using (provider_id)
        where a.valid_until is null order by a.agb limit 1""",
    "iban": """select i.iban as reference, p.number as target from payee_iban i join provider p using (provider_id)
        where i.valid_until is null and (select count(distinct x.provider_id) from payee_iban x
          where x.iban = i.iban) = 1 order by i.iban limit 1""",
    "provider in small letters": """select lower(number) as reference, number as target from provider
        where number <> lower(number) order by number limit 1""",
    "payment file": """select f.message_id as reference, c.code || '/' || r.business_date as target
        from payment_file f join run r using (run_id) join risk_carrier c on c.risk_carrier_id = f.risk_carrier_id
        order by f.payment_file_id limit 1""",
    "name": """select p.name as reference, p.number as target from provider p where (select count(*) from provider x
        where position(lower(p.name) in lower(x.name)) > 0) = 1 order by p.number limit 1""",
}


async def _search(page: Page, text: str) -> None:
    await page.goto("/")
    await page.get_by_role("searchbox").fill(text)
    await page.get_by_role("searchbox").press("Enter")
    await page.wait_for_url(lambda address: not address.endswith("/"))


@pytest.mark.parametrize("what", QUESTIONS)
async def test_one_hit_goes_straight_to_its_page(page_as: PageAs, site: Site, what: str) -> None:
    row = await site.db.fetchrow(QUESTIONS[what])
    assert row is not None
    page = await page_as("finance")
    await _search(page, row["reference"])
    assert page.url.endswith(f"/{row['target']}")


@pytest.mark.parametrize("kind", ["payout", "declaration", "offset"])
async def test_a_reference_of_ours_goes_straight_to_its_page(page_as: PageAs, site: Site, kind: str) -> None:
    row = await site.db.fetchrow(
        """select p.account_id, p.event_id, p.line, p.payout_id, y.business_date from posting p
           join payout y using (account_id, payout_id) where p.kind = 2 order by p.event_id limit 1"""
    )
    assert row is not None
    declaration = declaration_reference(row["account_id"], row["event_id"])
    payout = payout_number(row["payout_id"], row["business_date"].year)
    offset = offset_reference(row["account_id"], row["event_id"], row["line"])
    text, end = {
        "payout": (payout.lower(), f"/payouts/{payout}"),
        "declaration": (declaration, f"/declarations/{declaration}"),
        "offset": (offset, f"/declarations/{declaration}#{offset}"),
    }[kind]
    page = await page_as("finance")
    await _search(page, text)
    assert page.url.endswith(end)


async def test_several_hits_are_a_list(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/search?q=kliniek")
    await expect(page.locator("tbody tr")).not_to_have_count(0)
    await check_page(page, "search")


async def test_nothing_found_says_what_can_be_sought(page_as: PageAs) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto("/search?q=zzzz")
    await expect(page.locator("main")).to_contain_text("Nothing is known of this")
    await check_page(page, "search-nothing-en")


async def test_nobody_finds_or_opens_what_is_of_another_risk_carrier(page_as: PageAs, site: Site) -> None:
    await people.create(site.db, login="zk", name="Zk", role="finance", carriers=[2], actor="test", password=PASSWORD)
    row = await site.db.fetchrow(
        """select p.account_id, p.event_id, p.payout_id, y.business_date, c.reference from posting p
           join payout y using (account_id, payout_id) join claim c on c.account_id = p.account_id
             and c.claim_id = p.claim_id where p.kind = 2 and p.risk_carrier_id = 1 order by p.event_id limit 1"""
    )
    assert row is not None
    page = await page_as(None)
    await page.goto("/sign-in")
    await page.get_by_label("Naam").fill("zk")
    await page.get_by_label("Wachtwoord").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url(site.address + "/")
    foreign = (
        f"/claims/{row['reference']}",
        f"/claims/{row['reference']}/why",
        f"/declarations/{declaration_reference(row['account_id'], row['event_id'])}",
        f"/payouts/{payout_number(row['payout_id'], row['business_date'].year)}",
        f"/payouts/{payout_number(row['payout_id'], row['business_date'].year)}/specification/csv",
    )
    answers = [await page.goto(path) for path in foreign]
    assert [answer.status for answer in answers if answer] == [404] * len(foreign)
    await page.goto(f"/search?q={row['reference']}")
    await expect(page.locator("main")).to_contain_text("Hier is niets van bekend")


async def test_an_agb_code_of_before_leads_to_who_had_it(page_as: PageAs, site: Site) -> None:
    row = await site.db.fetchrow(
        """with ended as (insert into agb_registration (agb, provider_id, valid_from, valid_until)
             select '99999999', provider_id, '2015-01-01', '2020-12-31' from running_account
             where risk_carrier_id = 1 order by account_id limit 1 returning agb, provider_id)
           select agb, name from ended join provider using (provider_id)"""
    )
    assert row is not None
    page = await page_as("finance")
    await page.goto(f"/search?q={row['agb']}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(row["name"])
