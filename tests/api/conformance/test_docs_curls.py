"""Every command of docs/api.md, in order, against a service in processes of its own; answers are like those shown."""

import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core.db import Connection
from app.core.settings import ROOT
from tests.api.conformance.service import Service, running, service_login

PAGE = ROOT / "docs" / "api.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
_END = "\x1e"


@pytest.fixture
async def service(db: Connection, db_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """API and worker on empty books: the page itself brings the insurer, its policy and its provider."""
    login = await service_login(db, db_url)
    with running(db_url, login, valkey_url, tmp_path / "data", VEREFFEN_BUSINESS_DATE="2026-03-02") as up:
        yield up


def shown() -> list[tuple[str, str | None]]:
    """Every sh block with the json block right behind it, if there is one."""
    found = [(match[1], match[2]) for match in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
    pairs = zip(found, [*found[1:], ("", "")], strict=True)
    return [(text, after if kind == "json" else None) for (language, text), (kind, after) in pairs if language == "sh"]


def unlike(shown: Any, given: Any, path: str = "$") -> list[str]:
    """What the page shows and the answer has not: names, and kinds of values. Values differ: ids, days, amounts."""
    if isinstance(shown, dict) and isinstance(given, dict):
        missing = [f"{path}.{name}" for name in shown if name not in given]
        return missing + [
            each for name in shown if name in given for each in unlike(shown[name], given[name], f"{path}.{name}")
        ]
    if isinstance(shown, list) and isinstance(given, list):
        if bool(shown) > bool(given):
            return [f"{path} is empty"]
        return unlike(shown[0], given[0], f"{path}[0]") if shown else []
    if shown is None or given is None:
        return []
    return [] if type(shown) is type(given) else [f"{path} is {given!r}"]


async def test_every_command_of_the_page_works_and_answers_as_shown(service: Service, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        assert not os.environ.get("CI"), "CI runs the commands of the page: install curl"
        pytest.skip("no curl on this machine")
    blocks = shown()
    script = "".join(f"{text.replace('http://127.0.0.1:8000', service.url)}\nprintf '{_END}'\n" for text, _ in blocks)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT, env={**service.environment, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    answers = done.stdout.split(_END)
    reached = len(answers) - 1
    assert done.returncode == 0, f"{blocks[reached][0]}\n{answers[-1]}\n{done.stderr[-2000:]}"
    assert [
        difference
        for (text, example), answer in zip(blocks, answers, strict=False)
        if example is not None
        for difference in unlike(msgspec.json.decode(example), msgspec.json.decode(answer), text.strip()[-60:])
    ] == []


def test_every_operation_of_the_api_stands_on_the_page(document: dict[str, Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    assert sorted(each for each in named if f"`{each}`" not in text) == []


def test_the_page_shows_a_command_for_every_noun(document: dict[str, Any]) -> None:
    commands = "".join(text for text, _ in shown())
    nouns = {path.split("/")[1] for path in document["paths"]} - {"openapi.json"}
    assert sorted(noun for noun in nouns if f"/{noun}" not in commands) == []
