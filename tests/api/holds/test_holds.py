"""Holds on claims and on running accounts: start, show, list, end."""

from tests.api.office import Office, same_but_for

DISPUTE = {"kind": "dispute", "reason": "bezwaar", "owner": "anna"}
ACCOUNT = {"kind": "attachment", "reason": "derdenbeslag", "owner": "anna", "riskCarrier": "VZ", "provider": "R1"}


async def test_a_hold_on_a_claim_keeps_its_amount_apart(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post(f"/claims/{claim.reference}/holds", {**DISPUTE, "cents": 400})
    assert (answer.status_code, answer.json()["heldCents"], answer.json()["openCents"]) == (201, 400, 1_000)
    found = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()
    assert (found["claim"], found["cents"], found["processes"]) == (
        claim.reference,
        400,
        ["dunning", "offset", "agency"],
    )


async def test_a_hold_on_a_running_account_may_hold_the_payout(office: Office) -> None:
    answer = await office.post("/holds", {**ACCOUNT, "processes": ["offset", "payout"]})
    found = (await office.get(answer.headers["location"].removeprefix("/v1"))).json()
    assert (answer.status_code, found["claim"], found["provider"], found["processes"]) == (
        201,
        None,
        "R1",
        ["offset", "payout"],
    )


async def test_a_hold_on_a_claim_cannot_hold_the_payout(office: Office) -> None:
    claim = await office.world.claim(1_000)
    answer = await office.post(f"/claims/{claim.reference}/holds", {**DISPUTE, "processes": ["payout"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "payout_of_account")


async def test_a_hold_that_ends_holds_nothing_from_today_on(office: Office) -> None:
    claim = await office.world.claim(1_000)
    hold = (await office.post(f"/claims/{claim.reference}/holds", DISPUTE)).json()["id"]
    answer = await office.post(f"/holds/{hold}/end", {"reason": "afgehandeld"})
    assert (answer.status_code, answer.json()["heldCents"]) == (201, 0)
    assert (await office.get(f"/holds/{hold}")).json()["endedOn"] == "2026-03-02"


async def test_a_hold_that_was_ended_is_not_ended_again(office: Office) -> None:
    hold = (await office.post("/holds", ACCOUNT)).json()["id"]
    await office.post(f"/holds/{hold}/end", {"reason": "x"}, "k")
    again = await office.post(f"/holds/{hold}/end", {"reason": "x"}, "k")
    anew = await office.post(f"/holds/{hold}/end", {"reason": "x"}, "other")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert (anew.status_code, anew.json()["code"]) == (409, "hold_ended")


async def test_holds_are_listed_by_claim_provider_kind_and_whether_they_run(office: Office) -> None:
    claim = await office.world.claim(1_000)
    disputed = (await office.post(f"/claims/{claim.reference}/holds", DISPUTE)).json()["id"]
    attached = (await office.post("/holds", ACCOUNT)).json()["id"]
    await office.post(f"/holds/{disputed}/end", {"reason": "x"})

    async def listed(**query: str) -> list[int]:
        return [each["id"] for each in (await office.get("/holds", **query)).json()["items"]]

    assert await listed() == [disputed, attached]
    assert await listed(provider="R1", riskCarrier="VZ") == [disputed, attached]
    assert await listed(claim=claim.reference) == [disputed]
    assert await listed(kind="attachment") == [attached]
    assert await listed(openOnly="true") == [attached]


async def test_pages_show_every_hold_once(office: Office) -> None:
    made = [(await office.post("/holds", ACCOUNT)).json()["id"] for _ in range(5)]
    first = (await office.get("/holds", pageSize=3)).json()
    rest = (await office.get("/holds", pageSize=3, cursor=first["nextCursor"])).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == made


async def test_a_hold_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    hold = (await office.post("/holds", ACCOUNT)).json()["id"]
    stranger = await office.stranger()
    foreign, missing = await stranger.get(f"/holds/{hold}"), await stranger.get("/holds/999999")
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, f"hold {hold} ", "hold 999999 ")
    foreign = await stranger.post(f"/holds/{hold}/end", {"reason": "x"})
    missing = await stranger.post("/holds/999999/end", {"reason": "x"})
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, f"hold {hold}.", "hold 999999.")
    assert (await stranger.get("/holds")).json()["items"] == []


async def test_a_provider_of_another_risk_carrier_and_a_missing_one_answer_alike(office: Office) -> None:
    stranger = await office.stranger()
    foreign = await stranger.post("/holds", ACCOUNT)
    missing = await stranger.post("/holds", {**ACCOUNT, "provider": "R9"})
    assert foreign.status_code == 404
    assert same_but_for(foreign, missing, "R1", "R9")
