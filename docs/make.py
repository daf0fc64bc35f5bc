"""Makes what can be made: migrations/schema.sql and the pages of docs/generated, from the code and a migrated database.

`./dev docs` writes them; tests/test_docs.py compares them with what is committed.
"""

import argparse
import ast
import asyncio
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.cli import _parser
from app.core import embedded, migrate
from app.core.db import Connection, connect
from app.core.feed_format import Format, Header, remedy
from app.core.settings import ROOT
from app.declarations import FEEDS
from app.record import KINDS

PAGES = "docs/generated"
NO_REMEDY = "a text of 1 to 200 characters"
SCHEMA = "migrations/schema.sql"
MADE = "<!-- Made by ./dev docs: change the source that is named below, not this page. -->\n\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [list(head), ["---"] * len(head), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def first_line(docstring: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((docstring or "").strip().split("\n\n")[0].split())


# ---------------------------------------------------------------- commands


def commands() -> str:
    """Every command of `vereffen` with its arguments."""
    parser = _parser()
    sub = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    texts = {action.dest: action.help for action in sub._choices_actions}
    out = [
        MADE,
        "# Commands\n\nSource: `app/cli.py`. Start them as `./dev run COMMAND …`, or as `vereffen COMMAND …` when "
        "`.venv/bin` is on the path.\n\nExit codes: 0 done, 1 refused or something found, 2 used wrongly, 3 the night "
        "waits.\n\n",
        table(("command", "what it does"), [(f"[{n}](#{n})", texts[n]) for n in sub.choices]),
    ]
    for name, command in sub.choices.items():
        out.append(f"\n## {name}\n\n{_sentence(texts[name])}\n")
        arguments = [action for action in command._actions if not isinstance(action, argparse._HelpAction)]
        if arguments:
            out.append("\n" + table(("argument", "needed", "meaning"), [_argument(each) for each in arguments]))
    return "".join(out)


def _argument(action: argparse.Action) -> tuple[str, str, str]:
    name = action.option_strings[-1] if action.option_strings else action.dest
    shown = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar or ())
    if action.option_strings and action.nargs != 0:
        name += " " + (shown or action.dest.upper())
    needed = action.required and action.nargs not in ("?", "*")
    meaning = action.help or ""
    if action.choices:
        meaning = "; ".join(part for part in (meaning, "one of " + ", ".join(map(str, action.choices))) if part)
    if isinstance(action, argparse._AppendAction) or action.nargs == "+":
        meaning += "; may be given more than once" if "more than once" not in meaning else ""
    return f"`{name}`", "yes" if needed else "", meaning.removeprefix("; ")


def _sentence(text: str | None) -> str:
    text = text or ""
    return text[:1].upper() + text[1:] + "."


# ---------------------------------------------------------------- fields of files and facts


def _type(kind: Any) -> str:
    """What a field takes, in words, from msgspec's own reading of the type."""
    match kind:
        case msgspec.inspect.UnionType(types=types):
            return " or ".join(_type(each) for each in types if not isinstance(each, msgspec.inspect.NoneType))
        case msgspec.inspect.IntType(ge=low, le=high):
            return "whole number" + (f" from {low} to {high}" if low is not None and high is not None else "")
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return f"text like `{pattern}`"
        case msgspec.inspect.StrType(min_length=low, max_length=high):
            return "text" + (f" of {low} to {high} characters" if high else "")
        case msgspec.inspect.LiteralType(values=values):
            return "one of " + ", ".join(f"`{value}`" for value in values)
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item):
            return "list of " + (
                f"*{item.cls.__name__}*" if isinstance(item, msgspec.inspect.StructType) else _type(item)
            )
        case msgspec.inspect.DateType():
            return "date"
        case msgspec.inspect.DateTimeType():
            return "moment with time zone"
        case msgspec.inspect.BoolType():
            return "true or false"
    return type(kind).__name__.removesuffix("Type").lower()


def _default(field: msgspec.inspect.Field) -> str:
    if field.required:
        return "required"
    default = field.default
    return "" if default in (msgspec.NODEFAULT, None, (), []) else f"`{default}`"


def _struct(struct: type[msgspec.Struct]) -> msgspec.inspect.StructType:
    kind = msgspec.inspect.type_info(struct)
    if not isinstance(kind, msgspec.inspect.StructType):
        raise TypeError(f"{struct} is no struct")
    return kind


def _fields(struct: type[msgspec.Struct], form: Format | None = None) -> str:
    rows: list[tuple[str | None, ...]] = []
    kind = _struct(struct)
    if kind.tag is not None:
        rows.append((f"`{kind.tag_field}`", f"`{kind.tag}`", "required", ""))
    for field in sorted(kind.fields, key=lambda each: not each.required):
        said = remedy(form, field.encode_name).removeprefix(NO_REMEDY) if form else None
        rows.append((f"`{field.encode_name}`", _type(field.type), _default(field), said))
    return table(
        ("field", "takes", "default", "in words") if form else ("field", "takes", "default"),
        rows if form else [row[:3] for row in rows],
    )


