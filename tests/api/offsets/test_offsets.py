"""GET /v1/offsets, one of them, and its reversal in whole or in part."""

from typing import Any

import pytest

from tests.api.client import DAY
from tests.api.office import Office, same_but_for
from tests.claims.world import Claim

GIVE_BACK = {"effectiveDate": "2026-03-02", "reason": "bezwaar gegrond"}


@pytest.fixture
async def claim(office: Office) -> Claim:
    """A claim of 1,000 of which declaration D1 paid 600."""
    claim, declaration = await office.world.claim(1_000), await office.world.declaration(900, "D1", on=DAY)
    await office.world.settle(declaration, (claim, 600), on=DAY)
    return claim


async def _only(office: Office, **query: Any) -> dict[str, Any]:
    (found,) = (await office.get("/offsets", **query)).json()["items"]
    offset: dict[str, Any] = found
    return offset


async def test_offsets_are_listed_by_claim_declaration_or_provider(office: Office, claim: Claim) -> None:
    by_claim = await _only(office, claim=claim.reference)
    assert (by_claim["cents"], by_claim["component"], by_claim["declarationNumber"]) == (600, "principal", "D1")
    assert await _only(office, declaration="D1") == by_claim
    assert await _only(office, provider="R1") == by_claim
    assert await _only(office, provider="R1", riskCarrier="VZ") == by_claim


async def test_a_list_asks_for_one_filter(office: Office, claim: Claim) -> None:
    assert (await office.get("/offsets")).json()["code"] == "filter_missing"
    both = await office.get("/offsets", claim=claim.reference, declaration="D1")
    assert (both.status_code, both.json()["code"]) == (400, "filter_missing")


async def test_pages_show_every_offset_once(office: Office) -> None:
    claims = [await office.world.claim(100) for _ in range(5)]
    declaration = await office.world.declaration(900, "D1", on=DAY)
    await office.world.settle(declaration, *((claim, 100) for claim in claims), on=DAY)
    for query in ({"declaration": "D1"}, {"provider": "R1"}):
        first = (await office.get("/offsets", pageSize=3, **query)).json()
        rest = (await office.get("/offsets", pageSize=3, cursor=first["nextCursor"], **query)).json()
        shown = [each["claim"] for each in first["items"] + rest["items"]]
        assert shown == [claim.reference for claim in claims]
        assert rest["nextCursor"] is None


async def test_one_offset_is_found_by_its_reference(office: Office, claim: Claim) -> None:
    offset = await _only(office, claim=claim.reference)
    assert (await office.get(f"/offsets/{offset['reference']}")).json() == {**offset, "reversals": []}


async def test_a_mistyped_reference_is_not_found(office: Office, claim: Claim) -> None:
    reference = (await _only(office, claim=claim.reference))["reference"]
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    assert (await office.get(f"/offsets/{wrong}")).status_code == 404


async def test_a_reversal_gives_all_back_when_no_amount_is_named(office: Office, claim: Claim) -> None:
    offset = await _only(office, claim=claim.reference)
    answer = await office.post(f"/offsets/{offset['reference']}/reversals", GIVE_BACK)
    assert (answer.status_code, answer.json()["returnedCents"], answer.json()["openCents"]) == (201, 600, 1_000)
    assert await office.world.queued() == {2: 600}
    found = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()
    assert (found["standingCents"], [each["cents"] for each in found["reversals"]]) == (0, [600])


async def test_a_reversal_in_part_leaves_the_rest(office: Office, claim: Claim) -> None:
    offset = await _only(office, claim=claim.reference)
    await office.post(f"/offsets/{offset['reference']}/reversals", {**GIVE_BACK, "cents": 250})
    assert (await office.get(f"/offsets/{offset['reference']}")).json()["standingCents"] == 350
    await office.world.assert_sound()


async def test_more_than_what_stands_is_refused(office: Office, claim: Claim) -> None:
    offset = await _only(office, claim=claim.reference)
    answer = await office.post(f"/offsets/{offset['reference']}/reversals", {**GIVE_BACK, "cents": 601})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "above_offset", "cents")


async def test_a_reversal_without_an_effective_date_is_refused(office: Office, claim: Claim) -> None:
    offset = await _only(office, claim=claim.reference)
    answer = await office.post(f"/offsets/{offset['reference']}/reversals", {"reason": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "effectiveDate")


async def test_a_reversal_touches_its_own_line_only(office: Office) -> None:
    claim, declaration = await office.world.claim(1_000), await office.world.declaration(900, "D1", on=DAY)
    await office.world.settle(declaration, (claim, 300), (claim, 200), on=DAY)
    first, second = (await office.get("/offsets", claim=claim.reference)).json()["items"]
    await office.post(f"/offsets/{first['reference']}/reversals", GIVE_BACK)
    left = (await office.get("/offsets", claim=claim.reference)).json()["items"]
    assert [(each["reference"], each["standingCents"]) for each in left] == [
        (first["reference"], 0),
        (second["reference"], 200),
    ]


async def test_the_same_key_reverses_once(office: Office, claim: Claim) -> None:
    offset = await _only(office, claim=claim.reference)
    body = {**GIVE_BACK, "cents": 250}
    first = await office.post(f"/offsets/{offset['reference']}/reversals", body, "k")
    again = await office.post(f"/offsets/{offset['reference']}/reversals", body, "k")
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert await office.world.open(claim) == 650


async def test_an_offset_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office, claim: Claim) -> None:
    reference = (await _only(office, claim=claim.reference))["reference"]
    none, stranger = "VRK-00000001-00009999-001-3", await office.stranger()
    foreign, missing = await stranger.get(f"/offsets/{reference}"), await stranger.get(f"/offsets/{none}")
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, reference, none)
    foreign = await stranger.post(f"/offsets/{reference}/reversals", GIVE_BACK)
    missing = await stranger.post(f"/offsets/{none}/reversals", GIVE_BACK)
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, reference, none)
