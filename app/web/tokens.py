"""Tokens of the API: made once, stored as a hash, verified from a cache of a few seconds."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from app.core import clock, db
from app.core.audit import audit
from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.web.caller import SCOPES, Caller
from app.web.database import writing

FRESH_SECONDS = 3.0  # not money: so long a revoked token may still come in, in each process
_COARSE = timedelta(hours=1)
_REMEMBERED = 10_000


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A row of api_token without its secret; moments in UTC."""

    token_id: int
    name: str
    scopes: list[str]
    carriers: list[int]
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


async def create(
    conn: Connection, *, name: str, scopes: Sequence[str], carriers: Sequence[int], days: int, actor: str
) -> tuple[int, str]:
    """Store a new token and answer its id and `vrf_<id>_<secret>`, which is shown this once. Valid for `days`."""
    if unknown := sorted(set(scopes) - SCOPES):
        raise Refusal(
            "scope_unknown", f"There is no scope {unknown[0]}; there are: {', '.join(sorted(SCOPES))}.", status=422
        )
    secret = secrets.token_urlsafe(32)
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        token_id: int = await conn.fetchval(
            """insert into api_token (name, secret_sha256, scopes, carriers, created_at, created_by, expires_at)
               values ($1, $2, $3, $4, $5, $6, $7) returning token_id""",
            name,
            _digest(secret),
            sorted(set(scopes)),
            sorted(set(carriers)),
            moment,
            actor,
            moment + timedelta(days=days),
        )
        body = {"name": name, "scopes": sorted(set(scopes)), "riskCarriers": sorted(set(carriers)), "days": days}
        await _note(conn, actor, "token created", token_id, moment, body)
    return token_id, f"vrf_{token_id}_{secret}"


async def revoke(conn: Connection, token_id: int, *, actor: str) -> None:
    """Make a token worthless within 5 seconds; Refusal 404 when there is none, nothing when it was revoked before."""
    moment = clock.now()
    async with db.transaction(conn, role="worker", actor=actor):
        known = await conn.fetchval("select true from api_token where token_id = $1 for no key update", token_id)
        if not known:
            raise Refusal("token_unknown", f"There is no token {token_id}; see `vereffen token list`.", status=404)
        done = await conn.fetchval(
            """update api_token set revoked_at = $2, revoked_by = $3
               where token_id = $1 and revoked_at is null returning true""",
            token_id,
            moment,
            actor,
        )
        if done:
            await _note(conn, actor, "token revoked", token_id, moment, {})


async def every(conn: Connection) -> list[Token]:
    """All tokens, oldest first."""
    async with db.transaction(conn, role="worker", actor="token list", readonly=True):
        rows = await conn.fetch(
            """select token_id, name, scopes, carriers, created_at, created_by, expires_at, last_used_at, revoked_at
               from api_token order by token_id"""
        )
    return [Token(**dict(row)) for row in rows]


