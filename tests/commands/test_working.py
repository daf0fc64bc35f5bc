"""The commands around jobs: what runs, waits, failed and why; when nights start by themselves."""

import argparse
import asyncio
import os
import signal
import sys
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.commands.working import days, start_time
from app.core.db import Connection
from app.core.jobs import end_job, take_job
from app.core.settings import ROOT
from tests import factories
from tests.jobs.conftest import asked, job_of, measured, until, until_state
from tests.night.worlds import DAY, make_world


async def vereffen(url: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run a command as a process of its own; its exit code, output and complaints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", *arguments, cwd=ROOT, env={**os.environ, "DATABASE_URL": url, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def failed(db: Connection) -> int:
    job_id = await asked(db, "count", "a", risk_carrier_id=await factories.make_risk_carrier(db))
    job = await take_job(db, holder="test", lease=timedelta(seconds=30), kinds=["count"])
    assert job is not None
    await end_job(db, job, "failed", error=("no_policy", "No policy is in force."))
    return job_id


async def test_jobs_shows_what_failed_and_why(db: Connection, db_url: str) -> None:
    job_id = await failed(db)
    code, out, _ = await vereffen(db_url, "jobs", "--failed")
    assert code == 1
    assert f"{job_id}" in out
    assert "VZ" in out
    assert "no_policy: No policy is in force." in out


@pytest.mark.parametrize("command", ["jobs", "work", "serve", "migrate"])
async def test_a_database_that_is_away_is_told_in_a_sentence_without_its_password(command: str) -> None:
    code, out, err = await vereffen("postgresql://x:geheim@127.0.0.1:1/x", command)
    assert (code, out) == (1, "")
    assert err.startswith("The database of DATABASE_URL cannot be reached: ")
    assert len(err.splitlines()) == 1
    assert "geheim" not in err


async def test_jobs_says_that_there_are_none(db: Connection, db_url: str) -> None:
    assert await vereffen(db_url, "jobs") == (0, "Geen taken.\n", "")
    assert await vereffen(db_url, "jobs", "--failed") == (0, "Geen taken die mislukt zijn.\n", "")
    assert await vereffen(db_url, "incidents") == (0, "Geen incidenten open.\n", "")


async def test_jobs_says_that_a_file_was_refused(db: Connection, db_url: str) -> None:
    await asked(db, "import", "batch:1")
    job = await take_job(db, holder="test", lease=timedelta(seconds=30), kinds=["import"])
    assert job is not None
    await end_job(db, job, "done", result={"outcome": "refused", "read": 1, "added": 0})
    _, out, _ = await vereffen(db_url, "jobs")
    assert out.splitlines()[2].endswith("geweigerd, niets geladen")


async def test_jobs_asks_for_a_failed_one_again(db: Connection, db_url: str) -> None:
    job_id = await failed(db)
    code, out, _ = await vereffen(db_url, "jobs", "--retry", str(job_id))
    assert (code, (await job_of(db, job_id)).state) == (0, "waiting")
    assert f"Taak {job_id} wacht weer" in out


async def test_jobs_refuses_to_repeat_what_did_not_fail(db: Connection, db_url: str) -> None:
    job_id = await asked(db, "count", "a")
    code, _, err = await vereffen(db_url, "jobs", "--retry", str(job_id))
    assert (code, err.strip()) == (1, f"Job {job_id} is waiting; only one that failed is asked for again.")


async def test_a_schedule_is_set_and_shown(db: Connection, db_url: str) -> None:
    await factories.make_risk_carrier(db)
    code, out, _ = await vereffen(db_url, "schedule", "--risk-carrier", "VZ", "--start", "22:00", "--days", "ma-vr")
    assert code == 0
    assert out.splitlines()[2].split()[:9] == ["nacht", "VZ", "22:00", "ma", "di", "wo", "do", "vr", "aan"]
    row = await db.fetchrow("select start_time, days, next_day, active from job_schedule where risk_carrier_id = 1")
    assert row is not None
    assert tuple(row) == (time(22), [1, 2, 3, 4, 5], False, True)


async def test_a_schedule_is_switched_off_and_keeps_its_time(db: Connection, db_url: str) -> None:
    await factories.make_risk_carrier(db)
    await vereffen(db_url, "schedule", "--risk-carrier", "VZ", "--start", "02:30", "--next-day")
    await vereffen(db_url, "schedule", "--risk-carrier", "VZ", "--off")
    row = await db.fetchrow("select start_time, next_day, active from job_schedule where risk_carrier_id = 1")
    assert row is not None
    assert tuple(row) == (time(2, 30), True, False)


async def test_a_schedule_without_a_time_is_refused(db: Connection, db_url: str) -> None:
    await factories.make_risk_carrier(db)
    code, _, err = await vereffen(db_url, "schedule", "--risk-carrier", "VZ")
    assert (code, err.strip()) == (1, "Say at what time it starts: --start 22:00")


async def test_work_does_what_waits_and_stops_when_told(db: Connection, db_url: str, tmp_path: Path) -> None:
    environment: dict[str, str] = {**os.environ, "DATABASE_URL": db_url, "VEREFFEN_DATA": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "work", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        job_id = await asked(db, "checks", "2026-03-08")
        await until_state(db, job_id, "done", 30)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()


async def worker(url: str, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "work", cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "VEREFFEN_DATA": str(folder)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def told_to_stop(process: asyncio.subprocess.Process) -> float:
    """SIGTERM; how many seconds until the process was gone."""
    clock = asyncio.get_running_loop().time
    began = clock()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 15) == 0
    return clock() - began


# A demo night has about 1,000 declarations of 150 running accounts; the second waits in a batch that does not end.
@pytest.mark.parametrize("stuck", [False, True])
async def test_a_night_of_the_demos_size_ends_or_is_given_back_within_ten_seconds_of_sigterm(
    db: Connection, db_url: str, tmp_path: Path, stuck: bool
) -> None:
    carrier = await make_world(db, accounts=150, declarations=1000)
    if stuck:
        await db.execute(
            """create function sleeps() returns trigger language plpgsql as
                 $$ begin perform pg_sleep(120); return null; end $$;
               create trigger slow after insert on posting for each statement execute function sleeps()"""
        )
    job_id = await asked(db, "night", DAY.isoformat(), business_date=DAY, risk_carrier_id=carrier)
    process = await worker(db_url, tmp_path)
    try:
        matching = "select exists (select 1 from audit where action = 'night taken up')"
        await until(lambda: db.fetchval(matching))
        took = await told_to_stop(process)
    finally:
        if process.returncode is None:
            process.kill()
    measured(f"SIGTERM in a night ({'stuck' if stuck else 'under way'}): gone after {took:.1f} s")
    assert took < 10
    job = await job_of(db, job_id)
    assert job.state == ("waiting" if stuck else "done")
    assert job.error_code is None
    if stuck:  # given back, not left to its lease: the next worker takes it up at once, and ends it
        await db.execute("drop trigger slow on posting")
        again = await worker(db_url, tmp_path)
        try:
            await until_state(db, job_id, "done", 12)
            await told_to_stop(again)
        finally:
            if again.returncode is None:
                again.kill()
    assert await db.fetchval("select state from run") == "released"
    assert await db.fetchval("select count(*) from payable where available_on <= $1", DAY) == 0


@pytest.mark.parametrize(
    "text, found", [("ma-zo", [1, 2, 3, 4, 5, 6, 7]), ("ma,wo,vr", [1, 3, 5]), ("za-zo,ma", [1, 6, 7]), ("do", [4])]
)
def test_days_are_read(text: str, found: list[int]) -> None:
    assert days(text) == found


@pytest.mark.parametrize("read, text", [(days, ""), (days, "vr-ma"), (days, "mon"), (start_time, "24:00"),
                                        (start_time, "2:30"), (start_time, "22:60")])  # fmt: skip
def test_days_and_times_that_are_none_are_refused(read: Any, text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read(text)
