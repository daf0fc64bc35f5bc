"""Asking for nights: by schedule, by hand, and previews."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import Any

import asyncpg
import msgspec

from app.core.audit import audit
from app.core.business_days import FIRST_YEAR, LAST_YEAR
from app.core.clock import now
from app.core.db import Connection, transaction
from app.core.errors import Refusal
from app.core.jobs import add_job, hurry_job, retry_job
from app.ledger import Command
from app.nights.model import AskPreview, Schedule, StartNight
from app.nights.queries import dates_to_run, open_findings, read_schedules
from app.nights.rules import due_dates, last_due

_THROUGH = """
update job_schedule set scheduled_through = $4
where risk_carrier_id is not distinct from $1 and kind = $2 and scheduled_through = $3 and active
returning 1
"""


async def schedule_due(connection: Connection, *, moment: datetime | None = None) -> list[int]:
    """Make the jobs whose time has come, one per schedule and business date; answers the ids of the new ones.

    Every worker does this every few seconds; the database's clock decides, or `moment` where a test gives one. A date
    that was missed is made up for, and which worker comes first does not matter: the key of a job is unique.
    """
    at: datetime = moment or await connection.fetchval("select clock_timestamp()")
    made: list[int] = []
    for schedule in await read_schedules(connection):
        due = due_dates(schedule, at)
        if not due:
            continue
        async with transaction(connection, role="worker", actor="schedule"):
            key = (schedule.risk_carrier_id, schedule.kind, schedule.scheduled_through)
            if await connection.fetchval(_THROUGH, *key, due[-1]) is None:
                continue  # another worker was there first
            for day in due:
                job_id, new = await add_job(
                    connection,
                    kind=schedule.kind,
                    risk_carrier_id=schedule.risk_carrier_id,
                    subject=day.isoformat(),
                    business_date=day,
                    actor="schedule",
                )
                made += [job_id] if new else []
    return made


async def set_schedule(
    connection: Connection,
    risk_carrier_id: int | None,
    *,
    start_time: time,
    days: list[int],
    next_day: bool,
    active: bool,
    actor: str,
    moment: datetime | None = None,
) -> Schedule:
    """Set when the nights of a risk carrier start (None: when the checks over everything do), from the next time on.

    What was missed before is not made up for by this; the first night that runs takes the missed dates along.
    """
    async with transaction(connection, role="worker", actor=actor):
        at: datetime = moment or await connection.fetchval("select clock_timestamp()")
        chosen = Schedule(
            risk_carrier_id=risk_carrier_id,
            kind="checks" if risk_carrier_id is None else "night",
            start_time=start_time,
            days=days,
            next_day=next_day,
            active=active,
            scheduled_through=date.min,
        )
        chosen = msgspec.structs.replace(chosen, scheduled_through=last_due(chosen, at))
        await connection.execute(_SET, *msgspec.structs.astuple(chosen))
        body: dict[str, Any] = {"start": start_time.isoformat("minutes"), "days": days, "active": active}
        await audit(
            connection,
            risk_carrier_id=risk_carrier_id,
            account_id=None,
            occurred_at=now(),
            actor=actor,
            action="schedule set",
            subject=f"schedule:{chosen.kind}",
            body={**body, "nextDay": next_day},
        )
    return chosen


_SET = """
insert into job_schedule (risk_carrier_id, kind, start_time, days, next_day, active, scheduled_through)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict on constraint job_schedule_once do update set start_time = excluded.start_time, days = excluded.days,
  next_day = excluded.next_day, active = excluded.active, scheduled_through = excluded.scheduled_through
"""


MOST_NIGHTS = 31
Work = Callable[[Connection, int], Awaitable[int]]


async def start_night(connection: Connection, command: Command, asked: StartNight) -> tuple[int, bool]:
    """Ask for the night of a date, and those missed before it. Answers the job, and whether the request is a repeat.

    A night is one job however often it is asked for. Refusal 422 for a date to come, 409 when it cannot be run any
    more, is released already, failed (ask for that job again), or when more than 31 nights are due.
    """
    if asked.business_date > command.business_date:
        raise Refusal(
            "night_to_come",
            f"{asked.business_date} is still to come: today is {command.business_date}, and a night closes its date.",
            status=422,
            field="businessDate",
        )

    _refuse_strange_year(asked.business_date)

    async def work(conn: Connection, carrier: int) -> int:
        found = await conn.fetchrow(_NIGHT_JOB, carrier, asked.business_date)
        assert found is not None
        if found["job_id"] is None:
            await _refuse_odd_date(conn, carrier, asked, found["state"])
        elif found["job_state"] == "failed":
            raise Refusal(
                "night_failed",
                f"Job {found['job_id']} of this night failed; ask for that job again when its cause is gone.",
            )
        job_id, _new = await add_job(
            conn,
            kind="night",
            risk_carrier_id=carrier,
            subject=asked.business_date.isoformat(),
            business_date=asked.business_date,
            actor=command.actor,
        )
        return job_id

    return await _once(connection, command, "night", asked, work)


_NIGHT_JOB = """
select j.job_id, j.state as job_state, r.state
from (select 1) one
  left join job j on j.kind = 'night' and j.risk_carrier_id = $1 and j.subject = $2::date::text
  left join run r on r.risk_carrier_id = $1 and r.business_date = $2
