"""The API on a database of its own: `client = await api.as_(["claims:read"], [1])`, then `await client.get(…)`."""

from collections.abc import AsyncIterator

import pytest

from app.core.db import Connection
from tests.api.client import Api, serving
from tests.api.insurer import Played, play
from tests.conftest import played_once


@pytest.fixture(scope="session")
async def insurer_played(admin: Connection, server_url: str, migrated: str) -> AsyncIterator[tuple[str, Played]]:
    """The database of the insurer after its night, and what is in it: played once, cloned for every test."""
    async with played_once(admin, server_url, migrated, play) as found:
        yield found


@pytest.fixture
async def api(db: Connection, db_url: str) -> AsyncIterator[Api]:
    """The application on the database of this test, empty unless its folder plays an insurer; `api.db` sees all."""
    async with serving(db, db_url) as found:
        yield found
