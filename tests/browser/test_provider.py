"""Providers: the list, one with all that is dated, and its running account."""

import csv
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.look import check_page, picture

PageAs = Callable[..., Awaitable[Page]]


async def _busiest(site: Site) -> tuple[str, str]:
    """Risk carrier and provider of the running account with the most postings."""
    row = await site.db.fetchrow(
        """select c.code, p.number from running_account a join risk_carrier c using (risk_carrier_id)
             join provider p using (provider_id) order by (select count(*) from posting x
             where x.account_id = a.account_id) desc, a.account_id limit 1"""
    )
    assert row is not None
    return row["code"], row["number"]


def _cents(text: str) -> int:
    return int("".join(each for each in text if each in "-0123456789"))


async def test_the_balances_of_a_provider_add_up(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(f"/providers/{(await _busiest(site))[1]}")
    for row in await page.locator("table").first.locator("tbody tr").all():
        payable, claims, on_account, balance = map(_cents, await row.locator(".amount").all_inner_texts())
        assert payable + on_account - claims == balance
    await check_page(page, "provider")


async def test_a_provider_that_owes_shows_what(page_as: PageAs, site: Site) -> None:
    number = await site.db.fetchval(
        """select p.number from claim_position k join running_account a using (account_id) join provider p
             using (provider_id) group by p.number order by sum(k.open_principal_cents) desc, p.number limit 1"""
    )
    page = await page_as("supervisor")
    await page.goto(f"/providers/{number}")
    await expect(page.locator("table").first.get_by_role("link", name="Vorderingen van").first).to_be_visible()
    await picture(page, "provider")


async def test_the_list_of_providers_is_usable_in_english(page_as: PageAs) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto("/providers")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Providers")
    await check_page(page, "providers-en")


async def test_opening_and_movements_of_a_running_account_are_its_closing(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    carrier, provider = await _busiest(site)
    await page.goto(f"/running-accounts/{carrier}/{provider}")
    signs = (1, -1, 1)  # payable, claims (a debit comes on top), on account
    for sign, row in zip(signs, (await page.locator("table").first.locator("tbody tr").all())[:3], strict=True):
        opening, debit, credit, closing = map(_cents, await row.locator(".amount").all_inner_texts())
        assert opening + sign * (credit - debit) == closing
    await check_page(page, "running-account")


async def test_a_running_account_shows_one_kind(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    carrier, provider = await _busiest(site)
    await page.goto(f"/running-accounts/{carrier}/{provider}")
    await page.get_by_label("Soort").select_option("declaration-settled")
    await page.get_by_role("button", name="Toon").click()
    kinds = set(await page.locator("table tbody tr td:nth-child(2)").all_inner_texts())
    assert kinds == {"declaratie"}


async def test_no_two_kinds_of_entries_have_the_same_word(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    carrier, provider = await _busiest(site)
    await page.goto(f"/running-accounts/{carrier}/{provider}")
    words = await page.get_by_label("Soort").locator("option").all_inner_texts()
    assert len(words) == len(set(words))


async def test_a_running_account_is_a_file_too(page_as: PageAs, site: Site, tmp_path: Path) -> None:
    page = await page_as("finance")
    carrier, provider = await _busiest(site)
    await page.goto(f"/running-accounts/{carrier}/{provider}")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    await (await download.value).save_as(tmp_path / "file.csv")
    with (tmp_path / "file.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.reader(file, delimiter=";")) > 3


async def test_an_agb_code_of_somebody_else_says_so(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    carrier, provider = await _busiest(site)
    await page.goto(f"/running-accounts/{carrier}/{provider}?agb=00000000")
    await expect(page.locator(".error")).to_have_text("Deze zorgaanbieder heeft en had deze AGB-code niet.")


async def test_a_provider_that_is_not_there_says_so_in_a_sentence(page_as: PageAs) -> None:
    page = await page_as("finance")
    answer = await page.goto("/providers/nobody")
    assert answer is not None
    assert answer.status == 404
    await expect(page.locator("main")).to_contain_text("Dit bestaat niet")
