"""People who sign in to the pages: who they are, and what an administrator does with them."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.core import clock, db
from app.core.audit import audit
from app.core.db import Connection
from app.core.errors import Refusal
from app.web.people_passwords import hashed

ROLES = ("finance", "supervisor", "auditor", "administrator")
"""Every role there is; `policy.toml` names them as `role:finance`."""
LOGIN = re.compile(r"[a-z0-9][a-z0-9.@_-]{0,79}")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as a handler gets it by the name `person`; `csrf` is the token of this session's forms."""

    person_id: int
    login: str
    name: str
    role: str
    risk_carriers: tuple[int, ...]
    csrf: str

    @property
    def actor(self) -> str:
        """Who stands in the audit rows."""
        return f"person:{self.login}"

    @property
    def logged(self) -> dict[str, int]:
        """What a line of the log says of who asked: a number, no name."""
        return {"person_id": self.person_id}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of person without its password; moments in UTC."""

    person_id: int
    login: str
    name: str
    role: str
    carriers: list[int]
    created_at: datetime
    created_by: str
    last_seen_at: datetime | None
    disabled_at: datetime | None


async def create(
    conn: Connection, *, login: str, name: str, role: str, carriers: Sequence[int], actor: str, password: str = ""
) -> str:
    """Store a person and answer the password, made here unless given; it is shown this once.

    Refusal 422 when a value does not fit, 409 when the login is taken (also by somebody who is disabled).
    """
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise Refusal(
            "login_invalid", "A login has 1 to 80 of a-z, 0-9, . @ _ - and begins with a letter or digit.",
            status=422, field="login",
        )  # fmt: skip
    _check_role(role)
    if not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        raise Refusal("name_invalid", "A name has 1 to 100 characters.", status=422, field="name")
    password = password or secrets.token_urlsafe(15)
    secret = await hashed(password)
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        person_id = await conn.fetchval(
            """insert into person (login, name, role, carriers, password_hash, created_at, created_by)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict (login) do nothing returning person_id""",
            login,
            name.strip(),
            role,
            sorted(set(carriers)),
            secret,
            moment,
            actor,
        )
        if person_id is None:
            raise Refusal("login_taken", f"The login {login} is taken; choose another.", field="login")
        body: dict[str, object] = {"role": role, "riskCarriers": sorted(set(carriers))}
        await note(conn, actor, "person created", person_id, moment, body)
    return password


async def disable(conn: Connection, login: str, *, actor: str) -> None:
    """Let a person in no longer, from the next request on; Refusal 404 when there is none, nothing when done before."""
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        person_id = await _locked(conn, login)
        done = await conn.fetchval(
            """update person set disabled_at = $2, disabled_by = $3 where person_id = $1 and disabled_at is null
               returning true""",
            person_id,
            moment,
            actor,
        )
        await conn.execute("delete from person_session where person_id = $1", person_id)
        if done:
            await note(conn, actor, "person disabled", person_id, moment, {})


async def enable(conn: Connection, login: str, *, actor: str) -> None:
    """Let a disabled person in again, with the password of before; Refusal 404 or 409 when there is nothing to do."""
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        person_id = await _locked(conn, login)
        done = await conn.fetchval(
            """update person set disabled_at = null, disabled_by = null
               where person_id = $1 and disabled_at is not null returning true""",
            person_id,
        )
        if not done:
            raise Refusal("person_enabled", f"{login} may sign in already.", field="login")
        await note(conn, actor, "person enabled", person_id, moment, {})


async def set_rights(conn: Connection, login: str, *, role: str, carriers: Sequence[int], actor: str) -> None:
    """Give a person another role and other risk carriers, from the next request on; the audit row has both.

    Refusal 422 for a role that there is not, 404 when there is no such person.
    """
    _check_role(role)
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        person_id = await _locked(conn, login)
        before = await conn.fetchrow("select role, carriers from person where person_id = $1", person_id)
        assert before is not None
        chosen = sorted(set(carriers))
        if (before["role"], before["carriers"]) == (role, chosen):
            return
        await conn.execute("update person set role = $2, carriers = $3 where person_id = $1", person_id, role, chosen)
        was: dict[str, object] = {"role": before["role"], "riskCarriers": before["carriers"]}
        body: dict[str, object] = {"was": was, "role": role, "riskCarriers": chosen}
        await note(conn, actor, "person rights changed", person_id, moment, body)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Refusal("role_unknown", f"There is no role {role}; use {', '.join(ROLES)}.", status=422, field="role")


async def set_password(conn: Connection, login: str, *, actor: str, password: str = "") -> str:
    """Give a new password, made here unless given, and end the person's sessions; Refusal 404 when there is none."""
    password = password or secrets.token_urlsafe(15)
    secret = await hashed(password)
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        person_id = await _locked(conn, login)
        await conn.execute("update person set password_hash = $2 where person_id = $1", person_id, secret)
        await conn.execute("delete from person_session where person_id = $1", person_id)
        await note(conn, actor, "password set", person_id, moment, {})
    return password


async def every(conn: Connection) -> list[Listed]:
    """All people by login, the disabled ones too."""
    async with db.transaction(conn, role="worker", actor="person list", readonly=True):
        rows = await conn.fetch(
            """select person_id, login, name, role, carriers, created_at, created_by, last_seen_at, disabled_at
               from person order by login"""
        )
    return [Listed(**dict(row)) for row in rows]


async def _locked(conn: Connection, login: str) -> int:
    found: int | None = await conn.fetchval(
        "select person_id from person where login = $1 for no key update", login.strip().lower()
    )
    if found is None:
        raise Refusal("person_unknown", f"There is no person with the login {login}.", status=404, field="login")
    return found


async def note(
    conn: Connection, actor: str, action: str, person_id: int, moment: datetime, body: dict[str, object]
) -> None:
    """The audit row of what was done to a person."""
    await audit(
        conn,
        risk_carrier_id=None,
        account_id=None,
        occurred_at=moment,
        actor=actor,
        action=action,
        subject=f"person:{person_id}",
        body=body,
    )
