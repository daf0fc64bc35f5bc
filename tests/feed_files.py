"""Files as a source system would send them, from records; and what a database holds, to see that nothing was stored."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.db import Connection

Records = Sequence[Mapping[str, Any]]


def header(kind: str, records: Records, **more: Any) -> dict[str, Any]:
    """The first line of a file with these records; `more` replaces or adds fields, None takes one away."""
    total = sum(_cents(record) for record in records)
    plain = {"kind": kind, "source": "core", "riskCarrier": "VZ", "cutOffDate": "2026-03-02", "rows": len(records)}
    return {name: value for name, value in {**plain, "controlTotalCents": total, **more}.items() if value is not None}


def jsonl(kind: str, records: Records, **more: Any) -> bytes:
    """The records as JSON Lines."""
    return "".join(json.dumps(each) + "\n" for each in (header(kind, records, **more), *records)).encode()


def csv_text(kind: str, records: Records, *, delimiter: str = ";", line_end: str = "\n", **more: Any) -> bytes:
    """The records as CSV, one column per field that any of them has; nested lists as JSON in the cell."""
    names = list(dict.fromkeys(name for record in records for name in record))
    out = io.StringIO()
    out.write("#" + ";".join(f"{name}={value}" for name, value in header(kind, records, **more).items()) + line_end)
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(names)
    writer.writerows([_cell(record.get(name)) for name in names] for record in records)
    return out.getvalue().encode()


async def row_counts(conn: Connection) -> dict[str, int]:
    """Rows per table, all of them: equal before and after says that nothing was stored."""
    tables = await conn.fetch(
        "select oid::regclass::text from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
    )
    return {name: await conn.fetchval(f"select count(*) from {name}") for (name,) in tables}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


def _cents(record: Mapping[str, Any]) -> int:
    for name in ("awardedCents", "amountCents"):
        if name in record:
            return record[name] if isinstance(record[name], int) else 0
    return sum(line.get("cents", 0) for line in record.get("lines", ()))
