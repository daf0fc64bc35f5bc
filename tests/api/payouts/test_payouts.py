"""Payouts over HTTP: gross less each offset is net."""

import csv
import io
from datetime import date

import pytest

from tests import factories
from tests.api.insurer import DAY, Insurer


async def test_payouts_are_listed_newest_first_with_where_they_are(office: Insurer) -> None:
    items = (await office.get("/payouts", "payouts:read")).json()["items"]
    assert {each["number"]: each["state"] for each in items} == {
        office.payouts["own"]: "sent",
        office.payouts["held"]: "held",
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "held"}, {"held"}),
        ({"provider": "P1"}, {"own"}),
        ({"riskCarrier": "VZ", "fromDate": "2026-03-02", "untilDate": "2026-03-02"}, {"own", "held"}),
        ({"fromDate": "2026-03-03"}, set()),
        ({"untilDate": "2026-03-01"}, set()),
    ],
)
async def test_payouts_are_filtered(office: Insurer, query: dict[str, str], names: set[str]) -> None:
    items = (await office.get("/payouts", **query)).json()["items"]
    assert {each["number"] for each in items} == {office.payouts[name] for name in names}


async def test_pages_of_payouts_hold_each_once(office: Insurer) -> None:
    first = (await office.get("/payouts", pageSize=1)).json()
    second = (await office.get("/payouts", pageSize=1, cursor=first["nextCursor"])).json()
    found = {each["number"] for each in first["items"] + second["items"]}
    assert found == {office.payouts["own"], office.payouts["held"]}
    assert second["nextCursor"] is None


async def test_a_payout_says_where_it_goes_and_what_the_bank_was_told(office: Insurer) -> None:
    found = (await office.get(f"/payouts/{office.payouts['own']}")).json()
    assert (found["grossCents"], found["offsetCents"], found["netCents"]) == (65_000, 20_000, 45_000)
    assert found["iban"] == next(iter(office.own.iban_ids))
    assert found["messageId"].startswith("VEREFFEN") or found["messageId"]
    assert found["executionDate"] == "2026-03-02"


async def test_a_held_payout_says_why(office: Insurer) -> None:
    found = (await office.get(f"/payouts/{office.payouts['held']}")).json()
    assert (found["state"], found["holds"], found["messageId"]) == ("held", ["beslag"], None)


async def test_gross_less_each_offset_is_net_and_each_names_claim_reason_and_declaration(office: Insurer) -> None:
    found = (await office.get(f"/payouts/{office.payouts['own']}/explanation")).json()
    assert found["grossCents"] - sum(each["offsetCents"] for each in found["offsets"]) == found["netCents"]
    (offset,) = found["offsets"]
    assert (offset["declarationNumber"], offset["openBeforeCents"], offset["openAfterCents"]) == ("D-1", 20_000, 0)
    assert offset["claimReference"].startswith("VOR-2026-")
    assert offset["reason"]
    assert "Bruto € 650,00 − € 200,00 = netto € 450,00" in found["sentences"]


async def test_the_specification_is_json_and_csv_with_the_same_sum(office: Insurer) -> None:
    path = f"/payouts/{office.payouts['own']}/specification"
    as_json, as_csv = await office.get(path), await office.csv(path)
    rows = list(csv.reader(io.StringIO(as_csv.text.lstrip("\ufeff")), delimiter=";"))
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert f"{office.payouts['own']}.csv" in as_csv.headers["content-disposition"]
    assert len(rows) == 1 + len(as_json.json()["declarations"]) + 1 + 1
    assert as_json.json()["netCents"] == 45_000


@pytest.mark.parametrize("rest", ["", "/explanation", "/specification"])
async def test_a_foreign_payout_and_one_that_is_not_there_are_alike(office: Insurer, rest: str) -> None:
    foreign, other = office.payouts["foreign"], "AFR-2026-99999999-3"
    answers = [await office.get(f"/payouts/{number}{rest}") for number in (foreign, other)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(foreign, other) == answers[1].text


async def test_a_number_of_another_form_is_a_bad_request(office: Insurer) -> None:
    assert (await office.get("/payouts/VOR-2026-00000001-3")).status_code == 400


async def _new_iban(office: Insurer, day: date = DAY) -> str:
    """The IBAN of the held payout closed before `day`, and the provider has another since."""
    iban = factories.iban(55_555)
    db = office.api.db
    await db.execute("update payee_iban set valid_until = $2 where provider_id = $1", office.held.provider_id, DAY)
    await db.execute("update payee_iban set valid_until = $1::date - 1 where valid_until = $1", day)
    await db.execute(
        "insert into payee_iban (provider_id, iban, holder_name, valid_from) values ($1, $2, 'Praktijk', $3)",
        *(office.held.provider_id, iban, day),
    )
    return iban


async def test_a_held_payout_is_redirected_to_another_registered_iban(office: Insurer) -> None:
    number, iban = office.payouts["held"], await _new_iban(office)
    answer = await office.post(f"/payouts/{number}/redirection", {"iban": iban, "reason": "rekening opgeheven"})
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/payouts/{number}")
    found = (await office.get(f"/payouts/{number}")).json()
    assert (found["iban"], found["redirections"][0]["reason"]) == (iban, "rekening opgeheven")


async def test_a_redirection_sent_twice_is_answered_twice_and_done_once(office: Insurer) -> None:
    number, iban = office.payouts["held"], await _new_iban(office)
    body = {"iban": iban, "reason": "rekening opgeheven"}
    first = await office.post(f"/payouts/{number}/redirection", body)
    again = await office.post(f"/payouts/{number}/redirection", body)
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")
    assert await office.api.db.fetchval("select count(*) from payout_redirection") == 1


async def test_a_key_used_for_another_redirection_is_refused(office: Insurer) -> None:
    number, iban = office.payouts["held"], await _new_iban(office)
    await office.post(f"/payouts/{number}/redirection", {"iban": iban, "reason": "a"})
    answer = await office.post(f"/payouts/{number}/redirection", {"iban": iban, "reason": "b"})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")


async def test_a_payout_that_was_sent_cannot_be_redirected(office: Insurer) -> None:
    answer = await office.post(
        f"/payouts/{office.payouts['own']}/redirection", {"iban": factories.iban(1), "reason": "x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "payout_state")


async def test_a_redirection_of_a_foreign_payout_and_of_none_are_alike(office: Insurer) -> None:
    foreign, other = office.payouts["foreign"], "AFR-2026-00000001-2"
    body = {"iban": factories.iban(1), "reason": "x"}
    answers = [await office.post(f"/payouts/{number}/redirection", body) for number in (foreign, other)]
    assert [answer.status_code for answer in answers] == [404, 404]
