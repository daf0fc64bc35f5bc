"""Answers of a POST that recorded a fact: 201, where it can be read, and whether it was a repeat."""

from collections.abc import Mapping
from typing import TypeVar

from litestar import Response
from litestar.datastructures import ResponseHeader

T = TypeVar("T")

REPLAYED = ResponseHeader(
    name="Idempotent-Replayed",
    description="`true`: this request was answered before, and nothing was done now.",
    documentation_only=True,
)
"""Header of the answer to a request that was sent again."""
CREATED_HEADERS = (
    ResponseHeader(name="Location", description="Where the fact can be read.", documentation_only=True),
    REPLAYED,
)
"""`response_headers=` of a handler that answers by `created`."""


def created(content: T, location: str, headers: Mapping[str, str]) -> Response[T]:
    """201 with `Location`; `headers` are those of a replay."""
    return Response(content, status_code=201, headers={"Location": location, **headers})
