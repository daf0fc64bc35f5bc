"""What became of a file."""

from datetime import date
from typing import Any

import msgspec

from app.core.errors import Rejection
from app.core.feed_format import Header


class ImportReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of a file. Not loaded: nothing of it was stored, and `rejections` says why (the first of them)."""

    kind: str | None
    file_name: str
    loaded: bool
    read: int
    added: int = 0
    known: int = 0
    changed: int = 0
    control_total_cents: int = 0
    source: str | None = None
    cut_off_date: date | None = None
    declared_rows: int | None = None
    declared_total_cents: int | None = None
    """What the header says: `rows` and `controlTotalCents`."""
    rejection_count: int = 0
    rejections: list[Rejection] = []
    import_id: int | None = None


def declared(header: Header | None) -> dict[str, Any]:
    """The fields of a report that the header gives."""
    if header is None:
        return {}
    return {
        "source": header.source,
        "cut_off_date": header.cut_off_date,
        "declared_rows": header.rows,
        "declared_total_cents": header.control_total_cents,
    }
