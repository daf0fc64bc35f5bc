"""Commands around the jobs: up, work, jobs, schedule."""

import argparse
import asyncio
import re
import signal
from datetime import time, timedelta

from app.commands.context import ACTOR, Context
from app.commands.servers import running_valkey
from app.commands.words import JOB_STATES, JOBS
from app.console import complain, say, table
from app.core import log
from app.core.db import create_pool, transaction
from app.core.errors import Refusal
from app.core.jobs import Job, list_jobs, retry_job
from app.nights import Schedule, read_schedules, set_schedule
from jobs.kinds import Around

MOST_SHOWN = 50
DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")


async def work(context: Context) -> int:
    """Do jobs until SIGTERM or Ctrl-C; then end what runs or give it back within ten seconds."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    with running_valkey(context) as redis_url:
        await work_until(stop, context, redis_url)
    return 0


async def up(context: Context) -> int:
    """Servers, API and one worker until Ctrl-C; other commands in another terminal use the same servers."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    with running_valkey(context) as redis_url:
        say(f"DATABASE_URL={context.url}")
        say(f"REDIS_URL={redis_url}")
        from app.commands.serving import api_server  # the framework, which no other command here needs

        async with api_server(context.settings, context.url, redis_url) as server:
            ended = asyncio.create_task(server.wait())
            ended.add_done_callback(lambda _: stop.set())
            address = f"http://{context.settings.host}:{context.settings.port}/v1"
            complain(f"De API luistert op {address}, een werker neemt taken op; Ctrl-C stopt alles.")
            await work_until(stop, context, redis_url)
            failed = ended.done() and ended.result() != 0
    return 1 if failed else 0


async def work_until(stop: asyncio.Event, context: Context, redis_url: str | None) -> None:
    """A worker in this process until `stop` is set."""
    chosen = context.settings
    log.configure(chosen.log_level)
    lease = timedelta(seconds=chosen.lease_seconds)
    from jobs.worker import Pace, Worker  # with arq and redis

    pace = Pace(lease=lease)
    pool = await create_pool(context.url, pace.slots + 3)
    try:
        around = Around(url=context.url, workers=chosen.workers, payments_folder=chosen.data / "payments", lease=lease)
        await Worker(around, pool, redis_url=redis_url, pace=pace).run(stop)
    finally:
        pool.terminate()  # what was open has been given back, or is rolled back by this


async def jobs(context: Context) -> int:
    """Print what runs, waits, failed and why; or ask for a failed job again."""
    connection = context.connection
    if context.args.retry is not None:
        async with transaction(connection, role="worker", actor=ACTOR):
            await retry_job(connection, context.args.retry, actor=ACTOR)
        say(f"Taak {context.args.retry} wacht weer; een werker neemt hem op.")
        return 0
    state = "failed" if context.args.failed else None
    async with transaction(connection, role="readonly", actor=ACTOR, readonly=True):
        found = await list_jobs(connection, state=state, most=MOST_SHOWN)
        codes = await _codes(context)
    if not found:
        say("Geen taken die mislukt zijn." if context.args.failed else "Geen taken.")
        return 0
    table(
        ["taak", "soort", "risicodrager", "waarvan", "stand", "poging", "voortgang", "waarom"],
        [
            (
                each.job_id,
                JOBS.get(each.kind, each.kind),
                codes[each.risk_carrier_id],
                each.subject,
                JOB_STATES[each.state],
                each.attempts,
                f"{each.stage} {each.done}/{each.total}" if each.stage and each.state == "running" else "",
                _why(each),
            )
            for each in found
        ],
        right=(0, 5),
    )
    if len(found) == MOST_SHOWN:
        complain(f"Alleen de nieuwste {MOST_SHOWN} staan hier.")
    return 1 if any(each.state == "failed" for each in found) else 0


def _why(job: Job) -> str:
    """What it waits for, what went wrong, or that it is done and nothing came of it."""
    if job.state == "done":
        return "geweigerd, niets geladen" if (job.result or {}).get("outcome") == "refused" else ""
    waits = job.waiting_for if job.state == "waiting" else None
    error = f"{job.error_code}: {job.error_text}" if job.error_code else None
    return "; ".join(part for part in (waits, error) if part)


async def schedule(context: Context) -> int:
    """Print when work starts by itself, or set it for a risk carrier or for the checks over everything."""
    args = context.args
    if args.risk_carrier is None and not args.checks:
        await _print(context, await read_schedules(context.connection))
        return 0
    carrier = None if args.checks else await context.risk_carrier()
    old = next((s for s in await read_schedules(context.connection) if s.risk_carrier_id == carrier), None)
    start = args.start or (old.start_time if old else None)
    if start is None:
        raise Refusal("no_start", "Say at what time it starts: --start 22:00", status=422, field="--start")
    next_day = args.next_day if args.next_day is not None else old.next_day if old and not args.start else False
    chosen = await set_schedule(
        context.connection,
        carrier,
        start_time=start,
        days=args.days or (old.days if old else list(range(1, 8))),
        next_day=next_day,
        active=not args.off,
        actor=ACTOR,
    )
    await _print(context, [chosen])
    return 0


async def _codes(context: Context) -> dict[int | None, str]:
    rows = await context.connection.fetch("select risk_carrier_id, code from risk_carrier")
    return {None: "alle", **{row["risk_carrier_id"]: row["code"] for row in rows}}


async def _print(context: Context, schedules: list[Schedule]) -> None:
    codes = await _codes(context)
    table(
        ["soort", "risicodrager", "start", "dagen", "stand", "gemaakt tot en met"],
        [
            (
                JOBS.get(each.kind, each.kind),
                codes[each.risk_carrier_id],
                f"{each.start_time:%H:%M}{' de dag erna' if each.next_day else ''}",
                " ".join(DAYS[day - 1] for day in each.days),
                "aan" if each.active else "uit",
                each.scheduled_through,
            )
            for each in schedules
        ],
    )


def start_time(text: str) -> time:
    """`22:00` as a local time."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time of day; write 22:00")
    return time(int(match[1]), int(match[2]))


def days(text: str) -> list[int]:
    """`ma-vr` or `ma,wo,vr` as numbers, 1 = Monday."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
            raise argparse.ArgumentTypeError(f"{text!r} are no days; write ma-zo, ma-vr or ma,wo,vr")
        found.update(range(DAYS.index(first) + 1, DAYS.index(last or first) + 2))
    return sorted(found)
