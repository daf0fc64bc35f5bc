"""A Python client, generated from the document, in use: typed bodies in, typed answers and problems out."""

import copy
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
CONFIG = """
post_hooks: []  # nobody reads it here: no need to format it
content_type_overrides:  # a file is sent as it is
  application/x-ndjson: application/octet-stream
"""


@pytest.fixture(scope="module")
def folder(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The generated package, on the path while these tests run. A warning of the generator is a failure."""
    made = tmp_path_factory.mktemp("client")
    (made / "openapi.json").write_bytes(msgspec.json.encode(with_one_body(document)))
    (made / "config.yaml").write_text(CONFIG)
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


def with_one_body(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the first media type of each body: the generator takes one for an upload."""
    copied: dict[str, Any] = copy.deepcopy(document)
    for each in operations(copied):
        if each.body is not None:
            each.body["content"] = dict(list(each.body["content"].items())[:1])
    return copied


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


async def test_a_claim_is_registered_and_read_back_typed(folder: Path, api: Api) -> None:
    client = await connected(api)
    made = await module("api.claims.register_claim").asyncio(
        client=client,
        risk_carrier="VZ",
        source="client",
        idempotency_key="client-1",
        body=module("models").Claim.from_dict(
            {
                "type": "claim", "id": "C1", "agb": "06020101", "reasonCode": "CM98", "amountCents": 12500,
                "ground": "Dubbel gedeclareerd", "letterDate": "2026-03-02",
            }
        ),
    )  # fmt: skip
    read = await module("api.claims.get_claim").asyncio(client=client, reference=made.reference)
    assert isinstance(read, module("models").ClaimDetail)
    assert (read.amount_cents, read.due_date) == (12500, made.due_date)


async def test_every_page_of_a_list_is_reached_by_its_cursor(folder: Path, api: Api) -> None:
    client = await connected(api)
    unset = module("types").UNSET
    found: list[str] = []
    after: Any = unset
    while after is not None:
        page = await module("api.claims.list_claims").asyncio(client=client, page_size=1, cursor=after)
        found += [each.reference for each in page.items]
        after = page.next_cursor
    assert len(found) == len(set(found)) == await api.db.fetchval("select count(*) from claim")


async def test_a_problem_is_typed_too(folder: Path, api: Api) -> None:
    client = await connected(api)
    answer = await module("api.claims.get_claim").asyncio_detailed(client=client, reference="VOR-2026-00009999-9")
    assert answer.status_code == 404
    assert isinstance(answer.parsed, module("models").Problem)
    assert answer.parsed.code == "claim_unknown"


@pytest.mark.slow
def test_the_client_passes_the_strict_type_checker(folder: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache'}", NAME]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
