"""What is open by age and what became of what was claimed, over HTTP; each amount opens its claims."""

import pytest

from app.web.paging import cursor
from tests.api.insurer import Insurer


async def test_an_ageing_of_a_past_day_is_what_was_open_then(office: Insurer) -> None:
    before = (await office.get("/reports/ageing", "accounts:read", onDate="2026-03-02")).json()
    assert (before["onDate"], before["items"]) == ("2026-03-02", [])  # the night offset all of it
    claim = {"type": "claim", "id": "V-2", "agb": "04000001", "reasonCode": "FC", "amountCents": 700, "ground": "x"}
    client = await office.api.as_()
    made = await client.post(
        "/v1/claims?riskCarrier=VZ&source=core",
        json={**claim, "letterDate": "2026-01-01", "dueDate": "2026-01-20"},
        headers={"Idempotency-Key": "k"},
    )
    assert made.status_code == 201  # booked on the first day that is open
    (found,) = (await office.get("/reports/ageing", onDate="2026-03-03")).json()["items"]
    assert (found["riskCarrier"], found["claims"], found["cents"]) == ("VZ", 1, 700)
    assert [(age["fromDays"], age["untilDays"], age["cents"]) for age in found["ages"]][1:3] == [
        (1, 30, 0),
        (31, 60, 700),
    ]
    assert (found["ages"][0]["untilDays"], found["ages"][-1]["untilDays"]) == (0, None)
    assert (await office.get("/reports/ageing", onDate="2025-12-31")).json()["items"] == []
    shares = (await office.get("/reports/ageing/claims", riskCarrier="VZ", onDate="2026-03-03", fromDays=31)).json()
    assert (shares["claims"], shares["cents"], shares["items"][0]["cents"]) == (1, 700, 700)
    none = (await office.get("/reports/ageing/claims", riskCarrier="VZ", onDate="2026-03-03", untilDays=30)).json()
    assert (none["claims"], none["items"], none["nextCursor"]) == (0, [], None)


async def test_the_parts_of_a_funnel_add_up_and_open_their_claims(office: Insurer) -> None:
    (found,) = (await office.get("/reports/funnel", "accounts:read")).json()["items"]
    parts = ("paid", "offset", "withdrawn", "writtenOff", "disputed", "agency", "open")
    assert sum(found[f"{part}Cents"] for part in parts) == found["claimedCents"] == 20_000
    shares = (await office.get("/reports/funnel/claims", riskCarrier="VZ", part="offset")).json()
    assert (shares["cents"], [each["cents"] for each in shares["items"]]) == (20_000, [20_000])
    empty = (await office.get("/reports/funnel/claims", riskCarrier="VZ", part="open")).json()
    assert (empty["claims"], empty["items"]) == (0, [])


async def test_pages_show_every_share_once(office: Insurer) -> None:
    first = (await office.get("/reports/funnel/claims", riskCarrier="VZ", pageSize=1)).json()
    rest = (await office.get("/reports/funnel/claims", riskCarrier="VZ", pageSize=1, cursor=first["nextCursor"])).json()
    assert (len(first["items"]), rest["items"], rest["nextCursor"]) == (1, [], None)


@pytest.mark.parametrize("path", ["/reports/ageing/claims", "/reports/funnel/claims"])
async def test_another_risk_carrier_is_missing(office: Insurer, path: str) -> None:
    client = await office.api.as_(risk_carriers=[2])
    assert (await client.get(f"/v1{path}?riskCarrier=VZ")).status_code == 404
    assert [each["riskCarrier"] for each in (await client.get("/v1/reports/funnel")).json()["items"]] == []


@pytest.mark.parametrize("path", ["/reports/ageing/claims", "/reports/funnel/claims"])
async def test_a_cursor_beyond_all_bounds_is_refused(office: Insurer, path: str) -> None:
    answer = await office.get(path, riskCarrier="VZ", cursor=cursor(-(2**63), 1, 1))
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_ages_that_are_swapped_are_refused(office: Insurer) -> None:
    answer = await office.get("/reports/ageing/claims", riskCarrier="VZ", fromDays=31, untilDays=30)
    assert (answer.status_code, answer.json()["field"]) == (400, "untilDays")


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
async def test_a_day_at_the_end_of_the_calendar_has_an_ageing(office: Insurer, on: str) -> None:
    client = await office.api.as_()
    claim = {"type": "claim", "id": "V-3", "agb": "04000001", "reasonCode": "FC", "amountCents": 700, "ground": "x"}
    made = await client.post(
        "/v1/claims?riskCarrier=VZ&source=core",
        json={**claim, "letterDate": "2026-01-01", "dueDate": "2026-01-20"},
        headers={"Idempotency-Key": "k"},
    )
    assert made.status_code == 201
    (found,) = (await office.get("/reports/ageing", onDate=on)).json()["items"] or [{"claims": 0}]
    shares = (await office.get("/reports/ageing/claims", riskCarrier="VZ", onDate=on, fromDays=366)).json()
    assert found["claims"] == shares["claims"] == (1 if on > "2026" else 0)


async def test_an_age_that_reaches_before_the_calendar_is_an_age(office: Insurer) -> None:
    asked = {"riskCarrier": "VZ", "onDate": "2026-03-03"}
    for days in ({"fromDays": 1_000_000}, {"untilDays": 999_999}, {"fromDays": 999_999, "untilDays": 999_999}):
        answer = await office.get("/reports/ageing/claims", **asked, **days)
        assert (answer.status_code, answer.json()["claims"]) == (200, 0)
