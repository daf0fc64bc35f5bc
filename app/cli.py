"""`vereffen`: the command line. One function a command; what a command does lives in its domain."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg

from app import console
from app.commands import answers, intake, nights, people, servers, working
from app.commands.context import Context, Run
from app.core import embedded, settings
from app.core.db import connect
from app.core.errors import Refusal
from app.web.people import ROLES


@contextmanager
def _database(chosen: settings.Settings) -> Iterator[str]:
    """DATABASE_URL, or the embedded server on the data folder (joined when it runs, else started for this command)."""
    if chosen.database_url:
        yield chosen.database_url
        return
    chosen.data.mkdir(parents=True, exist_ok=True)
    joined = embedded.is_running(chosen.data / "pg")
    with embedded.postgres(chosen.data / "pg", durable=True, settings=_EMBEDDED) as url:
        yield url
        if not joined:
            asyncio.run(_others_done(url))


_OTHERS = """
select count(*) from pg_stat_activity where backend_type = 'client backend' and application_name <> 'vereffen waits'
"""


async def _others_done(url: str) -> None:
    """Whoever started the server stops it, and not under a command in another terminal: wait until that is done."""
    connection = await connect(url)
    try:
        await connection.execute("select set_config('application_name', 'vereffen waits', false)")
        if await connection.fetchval(_OTHERS):
            console.complain("Een andere opdracht gebruikt de database nog; wachten tot die klaar is (Ctrl-C stopt).")
        while await connection.fetchval(_OTHERS):  # noqa: ASYNC110 - the others are other processes
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


_EMBEDDED = {"shared_buffers": "512MB", "wal_buffers": "64MB", "work_mem": "64MB", "max_wal_size": "4GB"}


async def _with_connection(run: Run, args: argparse.Namespace, chosen: settings.Settings, url: str) -> int:
    try:
        connection = await connect(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # the URL stays out of the sentence: it may hold a password
        raise Refusal("no_database", f"The database of DATABASE_URL cannot be reached: {error}.", status=503) from error
    try:
        if args.command in ("up", "demo", "migrate") or chosen.database_url is None:
            for name in await servers.prepare(connection):
                console.complain(f"migratie {name}")
        else:
            embedded.check_server_version(connection)
        return await run(Context(args, chosen, url, connection))
    finally:
        await connection.close()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 refused or something found, 2 used wrongly, 3 the night waits."""
    args = _parser().parse_args(arguments)
    chosen = settings.read()
    try:
        if hasattr(args, "alone"):
            return asyncio.run(_interruptible(args.alone(args, chosen)))
        with _database(chosen) as url:
            return asyncio.run(_interruptible(_with_connection(args.run, args, chosen, url)))
    except Refusal as refusal:
        console.complain(refusal.message)
        return 1
    except BrokenPipeError:  # `… | head`: the reader has had enough
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - flushed by the interpreter at exit
        return 141
    except KeyboardInterrupt:
        console.complain("Gestopt; er draait niets meer. Een volgende start gaat verder waar dit ophield.")
        return 130


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """SIGTERM ends the work as Ctrl-C does: the open transaction rolls back, the next start resumes."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write 2026-03-31") from None


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of workers; write 1 to 64")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vereffen", description="Recover what care providers owe, to the cent.")
    sub = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made = sub.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    command("up", working.up, "migrate, and run servers, API and a worker until Ctrl-C")
    made = command(
        "demo",
        _later("showing", "demo"),
        "the demo insurer: import its files, run its nights, print what happened, show its pages",
    )
    made.add_argument(
        "--serve",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="serve the pages until Ctrl-C (default: when the output goes to a terminal)",
    )
    command("migrate", servers.migrated, "apply the migrations")
    _add_intake(command)
    _add_nights(command)
    _add_working(command)
    _add_serving(command)
    _add_people(command)
    _add_answers(command)
    _add_proving(sub)
    return parser


Adder = Callable[[str, Run, str], argparse.ArgumentParser]


def _carrier(made: argparse.ArgumentParser) -> None:
    made.add_argument("--risk-carrier", required=True, metavar="CODE", help="code of the risk carrier, e.g. VZ")


def _dated(made: argparse.ArgumentParser, name: str, text: str) -> None:
    made.add_argument(name, type=_day, default=None, metavar="DATE", help=f"{text} (default: today)")


def _add_intake(command: Adder) -> None:
    made = command("carrier", servers.carrier, "register a risk carrier, or change its name and account")
    made.add_argument("--code", required=True)
    made.add_argument("--name", required=True)
    made.add_argument("--kvk", required=True)
    made.add_argument("--iban", required=True, help="the account that payouts leave from")
    made.add_argument("--bic")
    made.add_argument("--uzovi", action="append", default=[], metavar="CODE")
    made = command("import", intake.imported, "load files of providers, claims, declarations or opening claims")
    made.add_argument("files", nargs="+", type=Path, metavar="FILE")
    made.add_argument("--risk-carrier", metavar="CODE", help="refuse a file of another risk carrier")
    _dated(made, "--business-date", "booking date of what is registered")
    made.add_argument("--rejections", type=Path, metavar="FILE", help="write every refused row there as JSON Lines")
    made = command("policy", intake.policy, "show, apply or compare policies")
    made.add_argument("action", choices=["show", "apply", "diff"])
    made.add_argument("file", nargs="?", type=Path, help="apply: the TOML file")
    _carrier(made)
    _dated(made, "--on", "show: the version in force on that date")
    made.add_argument("--version", type=int, help="show: that version")
    made.add_argument("--versions", type=int, nargs=2, metavar=("A", "B"), help="diff: the two versions")
    made = command("record", intake.recorded, "record a fact: payment, step, hold, adjustment, reversal, withdrawal, …")
    made.add_argument("kind", help="what is recorded; an unknown one lists them")
    made.add_argument("--json", dest="body", metavar="JSON", help="the fact; without it, read from standard input")
    _dated(made, "--business-date", "business date")
    made.add_argument("--key", help="idempotency key: the same command again answers the same")


def _add_nights(command: Adder) -> None:
    made = command("night", nights.night, "run the night of a date, and those missed before it, in order")
    _carrier(made)
    _dated(made, "--date", "business date")
    made.add_argument("--workers", type=_workers, default=None, metavar="N", help="1 to 64 (default: VEREFFEN_WORKERS)")
    made.add_argument("--catch-up", action="store_true", help="also when more than 31 nights are due")
    made.add_argument("--ahead", action="store_true", help="also for a date that is still to come, as a test does")
    made = command("preview", nights.preview, "what a night would do; writes nothing")
    _carrier(made)
    _dated(made, "--date", "business date")
    made = command("check", nights.check, "run the checks over everything, or over one night")
    made.add_argument("--risk-carrier", metavar="CODE")
    made.add_argument("--date", type=_day, default=None, help="only what that night touched")
    made.add_argument("--name", action="append", help="only this check; may be given more than once")
    made = command(
        "proposals", nights.proposals, "reminders and hand-overs that the nights propose; take reminders over"
    )
    _carrier(made)
    made.add_argument("--date", type=_day, default=None, help="proposed on that date")
    made.add_argument("--accept", action="store_true", help="record the reminders as sent on that date")
    made = command("incidents", nights.incidents, "what the checks found and is not resolved; resolve one")
    made.add_argument("--resolve", type=int, metavar="NUMBER")
    made.add_argument("--because", metavar="TEXT", help="how it was resolved")


def _add_working(command: Adder) -> None:
    command("work", working.work, "do jobs: nights at their time, previews, imports; until SIGTERM or Ctrl-C")
    made = command("jobs", working.jobs, "what runs, waits, failed and why; ask for a failed job again")
    made.add_argument("--failed", action="store_true", help="only what failed")
    made.add_argument("--retry", type=int, metavar="NUMBER", help="ask for that failed job again")
    made = command("schedule", working.schedule, "show or set when nights start by themselves")
    made.add_argument("--risk-carrier", metavar="CODE", help="of that risk carrier")
    made.add_argument("--checks", action="store_true", help="of the checks over everything")
    made.add_argument("--start", type=working.start_time, metavar="HH:MM", help="local time in Amsterdam")
    made.add_argument("--days", type=working.days, metavar="DAYS", help="days of the business date, e.g. ma-vr")
    made.add_argument(
        "--next-day", action=argparse.BooleanOptionalAction, default=None, help="on the day after the business date"
    )
    made.add_argument("--off", action="store_true", help="no longer by itself")


def _later(module: str, name: str) -> Run:
    """A command of a module that is dear to load, and that no other command needs: loaded when it runs."""

    async def run(context: Context) -> int:
        chosen: Run = getattr(import_module(f"app.commands.{module}"), name)
        return await chosen(context)

    return run


def _add_serving(command: Adder) -> None:
    made = command("serve", _later("serving", "serve"), "answer the API until SIGTERM or Ctrl-C")
    made.add_argument("--processes", type=_workers, default=1, metavar="N", help="1 to 64 (default 1); one per core")
    made = command("token", _later("serving", "token"), "make, list or revoke tokens of the API")
    made.add_argument("action", choices=["create", "list", "revoke"])
    made.add_argument("token", nargs="?", type=int, metavar="NUMBER", help="revoke: its number, see list")
    made.add_argument("--name", help="create: the system that calls, in small letters; a replacement has the same")
    made.add_argument("--scope", action="append", help="create: what it may, e.g. claims:read; more than once")
    made.add_argument("--risk-carrier", action="append", metavar="CODE", help="create: for which; more than once")
    made.add_argument("--days", type=_days, default=90, metavar="N", help="create: valid for so many days (default 90)")


def _add_people(command: Adder) -> None:
    made = command("person", people.person, "who may sign in to the pages: make, list, disable, new password")
    made.add_argument("action", choices=["create", "list", "disable", "password"])
    made.add_argument("login", nargs="?", help="the name to sign in with, in small letters")
    made.add_argument("--name", help="create: the person's name")
    made.add_argument("--role", choices=ROLES, help="create: what the person may do")
    made.add_argument("--risk-carrier", action="append", metavar="CODE", help="create: for which; more than once")


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days; write 1 to 3650")
    return int(text)


def _add_answers(command: Adder) -> None:
    made = command("why", answers.why, "why a claim was offset on a day, or was not")
    made.add_argument("claim", help="its reference, VOR-…")
    _dated(made, "--on", "the day")
    made = command("explain", answers.explain, "a payout in words: gross, each offset, net")
    made.add_argument("number", help="its number, AFR-…")
    made = command("specification", answers.specification, "the specification of a payout, as JSON or CSV")
    made.add_argument("number", help="its number, AFR-…")
    made.add_argument("--format", choices=["json", "csv"], default="json")
    made = command("statement", answers.statement, "the running account of a provider over a period")
    _carrier(made)
    made.add_argument("--provider", required=True, help="the provider's number")
    made.add_argument("--from", dest="first", type=_day, required=True)
    made.add_argument("--until", type=_day, required=True)
    made.add_argument("--format", choices=["json", "csv"], default="json")
    made = command("claim", answers.claim, "a claim: status, open amount and everything that happened, in order")
    made.add_argument("claim", help="its reference, VOR-…")
    made = command("find", answers.find, "what a reference leads to: claim, payment reference, payout")
    made.add_argument("reference")


Alone = Callable[[argparse.Namespace, settings.Settings], Coroutine[Any, Any, int]]


def _proving(name: str) -> Alone:
    """A command of the simulator, which no other command needs to load."""

    async def run(args: argparse.Namespace, chosen: settings.Settings) -> int:
        from app.commands import proving

        return await (proving.simulate if name == "simulate" else proving.run_seeds)(args, chosen)

    return run


def _add_proving(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that have databases of their own: they take the settings and no connection."""

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made = sub.add_parser(name, help=text, description=text)
        made.set_defaults(alone=_proving(name))
        made.add_argument("--providers", type=_count, default=8, metavar="N", help="in the world (default 8)")
        made.add_argument("--inputs", type=_count, default=9, metavar="N", help="acts of a day, about (default 9)")
        made.add_argument(
            "--workers", type=int, choices=[1, 2], default=1, help="2: share every night, not one in five"
        )
        made.add_argument(
            "--server", metavar="URL", help="make the databases there, as a superuser (default: a private one)"
        )
        made.add_argument(
            "--shrink", type=_seconds, default=300, metavar="SECONDS", help="to make a failure small; 0: not"
        )
        return made

    made = command("simulate", "play simulated days from a seed, with faults, and judge the books")
    made.add_argument("--seed", default="1", help="the same seed does the same (default 1)")
    made.add_argument("--days", type=_count, default=30, metavar="D", help="how many (default 30)")
    made.add_argument(
        "--faults", action=argparse.BooleanOptionalAction, default=True, help="processes that die, and more"
    )
    made.add_argument(
        "--checks-every", type=_count, default=1, metavar="D", help="all checks every so many days (default 1)"
    )
    made.add_argument("--replay", type=Path, metavar="FILE", help="play a kept scenario instead of a seed")
    made.add_argument(
        "--matrix", action="store_true", help="instead: kill every job at every statement, and call it again"
    )
    made = command("prove", "play seed after seed until the time is up")
    made.add_argument("--minutes", type=_count, default=10, metavar="M", help="how long (default 10)")
    made.add_argument("--seed", type=int, help="the first one (default: made from the date)")
    made.add_argument("--days", type=_count, default=40, metavar="D", help="of each seed (default 40)")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number; write 1 to 100000")
    return int(text)


def _seconds(text: str) -> int:
    return 0 if text == "0" else _count(text)


if __name__ == "__main__":
    sys.exit(main())
