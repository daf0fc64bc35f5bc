"""A wire to PostgreSQL that can be cut at any statement: a proxy on a unix socket between a night and its server.

Every round trip of the protocol (a simple query, or an extended one up to its Sync) is counted. A cut closes every
connection at once, either before the server sees the statement, or after it has done it and before the client hears:
then a COMMIT has happened and nobody knows.
"""

import asyncio
import shutil
import struct
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

QUERY, SYNC, READY = b"Q", b"S", b"Z"


class Wire:
    """Counts round trips in `count`; `cut_at` the nth it cuts, `swallow` after the server has answered."""

    def __init__(self, server_url: str) -> None:
        self.server = server_url
        self.count = 0
        self.cut_at: int | None = None
        self.swallow = False
        self.open: set[asyncio.StreamWriter] = set()
        self.clients: set[asyncio.StreamWriter] = set()

    @property
    def is_cut(self) -> bool:
        return self.cut_at is not None and self.count >= self.cut_at

    def cut(self) -> None:
        for writer in self.open:
            writer.close()

    def say_fatal(self) -> None:
        """To every client what a server that shuts down says last (57P01), while the connection stays open."""
        fields = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
        for writer in self.clients:
            writer.write(b"E" + struct.pack("!I", 4 + len(fields)) + fields)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or the wire ends."""
        try:
            there, back = await self._server()
        except OSError:  # the server is away: so is this end
            writer.close()
            return
        self.open |= {writer, back}
        self.clients.add(writer)
        due: list[bool] = []  # for every answer that is on its way: whether the wire is cut when it arrives
        try:
            if not self.is_cut:
                async with asyncio.TaskGroup() as group:
                    answering = group.create_task(self._down(there, writer, due))
                    await self._up(reader, back, due)
                    answering.cancel()
        except* (OSError, asyncio.IncompleteReadError):
            pass  # a side that goes away is what this is for
        finally:
            self.open -= {writer, back}
            self.clients.discard(writer)
            writer.close()
            back.close()

    async def _server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.server)
        if folder := parse_qs(parts.query).get("host"):
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.{parts.port or 5432}")
        return await asyncio.open_connection(parts.hostname, parts.port or 5432)

    async def _up(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, due: list[bool]) -> None:
        size = await reader.readexactly(4)  # the startup message has no type
        back.write(size + await reader.readexactly(struct.unpack("!I", size)[0] - 4))
        while True:
            kind = await reader.readexactly(1)
            size = await reader.readexactly(4)
            body = await reader.readexactly(struct.unpack("!I", size)[0] - 4)
            if kind in (QUERY, SYNC):
                self.count += 1
                if self.is_cut and not (self.swallow and self.count == self.cut_at):
                    self.cut()
                    return
                due.append(self.is_cut)
            back.write(kind + size + body)
            await back.drain()

    async def _down(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, due: list[bool]) -> None:
        started = False
        while True:
            kind = await there.readexactly(1)
            size = await there.readexactly(4)
            body = await there.readexactly(struct.unpack("!I", size)[0] - 4)
            if kind == READY:
                last = started and due.pop(0)
                started = True
                if last:
                    self.cut()
                    return
            if not self.is_cut:
                writer.write(kind + size + body)
                await writer.drain()


@asynccontextmanager
async def wire(server_url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to that server and the URL of its near end."""
    made = Wire(server_url)
    folder = Path(tempfile.mkdtemp(prefix="vf-wire-", dir="/tmp"))  # a socket's path may have 107 characters only
    server = await asyncio.start_unix_server(made.carry, folder / ".s.PGSQL.5432")
    parts = urlsplit(server_url)
    near = urlunsplit(parts._replace(netloc=f"{parts.username or 'postgres'}@", query=f"host={folder}"))
    try:
        yield made, near
    finally:
        made.cut()
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)
        shutil.rmtree(folder)
