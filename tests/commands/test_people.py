"""`vereffen person`: who may sign in; and the people of the demo."""

import json
from pathlib import Path

import pytest

from app.commands.people import demo_people
from app.core.db import Connection
from app.web.people_passwords import matches
from tests.commands.test_cli import Vereffen, vereffen

__all__ = ["vereffen"]


async def stored(db: Connection, login: str) -> str:
    """The hash of that person's password."""
    found: str = await db.fetchval("select password_hash from person where login = $1", login)
    return found


def test_a_person_is_made_listed_given_a_password_and_disabled(vereffen: Vereffen) -> None:
    made = vereffen("person", "create", "anna", "--name", "Anna de Wit", "--role", "finance")
    assert made.code == 0
    assert len(made.out.strip()) == 20
    again = vereffen("person", "password", "anna")
    assert again.out.strip() != made.out.strip()
    assert vereffen("person", "disable", "anna").code == 0
    line = vereffen("person", "list").out.splitlines()[2]
    assert line.split()[:5] == ["anna", "Anna", "de", "Wit", "finance"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "anna"), "--name and --role"),
        (("create", "Anna!", "--name", "A", "--role", "finance"), "login"),
        (("create", "anna", "--name", "A", "--role", "finance", "--risk-carrier", "ZZ"), "no risk carrier 'ZZ'"),
        (("disable",), "LOGIN"),
        (("disable", "nobody"), "nobody"),
        (("password", "nobody"), "nobody"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(vereffen: Vereffen, arguments: tuple[str, ...], words: str) -> None:
    answer = vereffen("person", *arguments)
    assert (answer.code, words in answer.err) == (1, True)


def test_a_login_is_given_to_one_person_only(vereffen: Vereffen) -> None:
    assert vereffen("person", "create", "anna", "--name", "Anna", "--role", "finance").code == 0
    taken = vereffen("person", "create", "anna", "--name", "Another", "--role", "auditor")
    assert (taken.code, "taken" in taken.err) == (1, True)


async def test_the_people_of_the_demo_keep_their_passwords(db: Connection, tmp_path: Path) -> None:
    first = await demo_people(db, tmp_path)
    hashes = [await stored(db, login) for login, _, _ in first]
    assert await demo_people(db, tmp_path) == first
    assert [await stored(db, login) for login, _, _ in first] == hashes
    assert [login for login, _, _ in first] == ["finance", "supervisor", "auditor", "administrator"]
    assert all([await matches(password, await stored(db, login)) for login, _, password in first])


async def test_a_password_that_is_lost_is_made_anew(db: Connection, tmp_path: Path) -> None:
    await demo_people(db, tmp_path)
    (tmp_path / "people.json").unlink()
    again = await demo_people(db, tmp_path)
    assert all([await matches(password, await stored(db, login)) for login, _, password in again])


async def test_only_its_owner_reads_the_file_of_passwords(db: Connection, tmp_path: Path) -> None:
    await demo_people(db, tmp_path)
    path = tmp_path / "people.json"
    assert path.stat().st_mode & 0o077 == 0
    assert set(json.loads(path.read_text())) == {"finance", "supervisor", "auditor", "administrator"}


async def test_who_was_disabled_is_not_offered(db: Connection, tmp_path: Path) -> None:
    await demo_people(db, tmp_path)
    await db.execute("update person set disabled_at = now(), disabled_by = 'test' where login = 'auditor'")
    assert [login for login, _, _ in await demo_people(db, tmp_path)] == ["finance", "supervisor", "administrator"]
