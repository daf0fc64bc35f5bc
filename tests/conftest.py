"""Real servers for every test: one PostgreSQL per xdist worker, a template made once, a clone per test.

VEREFFEN_TEST_DATABASE_URL (a superuser's URL) and VEREFFEN_TEST_REDIS_URL put other servers in the place of the
embedded ones, e.g. PostgreSQL 15. DATABASE_URL is not looked at: tests make and drop databases.
"""

import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from app.core import db as database
from app.core import embedded, migrate
from jobs.simulation.arena import with_database

T = TypeVar("T")

# Left out of `./dev quick`: the browser, the demo, simulated days, and the slowest of the rest.
LONG = (
    "api/conformance",
    "api/nights",
    "api/registration/test_at_once.py",
    "browser",
    "commands/test_people.py",
    "commands/test_working.py",
    "core/test_embedded.py",
    "demo",
    "jobs/test_kinds.py",
    "jobs/test_processes.py",
    "night/test_agreement_oracle.py",
    "night/test_agreements.py",
    "night/test_agreements_undone.py",
    "night/test_crash.py",
    "night/test_parking.py",
    "night/test_stories.py",
    "offsetting/test_random_histories.py",
    "simulation",
    "web/test_hostile_addresses.py",
    "web/test_pages_access.py",
    "web/test_proposals_page.py",
    "web/test_serve.py",
    "web/test_sessions.py",
    "web/test_sign_in.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is long by where it stands; a tidiness test says when such a place is gone."""
    for item in items:
        place = item.path.relative_to(Path(__file__).parent).as_posix()
        if any(place == each or place.startswith(f"{each}/") for each in LONG):
            item.add_marker("long")


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
async def migrated(server_url: str) -> AsyncIterator[str]:
    """Name of a migrated database without connections."""
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


@pytest.fixture(scope="session")
def template(migrated: str) -> str:
    """Name of the database that every test begins with a copy of; a folder may put a played one in its place."""
    return migrated


@contextlib.asynccontextmanager
async def played_once(
    admin: database.Connection, server_url: str, migrated: str, play: Callable[[database.Connection, str], Awaitable[T]]
) -> AsyncIterator[tuple[str, T]]:
    """What `play(db, url)` made of a migrated database: its name, to clone for every test from, and what it told."""
    name = f"vereffen_played_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {migrated} strategy file_copy")
    url = with_database(server_url, name)
    connection = await database.connect(url)
    told = await play(connection, url)
    await connection.close()
    yield name, told
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def db_url(server_url: str, admin: database.Connection, template: str) -> AsyncIterator[str]:
    """URL of a database of this test alone: a copy of `template`."""
    name = f"vereffen_test_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    yield with_database(server_url, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[database.Connection]:
    """A superuser's connection to the database of this test: row-level security does not bind it."""
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
