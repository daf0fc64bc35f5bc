"""Proposals in a browser: the list, taking the reminders of a night over, and what became of each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, expect

from jobs.demo.model import LAST_DAY
from tests.browser.conftest import Site
from tests.browser.look import check_page, picture, shot

PageAs = Callable[..., Awaitable[Page]]


_PROPOSE = """
insert into dunning_proposal
select account_id, claim_id, 1, step, (select run_id from run where risk_carrier_id = x.risk_carrier_id
  and business_date = $1), risk_carrier_id, $1, asked
from (
  (select c.account_id, c.claim_id, c.risk_carrier_id, step, open_principal_cents + case when step = 1 then 0
     else 5000 * (row_number() over (partition by step = 1 order by c.claim_id) - 1) end as asked
   from (select *, coalesce(cardinality(reminder_term_ends), 0) + 1 as step from claim_position) c
     join dunning_policy d on d.reason_id = c.reason_id and d.step_no = step
   where kind = 1 and open_principal_cents > 0 and due_date < $1::date - 1
     and (step > 1 and held_cents = 0 or step = 1 and held_cents = open_principal_cents)
     and coalesce(reminder_term_ends[step - 1], due_date) < $1)
  union all
  (select account_id, claim_id, risk_carrier_id, coalesce(cardinality(reminder_term_ends), 0) + 1, original_cents
   from claim_position p join claim c using (account_id, claim_id, risk_carrier_id, kind)
   where risk_carrier_id = 2 and kind = 1
     and open_principal_cents + open_costs_cents + open_interest_cents = 0 order by claim_id limit 1)) x
on conflict do nothing returning account_id, claim_id, step_no
"""


@pytest.fixture
async def night(site: Site) -> AsyncIterator[date]:
    """A night that proposed reminders: of ZK for two claims whose term it lets end and for one paid since, of VZ for
    one that is held. What was not taken over is gone afterwards."""
    on = LAST_DAY - timedelta(days=1)
    await site.db.execute(
        """update claim_position set reminder_term_ends[cardinality(reminder_term_ends)] = $1::date - 2
           where risk_carrier_id = 2 and kind = 1 and held_cents = 0 and open_principal_cents > 0
             and due_date between '2026-04-20' and '2026-07-12' and cardinality(reminder_term_ends) between 1 and 2""",
        on,
    )
    made = await site.db.fetch(_PROPOSE, on)
    assert made
    yield on
    for each in made:
        await site.db.execute(
            """delete from dunning_proposal where account_id = $1 and claim_id = $2 and kind = 1 and step_no = $3
                 and not exists (select 1 from claim_step s where s.account_id = $1 and s.claim_id = $2
                   and s.kind = 2 and s.step_no = $3)""",
            *each,
        )


async def test_reminders_are_taken_over_by_everybody_and_each_is_told_of(
    site: Site, page_as: PageAs, night: date
) -> None:
    page = await page_as("finance")
    await page.goto(f"/proposals?riskCarrier=ZK&kind=reminder&proposedOn={night}")
    await expect(page.get_by_text("niets meer open")).to_have_count(1)
    await check_page(page, "proposals")
    await picture(page, "proposals")
    await page.get_by_label("Termijn in dagen").fill("een week")
    await page.get_by_role("button", name="Neem de aangevinkte herinneringen over").click()
    await expect(page.locator("#e-termDays")).to_contain_text("Schrijf een heel getal")
    await check_page(page, "proposals-wrong")
    await page.get_by_label("Termijn in dagen").fill("14")
    await page.get_by_role("button", name="Neem de aangevinkte herinneringen over").click()
    await expect(page.get_by_role("status")).to_have_text("De aangevinkte herinneringen zijn vastgelegd.")
    steps = "select count(*) from claim_step where sent_on = $1::date and term_end = $1::date + 14"
    assert await site.db.fetchval(steps, LAST_DAY) == 2
    await expect(page.get_by_role("link", name="VOR-")).to_have_count(2)
    await page.get_by_role("link", name="Terug naar de voorstellen").click()
    await expect(page.get_by_role("checkbox")).to_have_count(0)


async def test_the_reminders_of_all_nights_are_chosen_and_taken_over_by_keyboard_without_java_script(
    page_as: PageAs, night: date
) -> None:
    page = await page_as("supervisor", lang="en", java_script_enabled=False)
    await page.goto("/proposals?kind=reminder")
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await page.locator(f'p a[href$="proposedOn={night}"]').focus()
    await page.keyboard.press("Enter")
    await shot(page, "proposals-all-english")
    await page.get_by_role("checkbox").last.focus()
    await page.keyboard.press("Space")
    left = await page.get_by_role("checkbox", checked=False).get_attribute("name")
    await page.get_by_role("button", name="Take over the ticked reminders").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Reminders taken over")
    assert left is not None
    await expect(page.get_by_role("link", name=left.removeprefix("claim-"))).to_have_count(0)


async def test_a_reminder_that_is_dropped_is_told_with_why(page_as: PageAs, night: date) -> None:
    page = await page_as("finance")
    await page.goto(f"/proposals?riskCarrier=VZ&proposedOn={night}")
    await page.get_by_role("button", name="Neem de aangevinkte herinneringen over").click()
    await expect(page.get_by_role("row", name="Alles wat openstaat wordt aangehouden")).to_have_count(1)
    await check_page(page, "proposals-taken")


async def test_an_auditor_reads_the_proposals_in_english(page_as: PageAs, night: date) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto(f"/proposals?proposedOn={night}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Proposals")
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await check_page(page)
