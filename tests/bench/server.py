"""The measured server: embedded and durable, databases copied from a template, CPU and memory of its backends."""

import asyncio
import contextlib
import os
import resource
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import msgspec

from app.core import db, embedded

SETTINGS = {
    "shared_buffers": "2GB",
    "wal_buffers": "64MB",  # as docs/operating.md advises: two workers fill the usual 16 MB and wait for each other
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "jit": "off",
    "autovacuum": "off",  # it would start in some rounds and not in others; the template is vacuumed and analysed
    "max_connections": "40",
}
_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(msgspec.Struct, frozen=True):
    """Wall time and CPU time in seconds; CPU is user and system time of the backends and of this client."""

    wall: float
    backend_cpu: float
    client_cpu: float

    @property
    def cpu(self) -> float:
        """CPU seconds of backends and client together."""
        return self.backend_cpu + self.client_cpu


class Server:
    """A PostgreSQL server of the benchmark and what it costs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._postmaster = 0

    def database(self, name: str) -> str:
        """URL of one database of the server."""
        return self.url.replace("/postgres?", f"/{name}?", 1)

    async def connect(self, name: str = "postgres") -> db.Connection:
        """A superuser's connection without a time limit a statement."""
        return await db.connect(self.database(name), command_timeout=None)

    @contextlib.asynccontextmanager
    async def connection(self, name: str = "postgres") -> AsyncIterator[db.Connection]:
        """`connect`, closed at the end."""
        connection = await self.connect(name)
        try:
            yield connection
        finally:
            await connection.close()

    async def start(self) -> None:
        """Find the server's main process (Linux only: CPU and memory come from /proc)."""
        async with self.connection() as connection:
            self._postmaster = int(_stat(await connection.fetchval("select pg_backend_pid()"))[1])

    async def databases(self) -> list[str]:
        """Names of the benchmark's databases."""
        async with self.connection() as connection:
            rows = await connection.fetch("select datname from pg_database where datname like 'bench%' order by 1")
        return [row["datname"] for row in rows]

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        async with self.connection() as connection:
            await connection.execute(f'drop database if exists "{name}" with (force)')

    async def create(self, name: str, template: str = "template0") -> None:
        """A fresh database; a copy of `template` file by file, then a checkpoint, so that each run starts the same."""
        await self.drop(name)
        async with self.connection() as connection:
            await connection.execute(f'create database "{name}" template "{template}" strategy file_copy')
            await connection.execute("checkpoint")

    @contextlib.asynccontextmanager
    async def clone(self, template: str, name: str = "bench_run") -> AsyncIterator[str]:
        """A fresh copy of `template` while the block runs; yields its name."""
        await self.create(name, template)
        try:
            yield name
        finally:
            await self.drop(name)

    def backends_cpu(self) -> float:
        """CPU seconds of all backends that have ended: the main process adds them up when it sees them go."""
        user, system = _stat(self._postmaster)[13:15]
        return (int(user) + int(system)) / _TICKS

    @contextlib.asynccontextmanager
    async def measure(self, into: list[Cost]) -> AsyncIterator[None]:
        """Append the cost of the block; every connection made in the block must be closed in it."""
        await asyncio.sleep(0.15)  # backends of what came before end after their clients have gone
        before, client, start = self.backends_cpu(), _client_cpu(), time.monotonic()
        yield
        wall, client = time.monotonic() - start, _client_cpu() - client
        await asyncio.sleep(0.15)
        into.append(Cost(wall, self.backends_cpu() - before, client))

    def backends(self) -> dict[int, int]:
        """Private memory (RssAnon, bytes) of every client backend that lives, by process id."""
        found: dict[int, int] = {}
        for each in Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if b"postgres: postgres bench" in Path(f"/proc/{each}/cmdline").read_bytes():
                    found[int(each)] = _rss_anon(int(each))
        return found


@contextlib.asynccontextmanager
async def watch_memory(server: Server, peaks: dict[int, int]) -> AsyncIterator[None]:
    """Keep the highest private memory of each backend in `peaks` while the block runs; looks 100 times a second."""

    async def look() -> None:
        while True:
            for pid, size in server.backends().items():
                peaks[pid] = max(size, peaks.get(pid, 0))
            await asyncio.sleep(0.01)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """The benchmark's own durable server (fsync and synchronous commit on) on `folder`."""
    with embedded.postgres(folder / "pg", durable=True, settings=SETTINGS) as url:
        yield Server(url)


def _stat(pid: int) -> list[str]:
    # the name, in brackets, may hold spaces: fields count from after it (state is field 0)
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _rss_anon(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def _client_cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


async def version(server: Server) -> str:
    """The server's version, as a number of words."""
    async with server.connection() as connection:
        return str(await connection.fetchval("select current_setting('server_version')"))


__all__ = ["SETTINGS", "Cost", "Server", "asyncpg", "running", "version", "watch_memory"]
