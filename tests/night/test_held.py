"""A payout that is held stays behind, and goes out by itself in the night after its reason is gone."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core import clock
from app.core.db import Connection
from app.record import record
from jobs.night.checking import run_checks
from jobs.night.run import run_night
from tests import factories

DUE = date(2026, 2, 2)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


async def _world(db: Connection) -> int:
    """A provider with one declaration whose payouts are held; the id of the hold."""
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_vgz(db, carrier)
    provider = await factories.make_provider(db, carrier)
    await factories.make_declaration(db, carrier, provider.agbs[0], 12_345, on=MONDAY)
    payload = {"kind": "attachment", "account": provider.account_id, "processes": ["payout"], "reason": "beslag"}
    answer = await record(db, "hold", {**payload, "owner": "finance"}, actor="test", business_date=MONDAY)
    return int(answer["id"])


async def _sent(db: Connection) -> int:
    return int(await db.fetchval("select coalesce(sum(cents), 0)::bigint from payment_instruction"))


async def test_a_payout_under_a_hold_stays_behind_until_the_hold_has_ended(
    db: Connection, db_url: str, tmp_path: Path
) -> None:
    hold = await _world(db)
    await run_night(db_url, 1, MONDAY, payments_folder=tmp_path)
    await run_night(db_url, 1, TUESDAY, payments_folder=tmp_path)
    assert await _sent(db) == 0
    ended = {"hold": hold, "reason": "beslag opgeheven"}
    await record(db, "end-hold", ended, actor="test", business_date=WEDNESDAY)
    await run_night(db_url, 1, WEDNESDAY, payments_folder=tmp_path)
    assert await _sent(db) == 12_345
    assert await db.fetchval("select count(*) from audit where action = 'payout freed'") == 1
    assert len(list(tmp_path.glob("*.xml"))) == 1


async def test_a_payout_that_failed_its_proof_goes_out_after_its_incident_is_resolved(
    db: Connection, db_url: str
) -> None:
    hold = await _world(db)
    await record(db, "end-hold", {"hold": hold, "reason": "vergissing"}, actor="test", business_date=MONDAY)
    report = await run_night(db_url, 1, MONDAY)
    await db.execute("delete from payment_instruction")
    await db.execute("update payout set held = 2")
    await db.execute(
        """
        insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
        select risk_carrier_id, account_id, run_id, 'payout_totals', 'planted', $1 from payout
        """,
        clock.now(),
    )
    await run_night(db_url, 1, TUESDAY)
    assert await _sent(db) == 0
    await db.execute("update incident set resolved_at = $1 where run_id = $2", clock.now(), report.run_id)
    await run_night(db_url, 1, WEDNESDAY)
    assert await _sent(db) == 12_345


DECIDED = "select answer, offset_cents from decision where claim_id = $1 and valid_from = $2"


async def _owing(db: Connection, scope: str) -> tuple[int, dict[str, Any]]:
    """A claim of 100.00 with 40.00 declared for Monday and 200.00 for Tuesday; a dispute on all of it or 70.00."""
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_zilveren_kruis(db, carrier)
    provider = await factories.make_provider(db, carrier)
    claim = await factories.make_claim(db, carrier, provider.agbs[0], 10_000, letter_date=DUE, reason="FC")
    await factories.make_declaration(db, carrier, provider.agbs[0], 4_000, on=MONDAY)
    await factories.make_declaration(db, carrier, provider.agbs[0], 20_000, on=TUESDAY)
    reference = await db.fetchval("select reference from claim where claim_id = $1", claim)
    what = {"account": provider.account_id} if scope == "account" else {"claim": reference}
    payload: dict[str, Any] = {"kind": "dispute", "reason": "bezwaar", "owner": "team", **what}
    if scope == "part":
        payload["cents"] = 7_000
    return claim, payload


@pytest.mark.parametrize(("scope", "answer"), [("claim", 21), ("part", 2), ("account", 20)])
async def test_a_night_that_runs_late_keeps_the_hold_of_its_date_though_it_has_ended_since(
    db: Connection, db_url: str, scope: str, answer: int
) -> None:
    claim, payload = await _owing(db, scope)
    hold = await record(db, "hold", payload, actor="test", business_date=MONDAY)
    ended = {"hold": hold["id"], "reason": "afgehandeld"}
    await record(db, "end-hold", ended, actor="test", business_date=TUESDAY)
    await run_night(db_url, 1, MONDAY)
    kept = {"claim": 0, "part": 3_000, "account": 0}[scope]
    assert tuple(await db.fetchrow(DECIDED, claim, MONDAY)) == (answer, kept)
    await run_night(db_url, 1, TUESDAY)
    assert tuple(await db.fetchrow(DECIDED, claim, TUESDAY)) == (1, 10_000 - kept)
    assert await run_checks(db, run_id=None) == []


@pytest.mark.parametrize(("scope", "answer"), [("claim", 21), ("part", 2), ("account", 20)])
async def test_a_night_that_runs_late_takes_nothing_that_is_held_by_then(
    db: Connection, db_url: str, scope: str, answer: int
) -> None:
    claim, payload = await _owing(db, scope)
    over = {**payload, "kind": "reservation", "fromDate": DUE.isoformat(), "untilDate": DUE.isoformat()}
    await record(db, "hold", over, actor="test", business_date=DUE)  # its end is counted by Monday's night
    await record(db, "hold", payload, actor="test", business_date=TUESDAY)
    await run_night(db_url, 1, MONDAY)
    kept = {"claim": 0, "part": 3_000, "account": 0}[scope]
    assert tuple(await db.fetchrow(DECIDED, claim, MONDAY)) == (answer, kept)
    assert await run_checks(db, run_id=None) == []


async def test_a_payout_that_was_held_on_the_date_of_a_late_night_goes_out_with_the_next_one(
    db: Connection, db_url: str, tmp_path: Path
) -> None:
    hold = await _world(db)
    ended = {"hold": hold, "reason": "beslag opgeheven"}
    await record(db, "end-hold", ended, actor="test", business_date=TUESDAY)
    await run_night(db_url, 1, MONDAY, payments_folder=tmp_path)
    assert await _sent(db) == 0
    await run_night(db_url, 1, TUESDAY, payments_folder=tmp_path)
    assert await _sent(db) == 12_345
    assert await run_checks(db, run_id=None) == []
