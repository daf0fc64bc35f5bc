"""Agreements over HTTP: registered by the payer's path, read by both sides, ended."""

from typing import Any

import pytest

from jobs.night.run import run_night
from tests import factories
from tests.api.client import DAY, Api
from tests.api.office import same_but_for

PATH = "/v1/running-accounts/VZ/MOEDER/agreements"
BODY = {
    "debtorRiskCarrier": "VZ", "debtorProvider": "DOCHTER", "number": "OVK-1", "evidence": "Contractarchief 12-3",
    "reasonCode": "OVERNAME", "validUntil": "2026-12-31", "reason": "moeder betaalt voor dochter",
}  # fmt: skip


class Pair:
    """A payer and a debtor of VZ (1), and the debtor with ZK (2) too; `api` has tokens for either."""

    def __init__(self, api: Api, url: str, payer: factories.Provider, debtor: factories.Provider) -> None:
        self.api, self.url, self.payer, self.debtor = api, url, payer, debtor

    async def post(
        self, body: dict[str, Any], path: str = PATH, key: str = "k1", carriers: tuple[int, ...] = (1,)
    ) -> Any:
        client = await self.api.as_(risk_carriers=carriers)
        return await client.post(path, json=body, headers={"Idempotency-Key": key})

    async def get(self, path: str, carriers: tuple[int, ...] = (1,), **query: Any) -> Any:
        return await (await self.api.as_(risk_carriers=carriers)).get(path, params=query)

    async def night(self, declared: int) -> None:
        """The debtor owes 7.00, the payer declares, and the night of the day runs."""
        await factories.make_claim(self.api.db, 1, self.debtor.agbs[0], 700, letter_date=DAY, reason="FC")
        await factories.make_declaration(self.api.db, 1, self.payer.agbs[0], declared, on=DAY)
        await run_night(self.url, 1, DAY)


@pytest.fixture
async def pair(api: Api, db_url: str) -> Pair:
    for carrier, code in ((1, "VZ"), (2, "ZK")):
        await factories.make_risk_carrier(api.db, code, carrier)
        await factories.make_policy_zilveren_kruis(api.db, carrier)
    payer = await factories.make_provider(api.db, 1, number="MOEDER")
    return Pair(api, db_url, payer, await factories.make_provider(api.db, [1, 2], number="DOCHTER"))


async def test_an_agreement_is_registered_and_read_where_the_answer_says(pair: Pair) -> None:
    answer = await pair.post(BODY)
    assert (answer.status_code, answer.json()["validFrom"]) == (201, DAY.isoformat())
    found = (await pair.get(answer.headers["location"])).json()
    assert found.pop("payerName") != found.pop("debtorName")
    assert found == {
        **BODY, "id": answer.json()["id"], "payerRiskCarrier": "VZ", "payerProvider": "MOEDER",
        "validFrom": DAY.isoformat(), "endedOn": None, "endReason": None, "takenOverCents": 0, "givenBackCents": 0,
    }  # fmt: skip


async def test_payer_and_debtor_both_list_it(pair: Pair) -> None:
    number = (await pair.post(BODY)).json()["id"]
    for path in (PATH, PATH.replace("MOEDER", "DOCHTER")):
        assert [each["id"] for each in (await pair.get(path)).json()["items"]] == [number]


async def test_the_newest_comes_first_and_pages_show_each_once(pair: Pair) -> None:
    days = [("2026-03-02", "2026-03-31"), ("2026-05-01", "2026-05-31"), ("2026-04-01", "2026-04-30")]
    bodies = [{**BODY, "validFrom": first, "validUntil": last} for first, last in days]
    made = [(await pair.post(body, key=f"k{nth}")).json()["id"] for nth, body in enumerate(bodies)]
    first = (await pair.get(PATH, pageSize=2)).json()
    rest = (await pair.get(PATH, pageSize=2, cursor=first["nextCursor"])).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == [made[1], made[2], made[0]]


async def test_the_same_key_registers_once(pair: Pair) -> None:
    first, again = [await pair.post(BODY) for _ in range(2)]
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")
    assert len((await pair.get(PATH)).json()["items"]) == 1


