"""GET /v1/claims and what belongs to one claim."""

import random
from datetime import date, timedelta

import pytest

from app.claims import claims_register
from app.record import record
from app.web.paging import cursor
from tests.api.client import DAY
from tests.api.office import Office, same_but_for
from tests.claims.world import Claim

EARLIER = date(2026, 1, 5)


async def test_a_list_shows_the_claims_with_their_open_amount_and_status(office: Office) -> None:
    claim = await office.world.claim(1_000)
    (item,) = (await office.get("/claims")).json()["items"]
    assert (item["reference"], item["openCents"], item["status"]) == (claim.reference, 1_000, "open")
    assert (item["riskCarrier"], item["provider"], item["reasonCode"]) == ("VZ", "R1", "CM98")


async def test_pages_by_cursor_show_every_claim_once(office: Office) -> None:
    made = [(await office.world.claim(100 + n)).reference for n in range(7)]
    seen, cursor = [], None
    while True:
        page = (await office.get("/claims", pageSize=3, **({"cursor": cursor} if cursor else {}))).json()
        seen += [item["reference"] for item in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == made


async def test_a_cursor_that_is_none_is_refused(office: Office) -> None:
    answer = await office.get("/claims", cursor="abc")
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_a_list_of_a_provider_shows_no_claims_of_others(office: Office) -> None:
    await office.world.claim(1_000)
    await office.api.db.execute(
        "insert into provider (number, name, legal_form, natural_person) values ('R2', 'Ander', 'bv', false)"
    )
    assert len((await office.get("/claims", provider="R1")).json()["items"]) == 1
    assert (await office.get("/claims", provider="R2")).status_code == 404


async def test_a_list_by_reason_code_shows_that_code_only(office: Office) -> None:
    await office.world.claim(1_000)
    other = await office.world.claim(2_000, "CM96")
    items = (await office.get("/claims", reasonCode="CM96")).json()["items"]
    assert [item["reference"] for item in items] == [other.reference]


async def test_open_only_leaves_out_what_is_paid(office: Office) -> None:
    paid, owed = await office.world.claim(1_000), await office.world.claim(2_000)
    await office.post("/payments", {"cents": 1_000, "reference": paid.payment_reference})
    items = (await office.get("/claims", openOnly="true")).json()["items"]
    assert [item["reference"] for item in items] == [owed.reference]


async def test_a_list_by_status_shows_that_status_only(office: Office) -> None:
    paid, _, disputed = [await office.world.claim(1_000) for _ in range(3)]
    await office.post("/payments", {"cents": 1_000, "reference": paid.payment_reference})
    await office.post(f"/claims/{disputed.reference}/holds", {"kind": "dispute", "reason": "bezwaar", "owner": "anna"})
    for status, expected in (("settled", paid), ("disputed", disputed)):
        items = (await office.get("/claims", status=status)).json()["items"]
        assert [item["reference"] for item in items] == [expected.reference]


async def test_a_page_by_status_goes_on_after_a_full_page(office: Office) -> None:
    made = [(await office.world.claim(100 + n)).reference for n in range(5)]
    first = (await office.get("/claims", status="open", pageSize=3)).json()
    rest = (await office.get("/claims", status="open", pageSize=3, cursor=first["nextCursor"])).json()
    assert [item["reference"] for item in first["items"] + rest["items"]] == made


async def test_an_unknown_status_is_refused(office: Office) -> None:
    answer = await office.get("/claims", status="lost")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "status")


async def test_the_list_tells_the_status_of_the_register_after_any_history(office: Office) -> None:
    pick, world = random.Random(7), office.world
    claims = [await world.claim(pick.randint(500, 5_000), on=EARLIER) for _ in range(25)]
    facts = {
        "payment": lambda c: {"cents": pick.randint(1, 6_000), "reference": c.payment_reference},
        "write-off": lambda c: {"claim": c.reference, "reason": "x"},
        "withdraw-claim": lambda c: {"claim": c.reference, "reason": "x"},
        "hold": lambda c: {"claim": c.reference, "kind": pick.choice(["dispute", "plan", "reservation"]),
                           "reason": "x", "owner": "y"},
        "step": lambda c: {"claims": [c.reference], "termDays": 14},
        "adjustment": lambda c: {"claim": c.reference, "deltaCents": -400, "reason": "x"},
    }  # fmt: skip
    for claim in claims:
        kind = pick.choice([*facts, None])
        if kind is not None:
            await record(world.db, kind, facts[kind](claim), actor="test", business_date=DAY)
    settled = await world.declaration(9_000, "D1")
    await world.settle(settled, (await world.claim(3_000), 3_000), on=DAY)
    register = {each.reference: each for each in await claims_register(world.db, world.account, DAY)}
    items = (await office.get("/claims", pageSize=200)).json()["items"]
    assert {item["reference"]: (item["status"].replace("-", " "), item["openCents"]) for item in items} == {
        name: (each.status.split(" 1")[0], each.open_cents) for name, each in register.items()
    }


