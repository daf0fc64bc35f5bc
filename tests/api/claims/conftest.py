"""The small insurer of tests/claims, asked over HTTP."""

import pytest

from tests.api.client import Api
from tests.api.office import Office, opened


@pytest.fixture
async def office(api: Api) -> Office:
    """One risk carrier with a provider, and a clerk whose token may do everything for it."""
    return await opened(api)
