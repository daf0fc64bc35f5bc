"""Sessions and the door of the pages: when they end, what a form needs, what every page says in its headers."""

from datetime import timedelta

import pytest

from app.web import people
from tests.api.client import Api
from tests.web.visitor import PASSWORD, Visitor, add_person, visitor_as

HTML = "text/html; charset=utf-8"


async def moved(api: Api, column: str, ago: timedelta) -> None:
    """Let the sessions have begun, or been seen, that long ago."""
    await api.db.execute(f"update person_session set {column} = {column} - $1::interval", ago)


async def test_nobody_is_asked_to_sign_in(api: Api) -> None:
    answer = await Visitor(api).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_a_session_ends_after_fifteen_idle_minutes(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await moved(api, "seen_at", timedelta(minutes=14))
    assert (await visitor.get("/")).status_code == 200
    await moved(api, "seen_at", timedelta(minutes=15, seconds=1))
    assert (await visitor.get("/")).status_code == 303
    assert await api.db.fetchval("select count(*) from person_session") == 0


async def test_a_session_that_is_used_goes_on(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    for _ in range(3):
        await moved(api, "seen_at", timedelta(minutes=10))
        assert (await visitor.get("/")).status_code == 200


async def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    for _ in range(2):
        await moved(api, "seen_at", timedelta(minutes=10))
        answer = await visitor.get("/", **{"x-poll": "1"})
    assert answer.status_code == 303


async def test_a_session_ends_after_eight_hours_however_much_it_is_used(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await moved(api, "began_at", timedelta(hours=8, seconds=1))
    assert (await visitor.get("/")).status_code == 303


async def test_a_person_who_is_disabled_is_out_at_once(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await people.disable(api.db, "finance0", actor="test")
    assert (await visitor.get("/")).status_code == 303


async def test_a_row_that_only_says_disabled_ends_sessions_too(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await api.db.execute("update person set disabled_at = now(), disabled_by = 'test'")
    assert (await visitor.get("/")).status_code == 303


async def test_a_new_password_ends_the_sessions_of_the_old_one(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await people.set_password(api.db, "finance0", actor="test")
    assert (await visitor.get("/")).status_code == 303
    assert (await visitor.sign_in("finance0")).status_code == 422


async def test_signing_out_ends_the_session_on_the_server(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await visitor.get("/")
    secret = visitor.client.cookies["vereffen"]
    answer = await visitor.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    again = Visitor(api)
    again.client.cookies.set("vereffen", secret)
    assert (await again.get("/")).status_code == 303


async def test_a_form_that_is_sent_after_the_session_ended_is_said_to_have_done_nothing(api: Api) -> None:
    visitor = await visitor_as(api, "supervisor")
    await visitor.get("/")
    await moved(api, "seen_at", timedelta(minutes=16))
    answer = await visitor.post("/nights", riskCarrier="VZ", businessDate="2026-03-02")
    assert answer.status_code == 303
    page = await visitor.get(answer.headers["location"])
    assert "Er is niets gedaan met wat u verstuurde: log in en doe het dan opnieuw." in page.text
    assert await api.db.fetchval("select count(*) from job") == 0


async def test_a_page_that_is_asked_for_after_the_session_ended_is_not_said_to_be_lost(api: Api) -> None:
    answer = await Visitor(api).get("/nights")
    assert "verstuurde" not in (await Visitor(api).get(answer.headers["location"])).text


async def test_a_part_that_htmx_asks_for_leads_the_whole_page_to_signing_in(api: Api) -> None:
    answer = await Visitor(api).get("/", **{"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/sign-in")


async def test_a_token_of_the_api_opens_no_page_and_a_session_opens_no_route_of_the_api(api: Api) -> None:
    token = await api.token()
    assert (await api.with_token(token).get("/")).status_code == 303
    visitor = await visitor_as(api, "finance")
    assert (await visitor.get("/v1/claims")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, ""),
        ({}, "0" * 64),
        ({"origin": "https://evil.example"}, None),
        ({"origin": "null"}, None),
        ({"sec-fetch-site": "cross-site"}, None),
        ({"sec-fetch-site": "same-site"}, None),
    ],
)
async def test_a_form_without_its_token_or_from_elsewhere_does_nothing(
    api: Api, headers: dict[str, str], token: str | None
) -> None:
    visitor = await visitor_as(api, "finance")
    await visitor.get("/")
    answer = await visitor.post("/sign-out", headers, csrf=visitor.token if token is None else token)
    assert answer.status_code == 403
    assert "Er is niets gedaan" in answer.text
    assert await api.db.fetchval("select count(*) from person_session") == 1


async def test_the_token_of_another_session_is_no_good(api: Api) -> None:
    one, other = await visitor_as(api, "finance"), await visitor_as(api, "finance")
    await one.get("/")
    await other.get("/")
    assert one.token != other.token
    assert (await other.post("/sign-out", csrf=one.token)).status_code == 403


async def test_a_form_of_this_server_with_its_origin_is_taken(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await visitor.get("/")
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert (await visitor.post("/sign-out", headers)).status_code == 303


@pytest.mark.parametrize("body", ["csrf=a&csrf=b", "a=%ff", "a=%00", "&".join(f"f{n}=1" for n in range(300))])
async def test_a_form_that_is_no_form_is_refused_in_a_sentence(api: Api, body: str) -> None:
    visitor = await visitor_as(api, "finance")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await visitor.client.post("/sign-out", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, HTML)


async def test_a_body_that_is_not_a_form_is_refused(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    assert (await visitor.client.post("/sign-out", json={"csrf": "x"})).status_code == 415


@pytest.mark.parametrize("path", ["/sign-in", "/", "/no-such-page", "/?q=1"])
async def test_every_page_says_what_a_browser_may_load_and_that_it_keeps_nothing(api: Api, path: str) -> None:
    visitor = await visitor_as(api, "finance")
    answer = await visitor.get(path)
    if answer.status_code != 303:
        assert answer.headers["content-type"] == HTML
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_no_page_holds_a_script_or_a_style_of_its_own(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    for path in ("/sign-in", "/", "/no-such-page"):
        text = (await visitor.get(path)).text
        assert "style=" not in text
        assert "<style" not in text
        assert "<script>" not in text
        assert " on" not in "".join(part.split(">")[0] for part in text.split("<input")[1:])


async def test_an_address_that_there_is_not_is_a_sentence_to_a_browser_and_a_problem_to_a_program(api: Api) -> None:
    page = await Visitor(api).get("/no-such-page")
    problem = await api.with_token(None).get("/no-such-page")
    assert (page.status_code, page.headers["content-type"]) == (404, HTML)
    assert "Niet gevonden" in page.text
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


async def test_the_api_answers_problems_to_browsers_too(api: Api) -> None:
    answer = await Visitor(api).get("/v1/claims")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_a_path_in_an_error_is_escaped(api: Api) -> None:
    answer = await Visitor(api).get("/<script>alert(1)</script>?q=<script>")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


async def test_a_language_that_was_chosen_stays_chosen(api: Api) -> None:
    visitor = Visitor(api)
    assert "Sign in" in (await visitor.get("/sign-in?lang=en")).text
    assert '<html lang="en">' in (await visitor.get("/sign-in")).text
    assert '<html lang="nl">' in (await visitor.get("/sign-in?lang=nl")).text
    assert '<html lang="nl">' in (await visitor.get("/sign-in?lang=xx")).text


async def test_a_flash_that_this_server_did_not_write_is_not_shown(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    visitor.client.cookies.set("vereffen_flash", f"{'0' * 64}.QmV0YWFsIGhpZXI=")
    assert "Betaal hier" not in (await visitor.get("/")).text


async def test_files_of_the_pages_are_kept_for_a_year_under_the_name_of_their_content(api: Api) -> None:
    visitor = Visitor(api)
    page = (await visitor.get("/sign-in")).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = await visitor.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await visitor.get("/static/0/vereffen.css")).status_code == 404
    assert (await visitor.get("/static/0/VENDOR.toml")).status_code == 404


async def test_what_is_done_to_people_is_in_the_audit_rows(api: Api) -> None:
    await add_person(api, "anna")
    await Visitor(api).sign_in("anna")
    await people.set_password(api.db, "anna", actor="boss", password=PASSWORD)
    await people.disable(api.db, "anna", actor="boss")
    await people.disable(api.db, "anna", actor="boss")
    rows = await api.db.fetch("select actor, action from audit where subject like 'person:%' order by audit_id")
    assert [tuple(row) for row in rows] == [
        ("test", "person created"), ("person:anna", "signed in"), ("boss", "password set"), ("boss", "person disabled"),
    ]  # fmt: skip
