"""The private servers: what stays, what goes, and what happens when someone is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
import redis

from app.core import embedded
from app.core.settings import ROOT

HOLD = """
import pathlib, signal, sys, time
from app.core import embedded
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell starts in the background
with embedded.postgres(pathlib.Path(sys.argv[1]) / "pg", durable=True) as url, \\
        embedded.valkey(pathlib.Path(sys.argv[1]) / "valkey"):
    print(url, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Any:
    """A short folder that the server's user may pass."""
    path = Path(f"/tmp/vf-test-{os.getpid()}-{time.monotonic_ns()}")
    path.mkdir(mode=0o755)
    yield path
    assert eventually(lambda: not servers(path))
    if (link := path / "pg").is_symlink():
        shutil.rmtree(link.resolve().parent)
    shutil.rmtree(path)


async def one(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def hold(folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """Another process that runs both servers on `folder`."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def servers(folder: Path) -> list[int]:
    """Pids of the PostgreSQL and Valkey that `folder` names; 0 for a Valkey that is just stopping."""
    found, stopping = [], []
    if (lock := folder / "pg" / "postmaster.pid").exists():
        found.append(int(lock.read_text().split()[0]))
    try:
        if (place := folder / "valkey" / "socket").exists() and Path(place.read_text()).exists():
            found.append(redis.Redis(unix_socket_path=place.read_text()).info("server")["process_id"])
    except (redis.ConnectionError, FileNotFoundError):  # between two of these looks it went
        stopping.append(0)
    return [*stopping, *(pid for pid in found if runs(pid))]


def runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def gone(url: str) -> bool:
    return not Path(url.split("host=")[1]).exists()


def eventually(true: Callable[[], bool], seconds: int = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


async def test_a_durable_server_syncs_and_continues_where_it_stopped(folder: Path) -> None:
    with embedded.postgres(folder / "pg", durable=True) as url:
        assert await one(url, "select current_setting('fsync') || current_setting('synchronous_commit')") == "onon"
        await one(url, "create table kept as select 42 as answer")
    assert servers(folder) == []
    with embedded.postgres(folder / "pg", durable=True, settings={"work_mem": "7MB"}) as url:
        assert await one(url, "select answer from kept") == 42
        assert await one(url, "show work_mem") == "7MB"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_no_server_outlives_its_owner(folder: Path, how: signal.Signals) -> None:
    owner, url = hold(folder)
    pids = servers(folder)
    assert len(pids) == 2
    assert all(runs(pid) for pid in pids)
    owner.send_signal(how)
    owner.wait(30)
    assert eventually(lambda: not any(runs(pid) for pid in pids))
    assert eventually(lambda: gone(url))


async def test_a_server_that_was_killed_starts_again_with_what_was_committed(folder: Path) -> None:
    owner, url = hold(folder)
    await one(url, "create table kept as select 42 as answer")
    os.kill(servers(folder)[0], signal.SIGKILL)
    owner.kill()
    owner.wait(30)
    with embedded.postgres(folder / "pg", durable=True) as again:
        assert await one(again, "select answer from kept") == 42


async def test_a_lock_file_with_the_pid_of_something_else_is_no_obstacle(folder: Path) -> None:
    lock = folder / "pg" / "postmaster.pid"
    with embedded.postgres(folder / "pg", durable=True):
        stale = lock.read_text().splitlines()
    something_else = subprocess.Popen(["sleep", "60"])
    lock.write_text("\n".join([str(something_else.pid), *stale[1:]]) + "\n")
    with embedded.postgres(folder / "pg", durable=True) as url:
        assert await one(url, "select 1") == 1
    something_else.kill()
    something_else.wait()


async def test_a_second_process_uses_the_server_that_runs(folder: Path) -> None:
    owner, url = hold(folder)
    with embedded.postgres(folder / "pg", durable=True) as joined, embedded.valkey(folder / "valkey") as bell:
        assert joined == url
        assert redis.Redis.from_url(bell).ping() is True
    assert await one(url, "select 1") == 1
    owner.terminate()
    owner.wait(30)


async def test_without_user_namespaces_root_runs_it_as_nobody_even_below_a_closed_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "unshare" else which(name))
    folder.chmod(0o700)
    with embedded.postgres(folder / "pg", durable=True) as url:
        await one(url, "create table kept as select 42 as answer")
    with embedded.postgres(folder / "pg", durable=True) as url:
        assert await one(url, "select answer from kept") == 42


async def test_a_temporary_server_leaves_nothing() -> None:
    with embedded.temporary_postgres() as url:
        assert await one(url, "show fsync") == "off"
    assert gone(url)


def test_a_folder_of_another_major_version_is_refused_with_the_remedy(folder: Path) -> None:
    (folder / "pg").mkdir()
    (folder / "pg" / "PG_VERSION").write_text("14\n")
    with (
        pytest.raises(SystemExit, match=r"made by PostgreSQL 14 .* remove the folder"),
        embedded.postgres(folder / "pg", durable=True),
    ):
        pass


@pytest.mark.parametrize("major", [14, 9])
def test_a_server_older_than_15_is_refused_with_the_version_and_the_remedy(major: int) -> None:
    class Old:
        def get_server_version(self) -> asyncpg.ServerVersion:
            return asyncpg.ServerVersion(major, 3, 0, "final", 0)

    with pytest.raises(SystemExit, match=rf"PostgreSQL {major}\.3\. Upgrade it"):
        embedded.check_server_version(cast(Any, Old()))


async def test_the_embedded_server_is_new_enough(server_url: str) -> None:
    connection = await asyncpg.connect(server_url)
    embedded.check_server_version(connection)
    await connection.close()
    assert connection.get_server_version().major >= 15
