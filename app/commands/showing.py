"""The demo: the insurer is played, and then shown in a browser until Ctrl-C."""

import asyncio
import signal
import socket
import sys

import msgspec

from app.commands.context import Context
from app.commands.people import demo_people
from app.commands.servers import running_valkey
from app.commands.working import work_until
from app.console import complain, say
from app.core.settings import Settings
from jobs import demo as demo_insurer
from jobs.demo.model import NEXT_DAY


async def demo(context: Context) -> int:
    """The demo insurer, from files to payouts, and the pages on it; a second run continues where the first one is.

    The pages are served when the output goes to a terminal, or when asked for by --serve; not with --no-serve.
    """
    version = await context.connection.fetchval("show server_version")
    with running_valkey(context) as redis_url:
        complain(f"PostgreSQL {version} en Valkey draaien op unix-sockets.")
        await demo_insurer.run_demo(context.url, data=context.settings.data, workers=context.settings.workers, out=say)
        wanted = sys.stdout.isatty() if context.args.serve is None else context.args.serve
        return await _show(context, redis_url) if wanted else 0


async def _show(context: Context, redis_url: str) -> int:
    """Serve the pages with a worker behind them until Ctrl-C or SIGTERM."""
    folder = context.settings.data / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    people = await demo_people(context.connection, folder)
    chosen = msgspec.structs.replace(
        context.settings,
        port=_port(context.settings),
        business_date=context.settings.business_date or NEXT_DAY,  # its night may be asked for
        log_level="warning",  # the lines of the result are what the terminal is for
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    from app.commands.serving import answering, api_server  # the framework: a demo that only prints needs none

    async with api_server(chosen, context.url, redis_url) as server:
        ended = asyncio.create_task(server.wait())
        ended.add_done_callback(lambda _: stop.set())
        if await answering(chosen, stop):
            say()
            say(f"Open http://{chosen.host}:{chosen.port}/ en log in als een van deze mensen:")
            say()
            for login, person, password in people:
                say(f"  {login:<14} {password:<22} {person}")
            say()
            complain("Ctrl-C stopt alles.")
            await work_until(stop, Context(context.args, chosen, context.url, context.connection), redis_url)
        failed = ended.done() and ended.result() != 0
    complain("Gestopt; er draait niets meer.")
    return 1 if failed else 0


def _port(chosen: Settings) -> int:
    """VEREFFEN_PORT; where it was left at its default and is taken, any that is free."""
    default = next(each.default for each in msgspec.structs.fields(Settings) if each.name == "port")
    if chosen.port != default or _is_free(chosen.host, chosen.port):
        return chosen.port or _free(chosen.host)
    return _free(chosen.host)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port
