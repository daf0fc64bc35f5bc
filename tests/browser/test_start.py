"""The start page: what Vereffen does, on the real numbers."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.look import check_page

PageAs = Callable[..., Awaitable[Page]]


async def test_the_start_page_shows_the_last_night_of_each_risk_carrier(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("De laatste nacht")
    await expect(page.get_by_role("row", name="Verrekend")).to_have_count(2)


async def test_the_start_page_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/")
    await check_page(page, "start")


async def test_the_start_page_is_usable_in_english(page_as: PageAs) -> None:
    page = await page_as("supervisor", lang="en")
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Last night")
    await check_page(page, "start-en")
