"""CSV for people with a spreadsheet: `;` between cells, a decimal comma, nothing that a spreadsheet would run.

Lines end in CR LF (RFC 4180), the text is UTF-8 without a byte order mark.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date

Cell = str | int | date | None

# A cell that starts so is a formula to a spreadsheet (OWASP, CSV injection); tab and CR are skipped by some first.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def text_cell(value: str) -> str:
    """`value`, with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def cents_cell(cents: int) -> str:
    """An amount: -123456 is `-1234,56`. Digits, one comma and a sign of our own: no formula."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole},{rest:02d}"


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        raise TypeError("a CSV cell is text, cents, a date or None")
    if isinstance(value, int):
        return cents_cell(value)
    if isinstance(value, date):
        return value.isoformat()
    return text_cell(value)


def csv_lines(rows: Iterable[Iterable[Cell]]) -> str:
    """CSV text of `rows`: an int is an amount in cents, a date is written yyyy-mm-dd, None is empty."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()