def _parts(struct: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """The structs that stand in lists of a record."""
    for field in _struct(struct).fields:
        item = getattr(field.type, "item_type", None)
        if isinstance(item, msgspec.inspect.StructType):
            yield item.cls


def file_fields() -> str:
    """The fields of every record of every kind of file."""
    out = [
        MADE,
        "# Fields of the files\n\nSource: the structs that decode the files "
        "(`app/parties/providers_file.py`, `app/claims/claims_file.py`, `app/declarations/declarations_file.py`, "
        "`app/claims/opening_claims_file.py`). Examples and rules: [files](../files.md).\n\n"
        "## Header\n\n",
        first_line(Header.__doc__),
        "\n\n",
        _fields(Header),
    ]
    for kind, feed in FEEDS.items():
        out.append(f"\n## {kind}\n")
        seen: set[type[msgspec.Struct]] = set()
        for record in feed.format.records:
            out.append(
                f"\n### {kind}: {record.__name__}\n\n{first_line(record.__doc__)}\n\n{_fields(record, feed.format)}"
            )
        for record in feed.format.records:
            for part in _parts(record):
                if part not in seen:
                    seen.add(part)
                    out.append(
                        f"\n### {kind}: {part.__name__} (in a list)\n\n{first_line(part.__doc__)}\n\n"
                        f"{_fields(part, feed.format)}"
                    )
    return "".join(out)


def record_kinds() -> str:
    """The facts that `vereffen record` takes, with their fields."""
    out = [
        MADE,
        "# Facts that can be recorded\n\nSource: `app/record.py`. Example: "
        "`./dev run record payment --json '{…}'`. Every kind also takes `source` with `sourceId` (the fact in the "
        "system it comes from) or `idempotencyKey` (the request): the same one again answers the same and adds "
        "nothing.\n\n",
        table(("kind", "what it is"), [(f"[{k}](#{k})", first_line(s.__doc__)) for k, (s, _) in KINDS.items()]),
    ]
    for kind, (struct, _) in KINDS.items():
        out.append(f"\n## {kind}\n\n{first_line(struct.__doc__)}\n\n{_fields(struct)}")
    return "".join(out)


# ---------------------------------------------------------------- errors of files

SOURCES = ("app/core", "app/parties", "app/claims", "app/declarations")
_SAYS = {
    "Finding": (0, 1, 3),
    "refuse": (0, 1, 3),
    "Unreadable": (0, None, 1),
    "_file": (0, None, 1),
    "_note": (1, None, 2),
}


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else "…" for p in node.values)  # type: ignore[misc]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None and right is None else (left or "…") + (right or "…")
    return None


def _said() -> Iterator[tuple[str, str, str]]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).glob("*.py")):
            if not re.match(r"feed|intake|\w+_file$", path.stem):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                places = _SAYS.get(name)
                if places is None or len(node.args) <= places[2]:
                    continue
                code = _text(node.args[places[0]])
                if code is not None and re.fullmatch(r"[a-z_]+", code):
                    field = (
                        "file" if places[1] is None else re.sub(r"^…\.?|\[…\]", "", _text(node.args[places[1]]) or "…")
                    )
                    yield code, field or "…", _text(node.args[places[2]]) or "…"


def file_errors() -> str:
    """Every code with which a file or a row of it is refused, the field it names and what it says."""
    rows = set(_said())
    for feed in FEEDS.values():
        rows |= {(code, field, said.replace("{detail}", "…")) for code, (field, said) in feed.messages.items()}
    said: dict[str, dict[str, list[str]]] = {}
    for code, field, text in sorted(rows):
        said.setdefault(code, {"field": [], "text": []})
        for key, value in (("field", f"`{field}`"), ("text", text)):
            if value not in said[code][key]:
                said[code][key].append(value)
    listed = [(f"`{code}`", ", ".join(v["field"]), " / ".join(v["text"])) for code, v in said.items()]
    return (
        MADE
        + "# Why a file is refused\n\nSource: `app/core/feed*.py` and the files of each kind. A message starts with "
        "file, line, field and value; below is what follows. `…` is filled in.\n\n"
        + table(("code", "field", "what it says"), listed)
    )


# ---------------------------------------------------------------- checks, ledger, answers


