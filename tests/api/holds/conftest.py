"""The clerk of tests/api/claims."""

from tests.api.claims.conftest import office

__all__ = ["office"]
