"""Files in a browser: one is sent, followed, and read back with what it lacks."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, expect

from jobs.kinds import KINDS
from tests.browser.conftest import Site
from tests.browser.look import check_page, picture
from tests.feed_files import jsonl
from tests.jobs.test_kinds import working

PageAs = Callable[..., Awaitable[Page]]
IMPORTS = {"import": KINDS["import"]}


def declaration(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "declaration", "id": name, "agb": "41000001", "awardedCents": 12_345,
        "approvedAt": "2026-03-01T12:00:00Z", **more,
    }  # fmt: skip


async def send(page: Page, name: str, content: bytes) -> None:
    """Choose a file and send it; ends at its page."""
    await page.goto("/imports")
    await page.get_by_label("Risicodrager").first.select_option("VZ")
    await page.get_by_label(re.compile("^Bestand")).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    await page.get_by_role("button", name="Lees in").click()
    await page.wait_for_url(re.compile(r"/imports/\d+$"))


async def test_a_file_with_faults_is_refused_and_says_what_to_mend(site: Site, page_as: PageAs) -> None:
    page = await page_as("finance")
    faulty = [declaration("F1", agb="99999998"), declaration("F2", awardedCents="veel"), declaration("F3", agb="1")]
    await send(page, "declaraties-maart.jsonl", jsonl("declarations", faulty))
    await check_page(page, "import-waiting")
    async with working(site.url, IMPORTS, ()):
        await expect(page.get_by_text("Dit bestand is geweigerd")).to_be_visible(timeout=30_000)
    await check_page(page, "import-refused")
    await picture(page, "import")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Alle fouten als CSV").click()
    lines = (await (await download.value).path()).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "line,code,field,value,message"
    assert len(lines) > 1


async def test_a_file_goes_in_without_javascript(site: Site, page_as: PageAs) -> None:
    page = await page_as("supervisor", java_script_enabled=False)
    agb = await site.db.fetchval(
        """select g.agb from agb_registration g join running_account a using (provider_id)
           where a.risk_carrier_id = 1 and g.valid_until is null order by g.agb limit 1"""
    )
    records = [declaration("BROWSER-1", agb=agb, approvedAt="2026-09-10T08:00:00+02:00")]
    await send(page, "goed.jsonl", jsonl("declarations", records, cutOffDate="2026-09-10"))
    async with working(site.url, IMPORTS, ()):
        for _ in range(100):
            await page.get_by_role("link", name="Ververs").click()
            if not await page.get_by_role("link", name="Ververs").count():
                break
    await expect(page.locator("#report .status")).to_have_text("ingelezen")
    await expect(page.get_by_role("row", name="Totaal")).to_contain_text("€ 123,45")


async def test_one_fault_of_a_whole_file_is_said_in_dutch(site: Site, page_as: PageAs) -> None:
    page = await page_as("finance")
    await send(page, "onzin.csv", b"hallo\nwereld\n")
    async with working(site.url, IMPORTS, ()):
        await expect(page.locator("#faults")).to_have_text("1 fout", timeout=30_000)
    await expect(page.locator("#faults ~ .scroll tbody th")).to_have_text("hele bestand")
    await expect(page.locator("dl.facts")).not_to_contain_text("person:")


async def test_a_long_name_of_a_file_leaves_the_other_columns_in_sight(page_as: PageAs) -> None:
    page = await page_as("finance")
    await send(page, "x" * 150 + ".jsonl", jsonl("declarations", [declaration("LANG-1")]))
    await page.goto("/imports")
    assert await page.locator(".scroll").evaluate("each => each.scrollWidth <= each.clientWidth")


async def test_an_empty_file_is_said_to_be_empty(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/imports")
    await page.get_by_label(re.compile("^Bestand")).set_input_files(
        {"name": "leeg.csv", "mimeType": "text/csv", "buffer": b""}
    )
    await page.get_by_role("button", name="Lees in").click()
    await expect(page.get_by_role("alert")).to_contain_text("Dit bestand is leeg")


async def test_the_list_of_files_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("finance")
    await send(page, "lijst.jsonl", jsonl("declarations", [declaration("L1")]))
    await page.goto("/imports?state=received")
    await check_page(page, "imports")


async def test_an_auditor_sends_no_file(page_as: PageAs) -> None:
    page = await page_as("auditor", lang="en")
    await page.goto("/imports")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Imports")
    await expect(page.get_by_role("button", name="Import")).to_have_count(0)
