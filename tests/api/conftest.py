"""The API on a database of its own: `client = await api.as_(["claims:read"], [1])`, then `await client.get(…)`."""

from collections.abc import AsyncIterator

import pytest

from app.core.db import Connection
from tests.api.client import Api, serving


@pytest.fixture
async def api(db: Connection, db_url: str) -> AsyncIterator[Api]:
    """The application on the migrated, empty database of this test; `api.db` is a superuser's connection."""
    async with serving(db, db_url) as found:
        yield found
