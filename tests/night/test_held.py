"""A payout that is held stays behind, and goes out by itself in the night after its reason is gone."""

from datetime import date
from pathlib import Path

from app.core import clock
from app.core.db import Connection
from app.record import record
from jobs.night.run import run_night
from tests import factories

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
