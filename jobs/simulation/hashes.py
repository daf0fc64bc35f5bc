"""One hash over the books by natural keys and amounts: equal books hash equal, whatever ids, times and order they got.

Declarations and claims are named by their source id, running accounts by risk carrier and provider number, payouts by
account, business date and IBAN; a fact without such a name by what it says (its claim, dates and cents).
"""

import hashlib
from functools import cache
from pathlib import Path

from app.core.db import Connection


@cache
def _books() -> str:
    return (Path(__file__).parent / "books.sql").read_text()


async def books_lines(connection: Connection) -> list[str]:
    """One line a row of every money table, in a fixed order: to see where two books differ."""
    return [row["text"] for row in await connection.fetch(_books())]


async def books_hash(connection: Connection) -> str:
    """SHA-256, in hex, over `books_lines`."""
    return hashlib.sha256("\n".join(await books_lines(connection)).encode()).hexdigest()
