"""Signing in: one answer for whatever is wrong, bounded guesses, no way elsewhere, a new session each time."""

import asyncio
import statistics
import time
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from app.core.db import Connection
from app.core.settings import Settings
from app.web import people, people_passwords
from app.web.page import own_path
from tests.api.client import DAY, Api, serving
from tests.web.visitor import PASSWORD, Visitor, add_person, visitor_as

NOT_IT = "not the password"
WRONG = "Deze combinatie van naam en wachtwoord kennen we niet."


async def test_a_person_with_the_right_password_comes_in(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    answer = await visitor.sign_in("anna")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await visitor.get("/")).status_code == 200


async def test_the_login_is_taken_without_regard_to_capitals_and_blanks(api: Api) -> None:
    await add_person(api, "anna")
    assert (await Visitor(api).sign_in(" Anna ")).status_code == 303


async def test_a_wrong_password_an_unknown_login_and_a_disabled_person_get_the_same_answer(api: Api) -> None:
    await add_person(api, "anna")
    await add_person(api, "gone")
    await people.disable(api.db, "gone", actor="test")
    texts = set()
    for login, password in (("anna", "not the password"), ("nobody", PASSWORD), ("gone", PASSWORD)):
        visitor = Visitor(api)
        answer = await visitor.sign_in(login, password)
        shown = answer.text.replace(f'value="{login}"', "…").replace(visitor.token, "…")
        texts.add((answer.status_code, shown))
    assert len(texts) == 1
    assert WRONG in texts.pop()[1]


async def test_an_unknown_login_takes_as_long_as_a_known_one(api: Api) -> None:
    await add_person(api, "anna")
    spent: dict[str, list[float]] = {"anna": [], "nobody": []}
    for _ in range(5):
        for login, found in spent.items():
            visitor = Visitor(api)
            await visitor.get("/sign-in")
            begun = time.perf_counter()
            await visitor.post("/sign-in", login=login, password=NOT_IT)
            found.append(time.perf_counter() - begun)
    known, unknown = (statistics.median(found) for found in spent.values())
    assert 0.5 < known / unknown < 2


async def test_a_password_is_stored_as_argon2id_and_nowhere_as_it_is(api: Api) -> None:
    await add_person(api, "anna")
    stored = await api.db.fetchval("select password_hash from person")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    texts = await api.db.fetch("select body::text as text from audit union all select t::text from person t")
    assert [row["text"] for row in texts if PASSWORD in row["text"]] == []


async def test_the_loop_answers_others_while_a_password_is_worked_out(api: Api) -> None:
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - begun)

    ticking = asyncio.create_task(tick())
    begun = time.perf_counter()
    assert not await people_passwords.matches("not the password", None)
    spent = time.perf_counter() - begun
    ticking.cancel()
    assert longest < spent


async def test_a_hash_of_weaker_settings_is_made_again_at_signing_in(api: Api) -> None:
    await add_person(api, "anna")
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await api.db.execute("update person set password_hash = $1", weak)
    assert (await Visitor(api).sign_in("anna")).status_code == 303
    assert "m=65536" in await api.db.fetchval("select password_hash from person")
    assert (await Visitor(api).sign_in("anna")).status_code == 303