def checks() -> str:
    """The checks of the night, from the heads of their files, and the invariants that they prove."""
    paths = sorted((ROOT / "jobs/night/checks").glob("*.sql"))
    proves = {path.stem: _codes(path) for path in paths}
    rows = [(f"`{path.stem}`", *_head(path), ", ".join(proves[path.stem])) for path in paths]
    return (
        MADE + f"# The {len(rows)} checks\n\nSource: the heads of `jobs/night/checks/*.sql`. Scope `run`: proven every "
        "night over what the run touched, and over everything by `vereffen check`. Scope `all`: over everything only. "
        "Every check falls on a corruption of its own (`tests/night/corruptions`) and is silent on sound books.\n\n"
        + table(("check", "what holds", "protects", "scope", "invariant"), rows)
        + "\n## Invariants\n\nSource: `docs/invariants.toml` and the same heads. What has no check yet says why.\n\n"
        + table(("invariant", "must hold", "proven by"), _invariants(proves))
    )


def _codes(path: Path) -> list[str]:
    found = re.search(r"^-- Invariant: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].split(", ") if found else []


def _invariants(proves: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    for part in tomllib.loads((ROOT / "docs/invariants.toml").read_text(encoding="utf-8")).values():
        not_yet = part.pop("not_yet", {})
        for code, text in part.items():
            checks = [f"`{name}`" for name, codes in proves.items() if code in codes]
            yield code, text, ", ".join(checks)
        for code, text in not_yet.items():
            what, _, why = text.partition(": ")
            yield code, what, f"not yet: {why}"


def _head(path: Path) -> tuple[str, str, str]:
    """What holds, what that protects, its scope; lines after the scope are notes for the reader of the SQL."""
    text = path.read_text(encoding="utf-8")
    head = " ".join(
        line[3:].strip() for line in text[: text.index("\n-- Scope:")].split("\n") if line.startswith("-- ")
    )
    what, _, protects = head.partition(" Protects: ")
    scope = re.search(r"^-- Scope: (.*)$", text, re.MULTILINE)
    return what, protects, scope[1] if scope else ""


async def posting_kinds(connection: Connection) -> str:
    """Ledger accounts and posting kinds, as the database holds them."""
    accounts = await connection.fetch("select * from ledger_account order by 1")
    kinds = await connection.fetch(
        """select k.posting_kind_id as id, k.code, d.code as debit, c.code as credit from posting_kind k
           join ledger_account d on d.ledger_account_id = k.debit
           join ledger_account c on c.ledger_account_id = k.credit order by 1"""
    )
    return (
        MADE
        + "# Ledger accounts and posting kinds\n\nSource: the tables `ledger_account` and `posting_kind`. Every kind "
        "has one debit and one credit account; a CHECK on `posting` holds it to them.\n\n"
        + table(
            ("id", "ledger account", "Nederlands", "English"),
            [(r["ledger_account_id"], f"`{r['code']}`", r["name_nl"], r["name_en"]) for r in accounts],
        )
        + "\n"
        + table(
            ("kind", "code", "debit", "credit"),
            [(r["id"], f"`{r['code']}`", f"`{r['debit']}`", f"`{r['credit']}`") for r in kinds],
        )
    )


async def answers(connection: Connection) -> str:
    """What the night can answer about a claim."""
    rows = await connection.fetch("select * from decision_answer order by 1")
    return (
        MADE
        + "# Answers of the night\n\nSource: the table `decision_answer`; `vereffen why` prints them.\n\n"
        + table(
            ("answer", "code", "Nederlands", "English"),
            [(r["answer"], r["code"], r["text_nl"], r["text_en"]) for r in rows],
        )
    )


# ---------------------------------------------------------------- schema


def schema(url: str) -> str:
    """The whole schema of a migrated database, as pg_dump writes it, without what differs from run to run."""
    program = embedded.postgres_programs() / "pg_dump"
    command = [str(program), "--schema-only", "--no-owner", "--restrict-key=vereffen", f"--dbname={url}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    noise = re.compile(r"^(--|\\|SET |SELECT pg_catalog\.set_config)")
    kept = [line for line in text.split("\n") if not noise.match(line)]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return (
        "-- Made by ./dev docs from the migrations: read it, change nothing here. Partitions by month come later.\n\n"
        + body
        + "\n"
    )


async def make(url: str) -> dict[str, str]:
    """Every generated file by its path, from a migrated database without partitions of months."""
    connection = await connect(url)
    try:
        return {
            f"{PAGES}/commands.md": commands(),
            f"{PAGES}/file-fields.md": file_fields(),
            f"{PAGES}/file-errors.md": file_errors(),
            f"{PAGES}/record-kinds.md": record_kinds(),
            f"{PAGES}/checks.md": checks(),
            f"{PAGES}/posting-kinds.md": await posting_kinds(connection),
            f"{PAGES}/answers.md": await answers(connection),
            SCHEMA: schema(url),
        }
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    connection = await connect(url)
    try:
        await migrate.migrate(connection)
    finally:
        await connection.close()


def main() -> None:
    """Write the generated files."""
    with embedded.temporary_postgres() as url:
        asyncio.run(_migrate(url))
        for name, text in asyncio.run(make(url)).items():
            Path(ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            Path(ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
