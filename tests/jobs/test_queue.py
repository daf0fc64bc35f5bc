"""The rows of the queue: asked for once, taken under a lease, ended once, asked for again after a failure."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.core.db import Connection, connect, transaction
from app.core.errors import Refusal
from app.core.jobs import Job, LostJob, RunningJob, end_job, end_sleepers, renew_lease, retry_job, take_job
from tests import factories
from tests.jobs.conftest import asked, job_of, until

LEASE = timedelta(seconds=30)
OVER = timedelta(seconds=-1)


async def take(db: Connection, lease: timedelta = LEASE, kinds: tuple[str, ...] = ("night", "count")) -> Job | None:
    return await take_job(db, holder="test", lease=lease, kinds=list(kinds))


async def taken(db: Connection, lease: timedelta = LEASE) -> Job:
    job = await take(db, lease)
    assert job is not None
    return job


async def test_the_same_work_is_asked_for_once(db: Connection) -> None:
    assert await asked(db, "count", "a") == await asked(db, "count", "a")
    assert await db.fetchval("select count(*) from job") == 1


async def test_a_job_is_taken_by_one_worker(db: Connection) -> None:
    await asked(db, "count", "a")
    first = await taken(db)
    assert (first.state, first.attempts, first.fence) == ("running", 1, 1)
    assert await take(db) is None


async def test_two_workers_take_different_jobs_while_one_has_not_committed(db: Connection, db_url: str) -> None:
    await asked(db, "count", "a")
    await asked(db, "count", "b")
    other = await connect(db_url)
    async with transaction(db, role="worker", actor="test"):
        await db.fetchval("select job_id from job where subject = 'a' for no key update")
        found = await take(other)
    await other.close()
    assert found is not None
    assert found.subject == "b"


async def test_a_job_whose_lease_is_over_is_taken_over(db: Connection) -> None:
    await asked(db, "count", "a")
    first = await taken(db, OVER)
    second = await taken(db)
    assert (second.job_id, second.fence, second.attempts) == (first.job_id, 2, 2)


async def test_who_lost_a_job_cannot_end_it(db: Connection) -> None:
    await asked(db, "count", "a")
    first = await taken(db, OVER)
    await taken(db)
    with pytest.raises(LostJob):
        await end_job(db, first, "done", result={})


async def test_who_lost_a_job_cannot_renew_its_lease(db: Connection) -> None:
    await asked(db, "count", "a")
    first = RunningJob(await taken(db, OVER))
    await taken(db)
    with pytest.raises(LostJob):
        await renew_lease(db, first, LEASE)


async def test_who_lost_a_job_cannot_write_under_its_fence(db: Connection) -> None:
    await asked(db, "count", "a")
    first = RunningJob(await taken(db, OVER))
    await taken(db)
    with pytest.raises(LostJob):
        async with transaction(db, role="worker", actor="test"):
            await first.keep_fence(db)


async def test_nobody_takes_a_job_over_while_its_holder_writes_under_the_fence(db: Connection, db_url: str) -> None:
    await asked(db, "count", "a")
    first = RunningJob(await taken(db, OVER))
    other = await connect(db_url)
    async with transaction(db, role="worker", actor="test"):
        await first.keep_fence(db)
        found = await take(other)
    await other.close()
    assert found is None


@contextlib.asynccontextmanager
async def stopped_in(
    db: Connection,
    connection: Connection,
    word: str,
    work: Callable[[], Awaitable[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[None]:
    """`work` on that connection, stopped between the parsing of the first statement with `word` and its values.

    The block begins when the server waits for the values, as `db` sees it: it answers the parsing a moment earlier.
    """
    parse, parsed = Connection._get_statement, asyncio.Event()  # type: ignore[attr-defined]

    async def stops(self: Connection, query: str, *more: Any, **named: Any) -> Any:
        statement = await parse(self, query, *more, **named)
        if self is connection and word in query:
            parsed.set()
            await asyncio.sleep(60)
        return statement

    monkeypatch.setattr(Connection, "_get_statement", stops)
    task = asyncio.ensure_future(work())
    try:
        await asyncio.wait_for(parsed.wait(), 20)
        await until(lambda: waits_for_values(db, connection))
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        connection.terminate()


async def waits_for_values(db: Connection, connection: Connection) -> bool:
    """Whether the server is in the middle of a statement of that connection, with nothing to read."""
    return bool(
        await db.fetchval(
            "select state = 'active' and wait_event = 'ClientRead' from pg_stat_activity where pid = $1",
            connection.get_server_pid(),
        )
    )


async def test_a_job_whose_worker_stopped_in_the_middle_of_a_statement_is_free_once_its_lease_is_over(
    db: Connection, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(db, "count", "a")
    running = RunningJob(await taken(db, OVER))
    asleep = await connect(db_url)

    async def work() -> None:
        async with transaction(asleep, role="worker", actor="test"):
            await running.keep_fence(asleep)
            await asleep.fetchval("select 1 from job where kind = $1", "count")

    async with stopped_in(db, asleep, "from job where kind", work, monkeypatch):
        assert await take(db) is None
        await end_sleepers(db, timedelta())
        await until(lambda: gone(db, running.session))
        assert (await taken(db)).fence == 2


async def test_a_worker_that_is_silent_within_its_lease_is_left_alone(
    db: Connection, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(db, "count", "a")
    running = RunningJob(await taken(db))
    busy = await connect(db_url, name=running.session)

    async def work() -> None:
        await busy.fetchval("select 1 from job where kind = $1", "count")

    async with stopped_in(db, busy, "from job where kind", work, monkeypatch):
        await end_sleepers(db, timedelta())
        assert await db.fetchval(THERE, running.session)


async def test_a_worker_that_stopped_while_it_took_a_job_keeps_it_from_nobody(
    db: Connection, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(db, "count", "a")
    asleep = await connect(db_url)
    async with stopped_in(db, asleep, "waiting_for, stage, done", lambda: take(asleep), monkeypatch):
        assert await take(db) is None
        await end_sleepers(db, timedelta())
        await until(lambda: gone(db, "vereffen queue"))
        assert (await taken(db)).fence == 1


async def test_who_takes_a_job_over_ends_what_still_works_for_it(db: Connection, db_url: str) -> None:
    await asked(db, "count", "a")
    first = RunningJob(await taken(db, OVER))
    left = await connect(db_url, name=first.session)
    second = RunningJob(await taken(db))
    kept = await connect(db_url, name=second.session)
    await until(lambda: gone(db, first.session))
    assert await db.fetchval(THERE, second.session)
    left.terminate()
    await kept.close()


THERE = """
select exists (select 1 from pg_stat_activity where datname = current_database() and application_name = $1)
"""


async def gone(db: Connection, session: str) -> bool:
    """Whether the server has ended that session."""
    return not await db.fetchval(THERE, session)


async def test_a_sign_of_life_stores_how_far_the_work_is(db: Connection) -> None:
    await asked(db, "count", "a")
    running = RunningJob(await taken(db))
    running.progress("matching", 3, 10)
    await renew_lease(db, running, LEASE)
    job = await job_of(db, running.job.job_id)
    assert (job.stage, job.done, job.total) == ("matching", 3, 10)


async def test_what_waits_for_a_pause_is_not_taken_before(db: Connection) -> None:
    await asked(db, "count", "a")
    await end_job(db, await taken(db), "waiting", pause=LEASE, waiting_for="the gate")
    assert await take(db) is None


async def test_an_earlier_night_of_a_risk_carrier_goes_first(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    for day in (date(2026, 3, 5), date(2026, 3, 4)):
        await asked(db, "night", day.isoformat(), business_date=day, risk_carrier_id=carrier)
    assert (await taken(db)).business_date == date(2026, 3, 4)
    assert await take(db) is None


async def test_nights_of_two_risk_carriers_run_side_by_side(db: Connection) -> None:
    for code in ("VZ", "WZ"):
        carrier = await factories.make_risk_carrier(db, code)
        await asked(db, "night", "2026-03-04", business_date=date(2026, 3, 4), risk_carrier_id=carrier)
    assert {(await taken(db)).risk_carrier_id, (await taken(db)).risk_carrier_id} == {1, 2}


async def failed(db: Connection) -> int:
    carrier = await factories.make_risk_carrier(db)
    job_id = await asked(db, "count", "a", risk_carrier_id=carrier)
    await end_job(db, await taken(db), "failed", error=("no_policy", "No policy is in force."))
    return job_id


async def test_a_job_that_failed_opens_an_incident(db: Connection) -> None:
    job_id = await failed(db)
    row = await db.fetchrow("select job_id, check_name, what, resolved_at from incident")
    assert row is not None
    assert (row["job_id"], row["check_name"], row["resolved_at"]) == (job_id, "job", None)
    assert "no_policy: No policy is in force." in row["what"]


async def test_a_failed_job_is_asked_for_again(db: Connection) -> None:
    job_id = await failed(db)
    async with transaction(db, role="worker", actor="test"):
        await retry_job(db, job_id, actor="test")
    assert ((await taken(db)).job_id, (await job_of(db, job_id)).attempts) == (job_id, 1)


async def test_a_job_that_is_done_after_all_resolves_its_incident(db: Connection) -> None:
    job_id = await failed(db)
    async with transaction(db, role="worker", actor="test"):
        await retry_job(db, job_id, actor="test")
    await end_job(db, await taken(db), "done", result={"n": 1})
    assert await db.fetchval("select count(*) from incident where resolved_at is null") == 0
    assert (await job_of(db, job_id)).result == {"n": 1}


async def test_a_job_that_waits_is_not_asked_for_again(db: Connection) -> None:
    job_id = await asked(db, "count", "a")
    with pytest.raises(Refusal) as refusal:
        await retry_job(db, job_id, actor="test")
    assert (refusal.value.code, refusal.value.status) == ("not_failed", 409)


async def test_a_job_that_is_not_there_cannot_be_asked_for_again(db: Connection) -> None:
    with pytest.raises(Refusal) as refusal:
        await retry_job(db, 404, actor="test")
    assert (refusal.value.code, refusal.value.status) == ("no_job", 404)
