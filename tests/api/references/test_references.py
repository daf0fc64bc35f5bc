"""What any number leads to."""

from app.core import ids
from app.record import record
from tests.api.insurer import NEXT, Insurer


async def _claim(office: Insurer) -> str:
    return str(await office.api.db.fetchval("select reference from claim where risk_carrier_id = 1"))


async def test_a_claims_reference_leads_to_the_claim_whatever_its_case(office: Insurer) -> None:
    reference = await _claim(office)
    found = (await office.get(f"/references/{reference.lower()}", "references:read")).json()
    assert [(each["kind"], each["claimReference"]) for each in found["items"]] == [("claim-reference", reference)]


async def test_a_payout_number_leads_to_the_payout(office: Insurer) -> None:
    number = office.payouts["own"]
    (found,) = (await office.get(f"/references/{number}")).json()["items"]
    assert (found["kind"], found["payoutNumber"], found["providerNumber"]) == ("payout", number, "P1")


async def test_a_declaration_is_found_by_the_id_of_its_source(office: Insurer) -> None:
    (found,) = (await office.get("/references/D-1")).json()["items"]
    assert (found["kind"], found["declarationNumber"]) == ("declaration", "D-1")


async def test_the_references_that_the_api_hands_out_lead_back_to_declaration_and_offset(office: Insurer) -> None:
    claim = await _claim(office)
    (offset,) = (await office.get("/offsets", claim=claim)).json()["items"]
    (of_offset,) = (await office.get(f"/references/{offset['reference'].lower()}")).json()["items"]
    (of_declaration,) = (await office.get(f"/references/{offset['declaration']}")).json()["items"]
    number = offset["declarationNumber"]
    assert [
        (each["kind"], each["claimReference"], each["declarationNumber"]) for each in (of_offset, of_declaration)
    ] == [
        ("offset", claim, number),
        ("declaration", None, number),
    ]


async def test_the_reference_of_another_risk_carriers_declaration_is_as_none(office: Insurer) -> None:
    key = await office.api.db.fetchrow("select account_id, declaration_id from declaration where risk_carrier_id = 2")
    assert key is not None
    foreign = ids.declaration_reference(key["account_id"], key["declaration_id"])
    other = ids.declaration_reference(key["account_id"], 99_999_999)
    answers = [await office.get(f"/references/{number}") for number in (foreign, other)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(foreign, other) == answers[1].text


async def test_a_payment_reference_leads_to_every_claim_of_its_letter_dots_and_spaces_aside(office: Insurer) -> None:
    db = office.api.db
    claim = await _claim(office)
    await db.execute("update claim_position set open_principal_cents = 1")
    step = {"claims": [claim], "sentOn": "2026-03-03", "termDays": 14}
    letter = await record(db, "step", step, actor="x", business_date=NEXT)
    number = letter["paymentReference"]
    shown = f"{number[:4]}.{number[4:8]} {number[8:]}"
    (found,) = (await office.get(f"/references/{shown}")).json()["items"]
    assert (found["kind"], found["claimReference"]) == ("payment-reference", claim)


async def test_a_number_of_another_risk_carrier_and_one_never_issued_are_alike(office: Insurer) -> None:
    for foreign, other in ((office.payouts["foreign"], "AFR-2026-99999999-3"), ("D-4", "D-9")):
        answers = [await office.get(f"/references/{number}") for number in (foreign, other)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text.replace(foreign, other) == answers[1].text
