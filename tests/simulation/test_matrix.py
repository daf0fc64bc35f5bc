"""The crash matrix: a job that dies at any statement and is asked for again ends in the books of an undisturbed one.

`pytest -m slow tests/simulation/test_matrix.py` tries up to forty points of each job, `VEREFFEN_MATRIX_POINTS=all` (or
`vereffen simulate --matrix`) every one, which takes half an hour; `VEREFFEN_MATRIX_SEED` draws other ones.
"""

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.clock import simulated
from app.core.db import Connection
from app.record import KINDS as FACTS
from jobs.kinds import KINDS as WORK
from jobs.simulation.matrix import all_points, run_matrix
from jobs.simulation.matrix_agreements import NEXT, UNDER_AGREEMENTS
from jobs.simulation.matrix_jobs import JOBS, uncovered
from jobs.simulation.matrix_model import Job, JobPoints, Place, Ready, Work, by_connection
from jobs.simulation.matrix_world import DAY, MOMENT, make_world, ticking
from jobs.simulation.processes import Kill

SEED = int(os.environ.get("VEREFFEN_MATRIX_SEED", "1"))
A_JOB = 1  # points, of each job
MORE = os.environ.get("VEREFFEN_MATRIX_POINTS", "40")


def told(found: JobPoints) -> None:
    sys.stdout.write(f"{found.job:32} {found.statements:4} statements {found.points:5} points {found.same:5} same\n")


def faults(found: Sequence[JobPoints]) -> list[str]:
    """Every point that did not end in the same books."""
    return [f"{each.job} {fault}" for each in found for fault in each.faults]


def test_every_kind_of_job_and_of_fact_has_its_line_in_the_matrix() -> None:
    assert uncovered() == set()


def test_a_new_kind_without_a_line_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FACTS, "letter", FACTS["payment"])  # type: ignore[arg-type]
    monkeypatch.setitem(WORK, "letters", WORK["checks"])
    assert uncovered() == {"fact letter", "job letters"}


def test_the_points_are_before_and_after_each_statement() -> None:
    assert all_points(2) == [Kill(1, False), Kill(1, True), Kill(2, False), Kill(2, True)]


async def test_some_points_of_every_job_end_in_the_same_books(server_url: str) -> None:
    found = await run_matrix(server_url, told, sample=A_JOB, seed=SEED)
    assert faults(found) == []
    assert [each.same for each in found] == [A_JOB] * len(JOBS)


@pytest.mark.slow
@pytest.mark.parametrize("job", JOBS, ids=[each.name for each in JOBS])
async def test_many_points_of_a_job_end_in_the_same_books(server_url: str, job: Job) -> None:
    sample = None if MORE == "all" else int(MORE)
    (found,) = await run_matrix(server_url, told, jobs=[job], sample=sample, seed=SEED)
    assert faults([found]) == []
    assert found.same == found.points == min(2 * found.statements, sample or 2 * found.statements)


async def test_the_night_under_agreements_gives_back_and_takes_over(
    db: Connection, db_url: str, tmp_path: Path
) -> None:
    await make_world(db, db_url)
    with simulated(ticking(MOMENT - timedelta(hours=1))):
        work = await UNDER_AGREEMENTS.ready(db)
    await work(Place(db_url, tmp_path))
    moved = await db.fetch(
        """
        select business_date, (select count(*) from takeover t where t.run_id = r.run_id),
          (select count(*) from takeover_return b where b.run_id = r.run_id)
        from run r where business_date >= $1 order by 1""",
        DAY,
    )
    assert [tuple(row) for row in moved] == [(DAY, 2, 0), (NEXT, 1, 2)]


async def twice(_: Connection) -> Work:
    """A job with a fault: what it writes has no key, so that a second call writes it again."""
    return by_connection(
        lambda own: own.execute("insert into sign_in_try values (default, sha256('x'), 'local', now(), false)")
    )


async def in_two(_: Connection) -> Work:
    """A job with a fault: it takes its key in one transaction and does its work in the next."""

    async def act(own: Connection) -> None:
        if await own.fetchval("select count(*) from brand") < 2:
            await own.execute("insert into brand values (1, 'ZZ', 'Zorg ZZ')")
            await own.execute("update brand set name = 'Zorg YY' where code = 'ZZ'")

    return by_connection(act)


@pytest.mark.parametrize("ready, table", [(twice, "sign_in_try"), (in_two, "brand")], ids=["no-key", "half-a-job"])
async def test_the_matrix_sees_a_job_that_may_not_be_called_again(server_url: str, ready: Ready, table: str) -> None:
    (found,) = await run_matrix(server_url, told, jobs=[Job("faulty", "nothing", ready)])
    assert found.same < found.points
    assert any(f"other rows in {table}" in fault for fault in found.faults)
