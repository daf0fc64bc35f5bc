"""Agreements in a browser: one is registered, a night takes over under it, both claims tell, and it is ended."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from playwright.async_api import Page, expect

from app.web import people
from jobs.demo.model import LAST_DAY
from jobs.night.run import run_night
from tests import factories
from tests.browser.conftest import PASSWORD, Site
from tests.browser.look import check_page

PageAs = Callable[..., Awaitable[Page]]


CARRIER, CODE = 3, "ZZ"


class Pair(msgspec.Struct):
    """Numbers of a payer and a debtor of a risk carrier that only the people of these tests see."""

    payer: str
    debtor: str

    @property
    def path(self) -> str:
        """The page of the payer's running account."""
        return f"/running-accounts/{CODE}/{self.payer}"


@pytest.fixture
async def pair(site: Site) -> Pair:
    if not await site.db.fetchval("select count(*) from risk_carrier where risk_carrier_id = $1", CARRIER):
        await factories.make_risk_carrier(site.db, CODE, CARRIER)
        await factories.make_policy_zilveren_kruis(site.db, CARRIER)
        for role in ("finance", "supervisor", "auditor"):
            await people.create(
                site.db,
                login=f"ovk-{role}",
                name=f"Overeenkomst, {role}",
                role=role,
                carriers=[CARRIER],
                actor="test",
                password=PASSWORD,
            )
    made = [await factories.make_provider(site.db, CARRIER, number=f"Z-{uuid.uuid4().hex[:8]}") for _ in range(2)]
    return Pair(*[each.number for each in made])  # behind the demo's in every list


async def registered(page: Page, pair: Pair, number: str) -> None:
    """Fill in the form from the page of the running account."""
    await page.goto(pair.path)
    await page.get_by_role("link", name="Leg vast dat deze rekening-courant voor een ander betaalt").click()
    await page.get_by_label("Nummer van de schuldenaar").fill(pair.debtor)
    await page.get_by_label("Nummer van de overeenkomst").fill(number)
    await page.get_by_label("Waar de ondertekende overeenkomst ligt").fill("Contractarchief 12-3")
    await page.get_by_label("Redencode van wat overgenomen wordt").select_option("OVERNAME")
    await page.get_by_label("Waarom").fill("De moeder betaalt voor de dochter")
    await page.get_by_role("button", name="Leg de overeenkomst vast").click()


async def test_an_agreement_is_registered_applied_by_a_night_and_ended(site: Site, page_as: PageAs, pair: Pair) -> None:
    page = await page_as("ovk-finance")
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
    await page.get_by_label("Geldt niet meer vanaf").fill((LAST_DAY + timedelta(days=9)).isoformat())
    await page.get_by_label("Reden van beëindigen").fill("Opgezegd")
    await page.get_by_role("button", name="Beëindig de overeenkomst").click()
    await expect(page.get_by_role("status").first).to_have_text("De overeenkomst is beëindigd.")
    await page.goto(pair.path)
    await check_page(page, "account-agreements")


async def _owed_and_declared(site: Site, pair: Pair) -> None:
    payer, debtor = [await factories.provider(site.db, number) for number in (pair.payer, pair.debtor)]
    await factories.make_claim(site.db, CARRIER, debtor.agbs[0], 50_000, letter_date=LAST_DAY, reason="FC")
    await factories.make_declaration(site.db, CARRIER, payer.agbs[0], 60_000, on=LAST_DAY)
    await run_night(site.url, CARRIER, LAST_DAY)


async def test_a_form_that_does_not_fit_says_at_the_field_what_to_do(page_as: PageAs, pair: Pair) -> None:
    page = await page_as("ovk-supervisor", java_script_enabled=False)
    pair.debtor = "NIEMAND"
    await registered(page, pair, "OVK-2")
    await expect(page.locator("#e-debtorProvider")).to_contain_text("controleer het nummer")
    await expect(page.get_by_label("Nummer van de overeenkomst")).to_have_value("OVK-2")


async def test_an_auditor_sees_agreements_in_english_and_no_form(page_as: PageAs, pair: Pair) -> None:
    page = await page_as("ovk-auditor", lang="en")
    await page.goto(pair.path)
    await expect(page.get_by_role("heading", name="Agreements to pay for another")).to_be_visible()
    await expect(page.get_by_role("link", name="Register that this running account")).to_have_count(0)