async def _note(
    conn: Connection, actor: str, action: str, token_id: int, moment: datetime, body: dict[str, object]
) -> None:
    await audit(
        conn,
        risk_carrier_id=None,
        account_id=None,
        occurred_at=moment,
        actor=actor,
        action=action,
        subject=f"token:{token_id}",
        body=body,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


class _Known(msgspec.Struct, frozen=True):
    digest: bytes
    caller: Caller
    expires_at: datetime
    revoked: bool
    used_at: datetime | None


class Tokens:
    """Verifies tokens. A row is read again when what is known of it is older than `FRESH_SECONDS`."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, _Known | None]] = {}  # not money: seconds of the loop's clock
        self._reading: dict[int, asyncio.Task[_Known | None]] = {}
        self._noted: dict[int, datetime] = {}  # when this process last wrote down that a token was used

    async def verify(self, text: str, pool: Pool) -> Caller:
        """The caller behind `vrf_<id>_<secret>`; Refusal 401 when it is not, no longer or never was a valid token."""
        prefix, _, rest = text.partition("_")
        number, _, secret = rest.partition("_")
        if prefix != "vrf" or not (number.isascii() and number.isdigit() and len(number) <= 9) or len(secret) > 100:
            raise _refused("token_invalid")
        known = await self._look_up(int(number), pool)
        digest = _digest(secret)
        # compared in constant time, and against something when there is no such token
        if not hmac.compare_digest(digest, known.digest if known else bytes(32)) or known is None:
            raise _refused("token_invalid")
        if known.revoked:
            raise _refused("token_revoked")
        moment = clock.now()
        if known.expires_at <= moment:
            raise _refused("token_expired")
        await self._note_use(known, moment, pool)
        return known.caller

    def remembers(self, text: str) -> bool:
        """Whether this very token was good when it was last looked up: such a caller is not made to wait for others."""
        number = text[4:].partition("_")[0]
        found = self._known.get(int(number)) if number.isascii() and number.isdigit() and len(number) <= 9 else None
        known = found[1] if found else None
        return known is not None and hmac.compare_digest(_digest(text[5 + len(number) :]), known.digest)

    async def _look_up(self, token_id: int, pool: Pool) -> _Known | None:
        moment = asyncio.get_running_loop().time()
        if (found := self._known.get(token_id)) is not None and moment - found[0] < FRESH_SECONDS:
            return found[1]
        task = self._reading.get(token_id)
        if task is None:  # one reads for all who wait
            task = asyncio.ensure_future(_read(token_id, pool))
            self._reading[token_id] = task
            task.add_done_callback(lambda done: self._keep(token_id, moment, done))
        return await asyncio.shield(task)  # who goes away takes nobody's answer along

    async def _note_use(self, known: _Known, moment: datetime, pool: Pool) -> None:
        """Of who had the secret only: a number that somebody guessed is no use of the token."""
        token_id = known.caller.token_id
        noted = self._noted.get(token_id, known.used_at)
        if noted is not None and moment - noted <= _COARSE:
            return
        if len(self._noted) >= _REMEMBERED:
            self._noted.clear()
        self._noted[token_id] = moment
        try:
            async with writing(pool) as conn, db.transaction(conn, role="worker", actor="token check"):
                await conn.execute(
                    """update api_token set last_used_at = $2
                       where token_id = $1 and (last_used_at is null or last_used_at < $2)""",
                    token_id,
                    moment,
                )
        except BaseException:  # also who was cancelled: the next request notes it
            self._noted.pop(token_id, None)
            raise

    def _keep(self, token_id: int, moment: float, done: "asyncio.Task[_Known | None]") -> None:  # not money: seconds
        del self._reading[token_id]
        if done.cancelled() or done.exception() is not None:
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[token_id] = (moment, done.result())


async def _read(token_id: int, pool: Pool) -> _Known | None:
    async with writing(pool) as conn, db.transaction(conn, role="worker", actor="token check"):
        row = await conn.fetchrow(
            """select name, secret_sha256, scopes, carriers, expires_at, revoked_at, last_used_at
               from api_token where token_id = $1""",
            token_id,
        )
    if row is None:
        return None
    caller = Caller(
        token_id=token_id, name=row["name"], scopes=frozenset(row["scopes"]), risk_carriers=tuple(row["carriers"])
    )
    return _Known(row["secret_sha256"], caller, row["expires_at"], row["revoked_at"] is not None, row["last_used_at"])


_WORDS = {
    "token_missing": "Send a token: `Authorization: Bearer vrf_…`.",
    "token_invalid": "This token is not known; make one with `vereffen token create`.",
    "token_revoked": "This token was revoked; make a new one with `vereffen token create`.",
    "token_expired": "This token has expired; make a new one with `vereffen token create`.",
}


def _refused(code: str) -> Refusal:
    return Refusal(code, _WORDS[code], status=401)


def bearer(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The token of the Authorization header, which must stand there once; Refusal 401 otherwise."""
    found = [value for name, value in headers if name == b"authorization"]
    if len(found) != 1:
        raise _refused("token_missing")
    scheme, _, token = found[0].decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _refused("token_missing")
    return token.strip()
