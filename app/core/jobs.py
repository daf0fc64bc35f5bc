"""The queue: rows of `job`, made in the transaction of who asks, taken under a lease and a fence (reliability.md §1).

A job is harmless when it is run 0, 1 or n times, in any order: its work is keyed by what it is about, and each of its
transactions asks `keep_fence`. Redis rings (app/core/bell.py) so that a worker looks now rather than in seconds.
"""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from app.core.audit import audit
from app.core.clock import now
from app.core.db import Connection, transaction
from app.core.errors import Refusal

ACTOR = "worker"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `job`. `state`: waiting, running, done, failed; `done` of `total` in the unit that the kind counts."""

    job_id: int
    risk_carrier_id: int | None
    kind: str
    subject: str
    business_date: date | None
    payload: dict[str, Any]
    state: str
    attempts: int
    not_before: datetime
    holder: str | None
    fence: int
    waiting_for: str | None
    stage: str | None
    done: int | None
    total: int | None
    result: dict[str, Any] | None
    error_code: str | None
    error_text: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class LostJob(Refusal):
    """Another worker has taken the job over: this one stops writing."""

    def __init__(self, job_id: int) -> None:
        super().__init__("lost_job", f"Job {job_id} was taken over by another worker; this one has stopped.")


class Postponed(Exception):
    """Not now, and nobody's fault: raised by the work of a job, with what it waits for and when to try again."""

    def __init__(self, waiting_for: str, pause: timedelta) -> None:
        super().__init__(waiting_for)
        self.waiting_for = waiting_for
        self.pause = pause


class RunningJob:
    """A job that this process has the lease of: what its work is given."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stage: str | None = None
        self.done: int | None = None
        self.total: int | None = None

    @property
    def session(self) -> str:
        """What a database session that works for this job is called (`db.connect`): by job and fence."""
        return f"vereffen job {self.job.job_id}/{self.job.fence}"

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell how far the work is; stored with the next sign of life, at most a second later."""
        self.stage, self.done, self.total = stage, done, total

    async def keep_fence(self, connection: Connection) -> None:
        """Hold the job until this transaction has committed: the first statement of a short one, the last of a long.

        LostJob when another worker has taken it over. While the lock is held nobody can, and the lease is not renewed:
        that is why a transaction of more than a few seconds asks at its end.
        """
        await connection.execute(_NO_SLEEP, self.session)
        if await connection.fetchval(_MINE, self.job.job_id, self.job.fence) is None:
            raise LostJob(self.job.job_id)


