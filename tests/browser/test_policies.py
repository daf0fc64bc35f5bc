"""Policies in a browser: which one is in force, what it says, and what differs from another."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from playwright.async_api import Page, expect

from app.policies import apply_policy
from tests.browser.conftest import Site
from tests.browser.look import check_page, picture

PageAs = Callable[..., Awaitable[Page]]


async def second_version(site: Site) -> int:
    """A version of VZ for 2030 that gives 21 days where the first gives 14; its number."""
    text: str = await site.db.fetchval("select toml from policy_version where risk_carrier_id = 1 and version = 1")
    changed = text.replace("valid_from = 2020-01-01", "valid_from = 2030-01-01").replace(
        "term_days = 14", "term_days = 21", 1
    )
    made = await apply_policy(site.db, 1, changed, actor="test", applied_at=datetime(2026, 9, 10, tzinfo=UTC))
    return made.version


async def test_the_versions_say_which_one_is_in_force_on_a_day(site: Site, page_as: PageAs) -> None:
    version = await second_version(site)
    page = await page_as("auditor")
    await page.goto("/policies?onDate=2030-06-01")
    row = page.get_by_role("row", name=f"versie {version}").first
    await expect(row.locator(".status")).to_have_text("geldt")
    await check_page(page, "policies")


async def test_a_policy_is_read_in_plain_words(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/policies/VZ/1")
    row = page.locator("#CM98")
    await expect(row).to_contain_text("als de termijn van herinnering 1 voorbij is")
    await check_page(page, "policy")
    await picture(page, "policy")


async def test_two_versions_stand_side_by_side(site: Site, page_as: PageAs) -> None:
    version = await second_version(site)
    page = await page_as("finance")
    await page.goto(f"/policies/VZ/{version}")
    await page.get_by_label("Vergelijk met").select_option("1")
    await page.get_by_role("button", name="Vergelijk").click()
    row = page.get_by_role("row", name="termijn in dagen")
    await expect(row.get_by_role("cell")).to_have_text(["14", "21"])
    await check_page(page, "policy-differences")


async def test_the_file_of_a_policy_is_what_was_applied(site: Site, page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/policies/VZ/1")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Het bestand (TOML)").click()
    stored = await site.db.fetchval("select toml from policy_version where risk_carrier_id = 1 and version = 1")
    assert (await (await download.value).path()).read_text(encoding="utf-8") == stored


async def test_a_date_that_is_none_is_said_at_its_field(page_as: PageAs) -> None:
    page = await page_as("finance", lang="en")
    await page.goto("/policies?onDate=morgen")
    await expect(page.locator("#e-onDate")).to_have_text("Write a date such as 2026-09-30.")
    await check_page(page)
