"""The service as it runs in production: `vereffen serve` and `vereffen work` as processes, on the login of compose."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.core.db import Connection
from app.core.settings import ROOT

_LOGIN = """
do $$ begin
  create role service_login login;
exception when duplicate_object or unique_violation then null;  -- another database of this server made it
end $$;
grant vereffen_staff, vereffen_worker, vereffen_readonly, vereffen_loader to service_login;
"""


class Service(msgspec.Struct, frozen=True):
    """Where it answers, and the environment in which commands meet the same books as the owner of the database."""

    url: str
    environment: dict[str, str]


async def service_login(owner: Connection, url: str) -> str:
    """`url` with a login as docker/postgres/10-login.sql makes it: member of four roles, owner of nothing.

    By another name: roles belong to the whole server, and tests of rights look at all that begin with vereffen_.
    """
    await owner.execute(_LOGIN)
    assert "postgres@" in url, "the embedded server's URL"
    return url.replace("postgres@", "service_login@")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def running(owner_url: str, service_url: str, redis_url: str, data: Path, **more: str) -> Iterator[Service]:
    """API and worker until the block ends; both are asked to stop by SIGTERM and must do so within ten seconds."""
    port = free_port()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("VEREFFEN_", "DATABASE_", "REDIS_"))
    }
    common = {**kept, "REDIS_URL": redis_url, "VEREFFEN_DATA": str(data), "VEREFFEN_PORT": str(port), **more}
    processes = []
    data.mkdir(parents=True, exist_ok=True)
    with (data / "service.log").open("wb") as log:
        for command in ("serve", "work"):
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "app.cli", command],
                    cwd=ROOT, env={**common, "DATABASE_URL": service_url},
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )
            )  # fmt: skip
        try:
            _wait_until_ready(port, processes[0], data / "service.log")
            yield Service(f"http://127.0.0.1:{port}", {**common, "DATABASE_URL": owner_url})
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            codes = [process.wait(15) for process in processes]
    assert set(codes) <= {0, 130}, (data / "service.log").read_text()[-3000:]  # 130: stopped from outside


def _wait_until_ready(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        if server.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(log.read_text()[-3000:])
        time.sleep(0.1)


def token(service: Service, *arguments: str) -> str:
    """A token made by the command line, as an operator makes one."""
    made = subprocess.run(
        [sys.executable, "-m", "app.cli", "token", "create", *arguments],
        cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return next(word for word in made.stdout.split() if word.startswith("vrf_"))
