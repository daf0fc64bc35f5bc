"""Sessions of people: a secret in a cookie, its hash in a row; ended by idleness, by age, or by an administrator."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from app.core import clock, db
from app.core.db import Connection, Pool
from app.web.database import writing
from app.web.people import Person

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
_COARSE = timedelta(seconds=30)  # how exactly `seen_at` is kept: not every request writes


def digest(secret: str) -> bytes:
    """What is stored of a secret of 256 random bits: nothing to guess, so no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def csrf_token(secret: str) -> str:
    """The token of the forms of whoever holds that secret; tells nothing of it."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hexdigest()


def signature(secret: str, text: str) -> str:
    """Proof that this server wrote `text` for the holder of that secret."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), f"text:{text}".encode(), hashlib.sha256).hexdigest()


async def begin(conn: Connection, person_id: int, moment: datetime) -> str:
    """A new session, inside the transaction of signing in; answers the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    await conn.execute(
        "insert into person_session (secret_sha256, person_id, began_at, seen_at) values ($1, $2, $3, $3)",
        digest(secret),
        person_id,
        moment,
    )
    return secret


async def end(conn: Connection, secret: str) -> None:
    """End that session, inside a transaction; nothing when there is none."""
    await conn.execute("delete from person_session where secret_sha256 = $1", digest(secret))


async def read(pool: Pool, secret: str, *, counts: bool = True) -> Person | None:
    """Who holds that secret; None when the session never was, or has ended. `counts`: this keeps it from idling."""
    async with writing(pool) as conn, db.transaction(conn, role="worker", actor="session"):
        row = await conn.fetchrow(
            """select p.person_id, p.login, p.name, p.role, p.carriers, s.began_at, s.seen_at
               from person_session s join person p using (person_id)
               where s.secret_sha256 = $1 and p.disabled_at is null""",
            digest(secret),
        )
        if row is None:
            return None
        moment = clock.now()
        if moment - row["seen_at"] > IDLE or moment - row["began_at"] > LONGEST:
            await end(conn, secret)
            return None
        if counts and moment - row["seen_at"] > _COARSE:
            await conn.execute(
                "update person_session set seen_at = $2 where secret_sha256 = $1 and seen_at < $2",
                digest(secret),
                moment,
            )
    return _person(row, secret)


def _person(row: Any, secret: str) -> Person:
    return Person(
        person_id=row["person_id"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        risk_carriers=tuple(row["carriers"]),
        csrf=csrf_token(secret),
    )
