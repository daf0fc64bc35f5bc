"""Payments: record, show, list, give what is on account to a claim; and the confirmation of a payout."""

from datetime import timedelta

import pytest

from app.core import ids
from tests.api.client import DAY
from tests.api.office import Office, same_but_for

ON_ACCOUNT = {"cents": 500, "riskCarrier": "VZ", "provider": "R1"}


async def test_a_payment_on_a_reference_pays_its_claim(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post("/payments", {"cents": 1_200, "reference": claim.payment_reference})
    body = answer.json()
    assert (answer.status_code, body["onAccountCents"], body["claims"]) == (
        201,
        200,
        [{"claim": claim.reference, "openCents": 0}],
    )


async def test_a_payment_shows_which_claims_got_it(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post("/payments", {"cents": 1_200, "reference": claim.payment_reference})
    found = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()
    assert (found["cents"], found["onAccountCents"], found["provider"]) == (1_200, 200, "R1")
    assert found["claims"] == [
        {"claim": claim.reference, "principalCents": 1_000, "costsCents": 0, "interestCents": 0, "allocation": None}
    ]


async def test_a_payment_without_a_reference_stays_on_account(office: Office) -> None:
    answer = await office.post("/payments", ON_ACCOUNT)
    assert (answer.status_code, answer.json()["onAccountCents"]) == (201, 500)


async def test_a_payment_that_nobody_can_place_is_refused(office: Office) -> None:
    nothing = await office.post("/payments", {"cents": 1})
    unknown = await office.post("/payments", {"cents": 1, "reference": "1234567812345678"})
    half = await office.post("/payments", {"cents": 1, "provider": "R1"})
    assert [each.json()["code"] for each in (nothing, unknown, half)] == [
        "no_reference",
        "reference_unknown",
        "provider_and_carrier",
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "2199-01-01"])
async def test_a_payment_of_an_impossible_day_is_refused_by_its_own_field(office: Office, day: str) -> None:
    answer = await office.post("/payments", {**ON_ACCOUNT, "receivedOn": day})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "received_on", "receivedOn")
    assert "2000-01-01" in problem["detail"]


async def test_the_same_key_pays_once(office: Office) -> None:
    first = await office.post("/payments", ON_ACCOUNT, "k")
    again = await office.post("/payments", ON_ACCOUNT, "k")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert await office.api.db.fetchval("select count(*) from payment") == 1


async def test_payments_of_a_provider_are_listed_in_pages_and_by_day(office: Office) -> None:
    made = []
    for day in ("2026-02-01", "2026-02-02", "2026-03-02"):
        made.append((await office.post("/payments", {**ON_ACCOUNT, "receivedOn": day})).json()["id"])
    first = (await office.get("/payments", provider="R1", pageSize=2)).json()
    rest = (await office.get("/payments", provider="R1", pageSize=2, cursor=first["nextCursor"])).json()
    by_day = (await office.get("/payments", provider="R1", fromDate="2026-02-02", untilDate="2026-02-28")).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == made
    assert [each["id"] for each in by_day["items"]] == [made[1]]


async def test_payments_of_every_provider_are_listed_by_risk_carrier_and_day(office: Office) -> None:
    for day in ("2026-02-01", "2026-03-02"):
        await office.post("/payments", {**ON_ACCOUNT, "receivedOn": day})
    found = (await office.get("/payments", riskCarrier="VZ", fromDate="2026-03-01")).json()["items"]
    assert [each["receivedOn"] for each in found] == ["2026-03-02"]
    stranger = await office.stranger()
    assert (await stranger.get("/payments")).json()["items"] == []


async def test_what_is_on_account_goes_to_a_claim(office: Office) -> None:
    claim, payment = await office.world.claim(1_000), (await office.post("/payments", ON_ACCOUNT)).json()["id"]
    answer = await office.post(
        f"/payments/{payment}/allocations", {"claim": claim.reference, "reason": "bedoeld hiervoor", "cents": 300}
    )
    assert (answer.status_code, answer.json()["openCents"], answer.json()["onAccountCents"]) == (201, 700, 200)
    found = (await office.get(f"/payments/{payment}")).json()
    assert (found["onAccountCents"], found["claims"][0]["allocation"]) == (200, answer.json()["id"])
    event = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()
    assert (event["what"], event["cents"]) == ("money on account given", 300)
    await office.world.assert_sound()


