"""What the nights proposed, and taking reminders over."""

from datetime import date
from typing import Any

import pytest

from app.dunning import actions
from jobs.night.checking import run_checks
from tests.api.client import DAY
from tests.api.office import Office
from tests.claims.world import Claim

LONG_AGO = date(2026, 1, 5)  # its term ended on 4 February


async def propose(office: Office, claim: Claim) -> None:
    """What the night of the day wrote: reminder 1 for the claim, and the agency by mistake of nobody."""
    version = await office.api.db.fetchval("select max(policy_version_id) from policy_version")
    await office.api.db.execute(
        """insert into run (risk_carrier_id, business_date, payment_date, state, policy_version_id)
           values (1, $1, $1, 'released', $2) on conflict do nothing""",
        *(DAY, version),
    )
    for kind in (1, 2):
        await office.api.db.execute(
            """insert into dunning_proposal select $1, $2, $3, 1, run_id, 1, business_date, 1000 from run
               where business_date = $4""",
            *(office.world.account, claim.id, kind, DAY),
        )


@pytest.fixture
async def proposed(office: Office) -> Claim:
    """A claim for which the night of the day proposed both."""
    claim = await office.world.claim(1_000, on=LONG_AGO)
    await propose(office, claim)
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
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert await office.api.db.fetchval("select count(*) from claim_step") == 1


async def test_the_checks_find_nothing_in_reminders_that_were_taken_over_or_dropped(
    office: Office, proposed: Claim
) -> None:
    for _ in range(2):  # the second finds the first's letter, and drops it
        assert (
            await office.post("/proposals/acceptances", {"proposedOn": str(DAY), "claims": [proposed.reference]})
        ).status_code == 200
    found = await run_checks(office.api.db, run_id=None, names=["idempotency_fact"])
    assert [each.what for each in found] == []


async def test_a_key_with_another_content_takes_nothing_over(office: Office, proposed: Claim) -> None:
    claims = [proposed.reference]
    await office.post("/proposals/acceptances", {"proposedOn": "2026-02-27", "claims": claims}, "k")
    other = await office.post("/proposals/acceptances", {"proposedOn": str(DAY), "claims": claims}, "k")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_otherwise")
    assert await office.api.db.fetchval("select count(*) from claim_step") == 0


async def test_what_was_dropped_is_dropped_in_the_repeat_though_it_could_be_sent_by_now(office: Office) -> None:
    claim = await office.world.claim(1_000, on=LONG_AGO)
    body = {"proposedOn": str(DAY), "claims": [claim.reference]}
    first = await office.post("/proposals/acceptances", body, "k")
    await propose(office, claim)
    again = await office.post("/proposals/acceptances", body, "k")
    anew = await office.post("/proposals/acceptances", body, "k2")
    said = [each.json()["outcomes"][0]["dropped"] for each in (first, again, anew)]
    assert said == ["not_proposed", "not_proposed", None]


async def test_a_request_that_broke_off_goes_on_where_it_ended_when_it_is_sent_again(
    office: Office, proposed: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = await office.world.claim(2_000, on=LONG_AGO)
    await propose(office, second)
    body = {"proposedOn": str(DAY), "claims": [proposed.reference, second.reference]}
    sent, letters = actions.record_step, 0

    async def breaks_off(*args: Any) -> dict[str, Any]:
        nonlocal letters
        letters += 1
        if letters == 2:
            raise ConnectionError("the database went away")
        return await sent(*args)

    monkeypatch.setattr(actions, "record_step", breaks_off)
    broken = await office.post("/proposals/acceptances", body, "k")
    other = await office.post("/proposals/acceptances", {**body, "termDays": 3}, "k")
    again = await office.post("/proposals/acceptances", body, "k")
    assert (broken.status_code, other.status_code, again.status_code) == (503, 422, 200)
    assert [each["askedCents"] for each in again.json()["outcomes"]] == [1_000, 2_000]
    assert await office.api.db.fetchval("select count(*) from claim_step") == 2


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
