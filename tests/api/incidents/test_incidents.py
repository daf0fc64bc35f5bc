"""Incidents over HTTP."""

import asyncio

from app.core import clock
from tests.api.insurer import Insurer


async def _incident(office: Insurer, carrier: int = 1, check: str = "payout_totals", account: int | None = None) -> int:
    found: int = await office.api.db.fetchval(
        """insert into incident (risk_carrier_id, account_id, check_name, what, opened_at)
           values ($1, $2, $3, 'planted', $4) returning incident_id""",
        *(carrier, account, check, clock.now()),
    )
    return found


async def test_open_incidents_are_listed_oldest_first_and_by_page(office: Insurer) -> None:
    made = [await _incident(office), await _incident(office, check="parked", account=office.own.account_ids[1])]
    first = (await office.get("/incidents", "incidents:read", pageSize=1)).json()
    second = (await office.get("/incidents", pageSize=1, cursor=first["nextCursor"])).json()
    assert [each["id"] for each in first["items"] + second["items"]] == made
    assert second["items"][0]["providerNumber"] == "P1"


async def test_incidents_are_filtered_by_check_provider_and_state(office: Insurer) -> None:
    parked = await _incident(office, check="parked", account=office.own.account_ids[1])
    await _incident(office)
    for query in ({"check": "parked"}, {"provider": "P1"}):
        assert [each["id"] for each in (await office.get("/incidents", **query)).json()["items"]] == [parked]
    assert (await office.get("/incidents", state="resolved")).json()["items"] == []


async def test_an_incident_is_resolved_once_with_a_reason_and_an_audit_row(office: Insurer) -> None:
    made = await _incident(office)
    answer = await office.post(f"/incidents/{made}/resolution", {"resolution": "boeking hersteld"})
    assert (answer.status_code, answer.json()["resolvedBy"]) == (201, "token:test")
    found = (await office.get(f"/incidents/{made}")).json()
    assert (found["resolution"], found["resolvedBy"]) == ("boeking hersteld", "token:test")
    audited = "select count(*) from audit where action = 'incident resolved' and actor = 'token:test'"
    assert await office.api.db.fetchval(audited) == 1


async def test_a_resolution_sent_again_answers_the_same(office: Insurer) -> None:
    path, body = f"/incidents/{await _incident(office)}/resolution", {"resolution": "hersteld"}
    first, again = await office.post(path, body), await office.post(path, body)
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")


async def test_another_resolution_of_a_resolved_incident_is_refused(office: Insurer) -> None:
    path = f"/incidents/{await _incident(office)}/resolution"
    await office.post(path, {"resolution": "hersteld"})
    answer = await office.post(path, {"resolution": "anders"}, key="k2")
    assert (answer.status_code, answer.json()["code"]) == (409, "incident_resolved")


async def test_a_key_that_resolved_another_incident_is_refused(office: Insurer) -> None:
    one, two = await _incident(office), await _incident(office)
    await office.post(f"/incidents/{one}/resolution", {"resolution": "hersteld"})
    answer = await office.post(f"/incidents/{two}/resolution", {"resolution": "hersteld"})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")


async def test_a_foreign_incident_and_one_that_is_not_there_are_alike(office: Insurer) -> None:
    foreign = await _incident(office, carrier=2)
    assert (await office.get("/incidents", state="all")).json()["items"] == []
    for answers in (
        [await office.get(f"/incidents/{number}") for number in (foreign, 987_654)],
        [await office.post(f"/incidents/{number}/resolution", {"resolution": "x"}) for number in (foreign, 987_654)],
    ):
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text.replace(str(foreign), "987654") == answers[1].text


async def test_a_key_that_resolves_two_incidents_at_once_resolves_one(office: Insurer) -> None:
    made = [await _incident(office) for _ in range(8)]
    await office.get("/incidents")  # the token is made: the rest is at once
    answers = await asyncio.gather(
        *(office.post(f"/incidents/{each}/resolution", {"resolution": "hersteld"}) for each in made)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"key_used_otherwise"}


async def test_the_key_of_a_repeated_resolution_is_taken_too(office: Insurer) -> None:
    one, two = await _incident(office), await _incident(office)
    for key in ("k1", "k2"):
        assert (await office.post(f"/incidents/{one}/resolution", {"resolution": "x"}, key=key)).status_code == 201
    answer = await office.post(f"/incidents/{two}/resolution", {"resolution": "x"}, key="k2")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")
