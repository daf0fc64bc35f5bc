"""Signing in with a real browser: by keyboard, without scripts, in both languages, and out again."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from app.web import people
from tests.browser.conftest import PASSWORD, Site
from tests.browser.look import Visit, check_page, picture

PageAs = Callable[..., Awaitable[Page]]


async def test_the_sign_in_page_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as(None)
    await page.goto("/sign-in")
    await check_page(page, "sign-in")


async def test_the_sign_in_page_is_usable_in_english(page_as: PageAs) -> None:
    page = await page_as(None, lang="en")
    await page.goto("/sign-in")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await check_page(page)


async def test_a_person_signs_in_by_keyboard_alone_and_comes_where_they_were_going(page_as: PageAs, site: Site) -> None:
    page = await page_as(None)
    await page.goto("/?lang=nl")
    assert page.url == site.address + "/sign-in?next=/%3Flang%3Dnl"
    for key in ("Tab", "Enter"):  # the skip link
        await page.keyboard.press(key)
    for _ in range(2):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == "login":
            break
    await page.keyboard.type("auditor")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("De laatste nacht")
    assert page.url == site.address + "/?lang=nl"
    assert Visit.of(page).complaints == []


async def test_signing_in_and_out_works_without_javascript(page_as: PageAs, site: Site) -> None:
    await people.create(
        site.db, login="noscript", name="Zonder Script", role="finance", carriers=[1], actor="test", password=PASSWORD
    )
    page = await page_as(None, java_script_enabled=False)
    await page.goto("/sign-in")
    await page.get_by_label("Naam").fill("noscript")
    await page.get_by_label("Wachtwoord").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("De laatste nacht")
    await page.get_by_role("button", name="Uitloggen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Inloggen")
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Inloggen")


async def test_a_wrong_password_is_told_in_a_sentence_that_is_read_out(page_as: PageAs) -> None:
    page = await page_as(None)
    await page.goto("/sign-in")
    await page.get_by_label("Naam").fill("nobody")
    await page.get_by_label("Wachtwoord").fill("not the password")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("alert")).to_have_text("Deze combinatie van naam en wachtwoord kennen we niet.")
    await expect(page.get_by_label("Naam")).to_have_value("nobody")
    await check_page(page, "sign-in-wrong")


async def test_the_language_is_one_click_away_and_stays(page_as: PageAs) -> None:
    page = await page_as("auditor")
    await page.goto("/")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Last night")
    await page.goto("/")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("path", ["/no-such-page", "/sign-out"])
async def test_an_error_is_a_sentence_with_a_way_out(page_as: PageAs, path: str) -> None:
    page = await page_as("finance")
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await check_page(page, "error")
    await page.get_by_role("link", name="Naar het begin").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("De laatste nacht")


async def test_an_administrator_without_risk_carriers_sees_no_amount(page_as: PageAs) -> None:
    page = await page_as("administrator")
    await page.goto("/")
    await expect(page.get_by_text("€")).to_have_count(0)
    await check_page(page, "start-administrator")


async def test_the_pages_hold_at_two_hundred_percent(page_as: PageAs) -> None:
    """200 % zoom of a window of 1,280 is a window of 640 with two pixels for one."""
    page = await page_as("finance", viewport={"width": 640, "height": 450}, device_scale_factor=2)
    await page.goto("/")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 640


async def test_the_pictures_of_the_start_page_are_made(page_as: PageAs) -> None:
    page = await page_as("finance")
    await page.goto("/")
    await picture(page, "start")
    await expect(page.get_by_role("heading", level=1)).to_have_text("De laatste nacht")


async def test_a_long_name_of_a_person_fits_a_narrow_screen(page_as: PageAs, site: Site) -> None:
    name = "Lang" * 25
    await people.create(site.db, login="lang", name=name, role="finance", carriers=[1], actor="test", password=PASSWORD)
    page = await page_as(None, viewport={"width": 320, "height": 640})
    await page.goto("/sign-in")
    await page.get_by_label("Naam").fill("lang")
    await page.get_by_label("Wachtwoord").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url(site.address + "/")
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