"""


async def _refuse_odd_date(conn: Connection, carrier: int, asked: StartNight, state: str | None) -> None:
    if state == "released":
        raise Refusal("night_released", f"The night of {asked.business_date} is released; nothing is left to do.")
    due = await dates_to_run(conn, carrier, asked.business_date)
    if not due:
        raise Refusal(
            "before_first_night", f"{asked.business_date} lies before the last night; it cannot be run any more."
        )
    if len(due) > MOST_NIGHTS and not asked.catch_up:
        raise Refusal(
            "many_nights",
            f"{len(due)} nights are due, from {due[0]} to {due[-1]}. If that is right, send catchUp true.",
            field="businessDate",
        )


async def take_up(connection: Connection, command: Command, risk_carrier: str, business_date: date) -> int:
    """Let a night that was stopped, that waits or whose job failed be tried now; answers its job.

    The proof of a stopped night is made anew. Refusal 404 when there is none that the caller may see, 409 when it is
    released, or stopped while a difference of its risk carrier is still to be resolved.
    """
    async with transaction(connection, role="staff", actor=command.actor, risk_carriers=command.risk_carriers or ()):
        carrier = await connection.fetchval("select risk_carrier_id from risk_carrier where code = $1", risk_carrier)
        found = None if carrier is None else await connection.fetchrow(_NIGHT_JOB, carrier, business_date)
        if found is None or (found["job_id"] is None and found["state"] is None):
            raise _not_seen(f"night of {risk_carrier} on {business_date}")
        if found["state"] == "released":
            raise Refusal("night_released", f"The night of {business_date} is released; nothing is left to do.")
        if found["state"] == "stopped" and (left := await open_findings(connection, carrier)):
            raise Refusal(
                "night_has_findings", f"{left} incidents of the whole risk carrier are open; resolve them first."
            )
        job_id, new = await add_job(
            connection,
            kind="night",
            risk_carrier_id=carrier,
            subject=business_date.isoformat(),
            business_date=business_date,
            actor=command.actor,
        )
        if found["job_state"] == "failed":
            await retry_job(connection, job_id, actor=command.actor)
        elif not new:
            await hurry_job(connection, job_id, actor=command.actor)
    return job_id


async def ask_preview(connection: Connection, command: Command, asked: AskPreview) -> tuple[int, bool]:
    """Ask what a night would do. Answers the job, and whether the request is a repeat; every request is a job."""

    _refuse_strange_year(asked.business_date)

    async def work(conn: Connection, carrier: int) -> int:
        payload: dict[str, Any] = {}
        if asked.provider is not None:
            payload["accountId"] = await conn.fetchval(_ACCOUNT, carrier, asked.provider)
            if payload["accountId"] is None:
                raise _not_seen(f"provider {asked.provider}")
        number = await conn.fetchval("select nextval('event_id')")
        job_id, _new = await add_job(
            conn,
            kind="preview",
            risk_carrier_id=carrier,
            subject=f"{asked.business_date}/{number}",
            business_date=asked.business_date,
            payload=payload,
            actor=command.actor,
        )
        return job_id

    return await _once(connection, command, "preview", asked, work)


def _refuse_strange_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refusal(
            "night_year",
            f"{day} cannot be the date of a night: the calendar of payments runs from {FIRST_YEAR} to {LAST_YEAR}.",
            status=422,
            field="businessDate",
        )


_ACCOUNT = """
select ra.account_id from running_account ra join provider p using (provider_id)
where ra.risk_carrier_id = $1 and p.number = $2
"""


def _not_seen(what: str) -> Refusal:
    return Refusal("not_found", f"There is no {what} that this token may see.", status=404)


async def _once(
    connection: Connection, command: Command, kind: str, asked: StartNight | AskPreview, work: Work
) -> tuple[int, bool]:
    """Do `work` for the risk carrier that is asked for, in one transaction with the key of the request, or answer
    what the same request got before. Refusal 404 when the caller may not see the risk carrier, 422 when the key was
    used with another content.
    """
    digest = hashlib.md5(msgspec.json.encode([kind, asked]), usedforsecurity=False).hexdigest()

    async def attempt() -> tuple[int, bool]:
        async with transaction(
            connection, role="staff", actor=command.actor, risk_carriers=command.risk_carriers or ()
        ):
            carrier = await connection.fetchval(
                "select risk_carrier_id from risk_carrier where code = $1", asked.risk_carrier
            )
            if carrier is None:
                raise _not_seen(f"risk carrier {asked.risk_carrier}")
            known = await connection.fetchrow(_KNOWN, carrier, command.idempotency_key)
            if known is not None:
                if known["digest"].replace("-", "") != digest:
                    raise Refusal(
                        "key_used_otherwise",
                        "This idempotency key was used before with another content; choose a new key.",
                        status=422,
                    )
                return int(known["answer"]["jobId"]), True
            job_id = await work(connection, carrier)
            await connection.execute(_REMEMBER, carrier, command.idempotency_key, digest, {"jobId": job_id}, now())
            return job_id, False

    try:
        return await attempt()
    except asyncpg.UniqueViolationError as error:
        if error.table_name != "idempotency_key":
            raise
        return await attempt()  # the same request at the same moment: it has committed by now


_KNOWN = """
select body_hash::text as digest, answer from idempotency_key where risk_carrier_id = $1 and key = $2
"""
_REMEMBER = "insert into idempotency_key values ($1, $2, $3::text::uuid, $4, $5)"