async def test_one_claim_shows_what_is_open_per_component_and_held(office: Office) -> None:
    claim = await office.world.claim(1_000)
    await office.post(f"/claims/{claim.reference}/charges", {"kind": "costs", "cents": 200, "reason": "aanmaning"})
    hold = {"kind": "dispute", "reason": "bezwaar", "owner": "anna", "cents": 300}
    await office.post(f"/claims/{claim.reference}/holds", hold)
    found = (await office.get(f"/claims/{claim.reference}")).json()
    assert found["open"] == {
        "principalCents": 1_000, "costsCents": 200, "interestCents": 0, "totalCents": 1_200, "heldCents": 300,
        "notOffsetCents": 200, "offsettableCents": 700,
    }  # fmt: skip
    assert [(each["kind"], each["cents"]) for each in found["holds"]] == [("dispute", 300)]


async def test_nothing_of_a_claim_is_offsettable_while_its_whole_running_account_is_on_hold(office: Office) -> None:
    claim = await office.world.claim(1_000)
    account = {"riskCarrier": "VZ", "provider": "R1", "kind": "insolvency", "reason": "faillissement", "owner": "anna"}
    assert (await office.post("/holds", account)).status_code == 201
    opened = (await office.get(f"/claims/{claim.reference}")).json()["open"]
    assert (opened["totalCents"], opened["heldCents"], opened["offsettableCents"]) == (1_000, 0, 0)


async def test_what_an_instruction_switches_off_is_not_offsettable_and_the_claims_own_instruction_wins(
    office: Office,
) -> None:
    claim = await office.world.claim(1_000)
    off, on = {"mode": "none", "reason": "afspraak"}, {"mode": "full", "reason": "toch"}
    parts = []
    for path, body in (
        ("/running-accounts/VZ/R1/offset-instructions", off),
        (f"/claims/{claim.reference}/offset-instructions", on),
        (f"/claims/{claim.reference}/offset-instructions", off),
        ("/running-accounts/VZ/R1/offset-instructions", {"floorCents": 5, "reason": "bodem"}),
    ):
        assert (await office.post(path, body)).status_code == 201
        found = (await office.get(f"/claims/{claim.reference}")).json()
        offset_follows = "offset" in [step["what"] for step in found["next"]]
        parts.append((found["open"]["offsettableCents"], found["open"]["notOffsetCents"], offset_follows))
    assert parts == [(0, 1_000, False), (1_000, 0, True), (0, 1_000, False), (0, 1_000, False)]


async def test_offset_that_is_switched_off_until_a_day_is_promised_from_the_day_after(office: Office) -> None:
    claim = await office.world.claim(1_000, on=date(2026, 1, 5))
    path = f"/claims/{claim.reference}"
    assert (await office.post(f"{path}/steps", {"kind": "reminder", "termDays": 14})).status_code == 201
    for until in ("2026-04-10", "2026-06-30"):
        body = {"mode": "none", "reason": "afspraak", "validUntil": until}
        assert (await office.post(f"{path}/offset-instructions", body)).status_code == 201
    found = (await office.get(path)).json()
    assert (found["open"]["offsettableCents"], found["open"]["notOffsetCents"]) == (0, 1_000)
    assert found["next"][0] == {"what": "offset", "fromDate": "2026-07-01", "waitsFor": None}


async def test_a_newer_instruction_without_a_mode_gives_the_mode_back_to_the_policy_as_the_night_reads_it(
    office: Office,
) -> None:
    claim = await office.world.claim(1_000)
    for body in ({"mode": "none", "reason": "afspraak"}, {"floorCents": 5, "reason": "bodem"}):
        assert (await office.post("/running-accounts/VZ/R1/offset-instructions", body)).status_code == 201
    found = (await office.get(f"/claims/{claim.reference}")).json()
    assert (found["open"]["offsettableCents"], found["next"][0]["what"]) == (1_000, "offset")


async def test_one_claim_says_what_comes_next(office: Office) -> None:
    claim = await office.world.claim(1_000)
    found = (await office.get(f"/claims/{claim.reference}")).json()
    assert found["next"] == [
        {"what": "offset", "fromDate": None, "waitsFor": "reminder 1"},
        {"what": "reminder 1", "fromDate": "2026-04-02", "waitsFor": None},
        {"what": "agency", "fromDate": None, "waitsFor": "reminder 1"},
    ]


async def test_no_offset_comes_next_of_a_claim_of_which_only_charges_are_open(office: Office) -> None:
    claim = await office.world.claim(1_000)
    await office.post("/payments", {"cents": 1_000, "reference": claim.payment_reference})
    await office.post(f"/claims/{claim.reference}/charges", {"kind": "interest", "cents": 200, "reason": "rente"})
    found = (await office.get(f"/claims/{claim.reference}")).json()
    assert found["openCents"] == 200
    assert [step["what"] for step in found["next"]] == ["reminder 1", "agency"]


async def test_nothing_comes_next_of_a_claim_that_is_paid(office: Office) -> None:
    claim = await office.world.claim(1_000)
    await office.post("/payments", {"cents": 1_000, "reference": claim.payment_reference})
    assert (await office.get(f"/claims/{claim.reference}")).json()["next"] == []


