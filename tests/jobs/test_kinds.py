"""What the kinds of jobs do: nights that wait at their gate and in order, previews, checks, failures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import structlog

from app.core.db import Connection, create_pool, transaction
from app.core.jobs import Job, RunningJob, retry_job
from jobs import kinds
from jobs.kinds import KINDS, Around, Work
from jobs.night.plan import read_run
from jobs.night.run import run_night
from jobs.sweep import CHORES, end_what_others_did, forget_previews
from jobs.worker import Pace, Worker
from tests import factories
from tests.jobs.conftest import asked, job_of, until, until_state
from tests.night.worlds import DAY, make_world

QUICK = Pace(sweep=timedelta(seconds=0.1), first_pause=timedelta(seconds=0.05), most_attempts=3)


@asynccontextmanager
async def working(url: str, kinds: dict[str, Work] | None = None, chores: Any = CHORES) -> AsyncIterator[None]:
    """A worker in this process."""
    pool = await create_pool(url, 6)
    stop = asyncio.Event()
    around = Around(url=url, gate_pause=timedelta(seconds=0.1))
    worker = Worker(around, pool, redis_url=None, pace=QUICK, kinds=kinds or KINDS, chores=chores)
    task = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
        await pool.close()


async def done(db: Connection, url: str, job_id: int) -> Job:
    async with working(url):
        await until_state(db, job_id, "done")
    return await job_of(db, job_id)


async def night_of(db: Connection, carrier: int, day: date) -> int:
    return await asked(db, "night", day.isoformat(), business_date=day, risk_carrier_id=carrier)


async def state(db: Connection, carrier: int, day: date) -> str | None:
    run = await read_run(db, carrier, day)
    return run.state if run else None


async def test_a_night_runs_and_says_what_it_did(db: Connection, db_url: str) -> None:
    carrier = await make_world(db, accounts=5, declarations=40)
    job = await done(db, db_url, await night_of(db, carrier, DAY))
    entries = await db.fetchval("select sum(entries)::bigint from run_batch")
    assert job.result == {"nights": [{"businessDate": DAY.isoformat(), "entries": entries}]}
    assert await state(db, carrier, DAY) == "released"


async def test_the_log_of_a_night_names_its_run_and_job_in_every_line(
    db: Connection, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[Any] = []

    def kept(_logger: Any, _method: str, event: Any) -> Any:
        lines.append(event)
        raise structlog.DropEvent

    logger = structlog.wrap_logger(structlog.PrintLogger(), [structlog.contextvars.merge_contextvars, kept])
    monkeypatch.setattr(kinds, "_log", logger)
    carrier = await make_world(db, accounts=3, declarations=9)
    job = await done(db, db_url, await night_of(db, carrier, DAY))
    run_id = await db.fetchval("select run_id from run")
    assert {(line["run_id"], line["job"]) for line in lines} == {(run_id, job.job_id)}
    assert lines[-1]["event"] == "night released"
    assert "matching" in {line.get("step") for line in lines}


async def test_missed_nights_run_in_order(db: Connection, db_url: str) -> None:
    carrier = await make_world(db, accounts=3, declarations=9)
    dates = [DAY + timedelta(days=n) for n in range(3)]
    jobs = [await night_of(db, carrier, day) for day in reversed(dates)]
    async with working(db_url):
        for job_id in jobs:
            await until_state(db, job_id, "done")
    rows = await db.fetch("select business_date from run order by released_at")
    assert [row["business_date"] for row in rows] == dates


async def closed_gate(db: Connection) -> int:
    """A risk carrier whose night waits: an incident on the whole is not resolved."""
    carrier = await make_world(db, accounts=3, declarations=9)
    await db.execute(
        """insert into incident (risk_carrier_id, check_name, what, opened_at)
           values ($1, 'posting_sums', 'a difference', now())""",
        carrier,
    )
    return carrier


async def waiting_for(db: Connection, job_id: int, text: str) -> None:
    async def there() -> bool:
        return text in ((await job_of(db, job_id)).waiting_for or "")

    await until(there)


async def test_a_night_whose_gate_is_closed_waits_and_says_for_what(db: Connection, db_url: str) -> None:
    job_id = await night_of(db, await closed_gate(db), DAY)
    async with working(db_url):
        await waiting_for(db, job_id, "unresolved difference posting_sums: a difference")
    assert (await job_of(db, job_id)).state == "waiting"


async def test_a_night_goes_on_by_itself_when_its_gate_opens(db: Connection, db_url: str) -> None:
    carrier = await closed_gate(db)
    job_id = await night_of(db, carrier, DAY)
    async with working(db_url):
        await waiting_for(db, job_id, "unresolved difference")
        await db.execute("update incident set resolved_at = now(), resolved_by = 'test', resolution = 'found'")
        await until_state(db, job_id, "done")
    assert await state(db, carrier, DAY) == "released"


async def test_waiting_at_the_gate_is_no_attempt(db: Connection, db_url: str) -> None:
    job_id = await night_of(db, await closed_gate(db), DAY)
    async with working(db_url):
        await waiting_for(db, job_id, "unresolved difference")
        await asyncio.sleep(1)
    assert (await job_of(db, job_id)).attempts == 0


async def test_a_night_without_a_policy_fails_after_some_attempts_with_an_incident(db: Connection, db_url: str) -> None:
    carrier = await factories.make_risk_carrier(db)
    job_id = await night_of(db, carrier, DAY)
    async with working(db_url):
        await until_state(db, job_id, "failed")
    job = await job_of(db, job_id)
    assert (job.error_code, job.attempts) == ("no_policy", QUICK.most_attempts)
    assert await db.fetchval("select count(*) from incident where job_id = $1 and resolved_at is null", job_id) == 1


async def test_a_failed_night_runs_when_it_is_asked_for_again(db: Connection, db_url: str) -> None:
    carrier = await factories.make_risk_carrier(db)
    job_id = await night_of(db, carrier, DAY)
    async with working(db_url):
        await until_state(db, job_id, "failed")
        await factories.make_policy_vgz(db, carrier)
        async with transaction(db, role="worker", actor="test"):
            await retry_job(db, job_id, actor="test")
        await until_state(db, job_id, "done")
    assert await state(db, carrier, DAY) == "released"
    assert await db.fetchval("select count(*) from incident where resolved_at is null") == 0


async def test_a_failed_night_that_was_released_by_hand_is_done(db: Connection, db_url: str) -> None:
    carrier = await factories.make_risk_carrier(db)
    job_id = await night_of(db, carrier, DAY)
    async with working(db_url):
        await until_state(db, job_id, "failed")
    await factories.make_policy_vgz(db, carrier)
    await run_night(db_url, carrier, DAY)
    await end_what_others_did(db)
    assert (await job_of(db, job_id)).state == "done"
    assert await db.fetchval("select count(*) from incident where resolved_at is null") == 0


async def test_a_preview_tells_what_the_night_then_does(db: Connection, db_url: str) -> None:
    carrier = await make_world(db, accounts=5, declarations=40)
    preview = await asked(db, "preview", "p1", business_date=DAY, risk_carrier_id=carrier)
    seen = (await done(db, db_url, preview)).result
    assert await state(db, carrier, DAY) is None
    await done(db, db_url, await night_of(db, carrier, DAY))
    row = await db.fetchrow(
        """select sum(entries)::bigint as entries, sum(offset_cents)::bigint as offset_cents,
             sum(net_cents)::bigint as net_cents, sum(left_out_claims)::bigint as left_out from run_batch"""
    )
    assert row is not None
    assert seen is not None
    totals = seen["totals"]
    assert (totals["entries"], totals["offset_cents"], totals["net_cents"]) == (row[0], row[1], row[2])
    assert sum(seen["leftOut"].values()) == row["left_out"]


async def test_a_preview_of_one_provider_names_no_other(db: Connection, db_url: str) -> None:
    carrier = await make_world(db, accounts=5, declarations=40)
    account = await db.fetchrow(
        "select account_id, number from running_account join provider using (provider_id) order by account_id offset 2"
    )
    assert account is not None
    job_id = await asked(
        db, "preview", "p1", business_date=DAY, risk_carrier_id=carrier, payload={"accountId": account["account_id"]}
    )
    seen = (await done(db, db_url, job_id)).result
    assert seen is not None
    assert {line["provider"] for line in seen["lines"]} == {account["number"]}


async def test_a_preview_shows_at_most_a_thousand_lines_and_says_that_there_are_more(
    db: Connection, db_url: str
) -> None:
    carrier = await make_world(db, accounts=5, declarations=900)
    job_id = await asked(db, "preview", "p1", business_date=DAY, risk_carrier_id=carrier)
    seen = (await done(db, db_url, job_id)).result
    assert seen is not None
    assert (len(seen["lines"]), seen["moreLines"]) == (1000, True)


async def test_the_checks_over_sound_books_find_nothing(db: Connection, db_url: str) -> None:
    await make_world(db, accounts=3, declarations=9)
    result = (await done(db, db_url, await asked(db, "checks", "2026-03-08"))).result
    assert result is not None
    assert (result["findings"], result["incidentsOpened"]) == (0, 0)
    assert result["checks"] > 50


async def test_what_the_checks_find_opens_one_incident_however_often_they_run(db: Connection, db_url: str) -> None:
    await make_world(db, accounts=3, declarations=9)
    await db.execute(
        """update claim_position set open_principal_cents = open_principal_cents + 1
           where claim_id = (select min(claim_id) from claim_position)"""
    )
    for week in ("2026-03-08", "2026-03-15"):
        result = (await done(db, db_url, await asked(db, "checks", week))).result
        assert result is not None
        assert result["findings"] > 0
    doubled = "select count(*) from (select 1 from incident group by check_name, account_id having count(*) > 1) d"
    assert await db.fetchval(doubled) == 0
    assert await db.fetchval("select count(*) from incident") > 0


def kind(work: Callable[[int], Awaitable[dict[str, Any]]]) -> dict[str, Work]:
    """A kind `count` whose work is given the number of its attempt."""

    async def run(running: RunningJob, _around: Around) -> dict[str, Any]:
        return await work(running.job.attempts)

    return {"count": run}


async def test_a_job_that_raises_is_tried_again(db: Connection, db_url: str) -> None:
    async def work(attempt: int) -> dict[str, Any]:
        if attempt < 3:
            raise ValueError("NL91ABNA0417164300 of J. Jansen")
        return {"attempt": attempt}

    job_id = await asked(db, "count", "a")
    async with working(db_url, kind(work)):
        await until_state(db, job_id, "done")
    assert (await job_of(db, job_id)).result == {"attempt": 3}


async def test_what_a_job_raised_is_stored_without_its_words(db: Connection, db_url: str) -> None:
    async def work(_attempt: int) -> dict[str, Any]:
        raise ValueError("NL91ABNA0417164300 of J. Jansen")

    job_id = await asked(db, "count", "a")
    async with working(db_url, kind(work)):
        await until_state(db, job_id, "failed")
    job = await job_of(db, job_id)
    assert job.error_code == "ValueError"
    assert "Jansen" not in str(job)


async def test_a_job_whose_workers_die_each_time_fails_in_the_end(db: Connection, db_url: str) -> None:
    async def work(_attempt: int) -> dict[str, Any]:
        return {}

    job_id = await asked(db, "count", "a")
    await db.execute(
        """update job set state = 'running', attempts = $1, fence = $1, holder = 'dead',
             lease_until = now() - interval '1 s'""",
        QUICK.most_attempts,
    )
    async with working(db_url, kind(work)):
        await until_state(db, job_id, "failed")
    assert (await job_of(db, job_id)).error_code == "died"


async def test_a_chore_that_fails_keeps_no_job_waiting(db: Connection, db_url: str) -> None:
    async def work(_attempt: int) -> dict[str, Any]:
        return {}

    async def broken(_connection: Connection) -> None:
        raise ValueError("a chore")

    job_id = await asked(db, "count", "a")
    async with working(db_url, kind(work), (broken,)):
        assert await until_state(db, job_id, "done") < 10


async def test_previews_are_forgotten_after_a_month_and_nothing_else_is(db: Connection) -> None:
    for name in ("preview", "checks"):
        for days in (1, 40):
            await db.execute(
                """insert into job (kind, subject, payload, state, created_by, created_at, ended_at)
                   values ($1, $2, '{}', 'done', 'test', now(), now() - make_interval(days => $3))""",
                name,
                f"{days}",
                days,
            )
    await forget_previews(db)
    rows = await db.fetch("select kind, subject from job order by 1, 2")
    assert [tuple(row) for row in rows] == [("checks", "1"), ("checks", "40"), ("preview", "1")]
