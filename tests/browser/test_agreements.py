"""Agreements in a browser: one is registered, a night takes over under it, both claims tell, and it is ended."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, expect

from jobs.night.run import run_night
from tests import factories
from tests.browser.conftest import Site
from tests.browser.look import check_page

PageAs = Callable[..., Awaitable[Page]]


class Pair:
    """A payer and a debtor of a risk carrier of their own, and the last date that its night was run for."""

    def __init__(self, payer: str, debtor: str, carrier: int, day: date) -> None:
        self.payer, self.debtor, self.carrier, self.day = payer, debtor, carrier, day
        self.path = f"/running-accounts/ZK/{payer}"


@pytest.fixture
async def pair(site: Site) -> AsyncIterator[Pair]:
    carrier, code = await site.db.fetchrow("select risk_carrier_id, code from risk_carrier where risk_carrier_id = 2")
    day = await site.db.fetchval("select max(business_date) from run where risk_carrier_id = $1", carrier)
    payer = await factories.make_provider(site.db, carrier)
    debtor = await factories.make_provider(site.db, carrier)
    made = Pair(payer.number, debtor.number, carrier, day + timedelta(days=1))
    made.path = f"/running-accounts/{code}/{payer.number}"
    yield made


async def registered(page: Page, pair: Pair, number: str) -> None:
    """Fill in the form from the page of the running account."""
    await page.goto(pair.path)
    await page.get_by_role("link", name="Leg vast dat deze rekening-courant voor een ander betaalt").click()
    await page.get_by_label("Nummer van de schuldenaar").fill(pair.debtor)
    await page.get_by_label("Nummer van de overeenkomst").fill(number)
    await page.get_by_label("Waar de ondertekende overeenkomst ligt").fill("Contractarchief 12-3")
    await page.get_by_label("Redencode van wat overgenomen wordt").select_option("OVERNAME")
    await page.get_by_label("Eerste dag").fill(pair.day.isoformat())
    await page.get_by_label("Waarom").fill("De moeder betaalt voor de dochter")
    await page.get_by_role("button", name="Leg de overeenkomst vast").click()


async def test_an_agreement_is_registered_applied_by_a_night_and_ended(site: Site, page_as: PageAs, pair: Pair) -> None:
    page = await page_as("finance")
    await page.goto(f"{pair.path}/agreements/new")
    await check_page(page, "agreement-new")
    await registered(page, pair, "OVK-1")
    await expect(page.get_by_role("status")).to_have_text("De overeenkomst is vastgelegd.")
    await _owed_and_declared(site, pair)
    await page.goto(pair.path)
    await page.get_by_role("link", name="OVK-1").click()
    await expect(page.locator("table .total .amount").first).to_have_text("€\u00a0500,00")
    await check_page(page, "agreement")
    agreement = page.url
    await page.locator("table tbody tr").first.get_by_role("link").nth(0).click()
    await expect(page.get_by_role("heading", name="Wie er voor betaalde")).to_be_visible()
    await check_page(page, "claim-paid-by")
    await page.get_by_role("link", name="Verrekend onder een overeenkomst").click()
    await expect(page.locator("dl.facts")).to_contain_text("overgenomen vordering")
    await check_page(page, "claim-taken-over")
    await page.goto(agreement)
    await page.get_by_label("Geldt niet meer vanaf").fill((pair.day + timedelta(days=9)).isoformat())
    await page.get_by_label("Reden van beëindigen").fill("Opgezegd")
    await page.get_by_role("button", name="Beëindig de overeenkomst").click()
    await expect(page.get_by_role("status").first).to_have_text("De overeenkomst is beëindigd.")
    await page.goto(pair.path)
    await check_page(page, "account-agreements")


async def _owed_and_declared(site: Site, pair: Pair) -> None:
    payer, debtor = [await factories.provider(site.db, number) for number in (pair.payer, pair.debtor)]
    day = pair.day
    await factories.make_claim(site.db, pair.carrier, debtor.agbs[0], 70_000, letter_date=day, reason="FC")
    await factories.make_declaration(site.db, pair.carrier, payer.agbs[0], 50_000, on=day)
    await run_night(site.url, pair.carrier, day)


async def test_a_form_that_does_not_fit_says_at_the_field_what_to_do(page_as: PageAs, pair: Pair) -> None:
    page = await page_as("supervisor", java_script_enabled=False)
    pair.debtor = "NIEMAND"
    await registered(page, pair, "OVK-2")
    await expect(page.locator("#e-debtorProvider")).to_contain_text("controleer het nummer")
    await expect(page.get_by_label("Nummer van de overeenkomst")).to_have_value("OVK-2")


async def test_an_auditor_sees_agreements_in_english_and_no_form(page_as: PageAs, pair: Pair) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto(pair.path)
    await expect(page.get_by_role("heading", name="Agreements to pay for another")).to_be_visible()
    await expect(page.get_by_role("link", name="Register that this running account")).to_have_count(0)
