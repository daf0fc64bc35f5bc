"""The set-based statements of the night: one per .sql file beside this module, read once."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_STORED, _AGREED = "from claim_position cp join", "from agreed_position cp join"


@cache
def statement(name: str) -> str:
    """Text of `jobs/night/<name>.sql`; its head says what it reads, writes and why it can be repeated."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@cache
def decided(name: str, *, agreed: bool = False) -> str:
    """The decision (`decide.sql`, a list of CTEs) and what is done with it in the same statement (`<name>.sql`).

    `agreed`: it reads the positions that it is given ($7) in the place of those that are stored.
    """
    text = statement("decide")
    if agreed:
        text = text.replace(_STORED, _AGREED)
        assert _AGREED in text
    return text + statement(name)
