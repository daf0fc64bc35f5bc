"""How a handler comes at the database: bounded in time, as the caller, and with an answer when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from app.core import db
from app.core.db import Connection, Pool
from app.web.caller import Reader
from app.web.problems import GONE, Unavailable, is_gone, missing, unavailable

ACQUIRE_SECONDS = 2.0  # not money: longer than this a caller had better come back later
_log = structlog.get_logger()
_EXPIRE = (asyncpg.ReadOnlySQLTransactionError, asyncpg.OperatorInterventionError, asyncpg.PostgresConnectionError)


@asynccontextmanager
async def writing(pool: Pool) -> AsyncIterator[Connection]:
    """A connection for an action, which opens its own transaction as the role and tenants that it needs.

    Refusal 503 when none is free within 2 s, or when the server is away; connections to a demoted server are dropped.
    """
    connection = await _acquire(pool)
    try:
        yield connection
    except GONE as error:
        if not is_gone(error):
            raise
        if isinstance(error, _EXPIRE) and not isinstance(error, asyncpg.QueryCanceledError):
            # who was demoted or stopped has all its connections in this pool, not only this one
            await pool.expire_connections()
        if isinstance(error, asyncpg.InternalClientError):
            connection.terminate()  # it is not closed yet, and the next who got it would meet the same
        raise unavailable(error) from error
    finally:
        await pool.release(connection)  # type: ignore[arg-type] # the pool's proxy, which the stubs call otherwise


@asynccontextmanager
async def reading(pool: Pool, caller: Reader) -> AsyncIterator[Connection]:
    """One snapshot of the caller's risk carriers and nothing else (row-level security); it can write nothing."""
    async with (
        writing(pool) as connection,
        db.transaction(
            connection,
            role="staff",
            actor=caller.actor,
            risk_carriers=caller.risk_carriers,
            isolation="repeatable_read",
            readonly=True,
        ),
    ):
        yield connection


async def _acquire(pool: Pool) -> Connection:
    try:
        connection: Connection = await pool.acquire(timeout=ACQUIRE_SECONDS)  # type: ignore[assignment]
    except TimeoutError:
        raise Unavailable("busy", "All connections are in use; nothing was begun. Ask again.", seconds=1) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # whatever stands in the way of a connection (stopping, full, closed, another password), no request caused it
        _log.warning("no connection to the database", error_type=type(error).__name__)
        raise unavailable(ConnectionError()) from error
    return connection


async def risk_carrier_if(connection: Connection, code: str | None) -> int | None:
    """The same for a filter that may be left out."""
    return None if code is None else await risk_carrier_id(connection, code)


async def risk_carrier_id(connection: Connection, code: str) -> int:
    """Id of the risk carrier with that code, inside `reading`; Refusal 404 when the caller may not see it."""
    found: int | None = await connection.fetchval("select risk_carrier_id from risk_carrier where code = $1", code)
    if found is None:
        raise missing(f"risk carrier {code}")
    return found
