"""Nights over HTTP: start, report, decisions, previews; what others have looks like what is not there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from app.core.bell import NoBell
from app.core.settings import Settings
from jobs.night.run import run_night
from tests import factories
from tests.api.client import Api, serving
from tests.jobs.conftest import until_state
from tests.jobs.test_kinds import working
from tests.night.worlds import DAY, make_world
from tests.web.visitor import visitor_as

BODY = {"riskCarrier": "VZ", "businessDate": DAY.isoformat()}


class Rung(NoBell):
    """A bell that remembers."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    async def ring(self, job_id: int) -> None:
        self.ids.append(job_id)


@pytest.fixture
async def api(db: Any, db_url: str) -> AsyncIterator[Api]:
    """The day is that of the world; its risk carrier is 1."""
    await make_world(db, accounts=5, declarations=40)
    async with serving(db, db_url, Settings(business_date=DAY, rate=100_000), bell=Rung()) as found:
        yield found


@pytest.fixture
async def caller(api: Api) -> AsyncClient:
    return await api.as_(["nights:read", "nights:start", "jobs:read"])


async def ask(client: AsyncClient, path: str = "/v1/nights", key: str = "k1", **changed: Any) -> Response:
    return await client.post(path, json={**BODY, **changed}, headers={"Idempotency-Key": key})


async def done(api: Api, db_url: str, answer: Response) -> None:
    number = int(answer.headers["location"].rsplit("/", 1)[1])
    async with working(db_url):
        await until_state(api.db, number, "done")


async def test_a_night_is_started_and_leads_to_its_job(caller: AsyncClient) -> None:
    answer = await ask(caller)
    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/jobs/{body['jobId']}"
    assert (body["kind"], body["state"], body["riskCarrier"], body["businessDate"]) == (
        "night", "waiting", "VZ", DAY.isoformat(),
    )  # fmt: skip


async def test_a_started_night_rings(api: Api, db: Any, db_url: str) -> None:
    bell = Rung()
    async with serving(db, db_url, Settings(business_date=DAY, rate=100_000), bell=bell) as here:
        answer = await ask(await here.as_(["nights:start"]))
    assert bell.ids == [answer.json()["jobId"]]


async def test_the_same_request_again_answers_the_same(caller: AsyncClient, api: Api) -> None:
    first, second = await ask(caller), await ask(caller)
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json() == second.json()
    assert await api.db.fetchval("select count(*) from job") == 1


