"""Nights: the list, one night's report, its decisions; by everybody, in Dutch and English."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page, expect

from jobs.demo.model import LAST_DAY
from tests.browser.conftest import Site
from tests.browser.look import check_page

PageAs = Callable[..., Awaitable[Page]]
NIGHT = f"/nights/{{}}/{LAST_DAY}"


async def code_of(site: Site) -> str:
    """A risk carrier with a released night on the last day."""
    found: str = await site.db.fetchval(
        "select c.code from run join risk_carrier c using (risk_carrier_id) where business_date = $1 order by c.code",
        LAST_DAY,
    )
    return found


async def test_the_nights_stand_newest_first_and_lead_to_their_report(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/nights")
    link = page.get_by_role("rowheader").get_by_role("link").first
    await link.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Nacht van")


async def test_the_list_of_nights_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/nights")
    await check_page(page, "nights")


async def test_the_list_of_nights_is_usable_in_english(page_as: PageAs) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto("/nights")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nights")
    await check_page(page)


async def test_the_report_of_a_night_is_usable_by_everybody(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(NIGHT.format(await code_of(site)))
    await expect(page.get_by_role("row", name="Bruto")).to_be_visible()
    await check_page(page, "night")


async def test_the_report_of_a_night_is_usable_in_english(page_as: PageAs, site: Site) -> None:
    page = await page_as("supervisor", lang="en")
    await page.goto(NIGHT.format(await code_of(site)))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Night of")
    await check_page(page)


async def test_a_number_of_left_out_claims_leads_to_those_claims(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(NIGHT.format(await code_of(site)))
    row = page.get_by_role("region", name="Antwoorden van deze nacht").get_by_role("row").nth(1)
    answer = await row.get_by_role("rowheader").inner_text()
    count = await row.get_by_role("cell").first.inner_text()
    await row.get_by_role("link").first.click()
    rows = page.get_by_role("region", name="Besluiten per vordering").locator("tbody tr")
    await expect(rows.filter(has_text=answer)).to_have_count(min(int(count.replace(".", "")), 50))


async def test_the_decisions_of_a_night_are_usable_by_everybody(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(NIGHT.format(await code_of(site)) + "/decisions")
    await check_page(page, "decisions")


async def test_a_payment_file_is_fetched_by_who_may(page_as: PageAs, site: Site) -> None:
    row = await site.db.fetchrow(
        """select f.message_id, c.code, r.business_date from payment_file f join run r using (run_id)
           join risk_carrier c on c.risk_carrier_id = f.risk_carrier_id
           where c.risk_carrier_id in (1, 2) order by f.payment_file_id desc limit 1"""
    )
    assert row is not None
    page = await page_as("finance", java_script_enabled=False)
    await page.goto(f"/nights/{row['code']}/{row['business_date']}")
    async with page.expect_download() as download:
        await page.get_by_role("button", name=f"Haal {row['message_id']} op").click()
    path = await (await download.value).path()
    assert Path(path).read_bytes() == (site.data / "payments" / f"{row['message_id']}.xml").read_bytes()
    other = await page_as("auditor")
    await other.goto(f"/nights/{row['code']}/{row['business_date']}")
    await expect(other.get_by_role("button", name="Haal")).to_have_count(0)
