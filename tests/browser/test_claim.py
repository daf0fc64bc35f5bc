"""Claims: the list, one with its facts, and why (not) on a day."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from app.record import record
from jobs.demo.model import LAST_DAY
from tests.browser.conftest import Site
from tests.browser.look import check_page, picture

PageAs = Callable[..., Awaitable[Page]]


async def _held(site: Site) -> str:
    """A claim that is held, and was offset before: it has facts of many kinds."""
    found: str = await site.db.fetchval(
        """select c.reference from claim c join claim_position p using (account_id, claim_id)
           where p.held_cents > 0 and p.open_costs_cents + p.open_interest_cents = 0
             and exists (select 1 from posting x where x.account_id = c.account_id
             and x.claim_id = c.claim_id and x.kind = 2) order by c.claim_id limit 1"""
    )
    return found


async def test_a_claim_says_what_is_open_and_what_holds_it(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(f"/claims/{await _held(site)}")
    rows = await page.locator("section:has(#open) tbody tr .amount").all_inner_texts()
    cents = [int("".join(each for each in text if each in "-0123456789")) for text in rows]
    _, principal, costs, interest, total, held, offsettable = cents
    assert (principal + costs + interest, total - held) == (total, offsettable)
    assert held > 0
    await expect(page.locator("#holds + .scroll tbody tr")).not_to_have_count(0)


async def test_a_claim_on_an_account_that_stands_still_is_not_said_to_be_offsettable(
    page_as: PageAs, site: Site
) -> None:
    reference = await site.db.fetchval(
        """select c.reference from claim c join claim_position p using (account_id, claim_id)
           join hold h on h.account_id = c.account_id and h.claim_id is null and h.for_offset and h.ended_on is null
           where p.held_cents = 0 and p.open_principal_cents > 0 order by c.claim_id limit 1"""
    )
    assert reference is not None
    page = await page_as("finance")
    await page.goto(f"/claims/{reference}")
    await expect(page.locator("section:has(#open) tr", has_text="Verrekenbaar").locator(".amount")).to_have_text(
        "€ 0,00"
    )
    await expect(page.locator("section:has(#open)")).to_contain_text("De hele rekening-courant staat stil")


async def test_charges_that_are_not_offset_are_shown_apart_from_what_can_be(page_as: PageAs, site: Site) -> None:
    reference = await site.db.fetchval(
        """select c.reference from claim c join claim_position p using (account_id, claim_id)
           join reason_policy rp on rp.reason_id = p.reason_id and not rp.offset_charges and rp.offset_start > 0
             and rp.offset_mode > 0 and rp.policy_version_id in
               (select max(v.policy_version_id) from policy_version v group by v.risk_carrier_id)
           where p.held_cents = 0 and p.open_principal_cents > 0 and p.kind = 1
             and not exists (select 1 from hold h where h.account_id = c.account_id and h.ended_on is null)
           order by c.claim_id limit 1"""
    )
    charge = {"claim": reference, "kind": "costs", "cents": 4_000, "reason": "Aanmaning"}
    await record(site.db, "charge", charge, actor="test", business_date=LAST_DAY)
    page = await page_as("finance")
    await page.goto(f"/claims/{reference}")
    part = page.locator("section:has(#open)")
    await expect(part.locator("tr", has_text="Waarvan niet te verrekenen").locator(".amount")).to_have_text("€ 40,00")
    principal, can_be = [
        await part.locator("tr", has_text=name).locator(".amount").inner_text()
        for name in ("Open hoofdsom", "Verrekenbaar")
    ]
    assert principal == can_be != "€ 0,00"
    await check_page(page, "claim-charges")


async def test_a_claim_is_usable_by_everybody(page_as: PageAs, site: Site) -> None:
    page = await page_as("auditor")
    await page.goto(f"/claims/{await _held(site)}")
    await expect(page.locator("#facts + .timeline li").first).to_contain_text("Geregistreerd")
    await check_page(page, "claim")
    await picture(page, "claim")


async def test_a_claim_is_usable_in_english(page_as: PageAs, site: Site) -> None:
    page = await page_as("supervisor", lang="en")
    await page.goto(f"/claims/{await _held(site)}")
    await expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
    await check_page(page, "claim-en")


async def test_why_not_is_answered_for_any_day_without_javascript(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance", java_script_enabled=False)
    reference = await _held(site)
    night = await site.db.fetchval(
        """select max(d.valid_from) from decision d join claim c using (account_id, claim_id)
           where c.reference = $1 and d.offset_cents > 0""",
        reference,
    )
    await page.goto(f"/claims/{reference}")
    await page.get_by_label("Op deze dag").fill(night.isoformat())
    await page.get_by_role("button", name="Vraag waarom").click()
    await expect(page.locator("main .lead")).to_contain_text("errekend")
    await expect(page.locator("dl.facts")).to_contain_text("Beslist in de nacht van")


async def test_why_not_is_usable_by_everybody(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(f"/claims/{await _held(site)}/why?onDate=morgen")
    await expect(page.locator(".error")).to_have_text("Dit is geen datum. Schrijf jjjj-mm-dd.")
    await check_page(page, "why")


async def test_the_list_of_claims_keeps_its_filters(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/claims")
    await page.get_by_label("Openstaand").select_option("true")
    await page.get_by_role("button", name="Toon").click()
    assert "openOnly=true" in page.url
    await check_page(page, "claims")


async def test_an_offset_in_the_timeline_leads_to_its_declaration(page_as: PageAs, site: Site) -> None:
    page = await page_as("finance")
    await page.goto(f"/claims/{await _held(site)}")
    await page.locator(".timeline").get_by_role("link", name="Verrekend").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Declaratie")
    await check_page(page, "declaration")
