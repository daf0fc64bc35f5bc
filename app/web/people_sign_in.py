"""Signing in: the same answer after the same time for whatever is wrong, and only so many tries an hour.

Ten failures an hour per login from networks where it never came in, and ten more for each network where it did within
30 days: who guesses from elsewhere locks nobody out at the own desk. Fifty an hour per network over all logins that
are not known there, so that one machine does not try a list of names. The try is written before the password is looked
at, under a lock on the login: parallel guesses count as well.
"""

from datetime import timedelta

import msgspec

from app.core import clock, db
from app.core.db import Connection, Pool
from app.web import people_sessions
from app.web.database import writing
from app.web.people import LOGIN, note
from app.web.people_passwords import hashed, is_old, matches
from app.web.problems import Unavailable

PER_LOGIN = 10
PER_NETWORK = 50
_HOUR = timedelta(hours=1)
_KNOWN_FOR = timedelta(days=30)


class _Known(msgspec.Struct, frozen=True):
    try_id: int
    person_id: int | None
    password_hash: str | None
    disabled: bool


async def sign_in(pool: Pool, *, login: str, password: str, network: str) -> str | None:
    """The secret of a new session; None when login or password is wrong, or the person is disabled.

    Unavailable 429 after too many failures, for logins that exist and for those that do not.
    """
    login = login.strip().lower()
    async with writing(pool) as conn:
        known = await _begin_try(conn, login, network)
    right = await matches(password, known.password_hash)
    if not right or known.disabled or known.person_id is None or known.password_hash is None:
        return None
    fresh = await hashed(password) if is_old(known.password_hash) else None
    moment = clock.now()
    async with writing(pool) as conn, db.transaction(conn, role="worker", actor=f"person:{login}"):
        await conn.execute("update sign_in_try set succeeded = true where try_id = $1", known.try_id)
        still = await conn.fetchval(
            """update person set last_seen_at = $2, password_hash = coalesce($4, password_hash)
               where person_id = $1 and disabled_at is null and password_hash = $3 returning true""",
            known.person_id,
            moment,
            known.password_hash,
            fresh,
        )
        if not still:  # disabled, or given another password, while this one was looked at
            return None
        secret = await people_sessions.begin(conn, known.person_id, moment)
        await note(conn, f"person:{login}", "signed in", known.person_id, moment, {})
        await conn.execute("delete from sign_in_try where tried_at < $1", moment - _KNOWN_FOR)
        await conn.execute(
            "delete from person_session where began_at < $1 or seen_at < $2",
            moment - people_sessions.LONGEST,
            moment - people_sessions.IDLE,
        )
    return secret


async def _begin_try(conn: Connection, login: str, network: str) -> _Known:
    """Count, and write the try as a failure that is set right later; Unavailable 429 when there were too many."""
    moment = clock.now()
    key = people_sessions.digest(login)
    async with db.transaction(conn, role="worker", actor="sign-in"):
        await conn.execute("select pg_advisory_xact_lock(hashtextextended('sign-in ' || encode($1, 'hex'), 0))", key)
        # the next statement, so that it sees what the one before in this lock wrote
        row = await conn.fetchrow(
            """
            with known as (select distinct network from sign_in_try
              where login_sha256 = $1 and succeeded and tried_at > $4)
            select $2 in (select network from known) as is_known,
              (select count(*) from sign_in_try t where t.login_sha256 = $1 and not t.succeeded and t.tried_at > $3
                 and case when $2 in (select network from known) then t.network = $2
                     else t.network not in (select network from known) end) as of_login,
              (select count(*) from sign_in_try t where t.network = $2 and not t.succeeded and t.tried_at > $3)
                as of_network
            """,
            key,
            network,
            moment - _HOUR,
            moment - _KNOWN_FOR,
        )
        assert row is not None
        if row["of_login"] >= PER_LOGIN or (row["of_network"] >= PER_NETWORK and not row["is_known"]):
            raise Unavailable(
                "sign_in_limit", "Too many failed tries to sign in; wait an hour.", seconds=3600, status=429
            )
        try_id = await conn.fetchval(
            """insert into sign_in_try (login_sha256, network, tried_at, succeeded) values ($1, $2, $3, false)
               returning try_id""",
            key,
            network,
            moment,
        )
        found = None
        if LOGIN.fullmatch(login):
            found = await conn.fetchrow(
                "select person_id, password_hash, disabled_at is not null as disabled from person where login = $1",
                login,
            )
    if found is None:
        return _Known(try_id, None, None, False)
    return _Known(try_id, found["person_id"], found["password_hash"], found["disabled"])
