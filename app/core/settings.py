"""Everything that the environment decides, read once at the edge and passed on as a value."""

import ipaddress
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process. None for a server's URL means: use an embedded one."""

    database_url: str | None = None
    """`DATABASE_URL`, postgresql://…; PostgreSQL 15 or newer. `DATABASE_URL_FILE` names a file that holds it."""
    redis_url: str | None = None
    """`REDIS_URL`, redis://…, rediss://… or unix://…; Redis 7, Valkey 8 and newer. `REDIS_URL_FILE`: a file with it."""
    data: Path = ROOT / ".data"
    """`VEREFFEN_DATA`: folder of the embedded servers and of the demo's files."""
    host: str = "127.0.0.1"
    """`VEREFFEN_HOST`: address that the web server listens on."""
    port: int = 8000
    """`VEREFFEN_PORT`: its TCP port, 0 to 65535."""
    pool_size: int = 8
    """`VEREFFEN_POOL_SIZE`: database connections per process, 1 to 500."""
    workers: int = 2
    """`VEREFFEN_WORKERS`: workers of a night, 1 to 64; one per core is best."""
    lease_seconds: int = 12
    """`VEREFFEN_LEASE_SECONDS`: how long work whose worker died waits before another takes over, 1 to 3600."""
    hosts: tuple[str, ...] = ()
    """`VEREFFEN_HOSTS`: names, with commas, under which the API is reached; localhost and `host` always count."""
    trusted_proxies: tuple[str, ...] = ()
    """`VEREFFEN_TRUSTED_PROXIES`: addresses or networks whose X-Forwarded-For and -Proto are believed; default none."""
    rate: int = 500
    """`VEREFFEN_RATE`: requests a second of one token per process, twice that at once, 1 to 1000000."""
    in_flight: int = 200
    """`VEREFFEN_IN_FLIGHT`: requests that one process has in hand at most, 1 to 10000; more get 503."""
    metrics_open: bool = False
    """`VEREFFEN_METRICS_OPEN`: 1 answers /metrics without a token."""
    business_date: date | None = None
    """`VEREFFEN_BUSINESS_DATE`: for demo and tests, the day that API and commands take for today, 2026-03-31."""
    batch_max_bytes: int = 2 << 30
    """`VEREFFEN_BATCH_MAX_BYTES`: largest file that may be uploaded, as it is sent, 1 to 1099511627776."""
    batch_keep_days: int = 30
    """`VEREFFEN_BATCH_KEEP_DAYS`: how long uploaded bytes stay once loaded or refused, 0 to 3650; the report stays."""
    log_level: str = "info"
    """`VEREFFEN_LOG_LEVEL`: debug, info, warning or error."""


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`; SystemExit with a sentence that names the variable when a value is no good."""
    level = environ.get("VEREFFEN_LOG_LEVEL", "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise SystemExit(f"VEREFFEN_LOG_LEVEL is {level!r}; use debug, info, warning or error.")
    return Settings(
        database_url=_url(environ, "DATABASE_URL", ("postgresql://", "postgres://")),
        redis_url=_url(environ, "REDIS_URL", ("redis://", "rediss://", "unix://")),
        data=Path(environ.get("VEREFFEN_DATA") or ROOT / ".data").expanduser().absolute(),
        host=environ.get("VEREFFEN_HOST") or "127.0.0.1",
        port=_number(environ, "VEREFFEN_PORT", 8000, 0, 65535),
        pool_size=_number(environ, "VEREFFEN_POOL_SIZE", 8, 1, 500),
        workers=_number(environ, "VEREFFEN_WORKERS", 2, 1, 64),
        lease_seconds=_number(environ, "VEREFFEN_LEASE_SECONDS", 12, 1, 3600),
        hosts=_list(environ, "VEREFFEN_HOSTS"),
        trusted_proxies=_networks(environ, "VEREFFEN_TRUSTED_PROXIES"),
        rate=_number(environ, "VEREFFEN_RATE", 500, 1, 1_000_000),
        in_flight=_number(environ, "VEREFFEN_IN_FLIGHT", 200, 1, 10_000),
        metrics_open=_number(environ, "VEREFFEN_METRICS_OPEN", 0, 0, 1) == 1,
        business_date=_date(environ, "VEREFFEN_BUSINESS_DATE"),
        batch_max_bytes=_number(environ, "VEREFFEN_BATCH_MAX_BYTES", 2 << 30, 1, 1 << 40),
        batch_keep_days=_number(environ, "VEREFFEN_BATCH_KEEP_DAYS", 30, 0, 3650),
        log_level=level,
    )


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(each.strip().lower() for each in environ.get(name, "").split(",") if each.strip())


def _networks(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = _list(environ, name)
    for each in found:
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise SystemExit(f"{name} holds {each!r}; use addresses or networks, such as 10.0.0.0/8.") from None
    return found


def _date(environ: Mapping[str, str], name: str) -> date | None:
    text = environ.get(name) or None
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise SystemExit(f"{name} is {text!r}; write a date as 2026-03-31.") from None


def _url(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = environ.get(name) or _file(environ, f"{name}_FILE")
    if value is not None and not value.startswith(schemes):
        # the value itself stays out of the sentence: it may hold a password
        raise SystemExit(f"{name} must start with {' or '.join(schemes)}.")
    return value


def _file(environ: Mapping[str, str], name: str) -> str | None:
    """The content of the file that the variable names: a mounted secret, which no list of processes shows."""
    if not (path := environ.get(name)):
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{name} names {path!r}, which cannot be read: {error}.") from None


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SystemExit(f"{name} is {text!r}; use a whole number from {low} to {high}.")
    return int(text)
