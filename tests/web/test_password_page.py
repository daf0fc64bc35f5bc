"""Choosing another password: only with the old one, and every other session ends."""

import pytest

from tests.api.client import Api
from tests.web.visitor import PASSWORD, Visitor, visitor_as

NEW = "another long word"


async def test_a_new_password_takes_the_place_of_the_old_one(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    elsewhere = Visitor(api)
    await elsewhere.sign_in("finance0")
    await visitor.get("/password")
    answer = await visitor.post("/password", password=PASSWORD, new=NEW, again=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await visitor.get("/")).status_code == 200
    assert (await elsewhere.get("/")).status_code == 303
    assert (await Visitor(api).sign_in("finance0", PASSWORD)).status_code == 422
    assert (await Visitor(api).sign_in("finance0", NEW)).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("not the password", NEW, NEW, "Dit is niet uw huidige wachtwoord."),
        (PASSWORD, "short", "short", "Een wachtwoord heeft 12 tot 200 tekens."),
        (PASSWORD, "x" * 201, "x" * 201, "Een wachtwoord heeft 12 tot 200 tekens."),
        (PASSWORD, NEW, NEW + "x", "Dit is niet twee keer hetzelfde"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_nothing_changes(
    api: Api, old: str, new: str, again: str, sentence: str
) -> None:
    visitor = await visitor_as(api, "finance")
    before = await api.db.fetchval("select password_hash from person")
    await visitor.get("/password")
    answer = await visitor.post("/password", password=old, new=new, again=again)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert await api.db.fetchval("select password_hash from person") == before
    assert (await visitor.get("/")).status_code == 200


async def test_whoever_holds_a_session_may_not_guess_the_password_without_end(api: Api) -> None:
    visitor = await visitor_as(api, "finance")
    await visitor.get("/password")
    codes = [
        (await visitor.post("/password", password="not it at all", new=NEW, again=NEW)).status_code  # noqa: S106
        for _ in range(11)
    ]
    assert codes == [422] * 10 + [429]
