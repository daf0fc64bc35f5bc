"""GET /v1/declarations, one of them, and its withdrawal."""

from datetime import date

from app.core.ids import declaration_reference
from tests.api.client import DAY
from tests.api.office import Office, same_but_for


async def test_a_list_shows_the_declarations_of_a_provider_with_their_state(office: Office) -> None:
    first = await office.world.declaration(1_000, "D1", on=DAY)
    await office.world.declaration(2_000, "D2", on=DAY)
    await office.world.settle(first, on=DAY)
    items = (await office.get("/declarations", provider="R1")).json()["items"]
    assert [(each["number"], each["awardedCents"], each["state"]) for each in items] == [
        ("D1", 1_000, "settled"),
        ("D2", 2_000, "queued"),
    ]


async def test_a_list_without_a_provider_shows_those_of_every_provider_in_pages(office: Office) -> None:
    for name in ("D1", "D2", "D3"):
        await office.world.declaration(1_000, name, on=DAY)
    first = (await office.get("/declarations", pageSize=2)).json()
    rest = (await office.get("/declarations", riskCarrier="VZ", pageSize=2, cursor=first["nextCursor"])).json()
    assert [each["number"] for each in first["items"] + rest["items"]] == ["D1", "D2", "D3"]


async def test_another_risk_carriers_list_is_empty_and_names_nobody(office: Office) -> None:
    await office.world.declaration(1_000, "D1", on=DAY)
    stranger = await office.stranger()
    assert (await stranger.get("/declarations")).json() == {"items": [], "nextCursor": None}
    assert (await stranger.get("/declarations", riskCarrier="VZ")).status_code == 404


async def test_a_list_by_number_without_a_provider_is_refused_with_where_to_look(office: Office) -> None:
    answer = await office.get("/declarations", number="D1")
    assert (answer.status_code, answer.json()["field"]) == (400, "provider")
    assert "/v1/references/" in answer.json()["detail"]


async def test_pages_show_every_declaration_once(office: Office) -> None:
    made = [f"D{n}" for n in range(5)]
    for name in made:
        await office.world.declaration(1_000, name, on=DAY)
    first = (await office.get("/declarations", provider="R1", pageSize=3)).json()
    rest = (await office.get("/declarations", provider="R1", pageSize=3, cursor=first["nextCursor"])).json()
    assert [each["number"] for each in first["items"] + rest["items"]] == made
    assert rest["nextCursor"] is None


async def test_a_list_by_number_or_days_shows_those_only(office: Office) -> None:
    await office.world.declaration(1_000, "D1", on=date(2026, 2, 1))
    await office.world.declaration(1_000, "D2", on=DAY)
    by_number = (await office.get("/declarations", provider="R1", number="D2")).json()["items"]
    by_days = (await office.get("/declarations", provider="R1", untilDate="2026-02-28")).json()["items"]
    assert ([each["number"] for each in by_number], [each["number"] for each in by_days]) == (["D2"], ["D1"])


async def test_one_declaration_shows_its_offsets_and_payout(office: Office) -> None:
    claim, declaration = await office.world.claim(400), await office.world.declaration(1_000, "D1", on=DAY)
    await office.world.settle(declaration, (claim, 400), on=DAY)
    found = (await office.get("/declarations/D1")).json()
    assert (found["state"], found["settledOn"], found["offsetCents"]) == ("settled", "2026-03-02", 400)
    assert [(each["claim"], each["cents"], each["standingCents"]) for each in found["offsets"]] == [
        (claim.reference, 400, 400)
    ]
    assert found["payout"].startswith("AFR-2026-")


async def test_one_declaration_shows_its_credits(office: Office) -> None:
    declaration = await office.world.declaration(1_000, "D1", on=DAY)
    credit = await office.world.claim(300, "CREDIT", kind=2, of=declaration)
    found = (await office.get("/declarations/D1")).json()
    assert found["credits"] == [{"claim": credit.reference, "amountCents": 300}]


async def test_a_declaration_is_found_by_its_reference_and_by_its_id_at_the_source(office: Office) -> None:
    declaration = await office.world.declaration(1_000, "D1", on=DAY)
    reference = declaration_reference(office.world.account, declaration)
    assert (await office.get(f"/declarations/{reference}")).json() == (await office.get("/declarations/D1")).json()


async def test_a_record_that_was_posted_is_found_by_its_id_at_the_source(office: Office) -> None:
    body = {
        "type": "declaration", "id": "P1", "agb": "01000000", "awardedCents": 700,
        "approvedAt": "2026-03-02T09:00:00+01:00",
    }  # fmt: skip
    posted = await office.client.post(
        "/v1/declarations",
        params={"riskCarrier": "VZ", "source": "portal"},
        json=body,
        headers={"Idempotency-Key": "p"},
    )
    assert posted.status_code == 201, posted.text
    assert (await office.get("/declarations/P1")).json()["awardedCents"] == 700


async def test_a_withdrawal_before_settlement_takes_it_from_the_queue(office: Office) -> None:
    await office.world.declaration(1_000, "D1", on=DAY)
    answer = await office.post("/declarations/D1/withdrawal", {"reason": "foutief geladen"})
    assert (answer.status_code, answer.json()["settled"]) == (201, False)
    found = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()
    assert (found["state"], found["withdrawalReason"]) == ("withdrawn", "foutief geladen")
    assert await office.world.queued() == {}


async def test_a_withdrawal_after_settlement_turns_back_offsets_and_claims_the_rest(office: Office) -> None:
    claim, declaration = await office.world.claim(400), await office.world.declaration(1_000, "D1", on=DAY)
    await office.world.settle(declaration, (claim, 400), on=DAY)
    answer = (await office.post("/declarations/D1/withdrawal", {"reason": "foutief geladen"}, "k")).json()
    assert (answer["returnedToClaimsCents"], answer["claimedCents"]) == (400, 600)
    assert (await office.get(f"/claims/{answer['claim']}")).json()["kind"] == "withdrawn-declaration"
    again = await office.post("/declarations/D1/withdrawal", {"reason": "foutief geladen"}, "k")
    assert (again.json(), again.headers["idempotent-replayed"]) == (answer, "true")


async def test_a_declaration_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    declaration = await office.world.declaration(1_000, "D1", on=DAY)
    reference, none = declaration_reference(office.world.account, declaration), declaration_reference(1, 9_999)
    stranger = await office.stranger()
    for name, other in ((reference, none), ("D1", "D9")):
        foreign, missing = await stranger.get(f"/declarations/{name}"), await stranger.get(f"/declarations/{other}")
        assert foreign.status_code == 404
        assert same_but_for(foreign, missing, name, other)
        foreign = await stranger.post(f"/declarations/{name}/withdrawal", {"reason": "x"})
        missing = await stranger.post(f"/declarations/{other}/withdrawal", {"reason": "x"})
        assert foreign.status_code == 404
        assert same_but_for(foreign, missing, name, other)
    assert (await stranger.get("/declarations", provider="R1")).status_code == 404