async def test_a_claim_is_found_by_its_payment_reference_too(office: Office) -> None:
    claim = await office.world.claim(1_000)
    assert (await office.get(f"/claims/{claim.payment_reference}")).json()["reference"] == claim.reference


async def test_lines_come_in_pages(office: Office) -> None:
    claim = await office.world.claim(600)
    await office.api.db.execute(
        """insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents)
           select $1, $2, n, 1, 200 from generate_series(1, 3) n""",
        *(office.world.account, claim.id),
    )
    first = (await office.get(f"/claims/{claim.reference}/lines", pageSize=2)).json()
    rest = (await office.get(f"/claims/{claim.reference}/lines", cursor=first["nextCursor"])).json()
    assert [line["lineNo"] for line in first["items"] + rest["items"]] == [1, 2, 3]


async def test_events_tell_every_fact_with_its_cause_in_pages(office: Office) -> None:
    claim = await office.world.claim(1_000)
    for cents in (100, 200):
        await office.post(
            f"/claims/{claim.reference}/adjustments", {"deltaCents": -cents, "reason": f"te hoog {cents}"}
        )
    path = f"/claims/{claim.reference}/events"
    first = (await office.get(path, pageSize=2)).json()
    rest = (await office.get(path, pageSize=2, cursor=first["nextCursor"])).json()
    told = [(each["what"], each["cents"], each["cause"]) for each in first["items"] + rest["items"]]
    assert told == [
        ("registered", 1_000, "controle"),
        ("adjusted", -100, "te hoog 100"),
        ("adjusted", -200, "te hoog 200"),
    ]


async def test_a_claim_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    claim = await office.world.claim(1_000)
    stranger = await office.stranger()
    for path in ("", "/lines", "/events", "/events/1", "/decisions"):
        foreign = await stranger.get(f"/claims/{claim.reference}{path}")
        missing = await stranger.get(f"/claims/VOR-2026-00009999-9{path}")
        assert foreign.status_code == 404
        assert same_but_for(foreign, missing, claim.reference, "VOR-2026-00009999-9"), path


async def test_commands_on_a_claim_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    claim = await office.world.claim(1_000)
    stranger = await office.stranger()
    why = {"reason": "x"}
    for path, body in (
        ("adjustments", {**why, "deltaCents": -1}), ("withdrawal", why), ("write-offs", why), ("steps", {}),
        ("charges", {**why, "kind": "costs", "cents": 1}), ("holds", {**why, "kind": "plan", "owner": "x"}),
        ("offset-instructions", {**why, "mode": "none"}), ("offset-requests", {}), ("allocations", why),
    ):  # fmt: skip
        foreign = await stranger.post(f"/claims/{claim.reference}/{path}", body)
        missing = await stranger.post(f"/claims/VOR-2026-00009999-9/{path}", body)
        assert foreign.status_code == 404, path
        assert same_but_for(foreign, missing, claim.reference, "VOR-2026-00009999-9"), path


async def test_the_list_of_another_risk_carrier_is_empty(office: Office) -> None:
    await office.world.claim(1_000)
    stranger = await office.stranger()
    assert (await stranger.get("/claims")).json()["items"] == []
    assert (await stranger.get("/claims", riskCarrier="VZ")).status_code == 404


async def test_why_a_claim_was_not_offset_yet(office: Office) -> None:
    claim = await office.world.claim(1_000)
    before = (await office.get(f"/claims/{claim.reference}/decisions", onDate=str(DAY - timedelta(days=1)))).json()
    now = (await office.get(f"/claims/{claim.reference}/decisions")).json()
    assert (before["code"], now["code"], now["claim"]) == ("not yet registered", "no night yet", claim.reference)


@pytest.mark.parametrize("line", [-(2**63), 2**63 - 1])
async def test_a_cursor_beyond_the_lines_of_a_claim_is_no_bug(office: Office, line: int) -> None:
    claim = await office.world.claim(1_000)
    assert (await office.get(f"/claims/{claim.reference}/lines", cursor=cursor(line))).status_code == 200


@pytest.fixture
async def correction(office: Office) -> Claim:
    """A declaration of 10.00 that was corrected by 3.00."""
    declaration = await office.world.declaration(1_000, "D1", on=DAY)
    return await office.world.claim(300, "CORRECTION", kind=3, of=declaration)


async def test_a_correction_shows_what_the_declaration_was_and_becomes(office: Office, correction: Claim) -> None:
    found = (await office.get(f"/claims/{correction.reference}/correction")).json()
    assert (found["claimReference"], found["awardedCents"], found["differenceCents"]) == (
        correction.reference,
        1_000,
        -300,
    )
    assert [(each["wasCents"], each["becomesCents"]) for each in found["lines"]] == [(1_000, 700)]


async def test_a_correction_goes_as_a_spreadsheet_too(office: Office, correction: Claim) -> None:
    answer = await office.client.get(f"/v1/claims/{correction.reference}/correction", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert correction.reference in answer.text


async def test_what_is_no_correction_has_no_such_specification(office: Office) -> None:
    claim = await office.world.claim(300)
    answer = await office.get(f"/claims/{claim.reference}/correction")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_correction")
