"""Policies and reason codes over HTTP."""

from datetime import UTC, datetime

from app.policies import apply_policy
from tests.api.insurer import Insurer
from tests.factories import EXAMPLES
from tests.web.visitor import visitor_as

TEXT = (EXAMPLES / "zilveren_kruis.toml").read_text()


async def test_the_versions_of_the_risk_carriers_of_the_token_are_listed(office: Insurer) -> None:
    items = (await office.get("/policies", "policies:read")).json()["items"]
    assert [(each["riskCarrier"], each["version"], each["inForce"]) for each in items] == [("VZ", 1, True)]


async def test_the_newest_version_that_is_valid_today_is_the_one_in_force(office: Insurer) -> None:
    later = TEXT.replace("valid_from = ", "valid_from = 2030-01-01 # ", 1)
    await apply_policy(office.api.db, 1, later, actor="x", applied_at=datetime(2026, 3, 1, tzinfo=UTC))
    items = (await office.get("/policies", riskCarrier="VZ")).json()["items"]
    assert [(each["version"], each["inForce"]) for each in items] == [(2, False), (1, True)]


async def test_a_policy_is_json_with_every_setting(office: Insurer) -> None:
    found = (await office.get("/policies/VZ/1")).json()
    reason = found["reasons"][0]
    assert found["allocation"]["passes"][0] in ("exact_reference", "own_agb")
    assert {"titleNl", "paymentTermDays", "offset", "dunning"} <= set(reason)
    assert {"basisPoints", "fixedCents"} <= set(reason["offset"])
    assert {"capBasisPoints", "floorCents"} <= set(found["allocation"])
    assert isinstance(reason["offset"]["reminder"], int)


async def test_a_policy_is_given_as_the_very_text_that_was_applied(office: Insurer) -> None:
    answer = await office.csv("/policies/VZ/1", "application/toml")
    assert answer.headers["content-type"].startswith("application/toml")
    assert answer.text == TEXT


async def test_json_is_what_comes_when_both_are_welcome(office: Insurer) -> None:
    answer = await office.csv("/policies/VZ/1", "application/json, application/toml;q=0.5")
    assert answer.headers["content-type"].startswith("application/json")


async def test_what_differs_between_two_versions_is_named_by_its_path(office: Insurer) -> None:
    text = TEXT.replace("valid_from = ", "valid_from = 2030-01-01 # ", 1)
    await apply_policy(office.api.db, 1, text, actor="x", applied_at=datetime(2026, 3, 1, tzinfo=UTC))
    found = (await office.get("/policies/VZ/differences", **{"from": 1, "to": 2})).json()
    assert [(each["path"], each["after"]) for each in found["items"]] == [("valid_from", "2030-01-01")]


async def test_the_passes_of_a_reason_code_are_null_or_those_that_it_takes_part_in(office: Insurer) -> None:
    text = TEXT.replace("[reasons.MC]\n", '[reasons.MC]\npasses = ["exact_reference", "own_agb"]\n')
    await apply_policy(office.api.db, 1, text, actor="x", applied_at=datetime(2026, 3, 1, tzinfo=UTC))
    reasons = (await office.get("/policies/VZ/2")).json()["reasons"]
    passes = {each["code"]: each["passes"] for each in reasons}
    assert (passes["MC"], passes["FC"]) == (["exact_reference", "own_agb"], None)


async def test_a_page_says_what_the_claims_of_a_reason_code_are_offset_against(office: Insurer) -> None:
    text = TEXT.replace("[reasons.MC]\n", '[reasons.MC]\npasses = ["exact_reference", "own_agb"]\n')
    await apply_policy(office.api.db, 1, text, actor="x", applied_at=datetime(2026, 3, 1, tzinfo=UTC))
    page = (await (await visitor_as(office.api, "finance")).get("/policies/VZ/2")).text
    assert page.count("alleen met de declaratie die haar noemt, declaraties op dezelfde AGB-code") == 1


async def test_an_unknown_and_a_foreign_policy_are_not_found(office: Insurer) -> None:
    paths = ("/policies/VZ/9", "/policies/ZK/1", "/policies/XX/1", "/policies/VZ/differences?from=1&to=9")
    assert [(await office.get(path)).status_code for path in paths] == [404, 404, 404, 404]


async def test_reason_codes_have_titles(office: Insurer) -> None:
    items = (await office.get("/reason-codes")).json()["items"]
    assert {each["riskCarrier"] for each in items} == {"VZ"}
    assert all(each["titleNl"] and each["code"] for each in items)
