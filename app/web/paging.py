"""Lists by keyset: a page of items and an opaque cursor to the next one. Pages stay right while rows are added."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from app.core.errors import Refusal

T = TypeVar("T")
MAX_PAGE = 200
_INT8 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

PageSize = Annotated[
    int, QueryParameter(name="pageSize", ge=1, le=MAX_PAGE, description="How many items at most; 50 when not given.")
]
"""Write `page_size: PageSize = 50`."""
Cursor = Annotated[
    str | None,
    QueryParameter(name="cursor", max_length=500, description="`nextCursor` of the page before; the same filters."),
]
"""Write `cursor: Cursor = None`."""


class Page(msgspec.Struct, Generic[T], frozen=True, rename="camel"):
    """Some items of a list. `nextCursor` leads to the following ones; null: there are no more."""

    items: list[T]
    next_cursor: str | None


def cursor(*values: int | str | date | datetime | None) -> str:
    """The place after a row, as text: the values that the list is ordered by, of the last row of the page."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


def read_cursor(text: str, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a cursor, one per type of `kinds` (int, str, date, …); Refusal 400 when it is not one of ours."""
    expected = tuple(_INT8 if kind is int else kind for kind in kinds)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[expected])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise _invalid() from None
    if any(isinstance(value, str) and "\0" in value for value in values):
        raise _invalid()
    return values


def _invalid() -> Refusal:
    return Refusal(
        "cursor_invalid",
        "This cursor is not one of this list; take `nextCursor` of the page before, or leave it out to begin again.",
        status=400,
        field="cursor",
    )
