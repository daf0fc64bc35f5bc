"""Jobs over HTTP: lists, one job, and asking for a failed one again."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from app.core.db import Connection
from app.core.jobs import end_job, take_job
from tests import factories
from tests.api.client import Api
from tests.jobs.conftest import asked, job_of


@pytest.fixture
async def caller(api: Api) -> AsyncClient:
    await factories.make_risk_carrier(api.db)
    return await api.as_(["jobs:read", "nights:start"])


async def failed(db: Connection, kind: str = "count") -> int:
    job_id = await asked(db, kind, "a", risk_carrier_id=1)
    job = await take_job(db, holder="test", lease=timedelta(seconds=30), kinds=[kind])
    assert job is not None
    await end_job(db, job, "failed", error=("no_policy", "No policy is in force."))
    return job_id


async def test_a_job_says_what_it_is_about_and_how_it_ended(api: Api, caller: AsyncClient) -> None:
    body = (await caller.get(f"/v1/jobs/{await failed(api.db)}")).json()
    wanted = {"kind": "count", "subject": "a", "riskCarrier": "VZ", "state": "failed", "error": "no_policy"}
    assert {name: body[name] for name in wanted} == wanted


async def test_jobs_are_listed_newest_first_page_by_page(api: Api, caller: AsyncClient) -> None:
    ids = [await asked(api.db, "count", f"n{n}", risk_carrier_id=1) for n in range(3)]
    first = (await caller.get("/v1/jobs?pageSize=2")).json()
    second = (await caller.get(f"/v1/jobs?pageSize=2&cursor={first['nextCursor']}")).json()
    assert [each["jobId"] for each in first["items"] + second["items"]] == ids[::-1]
    assert second["nextCursor"] is None


@pytest.mark.parametrize(
    "query, found",
    [("state=failed", 1), ("state=done", 0), ("kind=count", 2), ("kind=night", 0), ("riskCarrier=VZ", 2),
     ("riskCarrier=QQ", 0)],
)  # fmt: skip
async def test_jobs_are_picked(api: Api, caller: AsyncClient, query: str, found: int) -> None:
    await failed(api.db)
    await asked(api.db, "count", "b", risk_carrier_id=1)
    assert len((await caller.get(f"/v1/jobs?{query}")).json()["items"]) == found


async def test_work_of_the_whole_installation_is_nobodys_to_read(api: Api, caller: AsyncClient) -> None:
    job_id = await asked(api.db, "checks", "2026-03-08")
    assert (await caller.get(f"/v1/jobs/{job_id}")).status_code == 404


async def test_a_failed_job_is_asked_for_again(api: Api, caller: AsyncClient) -> None:
    job_id = await failed(api.db)
    answer = await caller.post(f"/v1/jobs/{job_id}/retries")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert answer.headers["location"] == f"/v1/jobs/{job_id}"
    assert await api.db.fetchval("select actor from audit where action = 'job asked for again'") == "token:test"


async def test_asked_for_twice_it_is_one_attempt(api: Api, caller: AsyncClient) -> None:
    job_id = await failed(api.db)
    for _ in range(2):
        answer = await caller.post(f"/v1/jobs/{job_id}/retries")
    assert answer.status_code == 202
    assert await api.db.fetchval("select count(*) from audit where action = 'job asked for again'") == 1


async def test_a_job_that_is_done_is_not_done_again(api: Api, caller: AsyncClient) -> None:
    job_id = await asked(api.db, "count", "a", risk_carrier_id=1)
    job = await take_job(api.db, holder="test", lease=timedelta(seconds=30), kinds=["count"])
    assert job is not None
    await end_job(api.db, job, "done", result={})
    answer = await caller.post(f"/v1/jobs/{job_id}/retries")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_done")


async def test_an_import_is_asked_for_again_by_who_may_load(api: Api, caller: AsyncClient) -> None:
    job_id = await failed(api.db, "import")
    loader = await api.as_(["batches:write"])
    refused: Any = await caller.post(f"/v1/jobs/{job_id}/retries")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await loader.post(f"/v1/jobs/{job_id}/retries")).status_code == 202


async def test_a_job_of_another_is_not_there(api: Api, caller: AsyncClient) -> None:
    await factories.make_risk_carrier(api.db, "WZ")
    job_id = await failed(api.db)
    other = await api.as_(["jobs:read", "nights:start"], [2])
    foreign = await other.post(f"/v1/jobs/{job_id}/retries")
    nowhere = await other.post("/v1/jobs/999999999/retries")
    assert (foreign.status_code, nowhere.status_code) == (404, 404)
    assert foreign.json()["detail"].replace(str(job_id), "N") == nowhere.json()["detail"].replace("999999999", "N")
    assert (await job_of(api.db, job_id)).state == "failed"
