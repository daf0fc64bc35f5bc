"""People in a browser, as an administrator has them."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.look import check_page, picture

PageAs = Callable[..., Awaitable[Page]]


async def new_person(page: Page, login: str) -> str:
    """Make a person by the form; the password that is shown."""
    await page.goto("/people/new")
    await page.get_by_label("Inlognaam").fill(login)
    await page.get_by_label("Naam", exact=True).fill("Nieuwe Collega")
    await page.get_by_label("Rol").select_option("auditor")
    await page.get_by_label("VZ").check()
    await page.get_by_role("button", name="Maak aan").click()
    return (await page.locator("main code").inner_text()).strip()


async def test_the_list_of_people_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("administrator")
    await page.goto("/people")
    await expect(page.get_by_role("row", name=re.compile("^supervisor"))).to_contain_text("VZ ZK")
    await check_page(page, "people")
    await picture(page, "people")


async def test_the_form_of_a_new_person_is_usable_by_everybody(page_as: PageAs) -> None:
    page = await page_as("administrator")
    await page.goto("/people/new")
    await check_page(page, "person-new")


async def test_a_new_person_signs_in_with_the_password_that_was_shown(page_as: PageAs) -> None:
    page = await page_as("administrator", java_script_enabled=False)
    password = await new_person(page, "collega")
    fresh = await page_as(None)
    await fresh.goto("/sign-in")
    await fresh.get_by_label("Naam").fill("collega")
    await fresh.get_by_label("Wachtwoord").fill(password)
    await fresh.get_by_role("button", name="Log in").click()
    await expect(fresh.get_by_role("heading", level=1)).to_have_text("De laatste nacht")


async def test_a_login_that_is_taken_is_said_at_its_field(page_as: PageAs) -> None:
    page = await page_as("administrator")
    await page.goto("/people/new")
    await page.get_by_label("Inlognaam").fill("finance")
    await page.get_by_label("Naam", exact=True).fill("Fien")
    await page.get_by_role("button", name="Maak aan").click()
    await expect(page.locator("#e-login")).to_contain_text("bestaat al")
    await check_page(page, "person-taken")


async def test_who_is_disabled_no_longer_gets_in(site: Site, page_as: PageAs) -> None:
    page = await page_as("administrator")
    await new_person(page, "vertrekt")
    await page.goto("/people/vertrekt")
    await check_page(page, "person")
    await page.get_by_role("button", name="Schakel uit").click()
    await expect(page.get_by_role("status")).to_have_text("vertrekt komt er niet meer in.")
    assert await site.db.fetchval("select disabled_by from person where login = 'vertrekt'") == "person:administrator"


async def test_a_new_password_takes_the_place_of_the_old_one(site: Site, page_as: PageAs) -> None:
    page = await page_as("administrator")
    first = await new_person(page, "vergeet")
    await page.goto("/people/vergeet")
    await page.get_by_role("button", name="Geef een nieuw wachtwoord").click()
    second = (await page.locator("main code").inner_text()).strip()
    await check_page(page, "password")
    assert len(second) == 20
    assert second != first


async def test_an_administrator_does_not_disable_themselves(site: Site, page_as: PageAs) -> None:
    page = await page_as("administrator")
    await page.goto("/people/administrator")
    await expect(page.get_by_role("button", name="Schakel uit")).to_have_count(0)
    answer = await page.request.post(
        "/people/administrator/disabling",
        form={"csrf": await page.locator("input[name=csrf]").first.input_value()},
        headers={"origin": site.address},
    )
    assert answer.status == 409
    assert await site.db.fetchval("select disabled_at is null from person where login = 'administrator'")
