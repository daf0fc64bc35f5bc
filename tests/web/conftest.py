"""The same `api` as the tests of the domains have."""

from tests.api.conftest import api

__all__ = ["api"]
