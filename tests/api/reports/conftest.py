"""The insurer after its night: tests/api/insurer.py."""

from tests.api.insurer import office, template

__all__ = ["office", "template"]
