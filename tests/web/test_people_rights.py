"""An administrator lets somebody in again, and gives another role; both stand in the audit rows."""

from tests.api.client import Api
from tests.web.visitor import Visitor, add_person, visitor_as


async def acts(api: Api) -> list[str]:
    rows = await api.db.fetch("select action from audit where subject like 'person:%' order by audit_id")
    return [row["action"] for row in rows]


async def test_who_was_disabled_is_let_in_again_with_the_same_password(api: Api) -> None:
    await add_person(api, "mira")
    visitor = await visitor_as(api, "administrator", ())
    await visitor.get("/people/mira")
    await visitor.post("/people/mira/disabling")
    assert (await Visitor(api).sign_in("mira")).status_code == 422
    await visitor.get("/people/mira")
    assert (await visitor.post("/people/mira/enabling")).status_code == 303
    assert (await Visitor(api).sign_in("mira")).status_code == 303
    assert [each for each in await acts(api) if each in ("person disabled", "person enabled")] == [
        "person disabled",
        "person enabled",
    ]


async def test_who_may_sign_in_is_not_let_in_again(api: Api) -> None:
    await add_person(api, "mira")
    visitor = await visitor_as(api, "administrator", ())
    await visitor.get("/people/mira")
    answer = await visitor.post("/people/mira/enabling")
    assert (answer.status_code, "Deze persoon kan al inloggen." in answer.text) == (409, True)


async def test_another_role_holds_from_the_next_page_on(api: Api) -> None:
    await api.db.execute(
        "insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic) "
        "values (7, 'ZZ', 'Z N.V.', '10000007', 'NL91ABNA0417164300', 'ABNANL2A') on conflict do nothing"
    )
    await add_person(api, "mira", "auditor")
    mira = Visitor(api)
    await mira.sign_in("mira")
    assert (await mira.get("/nights/start")).status_code == 403
    visitor = await visitor_as(api, "administrator", ())
    await visitor.get("/people/mira")
    answer = await visitor.post("/people/mira/rights", **{"role": "finance", "carrier-7": "1"})
    assert answer.status_code == 303
    assert (await mira.get("/nights/start")).status_code == 200
    body = await api.db.fetchval("select body from audit where action = 'person rights changed'")
    assert body == {"was": {"role": "auditor", "riskCarriers": [1]}, "role": "finance", "riskCarriers": [7]}


async def test_a_role_that_there_is_not_is_refused(api: Api) -> None:
    await add_person(api, "mira")
    visitor = await visitor_as(api, "administrator", ())
    await visitor.get("/people/mira")
    answer = await visitor.post("/people/mira/rights", role="owner")
    assert (answer.status_code, "Kies een van de rollen." in answer.text) == (422, True)


async def test_an_administrator_does_not_change_their_own_rights(api: Api) -> None:
    visitor = await visitor_as(api, "administrator", ())
    login = await api.db.fetchval("select login from person")
    await visitor.get(f"/people/{login}")
    answer = await visitor.post(f"/people/{login}/rights", role="finance")
    assert answer.status_code == 409
    assert await api.db.fetchval("select role from person") == "administrator"
