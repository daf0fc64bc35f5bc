"""The doorbell: a word over Redis (arq) that there is work in PostgreSQL. Lost, doubled or late it costs seconds.

arq is only met here and in jobs/worker.py. Nothing but the id of a job goes over the wire, as MessagePack on both
sides: arq's usual pickle would let whoever writes to Redis run code in the worker.
"""

import asyncio
import logging

import msgspec
import structlog
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

RING = "work"
"""The one function of arq that the worker knows; its argument is the id of a job."""
_STALE_MS = 60_000  # a ring that nobody heard for a minute is worth nothing: the sweep was there long before
_log = structlog.get_logger()


def redis_client(url: str) -> ArqRedis:
    """A client of arq with short timeouts and MessagePack; connects when first used. `url`: redis://, rediss://, unix://."""
    logging.getLogger("arq").setLevel(logging.CRITICAL)  # its lines are no JSON; what matters is logged by us
    pool: ConnectionPool = ConnectionPool.from_url(url, socket_connect_timeout=1, socket_timeout=5)
    return ArqRedis(
        pool,
        job_serializer=msgspec.msgpack.encode,
        job_deserializer=msgspec.msgpack.decode,
        expires_extra_ms=_STALE_MS,
    )


class Bell:
    """Rings for one process. Use `NoBell` where there is no Redis."""

    def __init__(self, url: str, *, seconds: float = 0.5) -> None:
        self._client = redis_client(url)
        self._seconds = seconds

    async def ring(self, job_id: int) -> None:
        """Say that there is work. Never raises: who does not hear it finds the row at the next sweep."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._client.enqueue_job(RING, job_id)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("the bell did not ring", job=job_id, error_type=type(error).__name__)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose(close_connection_pool=True)


class NoBell(Bell):
    """A bell that nobody hears."""

    def __init__(self) -> None:
        pass

    async def ring(self, job_id: int) -> None:
        """Nothing: the sweep finds the row."""

    async def close(self) -> None:
        """Nothing is open."""
