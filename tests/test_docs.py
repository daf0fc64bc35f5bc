"""What the docs say is so: pages are fresh, links lead somewhere, commands, files and policies parse."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from app.cli import _parser
from app.core import db as database
from app.core import embedded
from app.core.db import Connection
from app.core.settings import ROOT
from app.declarations import FEEDS, import_file
from app.policies import apply_policy
from app.policies.rules import parse
from app.record import KINDS
from docs import make

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
OWN_WORDS = [page for page in PAGES if page.parent.name != "generated"]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_COMMAND = re.compile(r"^(?:\$ )?(?:\./dev run|vereffen) (.+)$", re.M)
DAY = date(2026, 3, 3)
_KEYS = ("source", "sourceId", "idempotencyKey")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in OWN_WORDS:
        for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if kind == language:
                yield name_of(page), text


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub and others make of headings."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


async def test_what_is_generated_is_fresh(db_url: str, db: Connection) -> None:
    if db.get_server_version().major != 18:
        pytest.skip("pg_dump writes the schema of another server version in other words")
    if not (embedded.postgres_programs() / "pg_dump").exists():
        pytest.skip("this machine's PostgreSQL has no pg_dump")
    made = await make.make(db_url)
    stale = [name for name, text in made.items() if (ROOT / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run ./dev docs"


def test_every_relative_link_leads_somewhere() -> None:
    dead = []
    for page in PAGES:
        for found in _LINK.findall(page.read_text(encoding="utf-8")):
            link = found[0] or found[1]
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
                dead.append(f"{name_of(page)}: {link}")
    assert dead == []


def test_every_page_of_docs_is_linked_from_another() -> None:
    linked = set()
    for page in PAGES:
        for found in _LINK.findall(page.read_text(encoding="utf-8")):
            linked.add((page.parent / (found[0] or found[1]).partition("#")[0]).resolve())
    assert [name_of(page) for page in PAGES[1:] if page.resolve() not in linked] == []


def commands() -> list[tuple[str, str]]:
    listed = []
    for page in OWN_WORDS:
        for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if kind in ("sh", "console"):
                listed += [(name_of(page), each) for each in _COMMAND.findall(text)]
    return listed


def test_every_command_that_the_docs_show_is_understood() -> None:
    shown = commands()
    wrong = []
    for page, text in shown:
        try:
            args = _parser().parse_args(shlex.split(text, comments=True))
        except SystemExit:
            wrong.append(f"{page}: {text}")
            continue
        if args.command == "record" and args.body is not None:
            body = {key: value for key, value in msgspec.json.decode(args.body).items() if key not in _KEYS}
            msgspec.convert(body, KINDS[args.kind][0])
    assert wrong == []
    assert len(shown) > 25


def test_every_command_named_in_a_sentence_exists() -> None:
    known = next(a for a in _parser()._actions if a.dest == "command").choices
    assert known is not None
    named = [
        (name_of(page), word)
        for page in OWN_WORDS
        for word in re.findall(r"`(?:vereffen|\./dev run) ([a-z]+)", page.read_text(encoding="utf-8"))
    ]
    assert [each for each in named if each[1] not in known] == []


def test_every_command_has_a_place_in_the_docs() -> None:
    known = next(a for a in _parser()._actions if a.dest == "command").choices
    assert known is not None
    text = "".join(page.read_text(encoding="utf-8") for page in OWN_WORDS)
    assert [name for name in known if not re.search(rf"(vereffen|\./dev run|\./dev|make) {name}\b", text)] == []


async def test_every_file_that_the_docs_show_is_loaded(db: Connection) -> None:
    await add_risk_carrier(db)
    kinds = set()
    for language in ("jsonl", "csv"):
        for page, text in blocks(language):
            name = f"{page} {language} {text[:60]}"
            report = await import_file(db, text.encode(), business_date=DAY, actor="test", file_name=name)
            assert [each.message for each in report.rejections] == []
            assert report.added == report.read > 0
            kinds.add((report.kind, language))
    assert kinds == {(kind, language) for kind in FEEDS for language in ("jsonl", "csv")}


async def add_risk_carrier(db: Connection) -> None:
    await db.execute(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban)
           values (1, 'VZ', 'Voorbeeld', '90000009', 'NL91ABNA0417164300')"""
    )
    text = (ROOT / "app" / "policies" / "examples" / "vgz.toml").read_text(encoding="utf-8")
    await apply_policy(db, 1, text, actor="test", applied_at=datetime(2026, 1, 1, tzinfo=UTC))


def test_every_policy_that_the_docs_show_is_accepted() -> None:
    whole = [(page, text) for page, text in blocks("toml") if text.lstrip().startswith("name")]
    findings = {page: found for page, text in whole if (found := parse(text)[1])}
    assert findings == {}
    assert len(whole) >= 1


def test_every_setting_of_a_policy_is_explained() -> None:
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    source = (ROOT / "app" / "policies" / "rules.py").read_text(encoding="utf-8")
    lists = re.findall(r"\.done\(\s*((?:\"[^\"]*\"\s*)+)\)", source)
    keys = {key for each in lists for key in re.findall(r"\w+", each)}
    assert len(keys) > 30
    assert sorted(key for key in keys if f"`{key}`" not in text) == []


def test_every_setting_of_the_environment_is_explained() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    named = set(re.findall(r"\b(?:VEREFFEN_[A-Z_]+|DATABASE_URL|REDIS_URL)\b", source))
    assert len(named) > 5
    assert sorted(name for name in named if f"`{name}`" not in text) == []


async def test_every_table_and_column_of_the_glossary_exists(db_url: str) -> None:
    connection = await database.connect(db_url)
    rows = await connection.fetch("select table_name, column_name from information_schema.columns")
    await connection.close()
    known = {row["table_name"] for row in rows} | {f"{row['table_name']}.{row['column_name']}" for row in rows}
    lines = [line for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("\n") if "|" in line]
    named = [name for line in lines for name in re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", line.split("|")[-2])]
    assert len(named) > 30
    assert [name for name in named if name not in known] == []


def test_a_term_stands_in_the_glossary_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = [line.split("|")[1].strip() for line in text.split("\n") if line.startswith("| ") and "---" not in line]
    assert sorted({term for term in terms if terms.count(term) > 1 and term != "English"}) == []


def test_every_decision_record_says_why_and_what_else_was_possible() -> None:
    folder = ROOT / "docs" / "decisions"
    wanted = ("## Context", "## Decision", "## Alternatives", "## Consequences")
    records = sorted(folder.glob("0*.md"))
    lacking = [
        f"{page.name}: {part}" for page in records for part in wanted if part not in page.read_text(encoding="utf-8")
    ]
    numbers = [page.name[:4] for page in records]
    assert lacking == []
    assert numbers == [f"{number:04}" for number in range(1, len(records) + 1)]
    assert [page.name for page in records if len(page.read_text(encoding="utf-8").split("\n")) > 60] == []
