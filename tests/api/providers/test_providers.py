"""Risk carriers, providers and AGB codes over HTTP."""

from app.core import log
from tests.api.insurer import Insurer


async def test_the_risk_carriers_of_the_token_are_listed_and_no_other(office: Insurer) -> None:
    answer = await office.get("/risk-carriers", "providers:read")
    assert [(each["code"], each["uzovi"]) for each in answer.json()["items"]] == [("VZ", ["7001"])]


async def test_providers_are_listed_in_order_and_by_page(office: Insurer) -> None:
    first = (await office.get("/providers", pageSize=1)).json()
    second = (await office.get("/providers", pageSize=1, cursor=first["nextCursor"])).json()
    assert [each["number"] for each in first["items"] + second["items"]] == ["P1", "P2"]
    assert second["nextCursor"] is None


async def test_a_provider_shows_only_the_risk_carriers_that_the_token_sees(office: Insurer) -> None:
    answer = (await office.get("/providers", agb="04000001")).json()
    assert [(each["number"], each["riskCarriers"]) for each in answer["items"]] == [("P1", ["VZ"])]


async def test_a_list_of_an_unknown_risk_carrier_is_not_found(office: Insurer) -> None:
    answers = [await office.get("/providers", riskCarrier=code) for code in ("ZK", "XX")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"].replace("ZK", "XX") == answers[1].json()["detail"]


async def test_a_provider_is_found_by_a_part_of_its_name_and_by_its_iban(office: Insurer) -> None:
    name = await office.api.db.fetchval("select upper(name) from provider where number = 'P2'")
    iban = next(iter(office.held.iban_ids))
    for body in ({"name": name[3:]}, {"iban": f"{iban[:4]} {iban[4:].lower()}"}):
        answer = await office.post("/provider-searches", body)
        assert answer.status_code == 200
        assert [each["number"] for each in answer.json()["items"]] == ["P2"]


async def test_a_search_for_nothing_is_refused(office: Insurer) -> None:
    answer = await office.post("/provider-searches", {"riskCarrier": "VZ"})
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_asked")


async def test_a_search_finds_nobody_of_another_risk_carrier(office: Insurer) -> None:
    answer = await office.post("/provider-searches", {"iban": next(iter(office.foreign.iban_ids))})
    assert answer.json() == {"items": [], "complete": True}


def test_names_and_ibans_are_no_words_of_the_log() -> None:
    assert not {"name", "iban", "query", "path"} & log.ALLOWED_KEYS


async def test_a_provider_has_its_dated_codes_ibans_and_balances(office: Insurer) -> None:
    found = (await office.get("/providers/P1", "providers:read")).json()
    assert [each["agb"] for each in found["agbCodes"]] == ["04000001", "04000002"]
    assert [each["iban"] for each in found["ibans"]] == list(office.own.iban_ids)
    assert found["ibans"][0]["validFrom"] == "2015-01-01"
    assert found["runningAccounts"] == [
        {
            "riskCarrier": "VZ",
            "accountId": office.own.account_ids[1],
            "payableCents": 0,
            "claimsCents": 0,
            "onAccountCents": 0,
            "balanceCents": 0,
        }
    ]


async def test_a_provider_of_another_risk_carrier_and_one_that_is_not_there_are_alike(office: Insurer) -> None:
    foreign, missing = await office.get("/providers/P3"), await office.get("/providers/P9")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.text.replace("P3", "P9") == missing.text


async def test_an_agb_code_leads_to_who_had_it_on_the_day(office: Insurer) -> None:
    db = office.api.db
    await db.execute("update agb_registration set valid_until = '2026-02-28' where agb = '04000002'")
    await db.execute(
        "insert into agb_registration (agb, provider_id, valid_from) values ('04000002', $1, '2026-03-01')",
        office.held.provider_id,
    )
    before = await office.get("/agb-codes/04000002", onDate="2026-02-28")
    after = await office.get("/agb-codes/04000002")
    assert [each.json()["providerNumber"] for each in (before, after)] == ["P1", "P2"]


async def test_an_agb_code_of_nobody_is_not_found(office: Insurer) -> None:
    statuses = [(await office.get(f"/agb-codes/{agb}")).status_code for agb in (office.foreign.agbs[0], "99999999")]
    assert statuses == [404, 404]
