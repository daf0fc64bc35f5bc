"""Passwords as argon2id, worked out in threads, a few at a time: each takes 64 MB and some tens of milliseconds."""

import asyncio
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from app.core.errors import Refusal

SHORTEST, LONGEST = 12, 200
_AT_ONCE = 2  # memory of this process stays bounded, whoever tries to sign in
_HASHER = PasswordHasher()  # the library's defaults, RFC 9106 for memory-constrained: 64 MiB, 3 passes, 4 lanes
_places: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def _place() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _places:
        _places.clear()  # one loop per process; tests have several, one after the other
        _places[loop] = asyncio.Semaphore(_AT_ONCE)
    return _places[loop]


def _bytes(password: str) -> bytes:
    """NFC: the same é typed on two keyboards is one password (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


async def hashed(password: str) -> str:
    """The hash to store; Refusal 422 when the password is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refusal(
            "password_length", f"A password has {SHORTEST} to {LONGEST} characters.", status=422, field="password"
        )
    async with _place():
        return await asyncio.to_thread(_HASHER.hash, _bytes(password))


async def matches(password: str, stored: str | None) -> bool:
    """Whether it is that password; takes as long without a stored hash (the login does not exist) as with one."""
    async with _place():
        return await asyncio.to_thread(_verify, password, stored)


@cache
def _nobody() -> str:
    return _HASHER.hash("a password that nobody has, for logins that do not exist")


def _verify(password: str, stored: str | None) -> bool:
    nobody = _nobody()  # made for whoever comes first, known or not
    try:
        _HASHER.verify(stored or nobody, _bytes(password[: LONGEST + 1]))
    except VerificationError:
        return False
    return stored is not None


def is_old(stored: str) -> bool:
    """Whether the hash was made with other settings than those of today, and is to be made again."""
    return _HASHER.check_needs_rehash(stored)
