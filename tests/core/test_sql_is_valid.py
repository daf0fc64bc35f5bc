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
        for line, text in strings(ast.parse(path.read_text())):
            if STATEMENT.match(text) and STRUCTURE.search(text):
                found[f"{path.relative_to(ROOT)}:{line}"] = text
    return found


def strings(module: ast.Module) -> list[tuple[int, str]]:
    """The strings of a module with their lines; constants that are joined with `+` count as joined only."""
    named = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: list[tuple[ast.AST, str]] = []
    parts: set[int] = set()
    for node in ast.walk(module):
        leaves = [named.get(leaf.id) if isinstance(leaf, ast.Name) else leaf for leaf in joined(node)]
        values = [leaf.value for leaf in leaves if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)]
        if values and len(values) == len(leaves):
            found.append((node, "".join(values)))
            if len(leaves) > 1:
                parts.update(id(part) for part in [*leaves, *ast.walk(node)] if part is not node)
    return [(getattr(node, "lineno", 0), text) for node, text in found if id(node) not in parts]


def joined(node: ast.AST) -> list[ast.AST]:
    """What a constant or a sum of constants and names is made of, in order; of anything else, nothing."""
    if isinstance(node, ast.Constant):
        return [node]
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return []
    leaves: list[ast.AST] = []
    for side in (node.left, node.right):
        leaves += [side] if isinstance(side, ast.Name) else joined(side) or [side]
    return leaves


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


def test_sql_that_is_joined_from_constants_is_read_as_a_whole() -> None:
    module = ast.parse(
        'A = "with a as (select 1) "\nB = "select * from a"\nC = "x"\nrun(A + B + "", C)\nrun(A + other)'
    )
    assert [text for _, text in strings(module)] == ["x", "with a as (select 1) select * from a"]
