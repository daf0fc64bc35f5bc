"""Every operation, asked with what its document allows and with what it does not, on real processes.

schemathesis draws the requests; whatever it sent, nothing may be a fault of ours (5xx), undocumented (status, content
type, headers, schema), let a stranger in, or leave books behind that do not add up.
"""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from app.core import db as database
from app.core.db import Connection
from app.core.settings import ROOT
from app.web.caller import SCOPES
from jobs.night.checking import run_checks
from tests.api.conformance.service import Service, running, service_login, token
from tests.api.conformance.world import first_night, small_world

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
    "allow_header_conformance,ignored_auth"
)

# The token not as a header of every request: where a check leaves it out, it is left out.
# 413 refuses what the schema forbids as well as 422 does: an array so long that its body has more than 1 MB.
CONFIG = """
[auth.openapi.token]
bearer = "SECRET"
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]
"""


@pytest.fixture
async def service(db: Connection, db_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """API and worker on the small world."""
    await small_world(db)
    await first_night(db_url, tmp_path / "payments")
    with running(
        db_url,
        await service_login(db, db_url),
        valkey_url,
        tmp_path / "data",
        VEREFFEN_RATE="1000000",
        VEREFFEN_TRUSTED_PROXIES="127.0.0.1",
    ) as up:
        yield up


class Told(msgspec.Struct):
    """What schemathesis says of a run: how many requests, and its own words when something was found."""

    requests: int
    failures: str


def ask(service: Service, folder: Path, *options: str) -> Told:
    """One run of schemathesis over every operation, with a token of every scope; its seed is in what it prints."""
    scopes = [part for scope in sorted(SCOPES) for part in ("--scope", scope)]
    secret = token(service, "--name", "schemathesis", "--risk-carrier", "VZ", *scopes)
    (folder / "schemathesis.toml").write_text(CONFIG.replace("SECRET", secret))
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"),
        "run", f"{service.url}/v1/openapi.json", "--checks", CHECKS, "--no-color", "--generation-database", "none",
        "--continue-on-failure", "--request-timeout", "20", "--warnings", "off", "--no-shrink", *options,
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.api.conformance.hooks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    generated = re.search(r"(\d+) generated", done.stdout)
    text = "\n".join(line[:400] for line in done.stdout.replace(secret, "vrf_…").splitlines())
    return Told(int(generated[1]) if generated else 0, "" if done.returncode == 0 else f"{text}{done.stderr}")


async def books_are_sound(db_url: str) -> list[str]:
    """What the checks over everything find; a fuzzer's commands are commands like any other."""
    connection = await database.connect(db_url, command_timeout=None)
    try:
        return [f"{found.check}: {found.what}" for found in await run_checks(connection, run_id=None)]
    finally:
        await connection.close()


async def test_a_few_requests_to_every_operation(service: Service, db_url: str, tmp_path: Path) -> None:
    told = ask(service, tmp_path, "--phases", "examples,fuzzing", "--max-examples", "4", "--seed", "1")
    assert not told.failures, told.failures
    assert told.requests > 100
    assert await books_are_sound(db_url) == []


@pytest.mark.slow
async def test_thousands_of_requests_to_every_operation(service: Service, db_url: str, tmp_path: Path) -> None:
    """Every edge that the document names (coverage), then what a random mind makes of it; a new seed every time."""
    examples = os.environ.get("VEREFFEN_FUZZ_EXAMPLES", "60")
    told = ask(service, tmp_path, "--phases", "examples,coverage,fuzzing", "--max-examples", examples)
    assert not told.failures, told.failures
    assert told.requests > 5_000
    assert await books_are_sound(db_url) == []
