"""Reports read any table and write none: here the statement of a running account, as pages, JSON and CSV.

Others call `read_statement` for a page and `export_csv` or `export_json` for the whole.
"""

from app.reports.model import Side, Statement, StatementHead, StatementLine, StatementRequest
from app.reports.queries import export_csv, export_json, read_head, read_statement

__all__ = [
    "Side",
    "Statement",
    "StatementHead",
    "StatementLine",
    "StatementRequest",
    "export_csv",
    "export_json",
    "read_head",
    "read_statement",
]