async def test_no_more_than_what_is_on_account_is_given(office: Office) -> None:
    claim, payment = await office.world.claim(1_000), (await office.post("/payments", ON_ACCOUNT)).json()["id"]
    answer = await office.post(
        f"/payments/{payment}/allocations", {"claim": claim.reference, "reason": "x", "cents": 501}
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "above_allocatable", "cents")


async def test_money_that_came_free_goes_to_another_claim(office: Office) -> None:
    paid, other = await office.world.claim(1_000), await office.world.claim(1_000)
    await office.post("/payments", {"cents": 1_000, "reference": paid.payment_reference})
    await office.post(f"/claims/{paid.reference}/adjustments", {"deltaCents": -400, "reason": "te hoog"})
    answer = await office.post(f"/claims/{other.reference}/allocations", {"reason": "in overleg"})
    assert (answer.json()["allocatedCents"], answer.json()["openCents"], answer.json()["payment"]) == (400, 600, None)


async def test_a_payment_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    payment = (await office.post("/payments", ON_ACCOUNT)).json()["id"]
    stranger = await office.stranger()
    foreign, missing = await stranger.get(f"/payments/{payment}"), await stranger.get("/payments/999999")
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, f"payment {payment} ", "payment 999999 ")
    allocation = {"claim": "VOR-2026-00009999-9", "reason": "x"}
    foreign = await stranger.post(f"/payments/{payment}/allocations", allocation)
    missing = await stranger.post("/payments/999999/allocations", allocation)
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing)
    assert (await stranger.get("/payments", provider="R1")).status_code == 404


async def test_a_reference_of_another_risk_carrier_leads_nowhere(office: Office) -> None:
    claim = await office.world.claim(1_000)
    stranger = await office.stranger()
    foreign = await stranger.post("/payments", {"cents": 1, "reference": claim.payment_reference})
    missing = await stranger.post("/payments", {"cents": 1, "reference": "1234567812345678"})
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, claim.payment_reference or "", "1234567812345678")


async def test_the_bank_confirms_a_payout_once(office: Office) -> None:
    payout = await office.world.settle(await office.world.declaration(900, "D1", on=DAY), on=DAY)
    number = ids.payout_number(payout, DAY.year)
    answer = await office.post(f"/payouts/{number}/confirmation", {"cents": 900})
    assert (answer.status_code, answer.json()["cents"]) == (201, 900)
    assert answer.headers["location"] == f"/v1/payouts/{number}"
    again = await office.post(f"/payouts/{number}/confirmation", {"cents": 900})
    assert (again.status_code, again.json()["code"]) == (409, "payout_state")


async def test_a_payout_cannot_have_arrived_before_it_was_made_or_after_today(office: Office) -> None:
    payout = await office.world.settle(await office.world.declaration(900, "D1", on=DAY), on=DAY)
    number = ids.payout_number(payout, DAY.year)
    for day in (DAY - timedelta(days=1), DAY + timedelta(days=30)):
        answer = await office.post(f"/payouts/{number}/confirmation", {"confirmedOn": day.isoformat()})
        assert (answer.status_code, answer.json()["field"]) == (422, "confirmedOn")
    assert await office.api.db.fetchval("select count(*) from payout_confirmation") == 0


async def test_a_payout_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    payout = await office.world.settle(await office.world.declaration(900, "D1", on=DAY), on=DAY)
    number, none = ids.payout_number(payout, DAY.year), ids.payout_number(9_999, DAY.year)
    stranger = await office.stranger()
    foreign = await stranger.post(f"/payouts/{number}/confirmation", {})
    missing = await stranger.post(f"/payouts/{none}/confirmation", {})
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, number, none)


async def test_a_payout_is_confirmed_under_its_whole_number_only(office: Office) -> None:
    payout = await office.world.settle(await office.world.declaration(900, "D1", on=DAY), on=DAY)
    for number in (
        ids.payout_number(payout, 1999),
        ids.payout_number(10**18, DAY.year),
        "AFR-2026-9999999999999999999-4",
    ):
        answer = await office.post(f"/payouts/{number}/confirmation", {})
        assert answer.status_code in (404, 422), number
    assert await office.api.db.fetchval("select count(*) from payout_confirmation") == 0
