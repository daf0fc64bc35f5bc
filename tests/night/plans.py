"""Plans of the database, as `explain (format json)` gives them."""

from collections.abc import Iterator
from typing import Any


def plan_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it, each with its "Node Type"."""
    yield node
    for child in node.get("Plans", ()):
        yield from plan_nodes(child)
