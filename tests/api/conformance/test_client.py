"""A Python client, generated from the document, in use: typed bodies in, typed answers and problems out."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.core.settings import ROOT
from tests.api.client import Api
from tests.api.conformance.document import operations
from tests.api.conformance.world import small_world

NAME = "vereffen_client"


@pytest.fixture(scope="module")
def folder(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The generated package, on the path while these tests run. A warning of the generator is a failure."""
    made = tmp_path_factory.mktemp("client")
    (made / "openapi.json").write_bytes(msgspec.json.encode(document))
    (made / "config.yaml").write_text("post_hooks: []\n")  # nobody reads it: no need to format it
    command = [
        sys.executable, "-m", "openapi_python_client", "generate", "--path", made / "openapi.json", "--fail-on-warning",
        "--config", made / "config.yaml", "--meta", "none", "--output-path", made / NAME,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def module(name: str) -> Any:
    return importlib.import_module(f"{NAME}.{name}")


async def connected(api: Api) -> Any:
    """A client that speaks to the application in this process, with a token of every scope."""
    await small_world(api.db)
    client = module("client").AuthenticatedClient(base_url="http://localhost/v1", token=await api.token())
    client.set_async_httpx_client(
        httpx.AsyncClient(
            transport=httpx.ASGITransport(api.app),
            base_url="http://localhost/v1",
            headers={"authorization": f"Bearer {client.token}"},
        )
    )
    return client


def test_the_client_has_a_function_for_every_operation(folder: Path, document: dict[str, Any]) -> None:
    made = {path.stem for path in (folder / NAME / "api").rglob("*.py")} - {"__init__"}
    wanted = {"".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in each.raw["operationId"])
              for each in operations(document)}  # fmt: skip
    assert wanted <= made


@pytest.mark.slow
def test_the_client_passes_the_strict_type_checker(folder: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache'}", NAME]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
