"""Databases for simulations: a private PostgreSQL, one migrated template, a clone of it for every seed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from app.core import db, embedded, migrate
from app.core.db import Connection

_QUICK = {"autovacuum": "off", "max_connections": "60", "shared_buffers": "64MB"}


class Arena(NamedTuple):
    """A server and the name of its migrated template; `prefix` starts the name of every database that is made."""

    admin: Connection
    url: str
    template: str
    prefix: str

    @asynccontextmanager
    async def clone(self, name: str) -> AsyncIterator[tuple[str, Connection]]:
        """A fresh database: its URL and a superuser's connection; dropped at the end."""
        full = f"{self.prefix}_{name}"
        await _command(self.admin, "create database %I template %I strategy file_copy", full, self.template)
        url = with_database(self.url, full)
        connection = await db.connect(url)
        try:
            yield url, connection
        finally:
            await connection.close()
            await _command(self.admin, "drop database %1$I with (force)", full, full)


def with_database(url: str, name: str) -> str:
    """`url` with another database in it."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def server(given: str | None) -> Iterator[str]:
    """The server of that URL, or a private one that is thrown away: no fsync, no autovacuum."""
    if given is not None:
        yield given
        return
    with embedded.temporary_postgres(_QUICK) as url:
        yield url


@asynccontextmanager
async def arena(url: str, prefix: str) -> AsyncIterator[Arena]:
    """A migrated template on that server; dropped at the end."""
    admin = await db.connect(url)
    template = f"{prefix}_template"
    await _command(admin, "create database %1$I", template, template)
    try:
        connection = await db.connect(with_database(url, template))
        await migrate.migrate(connection)
        await connection.close()
        yield Arena(admin, url, template, prefix)
    finally:
        await _command(admin, "drop database %1$I with (force)", template, template)
        await admin.close()


async def _command(admin: Connection, form: str, first: str, second: str) -> None:
    # the server quotes the names: a statement that makes a database takes no parameters
    await admin.execute(await admin.fetchval("select format($1::text, $2::text, $3::text)", form, first, second))
