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

from app.core.db import Connection
from tests.api.conformance.service import Service, running, service_login, token
from tests.api.conformance.world import small_world

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
    "allow_header_conformance,ignored_auth"
)


@pytest.fixture
async def service(db: Connection, db_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """API and worker on the small world."""
    await small_world(db)
    with running(db_url, await service_login(db, db_url), valkey_url, tmp_path / "data", VEREFFEN_RATE="100000") as up:
        yield up


class Told(msgspec.Struct):
    """What schemathesis says of a run: how many requests, and its own words when something was found."""

    requests: int
    failures: str


def ask(service: Service, report: Path, *options: str) -> Told:
    """One run of schemathesis over every operation with a token of all scopes; its seed is in what it prints."""
    secret = token(service, "--name", "schemathesis", "--scope", "all", "--risk-carrier", "VZ")
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/v1/openapi.json", "--checks", CHECKS,
        "--header", f"Authorization: Bearer {secret}", "--no-color", "--output-sanitize", "false",
        "--generation-database", "none", "--continue-on-failure", "--request-timeout", "20", "--warnings", "off",
        "--report", "ndjson", "--report-ndjson-path", str(report), *options,
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": ""}
    done = subprocess.run(command, cwd=report.parent, env=environment, capture_output=True, text=True, check=False)
    generated = re.search(r"(\d+) generated", done.stdout)
    text = re.sub(r"Authorization: Bearer \S+", "Authorization: Bearer …", done.stdout)
    return Told(int(generated[1]) if generated else 0, "" if done.returncode == 0 else f"{text[-20000:]}{done.stderr}")