async def test_signing_in_begins_a_new_session_and_ends_the_old_one(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    await visitor.sign_in("anna")
    before = visitor.client.cookies["vereffen"]
    await visitor.get("/")
    assert (await visitor.post("/sign-in", login="anna", password=PASSWORD)).status_code == 303
    assert visitor.client.cookies["vereffen"] != before
    assert await api.db.fetchval("select count(*) from person_session") == 1


async def test_a_secret_that_was_planted_before_signing_in_is_worth_nothing(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    visitor.client.cookies.set("vereffen", "planted-by-another")
    await visitor.sign_in("anna")
    stranger = Visitor(api)
    stranger.client.cookies.set("vereffen", "planted-by-another")
    assert (await stranger.get("/")).status_code == 303


async def test_the_database_holds_no_secret_of_a_session(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    rows = await api.db.fetch("select t::text as text from person_session t union all select t::text from audit t")
    assert [row["text"] for row in rows if visitor.client.cookies["vereffen"] in row["text"]] == []


async def test_the_eleventh_failure_within_an_hour_is_refused_and_so_is_the_right_password(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    codes = [(await visitor.sign_in("anna", "not the password")).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert (await visitor.sign_in("anna")).status_code == 429


async def test_a_login_that_does_not_exist_is_limited_as_one_that_does(api: Api) -> None:
    visitor = Visitor(api)
    codes = [(await visitor.sign_in("nobody", "not the password")).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


async def test_guesses_from_many_networks_share_one_limit(api: Api) -> None:
    await add_person(api, "anna")
    codes = []
    for number in range(11):
        visitor = Visitor(api, address=f"10.0.{number}.1")
        codes.append((await visitor.sign_in("anna", "not the password")).status_code)
    assert codes == [422] * 10 + [429]


async def test_who_guesses_elsewhere_does_not_lock_a_person_out_where_they_came_in_before(api: Api) -> None:
    await add_person(api, "anna")
    assert (await Visitor(api, address="10.1.1.1").sign_in("anna")).status_code == 303
    attacker = Visitor(api, address="10.9.9.9")
    for _ in range(11):
        last = await attacker.sign_in("anna", "not the password")
    assert last.status_code == 429
    assert (await Visitor(api, address="10.1.1.1").sign_in("anna")).status_code == 303


async def test_one_network_may_not_try_many_logins(api: Api) -> None:
    await add_person(api, "anna")
    await api.db.execute(
        """insert into sign_in_try (login_sha256, network, tried_at, succeeded)
           select sha256(n::text::bytea), '10.9.9.9', now(), false from generate_series(1, 50) n"""
    )
    assert (await Visitor(api, address="10.9.9.9").sign_in("anna")).status_code == 429
    assert (await Visitor(api, address="10.1.1.1").sign_in("anna")).status_code == 303


async def test_a_colleague_who_fails_does_not_lock_out_who_is_known_in_that_network(api: Api) -> None:
    await add_person(api, "anna")
    assert (await Visitor(api, address="10.1.1.1").sign_in("anna")).status_code == 303
    await api.db.execute(
        """insert into sign_in_try (login_sha256, network, tried_at, succeeded)
           select sha256(n::text::bytea), '10.1.1.1', now(), false from generate_series(1, 60) n"""
    )
    assert (await Visitor(api, address="10.1.1.1").sign_in("anna")).status_code == 303


async def test_failures_of_more_than_an_hour_ago_no_longer_count(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    for _ in range(10):
        await visitor.sign_in("anna", "not the password")
    await api.db.execute("update sign_in_try set tried_at = tried_at - $1::interval", timedelta(hours=1, seconds=1))
    assert (await visitor.sign_in("anna")).status_code == 303


async def test_parallel_guesses_count_as_well(api: Api) -> None:
    await add_person(api, "anna")
    visitors = [Visitor(api, address=f"10.0.{number}.1") for number in range(14)]
    answers = await asyncio.gather(*(each.sign_in("anna", "not the password") for each in visitors))
    assert sorted(each.status_code for each in answers) == [422] * 10 + [429] * 4


async def test_a_typed_login_is_stored_as_a_hash_only(api: Api) -> None:
    await Visitor(api).sign_in("my password typed in the wrong field", "x")
    rows = await api.db.fetch("select t::text as text from sign_in_try t union all select t::text from audit t")
    assert [row["text"] for row in rows if "typed" in row["text"]] == []
    assert await api.db.fetchval("select count(*) from sign_in_try") == 1


async def test_after_signing_in_the_page_that_was_asked_for_comes(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    asked = await visitor.get("/?lang=en")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/%3Flang%3Den")
    await visitor.get(asked.headers["location"])
    answer = await visitor.post("/sign-in", login="anna", password=PASSWORD, next="/?lang=en")
    assert answer.headers["location"] == "/?lang=en"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/\tevil", "http:evil.example", "///evil.example", "evil", "", "/" + "x" * 501, "/v1/claims", "/sign-out",
        "/\u2028x", "/x\r\nset-cookie: a=b", "//[", "https://[",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_place(path: str) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/nights", "/claims/VOR-2026-00000123-3?on=2026-03-02", "/search?q=a%2F%2Fb"])
def test_signing_in_leads_to_the_pages_of_this_server(path: str) -> None:
    assert own_path(path) == path


async def test_the_form_of_a_foreign_redirect_is_refused_as_well_when_it_is_posted(api: Api) -> None:
    await add_person(api, "anna")
    assert (await Visitor(api).sign_in("anna", next="https://evil.example/")).headers["location"] == "/"


async def test_no_site_signs_a_visitor_in_under_a_login_of_its_own(api: Api) -> None:
    await add_person(api, "anna")
    visitor = Visitor(api)
    await visitor.get("/sign-in")
    bare = await visitor.post("/sign-in", login="anna", password=PASSWORD, csrf="")
    foreign = await visitor.post(
        "/sign-in", {"origin": "https://evil.example"}, login="anna", password=PASSWORD, csrf=visitor.token
    )
    assert (bare.status_code, foreign.status_code) == (403, 403)
    assert "vereffen" not in visitor.client.cookies


async def test_the_cookie_of_a_session_is_closed_to_scripts_and_other_sites(api: Api) -> None:
    await add_person(api, "anna")
    cookies = (await Visitor(api).sign_in("anna")).headers.get_list("set-cookie")
    (session,) = [each for each in cookies if each.startswith("vereffen=")]
    flags = {part.strip().lower() for part in session.split(";")[1:]}
    assert flags == {"httponly", "path=/", "samesite=lax"}


async def test_behind_https_the_cookie_is_secure_and_of_this_host_alone(db: Connection, db_url: str) -> None:
    async with serving(db, db_url, Settings(business_date=DAY, trusted_proxies=("127.0.0.1",))) as api:
        await add_person(api, "anna")
        visitor = Visitor(api, **{"x-forwarded-proto": "https"})
        visitor.client.base_url = "https://localhost"  # type: ignore[assignment]
        cookies = (await visitor.sign_in("anna")).headers.get_list("set-cookie")
    (session,) = [each for each in cookies if each.startswith("__Host-vereffen=")]
    assert "secure" in session.lower()
    assert "domain" not in session.lower()
