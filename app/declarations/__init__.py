"""Declarations: the files that come in (also those of providers and claims) and what they brought.

What others may call is what this door exports.
"""

from app.core.feed_lines import Limits
from app.declarations.actions import WithdrawDeclaration, withdraw_declaration
from app.declarations.intake import FEEDS, import_file, import_records
from app.declarations.model import ImportReport

__all__ = [
    "FEEDS",
    "ImportReport",
    "Limits",
    "WithdrawDeclaration",
    "import_file",
    "import_records",
    "withdraw_declaration",
]
