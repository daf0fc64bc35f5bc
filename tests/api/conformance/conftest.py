"""A caller with every right on a risk carrier, a stranger without a token, the document that all is held against."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.core.settings import ROOT
from app.policies import apply_policy
from tests.api.client import Api
from tests.api.conformance.document import published
from tests.api.conftest import api

__all__ = ["api"]


@pytest.fixture
async def caller(api: Api) -> httpx.AsyncClient:
    """A client whose token has every scope on the one risk carrier there is, `VZ`."""
    await api.db.execute(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban)
           values (1, 'VZ', 'Voorbeeld Zorgverzekeraar N.V.', '90000009', 'NL91ABNA0417164300')"""
    )
    policy = (ROOT / "app" / "policies" / "examples" / "vgz.toml").read_text(encoding="utf-8")
    await apply_policy(api.db, 1, policy, actor="test", applied_at=datetime(2026, 1, 1, tzinfo=UTC))
    return await api.as_()


@pytest.fixture
def stranger(api: Api) -> httpx.AsyncClient:
    """A client without a token."""
    return api.with_token(None)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document as it is published; making it takes no database."""
    return published()
