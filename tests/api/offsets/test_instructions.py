"""Instructions for a whole running account: caps, floor, mode; over HTTP."""

from typing import Any

import pytest

from tests.api.office import Office, same_but_for

PATH = "/running-accounts/VZ/R1/offset-instructions"
HALF = {"capPercent": "50", "floorCents": 100_000, "validUntil": "2026-12-31", "reason": "Continuïteit van zorg"}


async def test_caps_and_a_floor_of_a_running_account_are_recorded_and_read_where_the_answer_says(
    office: Office,
) -> None:
    answer = await office.post(PATH, HALF)
    assert (answer.status_code, answer.json()["validFrom"]) == (201, "2026-03-02")
    (found,) = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()["items"]
    assert found == {
        "id": answer.json()["id"], "mode": None, "percent": None, "fixedCents": None, "capPercent": "50.00",
        "capCents": None, "floorCents": 100_000, "validFrom": "2026-03-02", "validUntil": "2026-12-31",
        "reason": "Continuïteit van zorg",
    }  # fmt: skip


async def test_the_same_key_instructs_once(office: Office) -> None:
    first, again = [await office.post(PATH, HALF, "k1") for _ in range(2)]
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")
    assert len((await office.get(PATH)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_instructed"),
        ({"mode": "percentage"}, "mode_percent"),
        ({"mode": "fixed"}, "mode_fixed"),
        ({"capPercent": "100.01"}, "percent_range"),
        ({"capCents": -1}, "body_invalid"),
        ({"capCents": 10**13}, "body_invalid"),
        ({"claim": "VOR-2026-00000001-1", "mode": "none"}, "body_invalid"),
    ],
)
async def test_an_instruction_that_says_nothing_or_too_much_is_refused(
    office: Office, body: dict[str, Any], code: str
) -> None:
    answer = await office.post(PATH, {"reason": "r", **body})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_the_one_that_holds_comes_first_and_pages_show_each_once(office: Office) -> None:
    days = ["2026-03-05", "2026-03-02", "2026-03-05", "2026-04-01"]
    made = [(await office.post(PATH, {**HALF, "validFrom": day})).json()["id"] for day in days]
    first = (await office.get(PATH, pageSize=3)).json()
    rest = (await office.get(PATH, pageSize=3, cursor=first["nextCursor"])).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == [made[3], made[2], made[0], made[1]]


async def test_a_running_account_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    stranger = await office.stranger()
    for ask in (lambda path: stranger.post(path, HALF), stranger.get):
        foreign, missing = await ask(PATH), await ask(PATH.replace("R1", "R9"))
        assert foreign.status_code == 404
        assert same_but_for(foreign, missing, "R1", "R9")
