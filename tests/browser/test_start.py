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


def _cents(text: str) -> int:
    return int("".join(each for each in text if each in "-0123456789"))


async def test_an_age_opens_the_claims_that_it_is_made_of(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/ageing")
    amount = page.locator("table.drawn tbody tr:not(.total) a.amount").first
    cents = _cents(await amount.inner_text())
    await amount.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Openstaand op 10 september 2026")
    rows = await page.locator("tbody tr td:nth-last-child(2) .amount").all_inner_texts()
    assert sum(map(_cents, rows)) == cents
    await check_page(page, "shares")


async def test_a_part_of_the_funnel_opens_its_claims_in_english_too(page_as: PageAs) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto("/funnel")
    amount = page.locator("table.funnel tbody tr").first.locator("a.amount").nth(1)
    cents = _cents(await amount.inner_text())
    await amount.click()
    rows = await page.locator("tbody tr td:nth-last-child(2) .amount").all_inner_texts()
    assert sum(map(_cents, rows)) == cents
    await expect(page.locator("main .lead")).to_contain_text("the largest first")


async def test_the_funnel_fits_a_screen_of_1280_pixels(page_as: PageAs) -> None:
    page = await page_as("finance", viewport={"width": 1280, "height": 900})
    await page.goto("/funnel")
    wide = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth).length"
    assert await page.locator(".scroll").count() == 2
    assert await page.evaluate(wide) == 0
