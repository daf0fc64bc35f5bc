"""Every SQL string of the program, prepared against the migrated database: names and types are right."""

import ast
import re

import asyncpg

from app.core.db import Connection
from app.core.settings import ROOT

STATEMENT = re.compile(r"^\s*(--[^\n]*\n\s*)*(select|insert\s+into|update|delete\s+from|with|merge\s+into)\s", re.I)
STRUCTURE = re.compile(r"\b(from|into|set|values|set_config|pg_\w+|nextval|current_setting)\b", re.I)


def statements() -> dict[str, str]:
    """SQL strings of app/ and jobs/ by `file:line`; a docstring or a sentence does not look like one."""
    found = {}
    for path in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and STATEMENT.match(text) and STRUCTURE.search(text):
                found[f"{path.relative_to(ROOT)}:{node.lineno}"] = text
    return found


def temporary_tables() -> list[str]:
    """The statements of app/ and jobs/ that make temporary tables, which other statements read."""
    return [
        node.value
        for path in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")])
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lstrip().startswith("create temp table")
    ]


async def make_temporary_tables(db: Connection) -> None:
    """Make them all; one that reads another comes after it, whichever order the files have."""
    todo = temporary_tables()
    while todo:
        left = []
        for text in todo:
            try:
                async with db.transaction():
                    await db.execute(text)
            except asyncpg.UndefinedTableError:
                left.append(text)
        assert len(left) < len(todo), left
        todo = left


async def test_every_sql_string_of_the_program_is_accepted_by_the_migrated_database(db: Connection) -> None:
    refused = {}
    async with db.transaction():
        await make_temporary_tables(db)
        for place, text in statements().items():
            try:
                async with db.transaction():
                    await db.prepare(text)
            except asyncpg.PostgresError as error:
                refused[place] = str(error)
    assert refused == {}


def test_the_search_for_sql_finds_what_it_should() -> None:
    places = " ".join(statements())
    assert "app/core/db.py" in places
    assert "app/core/migrate.py" in places
