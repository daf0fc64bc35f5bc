"""`vereffen demo`: ends by itself where nobody looks; with --serve it answers until it is stopped."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from app.commands import showing
from app.core.settings import ROOT, Settings
from tests.api.conformance.service import free_port


@pytest.fixture
def environment(db_url: str, valkey_url: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VEREFFEN_")}
    servers = {"DATABASE_URL": db_url, "REDIS_URL": valkey_url}
    return kept | servers | {"VEREFFEN_DATA": str(tmp_path), "VEREFFEN_PORT": str(free_port())}


_SMALL = """
import sys
from jobs import demo
from jobs.demo.model import Size
whole = demo.run_demo
async def small(*args, **more):
    await whole(*args, size=Size(providers=32, declarations=320, claims=60), **more)
demo.run_demo = small
from app.cli import main
sys.exit(main(sys.argv[1:]))
"""


def started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """The demo at a small size, as a process of its own."""
    command = [sys.executable, "-c", _SMALL, "demo", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until_it_shows(process: subprocess.Popen[str]) -> list[str]:
    """The lines up to the people to sign in as."""
    assert process.stdout is not None
    lines: list[str] = []
    while "Bas Beheerder" not in "".join(lines[-1:]):
        line = process.stdout.readline()
        assert line, f"it ended: {process.communicate()[1]}"
        lines.append(line)
    return lines


def test_it_serves_until_ctrl_c_and_a_second_time_in_seconds(environment: dict[str, str]) -> None:
    assert started(environment).wait(120) == 0  # the output is no terminal: it only tells
    begun = time.monotonic()
    process = started(environment, "--serve")
    lines = until_it_shows(process)
    took = time.monotonic() - begun
    address = re.search(r"http://\S+/", "".join(lines))
    assert address is not None
    page = httpx.get(f"{address[0]}sign-in").text
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert "Inloggen" in page
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert took < 20


def test_where_the_usual_port_is_taken_another_is_used() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # then another program has it, which is as good
            other.bind(("127.0.0.1", 8000))
            other.listen()
        assert showing._port(Settings()) not in (0, 8000)


def test_a_port_that_was_asked_for_is_taken() -> None:
    assert showing._port(Settings(port=18_123)) == 18_123