async def test_a_key_with_another_content_is_refused(caller: AsyncClient) -> None:
    await ask(caller)
    answer = await ask(caller, catchUp=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")


async def test_another_request_for_the_same_night_leads_to_the_same_job(caller: AsyncClient) -> None:
    first, second = await ask(caller), await ask(caller, key="k2")
    assert first.headers["location"] == second.headers["location"]
    assert "idempotent-replayed" not in second.headers


async def test_without_a_key_a_night_is_not_started(caller: AsyncClient, api: Api) -> None:
    answer = await caller.post("/v1/nights", json=BODY)
    assert (answer.status_code, await api.db.fetchval("select count(*) from job")) == (400, 0)


@pytest.mark.parametrize(
    "changed, status, code",
    [
        ({"businessDate": (DAY + timedelta(days=1)).isoformat()}, 422, "night_to_come"),
        ({"businessDate": "0001-01-01"}, 422, "night_year"),
        ({"riskCarrier": "XX"}, 404, "not_found"),
        ({"businessDate": "4 maart"}, 422, "body_invalid"),
        ({"riskCarrier": ""}, 422, "body_invalid"),
        ({"more": 1}, 422, "body_invalid"),
    ],
)
async def test_what_cannot_be_started_is_refused(
    caller: AsyncClient, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(caller, **changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_night_before_the_last_one_is_refused(caller: AsyncClient, db_url: str) -> None:
    await run_night(db_url, 1, DAY)
    answer = await ask(caller, businessDate=(DAY - timedelta(days=1)).isoformat())
    assert (answer.status_code, answer.json()["code"]) == (409, "before_first_night")


async def test_a_released_night_is_not_started_again(caller: AsyncClient, db_url: str) -> None:
    await run_night(db_url, 1, DAY)
    answer = await ask(caller)
    assert (answer.status_code, answer.json()["code"]) == (409, "night_released")


async def test_more_than_a_month_of_nights_wants_to_be_meant(api: Api, db: Any, db_url: str) -> None:
    await run_night(db_url, 1, DAY)
    later = DAY + timedelta(days=40)
    async with serving(db, db_url, Settings(business_date=later, rate=100_000)) as here:
        client = await here.as_(["nights:start"])
        refused = await ask(client, businessDate=later.isoformat())
        meant = await ask(client, key="k2", businessDate=later.isoformat(), catchUp=True)
    assert (refused.status_code, refused.json()["code"], meant.status_code) == (409, "many_nights", 202)


async def test_the_report_goes_from_gross_to_offsets_to_net(caller: AsyncClient, api: Api, db_url: str) -> None:
    await done(api, db_url, await ask(caller))
    body = (await caller.get(f"/v1/nights/VZ/{DAY}")).json()
    assert body["state"] == "released"
    assert body["grossCents"] == body["declaredCents"] + body["returnedCents"] + body["advanceCents"]
    assert body["grossCents"] == body["offsetCents"] + body["netCents"] > 0
    assert (body["batchesDone"], body["batchesTotal"]) == (1, 1)


async def test_the_report_says_why_claims_were_left_out(caller: AsyncClient, api: Api, db_url: str) -> None:
    await done(api, db_url, await ask(caller))
    body = (await caller.get(f"/v1/nights/VZ/{DAY}")).json()
    assert body["inScope"] == body["offsetClaims"] + body["leftOutClaims"]
    assert sum(each["claims"] for each in body["leftOut"]) == body["leftOutClaims"] > 0


async def test_nights_are_listed_newest_first_page_by_page(caller: AsyncClient, db_url: str) -> None:
    for n in range(3):
        await run_night(db_url, 1, DAY + timedelta(days=n))
    first = (await caller.get("/v1/nights?pageSize=2")).json()
    second = (await caller.get(f"/v1/nights?pageSize=2&cursor={first['nextCursor']}")).json()
    dates = [each["businessDate"] for each in first["items"] + second["items"]]
    assert dates == [(DAY + timedelta(days=n)).isoformat() for n in (2, 1, 0)]
    assert second["nextCursor"] is None


async def test_nights_are_picked_by_date_and_state(caller: AsyncClient, db_url: str) -> None:
    for n in range(3):
        await run_night(db_url, 1, DAY + timedelta(days=n))
    day = DAY + timedelta(days=1)
    found = (await caller.get(f"/v1/nights?from={day}&until={day}&state=released&riskCarrier=VZ")).json()
    assert [each["businessDate"] for each in found["items"]] == [day.isoformat()]


async def test_decisions_come_page_by_page_each_once(caller: AsyncClient, api: Api, db_url: str) -> None:
    await done(api, db_url, await ask(caller))
    found: list[dict[str, Any]] = []
    page: str | None = ""
    while page is not None:
        answer = (await caller.get(f"/v1/nights/VZ/{DAY}/decisions?pageSize=3{page}")).json()
        found += answer["items"]
        page = f"&cursor={answer['nextCursor']}" if answer["nextCursor"] else None
    assert len(found) == len({each["claim"] for each in found})
    assert len(found) == await api.db.fetchval("select count(*) from decision")


async def test_decisions_are_picked_by_answer(caller: AsyncClient, api: Api, db_url: str) -> None:
    await done(api, db_url, await ask(caller))
    found = (await caller.get(f"/v1/nights/VZ/{DAY}/decisions?answer=offset%20in%20full&pageSize=200")).json()["items"]
    assert {each["answer"] for each in found} == {"offset in full"}
    assert all(each["offsetCents"] > 0 for each in found)


async def test_a_preview_tells_what_the_night_will_do(caller: AsyncClient, api: Api, db_url: str) -> None:
    asked = await ask(caller, "/v1/night-previews")
    assert (asked.status_code, asked.json()["totals"]) == (202, None)
    await done(api, db_url, asked)
    seen = (await caller.get(asked.headers["location"])).json()
    await run_night(db_url, 1, DAY)
    report = (await caller.get(f"/v1/nights/VZ/{DAY}")).json()
    names = ("entries", "declaredCents", "offsetCents", "netCents", "inScope", "offsetClaims", "payouts")
    assert {name: seen["totals"][name] for name in names} == {name: report[name] for name in names}
    assert {each["code"]: each["claims"] for each in seen["leftOut"]} == {
        each["code"]: each["claims"] for each in report["leftOut"]
    }
    assert {line["what"] for line in seen["lines"]} >= {"entry", "offset", "payout", "claim"}


async def test_the_payouts_of_a_preview_add_up_to_what_would_be_paid(
    caller: AsyncClient, api: Api, db_url: str
) -> None:
    asked = await ask(caller, "/v1/night-previews")
    await done(api, db_url, asked)
    seen = (await caller.get(asked.headers["location"])).json()
    payouts = [line["cents"] for line in seen["lines"] if line["what"] == "payout"]
    assert sum(payouts) == seen["totals"]["netCents"] > 0


async def test_a_preview_of_one_provider_is_of_no_other(caller: AsyncClient, api: Api, db_url: str) -> None:
    asked = await ask(caller, "/v1/night-previews", provider="W0002")
    await done(api, db_url, asked)
    seen = (await caller.get(asked.headers["location"])).json()
    assert {line["provider"] for line in seen["lines"]} == {"W0002"}


async def test_a_preview_of_a_released_night_says_so_on_its_page_too(
    caller: AsyncClient, api: Api, db_url: str
) -> None:
    asked = await ask(caller, "/v1/night-previews")
    await done(api, db_url, asked)
    where, number = asked.headers["location"], asked.json()["previewId"]
    visitor, said = await visitor_as(api, "finance"), "De nacht van deze dag is al vrijgegeven."
    before = (
        (await caller.get(where)).json()["nightReleased"],
        said in (await visitor.get(f"/nights/preview/{number}")).text,
    )
    await run_night(db_url, 1, DAY)
    page = (await visitor.get(f"/nights/preview/{number}")).text
    assert before == (False, False)
    assert ((await caller.get(where)).json()["nightReleased"], said in page) == (True, True)
    assert f'href="/nights/VZ/{DAY}"' in page


async def test_a_preview_of_an_unknown_provider_is_refused(caller: AsyncClient) -> None:
    answer = await ask(caller, "/v1/night-previews", provider="W9999")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_preview_that_is_refused_says_why_at_once_and_opens_no_incident(
    caller: AsyncClient, api: Api, db_url: str
) -> None:
    asked = await ask(caller, "/v1/night-previews", businessDate="2016-01-01")
    number = int(asked.headers["location"].rsplit("/", 1)[1])
    async with working(db_url):
        await until_state(api.db, number, "failed")
    seen = (await caller.get(asked.headers["location"])).json()
    assert (seen["state"], seen["error"]) == ("failed", "no_policy")
    assert (
        await api.db.fetchval("select attempts from job"),
        await api.db.fetchval("select count(*) from incident"),
    ) == (
        1,
        0,
    )


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 30])
async def test_a_number_that_no_row_has_is_no_fault_of_the_server(caller: AsyncClient, number: str) -> None:
    for path in ("/v1/night-previews", "/v1/jobs"):
        assert (await caller.get(f"{path}/{number}")).status_code in (400, 404)


async def test_a_date_that_is_none_leads_nowhere(caller: AsyncClient) -> None:
    assert (await caller.get("/v1/nights/VZ/2026-02-30")).status_code in (400, 404)


async def test_what_another_has_looks_like_what_is_not_there(api: Api, caller: AsyncClient, db_url: str) -> None:
    preview = await ask(caller, "/v1/night-previews")
    await run_night(db_url, 1, DAY)
    await factories.make_risk_carrier(api.db, "WZ")
    other = await api.as_(["nights:read", "nights:start", "jobs:read"], [2])
    pairs = [
        (f"/v1/nights/VZ/{DAY}", f"/v1/nights/QQ/{DAY}"),
        (f"/v1/nights/VZ/{DAY}/decisions", f"/v1/nights/QQ/{DAY}/decisions"),
        (preview.headers["location"], "/v1/night-previews/999999999"),
        (preview.headers["location"].replace("night-previews", "jobs"), "/v1/jobs/999999999"),
    ]
    for theirs, nobodys in pairs:
        foreign, missing = await other.get(theirs), await other.get(nobodys)
        assert (foreign.status_code, foreign.content) == (404, missing.content), theirs
    assert (await other.get("/v1/nights")).json()["items"] == []
    assert (await other.get("/v1/jobs")).json()["items"] == []
    assert (await ask(other)).status_code == 404
