"""Real servers for every test: one PostgreSQL per xdist worker, a template migrated once, a clone per test.

VEREFFEN_TEST_DATABASE_URL (a superuser's URL) and VEREFFEN_TEST_REDIS_URL put other servers in the place of the
embedded ones, e.g. PostgreSQL 15. DATABASE_URL is not looked at: tests make and drop databases.
"""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.core import db as database
from app.core import embedded, migrate
from jobs.simulation.arena import with_database


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of a server whose databases a test may make and drop; its own database stays empty."""
    if given := os.environ.get("VEREFFEN_TEST_DATABASE_URL"):
        yield given
        return
    with embedded.temporary_postgres(
        {"max_connections": "60", "shared_buffers": "64MB", "max_wal_size": "128MB"}
    ) as url:
        yield url


@pytest.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """Name of a migrated database without connections, to clone from."""
    name = f"vereffen_template_{uuid.uuid4().hex[:12]}"
    admin = await database.connect(server_url)
    await admin.execute(f"create database {name}")
    connection = await database.connect(with_database(server_url, name))
    await migrate.migrate(connection)
    await connection.close()
    yield name
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture(scope="session")
async def admin(server_url: str) -> AsyncIterator[database.Connection]:
    """A superuser's connection to the server's own database."""
    connection = await database.connect(server_url)
    yield connection
    await connection.close()


@pytest.fixture
async def db_url(server_url: str, admin: database.Connection, template: str) -> AsyncIterator[str]:
    """URL of a fresh, migrated database of this test alone."""
    name = f"vereffen_test_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    yield with_database(server_url, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[database.Connection]:
    """A superuser's connection to a fresh, migrated database: row-level security does not bind it."""
    connection = await database.connect(db_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Valkey of this worker."""
    if given := os.environ.get("VEREFFEN_TEST_REDIS_URL"):
        yield given
        return
    with embedded.valkey(Path(tmp_path_factory.mktemp("valkey")) / "v") as url:
        yield url
