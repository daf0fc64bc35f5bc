"""POST on a claim: 201 with its Location, once per key, and refusals that name field and remedy."""

from typing import Any

import httpx
import pytest

from tests.api.office import Office

WHY = {"reason": "herzien"}
COMMANDS: list[tuple[str, dict[str, Any], str]] = [
    ("adjustments", {"deltaCents": -100, **WHY}, "adjusted"),
    ("withdrawal", WHY, "withdrawn"),
    ("write-offs", {"cents": 300, **WHY}, "written off"),
    ("charges", {"kind": "interest", "cents": 50, **WHY}, "interest charged"),
    ("steps", {"kind": "notice", "termDays": 14}, "notice 1"),
    ("offset-instructions", {"mode": "percentage", "percent": "25", **WHY}, "offset instruction"),
    ("offset-requests", {}, "offset requested"),
]


async def _at(office: Office, response: httpx.Response) -> dict[str, Any]:
    """What stands where an answer says that the fact can be read."""
    location = response.headers["location"]
    assert location.startswith("/v1/")
    found: dict[str, Any] = (await office.get(location.removeprefix("/v1"))).json()
    return found


@pytest.mark.parametrize("path,body,what", COMMANDS, ids=[path for path, _, _ in COMMANDS])
async def test_a_command_answers_201_and_where_its_fact_is(
    office: Office, path: str, body: dict[str, Any], what: str
) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post(f"/claims/{claim.reference}/{path}", body)
    assert answer.status_code == 201, answer.text
    found = await _at(office, answer)
    assert (found["id"], found["what"]) == (answer.json()["id"], what)


@pytest.mark.parametrize("path,body,_", COMMANDS, ids=[path for path, _, _ in COMMANDS])
async def test_the_same_key_with_the_same_body_answers_the_same_and_adds_nothing(
    office: Office, path: str, body: dict[str, Any], _: str
) -> None:
    claim = await office.world.claim(1_000)
    first = await office.post(f"/claims/{claim.reference}/{path}", body, "k")
    facts = await office.api.db.fetchval("select count(*) from audit")
    again = await office.post(f"/claims/{claim.reference}/{path}", body, "k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert await office.api.db.fetchval("select count(*) from audit") == facts


async def test_the_same_key_with_another_body_is_refused(office: Office) -> None:
    claim = await office.world.claim(1_000)
    await office.post(f"/claims/{claim.reference}/adjustments", {"deltaCents": -100, **WHY}, "k")
    answer = await office.post(f"/claims/{claim.reference}/adjustments", {"deltaCents": -101, **WHY}, "k")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")
    assert await office.world.open(claim) == 900


async def test_a_command_without_a_key_is_refused(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.client.post(f"/v1/claims/{claim.reference}/withdrawal", json=WHY)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")


async def test_a_bad_body_names_every_field(office: Office) -> None:
    claim = await office.world.claim(1_000)
    body = {"deltaCents": "veel", "effectiveDate": "morgen", "bedrag": 1}
    answer = await office.post(f"/claims/{claim.reference}/adjustments", body)
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["errors"]} == {"reason", "deltaCents", "effectiveDate", "bedrag"}


async def test_a_reason_of_blanks_is_no_reason(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post(f"/claims/{claim.reference}/withdrawal", {"reason": " \t "})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "reason")
    assert "not only blanks" in str(error)
    assert await office.world.open(claim) == 1_000


async def test_a_refusal_of_the_rules_names_the_field_and_what_is_possible(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post(f"/claims/{claim.reference}/write-offs", {"cents": 1_001, **WHY})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (409, "above_open", "cents")
    assert "EUR 10.00" in problem["detail"]


async def test_a_letter_over_several_claims_has_one_payment_reference(office: Office) -> None:
    first, second = await office.world.claim(1_000), await office.world.claim(2_000)
    answer = await office.post(
        f"/claims/{first.reference}/steps", {"kind": "notice", "termDays": 14, "alsoClaims": [second.reference]}
    )
    assert answer.json()["askedCents"] == 3_000
    paid = await office.post("/payments", {"cents": 3_000, "reference": answer.json()["paymentReference"]})
    assert [each["openCents"] for each in paid.json()["claims"]] == [0, 0]


async def test_a_withdrawal_leaves_nothing_open(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post(f"/claims/{claim.reference}/withdrawal", WHY)
    assert (answer.json()["withdrawnCents"], answer.json()["openCents"]) == (1_000, 0)
    assert (await office.get(f"/claims/{claim.reference}")).json()["status"] == "withdrawn"
    await office.world.assert_sound()
