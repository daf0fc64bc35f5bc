"""See tests/api/insurer.py."""

import pytest

from tests.api.client import Api
from tests.api.insurer import Insurer, insurer


@pytest.fixture
async def office(api: Api, db_url: str) -> Insurer:
    """The insurer after its night."""
    return await insurer(api, db_url)
