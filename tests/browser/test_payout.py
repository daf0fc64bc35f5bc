"""Payouts: the list, and one explained to the cent."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from app.core.ids import payout_number
from tests.browser.conftest import Site
from tests.browser.look import check_page, picture

PageAs = Callable[..., Awaitable[Page]]


async def _number(site: Site, condition: str) -> str:
    """The last payout of which that is true, with the most offsets."""
    questions = {
        "offset": "select payout_id, business_date from payout y where offset_cents > 0 and net_cents > 0 "
        "order by (select count(*) from posting p where p.account_id = y.account_id and p.payout_id = y.payout_id "
        "and p.kind = 2) desc, payout_id desc limit 1",
        "zero": "select payout_id, business_date from payout where net_cents = 0 order by payout_id desc limit 1",
    }
    row = await site.db.fetchrow(questions[condition])
    assert row is not None, f"the demo has a payout that is {condition}"
    return payout_number(row["payout_id"], row["business_date"].year)


@pytest.mark.parametrize("condition", ["offset", "zero"])
async def test_gross_less_each_offset_is_net_and_everybody_can_read_it(
    page_as: PageAs, site: Site, condition: str
) -> None:
    page = await page_as("finance")
    await page.goto(f"/payouts/{await _number(site, condition)}")
    cents = [
        int("".join(each for each in text if each in "-0123456789"))
        for text in await page.locator("table.drawn tr:not(.total) .amount").all_inner_texts()
    ]
    total = await page.locator("table.drawn tr.total .amount").last.inner_text()
    assert sum(cents) == int("".join(each for each in total if each in "-0123456789"))
    await check_page(page, f"payout-{condition}")
    if condition == "offset":
        await picture(page, "payout")


async def test_an_offset_leads_to_its_declaration_and_its_claim(page_as: PageAs, site: Site) -> None:
    page = await page_as("auditor")
    await page.goto(f"/payouts/{await _number(site, 'offset')}")
    row = page.locator("#offsets + .scroll tbody tr").first
    addresses = [await link.get_attribute("href") for link in await row.locator("a").all()]
    assert [str(each).split("/")[1] for each in addresses] == ["declarations", "claims", "claims"]


async def test_the_specification_is_a_file(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    number = await _number(site, "offset")
    await page.goto(f"/payouts/{number}")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    assert (await download.value).suggested_filename == f"{number}.csv"


async def test_the_list_of_payouts_is_usable_in_english(page_as: PageAs) -> None:
    page = await page_as("finance", lang="en")
    await page.goto("/payouts")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Payouts")
    await check_page(page, "payouts-en")


async def test_a_payout_that_is_not_there_says_so_in_a_sentence(page_as: PageAs) -> None:
    page = await page_as("finance")
    answer = await page.goto("/payouts/AFR-2026-99999999-9")
    assert answer is not None
    assert answer.status == 404
    await expect(page.locator("main")).to_contain_text("Dit bestaat niet")
