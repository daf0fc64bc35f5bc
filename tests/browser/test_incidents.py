"""Incidents in a browser: the list, one of them, and resolving it with a reason."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.look import check_page, picture

PageAs = Callable[..., Awaitable[Page]]
WHAT = "account 1: payable 1200 cents in the books, 1300 in the queue"


async def an_incident(site: Site, check: str = "payable_balance") -> int:
    """An open incident on the running account of a provider."""
    number: int = await site.db.fetchval(
        """insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
           select a.risk_carrier_id, a.account_id, (select max(run_id) from run r
             where r.risk_carrier_id = a.risk_carrier_id), $1, $2, now()
           from running_account a where a.risk_carrier_id = 1 order by a.account_id limit 1 returning incident_id""",
        check,
        WHAT,
    )
    return number


async def test_an_incident_is_usable_by_everybody_and_resolved_with_a_reason(site: Site, page_as: PageAs) -> None:
    number = await an_incident(site)
    page = await page_as("finance")
    await page.goto("/incidents?riskCarrier=VZ")
    await check_page(page, "incidents")
    await page.get_by_role("link", name=str(number), exact=True).click()
    await check_page(page, "incident")
    await picture(page, "incident")
    await page.get_by_label("Wat er gedaan is").fill("Nageboekt met de bank; het verschil is weg.")
    await page.get_by_role("button", name="Zet op opgelost").click()
    await expect(page.get_by_role("status")).to_have_text(f"Melding {number} is opgelost.")
    stored = await site.db.fetchrow("select resolved_by, resolution from incident where incident_id = $1", number)
    assert stored is not None
    assert tuple(stored) == ("person:finance", "Nageboekt met de bank; het verschil is weg.")


async def test_an_auditor_sees_an_incident_and_no_form(site: Site, page_as: PageAs) -> None:
    number = await an_incident(site, "job")
    page = await page_as("auditor")
    await page.goto(f"/incidents/{number}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Een taak mislukte")
    await expect(page.get_by_role("button", name="Zet op opgelost")).to_have_count(0)


async def test_a_reason_that_is_missing_is_asked_for_where_it_belongs(site: Site, page_as: PageAs) -> None:
    number = await an_incident(site, "parked")
    page = await page_as("supervisor", java_script_enabled=False)
    await page.goto(f"/incidents/{number}")
    await page.get_by_label("Wat er gedaan is").fill("   ")
    await page.get_by_role("button", name="Zet op opgelost").click()
    await expect(page.locator("#e-resolution")).to_have_text("Schrijf in 1 tot 400 tekens wat er gedaan is.")
    assert await site.db.fetchval("select resolved_at is null from incident where incident_id = $1", number)


async def test_the_list_of_incidents_is_there_in_english(site: Site, page_as: PageAs) -> None:
    await an_incident(site)
    page = await page_as("finance", lang="en")
    await page.goto("/incidents?state=all")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Incidents")
    await check_page(page)