async def test_what_a_night_took_over_is_told(pair: Pair) -> None:
    number = (await pair.post(BODY)).json()["id"]
    await pair.night(declared=500)
    found = (await pair.get(f"/v1/agreements/{number}")).json()
    assert (found["takenOverCents"], found["givenBackCents"]) == (500, 0)
    (kind,) = {each["kind"] for each in (await pair.get("/v1/claims", provider="MOEDER")).json()["items"]}
    assert kind == "taken-over"


async def test_a_claim_that_another_paid_is_offset(pair: Pair) -> None:
    await pair.post(BODY)
    await pair.night(declared=900)
    (claim,) = (await pair.get("/v1/claims", provider="DOCHTER")).json()["items"]
    assert (claim["status"], claim["openCents"]) == ("offset", 0)


async def test_what_was_taken_over_is_promised_no_offset_after_its_night(pair: Pair) -> None:
    """What is open of it then goes back to its debtor (answer 47)."""
    await pair.post(BODY)
    await pair.night(declared=500)
    (taken,) = (await pair.get("/v1/claims", provider="MOEDER")).json()["items"]
    told = []
    for earlier in (0, 1):
        await pair.api.db.execute(
            """update claim_position set open_principal_cents = 200, registered_on = registered_on - $1::int
               where kind = 8""",
            earlier,
        )
        found = (await pair.get(f"/v1/claims/{taken['reference']}")).json()
        told.append((found["open"]["offsettableCents"], "offset" in [step["what"] for step in found["next"]]))
    assert told == [(200, True), (0, False)]


async def test_an_agreement_is_ended_once(pair: Pair) -> None:
    number = (await pair.post(BODY)).json()["id"]
    ended = await pair.post({"reason": "opgezegd"}, f"/v1/agreements/{number}/end", "k2")
    assert (ended.status_code, ended.json()) == (201, {"id": number, "number": "OVK-1", "endedOn": DAY.isoformat()})
    again = await pair.post({"reason": "opgezegd"}, f"/v1/agreements/{number}/end", "k3")
    assert (again.status_code, again.json()["code"]) == (409, "agreement_ended")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"debtorProvider": "NIEMAND"}, "debtor_unknown", "debtorProvider"),
        ({"debtorRiskCarrier": "XX"}, "debtor_unknown", "debtorProvider"),
        ({"debtorRiskCarrier": "ZK"}, "debtor_unknown", "debtorProvider"),  # the token is for VZ only
        ({"debtorProvider": "MOEDER"}, "same_account", "debtorProvider"),
        ({"reasonCode": "FC"}, "agreement_reason", "reasonCode"),
        ({"evidence": "  "}, "body_invalid", "evidence"),
    ],
)
async def test_what_cannot_be_agreed_is_refused_and_names_the_field(
    pair: Pair, more: dict[str, Any], code: str, field: str
) -> None:
    answer = await pair.post({**BODY, **more})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert field in answer.text


async def test_who_may_not_see_the_debtors_risk_carrier_learns_nothing_of_the_debtor(pair: Pair) -> None:
    number = (await pair.post({**BODY, "debtorRiskCarrier": "ZK"}, carriers=(1, 2))).json()["id"]
    found = (await pair.get(f"/v1/agreements/{number}")).json()
    hidden = ("debtorRiskCarrier", "debtorProvider", "debtorName", "takenOverCents", "givenBackCents")
    assert [found[name] for name in hidden] == [None] * 5


async def test_a_running_account_and_an_agreement_of_another_risk_carrier_answer_as_if_they_were_not_there(
    pair: Pair,
) -> None:
    number = (await pair.post(BODY)).json()["id"]
    for one, other in ((PATH, PATH.replace("MOEDER", "NIEMAND")), (f"/v1/agreements/{number}", "/v1/agreements/999")):
        foreign, missing = [await pair.get(path, carriers=(2,)) for path in (one, other)]
        assert foreign.status_code == 404
        assert same_but_for(foreign, missing, "MOEDER", "NIEMAND", str(number), "999")
