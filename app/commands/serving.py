"""Commands around the API: serve, token."""

import asyncio
import gc
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from litestar import Litestar

from app.commands.context import ACTOR, Context
from app.commands.servers import running_valkey
from app.console import complain, say, table
from app.core import log, settings
from app.core.errors import Refusal
from app.core.settings import Settings
from app.main import METRICS_FOLDER, create_app
from app.web import tokens

STOP_SECONDS = 10.0  # not money: what is in hand after a SIGTERM is done by then, or rolled back
_HEADER_MS = 10_000  # who takes longer over the head of a request holds a connection for nothing
_CONNECTIONS = 4096  # per process; far above the requests in hand, so that idle connections stop nobody


async def serve(context: Context) -> int:
    """Answer the API until SIGTERM or Ctrl-C; then no new requests, and those in hand are done within ten seconds."""
    with running_valkey(context) as redis_url:
        async with api_server(context.settings, context.url, redis_url, processes=context.args.processes) as ended:
            complain(f"De API luistert op http://{context.settings.host}:{context.settings.port}/v1; Ctrl-C stopt.")
            code = await ended.wait()
    return int(code)


@asynccontextmanager
async def api_server(
    chosen: Settings, database_url: str, redis_url: str | None, *, processes: int = 1
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The API in child processes for as long as the block runs; yields the child, whose `wait()` ends when it does."""
    with tempfile.TemporaryDirectory(prefix="vereffen-metrics-") as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            **({"REDIS_URL": redis_url} if redis_url else {}),
            "VEREFFEN_HOST": chosen.host,
            "VEREFFEN_PORT": str(chosen.port),
            "VEREFFEN_LOG_LEVEL": chosen.log_level,
            "VEREFFEN_DATA": str(chosen.data),
            **({"VEREFFEN_BUSINESS_DATE": f"{chosen.business_date}"} if chosen.business_date else {}),
            METRICS_FOLDER: folder,
        }
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.commands.serving", str(processes), cwd=settings.ROOT, env=environment
        )
        try:
            yield child
        finally:
            await _stop(child)


async def answering(chosen: Settings, stop: asyncio.Event) -> bool:
    """Wait until the server takes connections; False when `stop` is set before that, because it ended."""
    while not stop.is_set():
        try:
            _, writer = await asyncio.open_connection(chosen.host, chosen.port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return True
    return False


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(child.wait(), STOP_SECONDS)
    except TimeoutError:
        child.kill()  # PostgreSQL rolls back what was open
        await child.wait()


def application() -> Litestar:
    """The application of one server process; called by the server, with the settings of the environment."""
    chosen = settings.read()
    log.configure(chosen.log_level)
    app = create_app(chosen)
    # What stands for good is not looked through again: a full collection over it held up every request for 0.1 s.
    gc.collect()
    gc.freeze()
    return app


def main() -> None:
    """The server, `-m app.commands.serving PROCESSES`: listens, and starts a process again that fails."""
    chosen = settings.read()
    Granian(
        "app.commands.serving:application",
        factory=True,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=int(sys.argv[1]),
        backpressure=_CONNECTIONS,
        backlog=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=int(STOP_SECONDS) - 2,
        log_dictconfig=log.standard_library(chosen.log_level),
        log_level=LogLevels(chosen.log_level),
        log_access=False,
    ).serve()


async def token(context: Context) -> int:
    """Make, list or revoke tokens of the API."""
    args = context.args
    if args.action == "create":
        return await _create(context)
    if args.action == "revoke":
        if args.token is None:
            raise Refusal("token_number", "Say which: vereffen token revoke NUMBER", status=422, field="NUMBER")
        await tokens.revoke(context.connection, args.token, actor=ACTOR)
        say(f"Token {args.token} is ingetrokken; binnen vijf seconden weigert elk proces hem.")
        return 0
    codes = await context.codes()
    table(
        ["token", "naam", "rechten", "risicodragers", "geldig tot", "laatst gebruikt", "ingetrokken"],
        [
            (
                each.token_id,
                each.name,
                " ".join(each.scopes),
                " ".join(codes.get(carrier, str(carrier)) for carrier in each.carriers),
                f"{each.expires_at:%Y-%m-%d}",
                f"{each.last_used_at:%Y-%m-%d}" if each.last_used_at else "",
                f"{each.revoked_at:%Y-%m-%d %H:%M}" if each.revoked_at else "",
            )
            for each in await tokens.every(context.connection)
        ],
        right=(0,),
    )
    return 0


async def _create(context: Context) -> int:
    args = context.args
    if not args.name or not args.scope or not args.risk_carrier:
        raise Refusal(
            "token_arguments", "Say --name, --scope and --risk-carrier; the last two may be given more than once.",
            status=422,
        )  # fmt: skip
    codes = await context.codes()
    known = {code: number for number, code in codes.items()}
    if unknown := [code for code in args.risk_carrier if code not in known]:
        raise Refusal(
            "unknown_risk_carrier",
            f"There is no risk carrier {unknown[0]!r}; there are: {', '.join(sorted(known)) or 'none yet'}.",
            status=404,
            field="--risk-carrier",
        )
    number, text = await tokens.create(
        context.connection,
        name=args.name,
        scopes=args.scope,
        carriers=[known[code] for code in args.risk_carrier],
        days=args.days,
        actor=ACTOR,
    )
    complain(f"Token {number}, {args.days} dagen geldig. Hij staat hier deze ene keer; bewaar hem als een wachtwoord.")
    say(text)
    return 0


if __name__ == "__main__":
    main()
