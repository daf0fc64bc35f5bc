"""What the nights proposed, and taking reminders over."""

from datetime import date

import pytest

from tests.api.client import DAY
from tests.api.office import Office
from tests.claims.world import Claim

LONG_AGO = date(2026, 1, 5)  # its term ended on 4 February


@pytest.fixture
async def proposed(office: Office) -> Claim:
    """A claim for which the night of the day proposed reminder 1, and the agency by mistake of nobody."""
    claim = await office.world.claim(1_000, on=LONG_AGO)
    version = await office.api.db.fetchval("select max(policy_version_id) from policy_version")
    run = await office.api.db.fetchval(
        """insert into run (risk_carrier_id, business_date, payment_date, state, policy_version_id)
           values (1, $1, $1, 'released', $2) returning run_id""",
        *(DAY, version),
    )
    for kind in (1, 2):
        await office.api.db.execute(
            "insert into dunning_proposal values ($1, $2, $3, 1, $4, 1, $5, 1000)",
            *(office.world.account, claim.id, kind, run, DAY),
        )
    return claim


async def test_proposals_are_listed_by_kind_and_night(office: Office, proposed: Claim) -> None:
    items = (await office.get("/proposals", riskCarrier="VZ")).json()["items"]
    assert [(each["claim"], each["kind"], each["takenOver"]) for each in items] == [
        (proposed.reference, "reminder", False),
        (proposed.reference, "agency", False),
    ]
    only = (await office.get("/proposals", riskCarrier="VZ", kind="agency", proposedOn=str(DAY))).json()["items"]
    assert [each["kind"] for each in only] == ["agency"]
    assert (await office.get("/proposals", riskCarrier="VZ", proposedOn="2026-03-03")).json()["items"] == []


async def test_pages_show_every_proposal_once(office: Office, proposed: Claim) -> None:
    first = (await office.get("/proposals", riskCarrier="VZ", pageSize=1)).json()
    rest = (await office.get("/proposals", riskCarrier="VZ", pageSize=1, cursor=first["nextCursor"])).json()
    assert [each["kind"] for each in first["items"] + rest["items"]] == ["reminder", "agency"]


async def test_a_reminder_that_is_taken_over_is_sent_and_leaves_the_list(office: Office, proposed: Claim) -> None:
    body = {"proposedOn": str(DAY), "claims": [proposed.reference]}
    answer = await office.post("/proposals/acceptances", body)
    assert (answer.status_code, answer.json()["outcomes"]) == (
        200,
        [{"claim": proposed.reference, "stepNo": 1, "askedCents": 1_000, "dropped": None}],
    )
    left = (await office.get("/proposals", riskCarrier="VZ", kind="reminder")).json()["items"]
    every = (await office.get("/proposals", riskCarrier="VZ", kind="reminder", openOnly="false")).json()["items"]
    assert (left, [each["takenOver"] for each in every]) == ([], [True])
    assert (await office.get(f"/claims/{proposed.reference}")).json()["status"] == "reminded"


async def test_the_same_again_answers_the_same_and_sends_nothing(office: Office, proposed: Claim) -> None:
    body = {"proposedOn": str(DAY), "claims": [proposed.reference]}
    first = await office.post("/proposals/acceptances", body, "k")
    again = await office.post("/proposals/acceptances", body, "k")
    assert first.json() == again.json()
    assert await office.api.db.fetchval("select count(*) from claim_step") == 1


async def test_what_was_paid_since_the_night_is_dropped_with_why(office: Office, proposed: Claim) -> None:
    await office.post("/payments", {"cents": 1_000, "reference": proposed.payment_reference})
    body = {"proposedOn": str(DAY), "claims": [proposed.reference]}
    (outcome,) = (await office.post("/proposals/acceptances", body)).json()["outcomes"]
    assert (outcome["dropped"], outcome["askedCents"]) == ("nothing_open", 0)


async def test_what_no_night_proposed_is_dropped(office: Office) -> None:
    claim = await office.world.claim(1_000, on=LONG_AGO)
    body = {"proposedOn": str(DAY), "claims": [claim.reference]}
    (outcome,) = (await office.post("/proposals/acceptances", body)).json()["outcomes"]
    assert outcome["dropped"] == "not_proposed"


async def test_another_risk_carrier_sees_and_takes_nothing(office: Office, proposed: Claim) -> None:
    stranger = await office.stranger()
    assert (await stranger.get("/proposals", riskCarrier="VZ")).status_code == 404
    assert (await stranger.get("/proposals", riskCarrier="ZK")).json()["items"] == []
    body = {"proposedOn": str(DAY), "claims": [proposed.reference, "VOR-2026-00009999-9"]}
    outcomes = (await stranger.post("/proposals/acceptances", body)).json()["outcomes"]
    assert [each["dropped"] for each in outcomes] == ["claim_unknown", "claim_unknown"]
    assert await office.api.db.fetchval("select count(*) from claim_step") == 0
