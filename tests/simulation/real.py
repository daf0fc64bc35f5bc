"""Real servers that fail: a PostgreSQL that is killed and starts again behind one address, on a disk that may fill."""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from app.core import embedded
from tests.night.wire import Wire, wire

SMALL = {"shared_buffers": "16MB", "min_wal_size": "32MB", "max_wal_size": "48MB", "max_connections": "30"}


class Server:
    """PostgreSQL with fsync on its own folder; `near` is an address that stays, whatever happens to the server."""

    def __init__(self, folder: Path, made: Wire, near: str) -> None:
        self.folder, self.near = folder, near
        self._wire = made
        self._running = ExitStack()

    def start(self) -> None:
        """Start it, or start it again on what the last one left."""
        url = self._running.enter_context(embedded.postgres(self.folder, durable=True, settings=SMALL))
        self._wire.server = url

    def kill(self) -> None:
        """kill -9 of the postmaster, as a machine that loses its power; its connections end with it."""
        pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself, on a full disk
            os.kill(pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End it in good order."""
        self._running.close()
        self._wire.cut()


@asynccontextmanager
async def server_on(folder: Path) -> AsyncIterator[Server]:
    """A server on `folder`, started; stopped at the end."""
    async with wire("postgresql://postgres@/postgres?host=/nowhere") as (made, near):
        server = Server(folder, made, near)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of its own, of that size, which can be filled. Only root of the machine can mount one."""
    with tempfile.TemporaryDirectory(prefix="vf-disk-", dir="/tmp") as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", folder]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        assert mounted.returncode == 0, f"a disk that fills needs a mount, which root may do: {mounted.stderr}"
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


class Ballast:
    """Fills what is left of a disk but for `spare` bytes, and gives it back."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / "ballast"

    def fill(self, spare: int) -> None:
        free = os.statvfs(self._file.parent)
        size = max(0, free.f_bavail * free.f_frsize - spare)
        with self._file.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def clear(self) -> None:
        self._file.unlink()


async def moments(count: int) -> None:
    """Some turns of the event loop, so that what has been closed is closed."""
    for _ in range(count):
        await asyncio.sleep(0)
