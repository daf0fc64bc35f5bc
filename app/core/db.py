"""Connections to PostgreSQL: time limits, JSON, roles and tenants of a transaction, retries.

Session state is never set (`SET LOCAL` only), which is what lets the pool skip the reset round trip.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import asyncpg
import msgspec

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

Role = Literal["staff", "portal", "agency", "worker", "readonly"]
Isolation = Literal["read_committed", "repeatable_read", "serializable"]

T = TypeVar("T")

COMMAND_TIMEOUT_SECONDS = 60.0


@contextmanager
def _plain() -> Iterator[type[Connection]]:
    yield asyncpg.Connection


# What a connection is made of while it opens. The simulator puts its own kind here, for the task it runs: one that
# can die at any statement.
opening: ContextVar[Callable[[], AbstractContextManager[type[Connection]]]] = ContextVar("opening", default=_plain)

_SERVER_SETTINGS = {
    "application_name": "vereffen",
    "timezone": "UTC",
    "jit": "off",  # the nightly statements are many and short-lived; compiling them costs more than it gives
    "idle_in_transaction_session_timeout": "300s",  # a worker that hangs may not hold its account locks for ever
    # the server notices within a minute that a client is gone, and frees its locks (ignored on unix sockets)
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}

_ENTER = """
select set_config('role', 'vereffen_' || $1::text, true),
       set_config('vereffen.actor', $2::text, true),
       set_config('vereffen.risk_carriers', $3::text, true),
       set_config('vereffen.provider_id', $4::text, true),
       set_config('vereffen.accounts', $5::text, true)
"""


async def _prepare(connection: Connection) -> None:
    # Format of jsonb on the wire: one version byte, then the text.
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )
    await connection.set_type_codec(
        "json",
        schema="pg_catalog",
        encoder=msgspec.json.encode,
        decoder=msgspec.json.decode,
        format="binary",
    )


# The batch of a night is one statement of 27,000 characters, twice what asyncpg keeps prepared unless it is told: it
# would be parsed and planned anew in each batch.
_LONGEST_STATEMENT = 100_000


async def connect(
    url: str, *, command_timeout: float | None = COMMAND_TIMEOUT_SECONDS, name: str = "vereffen"
) -> Connection:
    """A connection of its own. `command_timeout` in seconds; None only for long statements of the night and bench.

    `name` is what the server calls its session: by it somebody who takes the work over can end it.
    """
    with opening.get()() as kind:
        connection = await asyncpg.connect(
            url,
            timeout=10,
            command_timeout=command_timeout,
            server_settings={**_SERVER_SETTINGS, "application_name": name},
            connection_class=kind,
            max_cacheable_statement_size=_LONGEST_STATEMENT,
        )
        await _prepare(connection)
        return connection


async def _release(connection: Connection) -> None:
    """Reset nothing (design: only SET LOCAL), unless a transaction was left open; saves a round trip a release."""
    if connection.is_in_transaction():
        await connection.execute("rollback")


async def create_pool(
    url: str, size: int, *, command_timeout: float = COMMAND_TIMEOUT_SECONDS, min_size: int = 1
) -> Pool:
    """A pool of at most `size` connections, opened when first needed. Close it with `async with` or `.close()`.

    `min_size=0` opens none now: a server process then starts although the database is away.
    """
    with opening.get()() as kind:
        return await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=size,
            timeout=10,
            command_timeout=command_timeout,
            server_settings=_SERVER_SETTINGS,
            init=_prepare,
            reset=_release,
            connection_class=kind,
            max_cacheable_statement_size=_LONGEST_STATEMENT,
        )


def _array(ids: Sequence[int]) -> str:
    return "{" + ",".join(str(int(each)) for each in ids) + "}"


@asynccontextmanager
async def transaction(
    connection: Connection,
    *,
    role: Role,
    actor: str,
    risk_carriers: Sequence[int] = (),
    provider_id: int | None = None,
    accounts: Sequence[int] = (),
    isolation: Isolation = "read_committed",
    readonly: bool = False,
) -> AsyncIterator[Connection]:
    """One transaction as database role `vereffen_<role>`, for the tenants given; commits when the block ends well.

    `actor` is who is written in the audit rows. `risk_carriers` (staff), `provider_id` with its running `accounts`
    (portal) are what row-level security lets through; empty means nothing for the roles that it binds. Everything is
    local to the transaction.
    A preview takes `isolation="repeatable_read", readonly=True`: one snapshot, and the server refuses writes.

    Two round trips (begin; then role and context in one prepared statement). Folding both into one would need
    values pasted into SQL and would take savepoints (`connection.transaction()` inside) away.
    """
    async with connection.transaction(isolation=isolation, readonly=readonly):
        await connection.fetchrow(
            _ENTER,
            role,
            actor,
            _array(risk_carriers),
            "" if provider_id is None else str(provider_id),
            _array(accounts),
        )
        yield connection


async def end_sleeper(connection: Connection, after: timedelta) -> None:
    """Let the server end this transaction, and its locks, when its client says nothing for that long."""
    await connection.execute(
        "select set_config('idle_in_transaction_session_timeout', $1::text, true)",
        f"{round(after / timedelta(milliseconds=1))}ms",
    )


async def plan_for_values(connection: Connection) -> None:
    """Let the rest of this transaction plan each statement for the values at hand.

    A page of a list is a short range of a key; a plan that is kept for any values takes the range for small and sorts
    all of it (measured: the whole table for 51 rows).
    """
    await connection.execute("set local plan_cache_mode = force_custom_plan")


async def retry_serialization(attempt: Callable[[], Awaitable[T]], attempts: int = 5) -> T:
    """Run `attempt` until it does not end in a serialization failure (40001) or a deadlock (40P01).

    At most `attempts` times; the last error goes up. `attempt` must open its own transaction, so that what it
    read is read again. The pauses are uneven, or two that deadlocked would meet again.
    """
    for tried in range(1, attempts):
        try:
            return await attempt()
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(random.uniform(0.005, 0.02) * 2**tried)  # noqa: S311 - a pause, not a secret
    return await attempt()
