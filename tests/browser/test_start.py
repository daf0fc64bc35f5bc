"""The start page: what Vereffen does, on the real numbers."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.look import check_page

PageAs = Callable[..., Awaitable[Page]]


async def test_the_start_page_shows_the_last_night_of_each_risk_carrier(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("De laatste nacht")
    await expect(page.get_by_role("rowheader", name="Verrekend", exact=True)).to_have_count(2)


async def test_the_start_page_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/")
    await check_page(page, "start")


async def test_the_start_page_is_usable_in_english(page_as: PageAs) -> None:
    page = await page_as("supervisor", lang="en")
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Last night")
    await check_page(page, "start-en")


async def test_the_start_page_shows_what_is_open_by_age_and_what_became_of_claims(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/")
    await expect(page.get_by_role("table", name="VZ", exact=True).get_by_role("row", name="Samen")).to_be_visible()
    await expect(page.get_by_role("region", name="VZ: wat er van het gevorderde werd")).to_be_visible()


async def test_the_age_of_what_is_open_is_asked_for_any_day_without_java_script(page_as: PageAs) -> None:
    page = await page_as("auditor", java_script_enabled=False)
    await page.goto("/")
    await page.get_by_label("Op welke dag").fill("2026-09-03")
    await page.get_by_role("button", name="Toon").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Openstaand naar ouderdom op 3 september 2026")


async def test_the_insight_pages_are_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/ageing?on=2026-09-05")
    await check_page(page, "ageing")
    await page.goto("/funnel")
    await check_page(page, "funnel")


async def test_the_insight_pages_are_usable_in_english(page_as: PageAs) -> None:
    page = await page_as("supervisor", lang="en")
    await page.goto("/ageing?on=yesterday")
    await expect(page.get_by_role("alert")).to_contain_text("This is not a day.")
    await check_page(page)
    await page.goto("/funnel")
    await check_page(page)
