"""The habits of this project, held by a test: sizes, layout, imports, the clock, money, errors, SQL, names.

Each finding reads `file:line what`, so that the failing test says where to look.
"""

import ast
import gc
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LONG

ROOT = Path(__file__).resolve().parents[1]
DOMAINS = set(
    """parties ledger policies claims declarations offsetting payouts banking dunning instalments cases blocks
    agencies contact documents reports nights queue incidents batches""".split()
)
SAME_NAMES = {
    "__init__", "model", "status", "rules", "queries", "actions", "api", "pages", "intake", "intake_opening",
    "registration",  # what the API collects and intake loads by files; actions are writes on one locked account
    "views",  # what the API shows of a domain: Structs and the reads behind them, so that queries stay short
}  # fmt: skip

SAME_NAMES |= {"start"}  # reports: the first page, made of parts that other pages have too
SAME_NAMES |= {"redirection"}  # payouts: an action of its own size
SAME_NAMES |= {"account_pages", "search_pages"}  # reports: pages over several domains, each too long for one file
SAME_NAMES |= {"insight", "insight_api"}  # reports: ageing and funnel with the claims behind them, read and shown
SAME_NAMES |= {
    "agreement_api",
    "agreement_pages",
}  # offsetting: the register of agreements, beside a full api and pages
SAME_NAMES |= {"bulk"}  # declarations: the short way of a large file, too long for intake
FORMATS_ALLOWED = {"parties", "claims", "declarations", "payouts", "banking"}  # one pure module per file format
FORMAT_NAME = re.compile(
    r"^(format_\w+|\w*(csv|jsonl|pain001|camt053|mt940|vecozo|files?)|specification|intake|checks)$"
)
NO_IO = {
    "asyncpg", "asyncio", "os", "sys", "io", "socket", "subprocess", "pathlib", "httpx", "redis", "arq", "litestar",
    "structlog", "app.core.db", "app.core.clock", "app.core.settings", "app.core.embedded", "app.core.log",
    "app.core.outbox", "app.core.audit", "app.core.migrate",
}  # fmt: skip
SQL_START = re.compile(
    r"^\s*(select|insert\s+into|update|delete\s+from|with|merge\s+into|copy|create|alter|drop)\s", re.I
)
SQL_MORE = re.compile(r"\b(from|into|set|table|values|where|database|role)\b", re.I)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def parsed(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sources(*folders):
        # a collection in the middle of it that logs a traceback parses too, and CPython 3.11 takes that for a fault
        # ("AST constructor recursion depth mismatch", python/cpython#106905)
        gc.disable()
        try:
            tree = ast.parse(path.read_text())
        finally:
            gc.enable()
        yield str(path.relative_to(ROOT)), tree


def tracked() -> list[str]:
    """Files of the repository; on a machine without git everything that is not made by ./dev."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    else:
        made = re.compile(r"^\.(git|venv|data|\w+_cache|hypothesis)/|__pycache__")
        every = (str(path.relative_to(ROOT)) for path in ROOT.rglob("*"))
        names = [name for name in every if not made.search(f"{name}/")]
    return sorted(name for name in names if name and (ROOT / name).is_file())


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported name, in full: `from app.core import db` gives `app.core.db`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = [f"{path.relative_to(ROOT)}: {count}" for path in sources("app", "jobs") if (count := _lines(path)) > 400]
    assert long == []


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{name}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1}"
        for name, tree in parsed("app", "jobs", "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 60
    ]
    assert long == []


def test_every_public_name_of_a_module_says_what_it_is() -> None:
    silent = [
        f"{name}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'the module')}"
        for name, tree in parsed("app", "jobs")
        for node in (tree, *tree.body)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not getattr(node, "name", "").startswith("_")
        and ast.get_docstring(node) is None
        and tree.body  # an empty __init__.py only makes a package
    ]
    assert silent == []


def test_only_the_command_line_prints() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in parsed("app", "jobs")
        if not re.match(r"app/(cli\w*|console)\.py$|app/cli/", name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) == "print"
    ]
    assert found == []


def test_only_the_clock_module_reads_the_time() -> None:
    reading = re.compile(r"(^|\.)((datetime|date)\.(now|today|utcnow)|time\.(time|time_ns|localtime|gmtime|ctime))$")
    found = [
        f"{name}:{node.lineno} {dotted(node)}"
        for name, tree in parsed("app", "jobs")
        if name != "app/core/clock.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and reading.search(dotted(node))
    ]
    found += [f"{name}:{line} {what}" for name, line, what in _clock_elsewhere()]
    assert found == []


def _clock_elsewhere() -> Iterator[tuple[str, int, str]]:
    """`from time import time`, and a statement that takes the server's day for the business date."""
    for name, tree in parsed("app", "jobs"):
        for line, what in imports(tree):
            if what in ("time.time", "time.time_ns", "time.localtime"):
                yield name, line, what
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "current_date" in node.value:
                yield name, node.lineno, "current_date"
    for path in sorted((ROOT / "jobs").rglob("*.sql")):
        for number, line_text in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\b(current_date|localtimestamp)\b", line_text.split("--")[0], re.I):
                yield str(path.relative_to(ROOT)), number, "current_date"


def test_no_float_comes_near_money() -> None:
    """A line that needs one for something else (a duration) says so: `# not money: …`."""
    found = []
    for name, tree in parsed("app", "jobs"):
        if name.startswith("app/core/") and name != "app/core/money.py":
            continue
        lines = (ROOT / name).read_text().splitlines()
        found += [
            f"{name}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id == "float" and "# not money:" not in lines[node.lineno - 1]
        ]
    assert found == []


def test_no_error_is_swallowed() -> None:
    found = []
    for name, tree in parsed("app", "jobs"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                wide = node.type is None or dotted(node.type) in ("Exception", "BaseException")
                idle = all(isinstance(each, ast.Pass | ast.Continue) for each in node.body)
                if node.type is None or (wide and idle):
                    found.append(f"{name}:{node.lineno}")
            elif isinstance(node, ast.Call) and dotted(node.func).endswith("suppress"):
                found += [
                    f"{name}:{node.lineno}" for each in node.args if dotted(each) in ("Exception", "BaseException")
                ]
    assert found == []


def test_no_work_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplemented(Error)?)\b")
    found = [
        f"{name}:{number}"
        for name in tracked()
        if name.startswith(("app/", "jobs/", "migrations/")) and name.endswith((".py", ".sql"))
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_no_value_is_pasted_into_sql() -> None:
    found = []
    for name, tree in parsed("app", "jobs"):
        for node in ast.walk(tree):
            text, pasted = _text_with_values(node)
            if pasted and SQL_START.search(text) and SQL_MORE.search(text):
                found.append(f"{name}:{node.lineno}")  # type: ignore[attr-defined]
    assert found == []


def _text_with_values(node: ast.AST) -> tuple[str, bool]:
    """The fixed text of an f-string, a `+`, a `%` or a `.format`, and whether a value goes into it."""
    if isinstance(node, ast.JoinedStr):
        fixed = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        return fixed, any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod) and isinstance(node.left, ast.Constant):
        return str(node.left.value), not isinstance(node.right, ast.Constant)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return (str(node.func.value.value), True) if isinstance(node.func.value, ast.Constant) else ("", False)
    return "", False


def test_a_domain_is_a_known_noun_with_the_same_file_names() -> None:
    found = []
    for folder in sorted(path for path in (ROOT / "app").iterdir() if path.is_dir() and path.name != "__pycache__"):
        if folder.name in ("core", "web", "commands"):  # toolbox, pages' base and command line: no domains
            continue
        if folder.name not in DOMAINS:
            found.append(f"app/{folder.name} is not a domain of the design")
        for path in folder.iterdir():
            if path.name in ("__pycache__", "templates", "examples"):
                continue
            file_format = folder.name in FORMATS_ALLOWED and FORMAT_NAME.match(path.stem)
            if path.suffix != ".py" or (path.stem not in SAME_NAMES and not file_format):
                found.append(f"{path.relative_to(ROOT)} is not one of {sorted(SAME_NAMES)}")
    assert found == []


def test_rules_and_models_do_no_input_or_output() -> None:
    found = [
        f"{name}:{line} {what}"
        for name, tree in parsed("app")
        if re.match(r"app/\w+/(rules|model)\.py$", name) and not name.startswith(("app/core/", "app/web/"))
        for line, what in imports(tree)
        if any(what == banned or what.startswith(f"{banned}.") for banned in NO_IO)
        or re.match(r"app\.\w+\.(queries|actions|api|pages)\b", what)
    ]
    assert found == []


def test_another_domain_is_entered_by_its_door() -> None:
    """`from app.claims import …` and not `from app.claims.queries import …`; main mounts api and pages."""
    found = []
    for name, tree in parsed("app", "jobs"):
        own = name.split("/")[1]
        for line, what in imports(tree):
            parts = what.split(".")
            inside = len(parts) > 2 and parts[0] == "app" and parts[1] in DOMAINS and parts[1] != own
            if not inside or not (ROOT / "app" / parts[1] / f"{parts[2]}.py").exists():
                continue
            if not (name == "app/main.py" and (parts[2] in ("api", "start") or parts[2].endswith("pages"))):
                found.append(f"{name}:{line} {what}")
    assert found == []


def test_every_test_asserts_something() -> None:
    found = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in parsed("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not any(_asserts(each) for each in ast.walk(node))
    ]
    assert found == []


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return bool(re.search(r"(^|[._])(assert|raises|refused|expect|check_page)", dotted(node.func)))
    return isinstance(node, ast.Assert) and not (isinstance(node.test, ast.Constant) and node.test.value is True)


def test_no_tracked_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    host = re.compile(r"https?://[a-z0-9.-]*(mirror|proxy|artifactory|nexus|registry)[a-z0-9.-]*", re.I)
    path = re.compile(r"/(work|farm|root)/[a-z.]|/tmp/bash[_]jobs")
    public = re.compile(r"registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org|docker\.io|ghcr\.io")
    found = []
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if b"\0" in content or name.endswith(".svg"):
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            if (host.search(line) or path.search(line)) and not public.search(line):
                found.append(f"{name}:{number}")
    assert found == []


def test_the_lock_file_names_no_host_and_has_a_hash_for_every_file() -> None:
    text = (ROOT / "requirements.lock").read_text()
    strange = [
        line
        for line in text.splitlines()
        if not re.match(r"^([a-z0-9.-]+==\S+( ; [^/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$", line)
    ]
    assert strange == []
    assert all("--hash" in block for block in re.split(r"\n(?=[a-z])", text))


def test_the_lock_file_holds_every_dependency_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted = {re.match(r"[\w.-]+", each)[0].lower() for each in named}  # type: ignore[index]
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), re.M))
    assert wanted - locked == set()


def test_every_dependency_carries_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.M | re.S)
    bare = [line for block in lists for line in block.splitlines() if " # " not in line]
    assert len(lists) == 2
    assert bare == []


def test_the_worked_cases_are_those_of_the_brief() -> None:
    """The cases are copied into the repository; where the originals stand beside it, the copies equal them."""
    originals, copies = ROOT.parent / "shared" / "cases", ROOT / "tests" / "cases"
    changed = [
        path.name
        for path in (originals.iterdir() if originals.is_dir() else ())
        if path.suffix in (".yaml", ".csv")
        and (not (copies / path.name).exists() or (copies / path.name).read_bytes() != path.read_bytes())
    ]
    assert changed == []


def test_what_the_quick_tests_leave_out_is_there() -> None:
    assert [place for place in LONG if not (ROOT / "tests" / place).exists()] == []


@pytest.mark.parametrize("name", ["dev", ".ci/run"])
def test_the_entrances_are_executable(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o111 == 0o111
