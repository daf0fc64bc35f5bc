"""Jobs and what is asked of the nights: previews, nights under way, failed jobs; by everybody, in Dutch and English."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, expect

from jobs.demo.model import LAST_DAY
from tests.browser.conftest import Site
from tests.browser.look import check_page
from tests.jobs.test_kinds import working

PageAs = Callable[..., Awaitable[Page]]
NEXT = LAST_DAY + timedelta(days=1)


@pytest.fixture
async def carrier(site: Site) -> AsyncIterator[tuple[int, str]]:
    """A risk carrier (id, code); what is made for its next day is gone afterwards."""
    row = await site.db.fetchrow("select risk_carrier_id, code from risk_carrier order by code limit 1")
    assert row is not None
    yield row["risk_carrier_id"], row["code"]
    await site.db.execute(
        "delete from run_batch where run_id in (select run_id from run where business_date = $1)", NEXT
    )
    await site.db.execute("delete from run where business_date = $1", NEXT)
    await site.db.execute(
        "delete from incident where job_id in (select job_id from job where business_date = $1)", NEXT
    )
    await site.db.execute("delete from job where business_date >= $1", NEXT)


async def job_for(site: Site, carrier: int, day: date, state: str) -> int:
    """A night's job in that state."""
    found: int = await site.db.fetchval(
        """
        insert into job (risk_carrier_id, kind, subject, business_date, payload, state, lease_until, ended_at,
          error_code, error_text, created_by, created_at, done, total)
        values ($1, 'night', $2::date::text, $2, '{}', $3, case when $3 = 'running' then clock_timestamp() end,
          case when $3 = 'failed' then clock_timestamp() end, case when $3 = 'failed' then 'no_policy' end,
          case when $3 = 'failed' then 'No policy is in force.' end, 'person:finance', clock_timestamp(), 40, 100)
        returning job_id
        """,
        carrier,
        day,
        state,
    )
    return found


async def run_for(site: Site, carrier: int, state: str) -> int:
    """A night of the next day in that state, of two batches of which one is done."""
    run: int = await site.db.fetchval(
        """
        insert into run (risk_carrier_id, business_date, payment_date, state, state_reason, policy_version_id)
        select $1, $2, $2, $3, case when $3 = 'stopped' then 'the books differ' end, min(policy_version_id)
        from policy_version where risk_carrier_id = $1 returning run_id
        """,
        carrier,
        NEXT,
        state,
    )
    await site.db.execute(
        """
        insert into run_batch (run_id, batch_no, risk_carrier_id, first_account_id, last_account_id, planned_entries,
          state, entries, declared_cents, returned_cents, advance_cents, offset_cents, net_cents, payouts, in_scope,
          offset_claims, left_out_claims)
        values ($1, 1, $2, 1, 1, 40, 1, 40, 10000, 0, 0, 2500, 7500, 1, 3, 1, 2),
               ($1, 2, $2, 2, 2, 60, 0, null, null, null, null, null, null, null, null, null, null)
        """,
        run,
        carrier,
    )
    return run


async def test_a_preview_is_asked_for_and_shows_what_the_night_would_do(
    page_as: PageAs, site: Site, carrier: tuple[int, str]
) -> None:
    page = await page_as("finance")
    await page.goto("/nights/preview")
    await check_page(page, "preview-form")
    await page.get_by_label("Dag").fill(NEXT.isoformat())
    await page.get_by_role("button", name="Bereken").click()
    async with working(site.url):
        await expect(page.get_by_role("heading", name="Van bruto naar uitbetaald")).to_be_visible(timeout=30_000)
    await check_page(page, "preview")


async def test_a_preview_works_without_java_script_and_in_english(
    page_as: PageAs, site: Site, carrier: tuple[int, str]
) -> None:
    page = await page_as("auditor", lang="en", java_script_enabled=False)
    await page.goto("/nights/preview")
    await page.get_by_label("Day").fill(NEXT.isoformat())
    await page.get_by_role("button", name="Calculate").click()
    await expect(page.get_by_text("waits for a worker")).to_be_visible()
    async with working(site.url):
        while not await page.get_by_role("heading", name="Payouts").is_visible():
            await page.wait_for_timeout(200)
            await page.reload()
    await expect(page.get_by_role("row", name="Would be offset")).to_be_visible()


async def test_a_night_of_a_day_to_come_is_refused_in_a_sentence(page_as: PageAs, carrier: tuple[int, str]) -> None:
    page = await page_as("finance")
    await page.goto("/nights/start")
    await check_page(page, "night-start")
    await page.get_by_label("Dag").fill(NEXT.isoformat())
    await page.get_by_role("button", name="Vraag deze nacht").click()
    await expect(page.get_by_role("alert")).to_have_text("Deze dag is nog niet voorbij; een nacht sluit haar dag af.")


async def test_an_auditor_asks_for_no_night(page_as: PageAs) -> None:
    page = await page_as("auditor")
    await page.goto("/nights")
    await expect(page.get_by_role("link", name="Vraag een nacht")).to_have_count(0)
    answer = await page.goto("/nights/start")
    assert answer is not None
    assert answer.status == 403


async def test_a_night_under_way_shows_how_far_it_is_and_ends_by_itself(
    page_as: PageAs, site: Site, carrier: tuple[int, str]
) -> None:
    run = await run_for(site, carrier[0], "matching")
    page = await page_as("finance")
    await page.goto(f"/nights/{carrier[1]}/{NEXT}")
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
    await check_page(page, "night-running")
    await site.db.execute("update run set state = 'released', released_at = now() where run_id = $1", run)
    await expect(page.get_by_role("link", name="Ververs nu")).to_have_count(0, timeout=15_000)


async def test_only_a_supervisor_takes_up_a_stopped_night(
    page_as: PageAs, site: Site, carrier: tuple[int, str]
) -> None:
    await run_for(site, carrier[0], "stopped")
    name = "Controleer opnieuw en geef vrij"
    page = await page_as("finance")
    await page.goto(f"/nights/{carrier[1]}/{NEXT}")
    await check_page(page, "night-stopped")
    await expect(page.get_by_role("button", name=name)).to_have_count(0)
    page = await page_as("supervisor")
    await page.goto(f"/nights/{carrier[1]}/{NEXT}")
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("status")).to_have_text("De nacht wordt opnieuw geprobeerd.")
    assert await site.db.fetchval("select created_by from job where business_date = $1", NEXT) == "person:supervisor"


async def test_a_failed_job_says_why_and_is_asked_for_again(
    page_as: PageAs, site: Site, carrier: tuple[int, str]
) -> None:
    job = await job_for(site, carrier[0], NEXT, "failed")
    page = await page_as("finance")
    await page.goto("/jobs?state=failed")
    await check_page(page, "jobs")
    await page.get_by_role("link", name=str(job)).click()
    await expect(page.get_by_text("Op die dag geldt er geen beleid")).to_be_visible()
    await check_page(page, "job")
    await page.get_by_role("button", name="Probeer opnieuw").click()
    await expect(page.get_by_role("status")).to_have_text("De taak wordt opnieuw geprobeerd.")
    assert await site.db.fetchval("select state from job where job_id = $1", job) == "waiting"


async def test_the_jobs_are_usable_in_english(page_as: PageAs, site: Site, carrier: tuple[int, str]) -> None:
    await job_for(site, carrier[0], NEXT, "waiting")
    page = await page_as("supervisor", lang="en")
    await page.goto("/jobs")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")
    await check_page(page)