_MINE = "select 1 from job where job_id = $1 and fence = $2 and state = 'running' for share"
# Who falls asleep while it holds the job must not keep it for ever: the server ends its session, the lock goes. Not
# so when it stops between the parsing of a statement and its values: to the server that is no idling, and no timeout
# that PostgreSQL 15 has ends it. Such a session is known by its name, and another worker ends it (`end_sleepers`).
_NO_SLEEP = """
select set_config('idle_in_transaction_session_timeout', '12s', true), set_config('application_name', $1::text, true)
"""
_QUEUE = "vereffen queue"
SLEEPS = timedelta(seconds=12)
_END_SLEEPERS = """
select count(pg_terminate_backend(a.pid)) from pg_stat_activity a
where a.datname = current_database() and a.usename = session_user and a.state = 'active'
  and a.wait_event = 'ClientRead' and a.state_change < clock_timestamp() - $1::interval
  and (a.application_name = $2 or exists (select 1 from job j
    where a.application_name = format('vereffen job %s/%s', j.job_id, j.fence) and j.lease_until < clock_timestamp()))
"""
_END_OLDER = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and usename = session_user and substring(application_name from $1::text)::int < $2
"""


async def end_sleepers(connection: Connection, after: timedelta = SLEEPS) -> None:
    """End the sessions that hold a job while its worker says nothing in the middle of a statement.

    Not before the lease is over: who copies a file says nothing for a while as well, and lives. As the login role.
    """
    await connection.fetchval(_END_SLEEPERS, after, _QUEUE)


_INSERT = """
insert into job (risk_carrier_id, kind, subject, business_date, payload, created_by, created_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict on constraint job_once do nothing returning job_id
"""
_KEYED = "select job_id from job where risk_carrier_id is not distinct from $1 and kind = $2 and subject = $3"


async def add_job(
    connection: Connection,
    *,
    kind: str,
    risk_carrier_id: int | None,
    subject: str,
    business_date: date | None = None,
    payload: dict[str, Any] | None = None,
    actor: str,
) -> tuple[int, bool]:
    """Ask for work, in the caller's transaction (role staff or worker), with its audit row. Ring after the commit.

    Answers the job's id and whether it is new: work with the same kind, risk carrier and subject is there only once.
    """
    moment = now()
    job_id = await connection.fetchval(
        _INSERT, risk_carrier_id, kind, subject, business_date, payload or {}, actor, moment
    )
    if job_id is None:
        return int(await connection.fetchval(_KEYED, risk_carrier_id, kind, subject)), False
    await audit(
        connection,
        risk_carrier_id=risk_carrier_id,
        account_id=None,
        occurred_at=moment,
        actor=actor,
        action="job asked for",
        subject=f"job:{job_id}",
        body={"kind": kind, "subject": subject},
    )
    return int(job_id), True


async def read_job(connection: Connection, job_id: int) -> Job | None:
    """The job, or None when there is none that the reader may see."""
    row = await connection.fetchrow(_JOBS, job_id, None, None, None, None, 1, True)
    return None if row is None else Job(**dict(row))


async def list_jobs(
    connection: Connection,
    *,
    state: str | None = None,
    kind: str | None = None,
    risk_carrier_id: int | None = None,
    before: int | None = None,
    most: int = 50,
    results: bool = True,
) -> list[Job]:
    """Jobs, newest first; `before` is the id of the last one of the page before. Results may be large: False leaves
    them out.
    """
    rows = await connection.fetch(_JOBS, None, state, kind, risk_carrier_id, before, most, results)
    return [Job(**dict(row)) for row in rows]


_JOBS = """
select job_id, risk_carrier_id, kind, subject, business_date, payload, state, attempts, not_before, holder, fence,
  waiting_for, stage, done, total, case when $7::boolean then result end as result, error_code, error_text,
  created_by, created_at, started_at, ended_at
from job where ($1::bigint is null or job_id = $1) and ($2::text is null or state = $2)
  and ($3::text is null or kind = $3) and ($4::smallint is null or risk_carrier_id = $4)
  and ($5::bigint is null or job_id < $5)
order by job_id desc limit $6
"""

_RETRY = """
update job set state = 'waiting', attempts = 0, not_before = clock_timestamp(), waiting_for = null, ended_at = null
where job_id = $1 and state = 'failed' returning risk_carrier_id
"""


async def retry_job(connection: Connection, job_id: int, *, actor: str) -> None:
    """Ask for a failed job again, in the caller's transaction. Refusal 404 when there is none, 409 when it is not
    failed: what waits or runs needs no asking, what is done is not done twice.
    """
    carrier = await connection.fetchrow(_RETRY, job_id)
    if carrier is None:
        found = await read_job(connection, job_id)
        if found is None:
            raise Refusal("no_job", f"There is no job {job_id}.", status=404)
        raise Refusal("not_failed", f"Job {job_id} is {found.state}; only one that failed is asked for again.")
    await audit(
        connection,
        risk_carrier_id=carrier["risk_carrier_id"],
        account_id=None,
        occurred_at=now(),
        actor=actor,
        action="job asked for again",
        subject=f"job:{job_id}",
        body={},
    )


_HURRY = """
update job set not_before = clock_timestamp() where job_id = $1 and state = 'waiting' returning risk_carrier_id
"""


async def hurry_job(connection: Connection, job_id: int, *, actor: str) -> None:
    """Let a job that was put off be tried now, in the caller's transaction; nothing when it does not wait."""
    carrier = await connection.fetchrow(_HURRY, job_id)
    if carrier is not None:
        await audit(
            connection,
            risk_carrier_id=carrier["risk_carrier_id"],
            account_id=None,
            occurred_at=now(),
            actor=actor,
            action="job asked for now",
            subject=f"job:{job_id}",
            body={},
        )


# Of one risk carrier one night at a time and in order of date: the later one would only be refused by the earlier.
_TAKE = """
with next as (
  select j.job_id from job j
  where ((j.state = 'waiting' and j.not_before <= clock_timestamp())
      or (j.state = 'running' and j.lease_until < clock_timestamp()))
    and j.kind = any ($3::text[])
    and (j.kind <> 'night' or not exists (
      select 1 from job e where e.kind = 'night' and e.risk_carrier_id = j.risk_carrier_id and e.job_id <> j.job_id
        and (e.state = 'running' or (e.state = 'waiting' and e.business_date < j.business_date))))
  order by array_position($3::text[], j.kind), j.not_before, j.job_id limit 1 for update of j skip locked)
update job j set state = 'running', holder = $1, fence = j.fence + 1, attempts = j.attempts + 1, waiting_for = null,
  lease_until = clock_timestamp() + $2::interval, started_at = coalesce(j.started_at, clock_timestamp())
from next where j.job_id = next.job_id returning j.job_id
"""


async def take_job(connection: Connection, *, holder: str, lease: timedelta, kinds: list[str]) -> Job | None:
    """Take the next job of those kinds (the first kind goes first) under a lease; None when nothing can be taken.

    Also one whose holder gave no sign of life for its lease. `attempts` counts this one.
    """
    async with transaction(connection, role="worker", actor=ACTOR):
        await connection.execute(_NO_SLEEP, _QUEUE)
        job_id = await connection.fetchval(_TAKE, holder, lease, kinds)
        job = None if job_id is None else await read_job(connection, job_id)
    if job is not None and job.fence > 1:  # who had it may be asleep with other locks that its work needs
        await connection.fetchval(_END_OLDER, f"^vereffen job {job.job_id}/([0-9]+)$", job.fence)
    return job


_RENEW = """
update job set lease_until = clock_timestamp() + $3::interval, stage = coalesce($4, stage), done = coalesce($5, done),
  total = coalesce($6, total)
where job_id = $1 and fence = $2 and state = 'running' returning 1
"""


async def renew_lease(connection: Connection, running: RunningJob, lease: timedelta) -> None:
    """The sign of life, with how far the work is. LostJob when another worker has taken it over."""
    # One statement and no transaction around it: a worker that is stopped in between would keep the row locked.
    mine = await connection.fetchval(
        _RENEW, running.job.job_id, running.job.fence, lease, running.stage, running.done, running.total
    )
    if mine is None:
        raise LostJob(running.job.job_id)


_END = """
update job set state = $3, lease_until = null, attempts = $4, not_before = clock_timestamp() + $5::interval,
  waiting_for = $6, error_code = $7, error_text = $8, result = coalesce($9, result),
  ended_at = case when $3 in ('done', 'failed') then clock_timestamp() end
where job_id = $1 and fence = $2 and state = 'running' returning 1
"""


async def end_job(
    connection: Connection,
    job: Job,
    state: str,
    *,
    attempts: int | None = None,
    pause: timedelta = timedelta(),
    waiting_for: str | None = None,
    error: tuple[str, str] | None = None,
    result: dict[str, Any] | None = None,
    incident: bool = True,
) -> None:
    """Give the lease back: done with a result, failed with an error (code, text), or waiting until after a pause.

    One transaction with the audit row of a job that ended and with its incident: opened when it failed (unless
    `incident` is False), resolved when it is done after all. LostJob when another worker has taken it over.
    """
    code, text = error or (None, None)
    count = job.attempts if attempts is None else attempts
    async with transaction(connection, role="worker", actor=ACTOR):
        await connection.execute(_NO_SLEEP, _QUEUE)
        mine = await connection.fetchval(
            _END, job.job_id, job.fence, state, count, pause, waiting_for, code, text, result
        )
        if mine is None:
            raise LostJob(job.job_id)
        if state == "waiting":
            return
        moment = now()
        if state == "failed" and incident and job.risk_carrier_id is not None:
            what = f"job {job.job_id}, {job.kind} {job.subject}: {code}: {text}"[:500]
            await connection.execute(_INCIDENT, job.risk_carrier_id, what, moment, job.job_id)
        elif state == "done":
            await resolve_incident(connection, job.job_id)
        await audit(
            connection,
            risk_carrier_id=job.risk_carrier_id,
            account_id=None,
            occurred_at=moment,
            actor=ACTOR,
            action=f"job {state}",
            subject=f"job:{job.job_id}",
            body={"kind": job.kind, "subject": job.subject, "attempts": count, "error": code},
        )


async def resolve_incident(connection: Connection, job_id: int) -> None:
    """Resolve the incident of a job that is done after all; nothing when it has none. In the caller's transaction."""
    await connection.execute(_RESOLVE, job_id, now(), ACTOR)


_INCIDENT = """
insert into incident (risk_carrier_id, check_name, what, opened_at, job_id) select $1::smallint, 'job', $2, $3, $4
where not exists (select 1 from incident where risk_carrier_id = $1 and job_id = $4 and resolved_at is null)
"""
_RESOLVE = """
update incident set resolved_at = $2, resolved_by = $3, resolution = 'the job was done after all'
where job_id = $1 and resolved_at is null
"""

_NEXT = """
select extract(epoch from min(case state when 'waiting' then not_before else lease_until end) - clock_timestamp())
from job where (state = 'waiting' and not_before > clock_timestamp())
  or (state = 'running' and lease_until > clock_timestamp())
"""


async def seconds_to_next(connection: Connection) -> float | None:
    """How long until a pause or a lease ends, in seconds; None when no job waits for a moment."""
    found = await connection.fetchval(_NEXT)
    return None if found is None else float(found)
