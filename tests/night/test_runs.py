"""The order of nights: gate, cut-off, lease and fence, missed dates, the second run."""

import asyncio
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core import db as database
from app.core.db import Connection, transaction
from app.core.errors import Bug, Refusal
from jobs.night import run as night
from jobs.night.after import mature_credits, propose_dunning
from jobs.night.batches import Batch, after_failure, work_one
from jobs.night.checking import hold_what_fails
from jobs.night.plan import Limits, LostLease, Run, plan, read_run
from jobs.night.run import NightReport, run_due_nights, run_night
from jobs.simulation.hashes import books_hash
from tests import factories
from tests.night.worlds import DAY, make_world, others_gone

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 4, 20, tzinfo=UTC)
AGB = "41100000"
SMALL = Limits(batch_entries=3)


@pytest.fixture
async def carrier(db: Connection) -> int:
    """Four running accounts, eight declarations and some credits and claims, for the night of DAY."""
    return await make_world(db, accounts=4, declarations=8)


async def rows(db: Connection) -> dict[str, int]:
    """Rows of every table that a night may write."""
    tables = "posting payout payout_entry decision payable claim_position payment_file payment_instruction run"
    more = "run_batch run_parked incident audit dunning_proposal claim_maturity payment_reference"
    return {name: await db.fetchval(f"select count(*) from {name}") for name in f"{tables} {more}".split()}


async def stored(db: Connection, carrier: int, day: date = DAY) -> Run:
    run = await read_run(db, carrier, day)
    assert run is not None
    return run


# ---- again


async def test_a_second_run_of_the_same_night_changes_nothing(db: Connection, db_url: str, carrier: int) -> None:
    first = await run_night(db_url, carrier, DAY)
    before = await books_hash(db), await rows(db)
    assert await run_night(db_url, carrier, DAY) == first
    assert (await books_hash(db), await rows(db)) == before


async def test_a_night_after_its_release_is_not_due_again(db: Connection, db_url: str, carrier: int) -> None:
    await run_night(db_url, carrier, DAY)
    assert await run_due_nights(db_url, carrier, DAY) == []


# ---- order


async def test_missed_dates_run_once_each_in_order(db: Connection, db_url: str, carrier: int) -> None:
    await run_night(db_url, carrier, DAY)
    reports = await run_due_nights(db_url, carrier, DAY + timedelta(days=3))
    assert [report.business_date for report in reports] == [DAY + timedelta(days=n) for n in (1, 2, 3)]
    assert {report.state for report in reports} == {"released"}


async def test_a_later_date_is_refused_while_an_earlier_night_is_open(
    db: Connection, db_url: str, carrier: int
) -> None:
    await plan(db, carrier, DAY, now=NOW)
    with pytest.raises(Refusal) as refused:
        await run_night(db_url, carrier, DAY + timedelta(days=1))
    assert refused.value.code == "earlier_night_open"


async def test_an_earlier_date_is_refused_once_a_later_one_was_planned(
    db: Connection, db_url: str, carrier: int
) -> None:
    await run_night(db_url, carrier, DAY)
    with pytest.raises(Refusal) as refused:
        await run_night(db_url, carrier, DAY - timedelta(days=1))
    assert refused.value.code == "later_night_exists"


async def test_missed_dates_stop_at_the_night_that_waits(db: Connection, db_url: str, carrier: int) -> None:
    await run_night(db_url, carrier, DAY)
    await difference(db, carrier)
    reports = await run_due_nights(db_url, carrier, DAY + timedelta(days=3))
    assert [(report.business_date, report.state) for report in reports] == [(DAY + timedelta(days=1), "waiting")]


async def test_two_risk_carriers_have_their_own_order(db: Connection, db_url: str, carrier: int) -> None:
    other = await factories.make_risk_carrier(db, "ZK")
    await factories.make_policy_vgz(db, other)
    await plan(db, carrier, DAY, now=NOW)
    assert (await run_night(db_url, other, DAY + timedelta(days=1))).state == "released"


# ---- gate


async def difference(db: Connection, carrier: int) -> int:
    """An incident about the whole risk carrier; its id."""
    found: int = await db.fetchval(
        """insert into incident (risk_carrier_id, check_name, what, opened_at)
           values ($1, 'bank', 'a difference of 1 cent', now()) returning incident_id""",
        carrier,
    )
    return found


async def test_a_stale_feed_makes_the_night_wait_and_say_why(db: Connection, db_url: str, carrier: int) -> None:
    await db.execute("insert into gate_policy select policy_version_id, 'declarations', 1 from policy_version")
    report = await run_night(db_url, carrier, DAY + timedelta(days=2))
    assert report.state == "waiting"
    assert "feed declarations is stale" in str(report.state_reason)
    assert await db.fetchval("select count(*) from posting where kind = 1") == 0
    assert await db.fetchval("select closed_through from risk_carrier where risk_carrier_id = $1", carrier) is None


async def test_a_night_that_waited_goes_on_when_its_feed_came_in(db: Connection, db_url: str, carrier: int) -> None:
    await db.execute("insert into gate_policy select policy_version_id, 'declarations', 1 from policy_version")
    late = DAY + timedelta(days=2)
    await run_night(db_url, carrier, late)
    await factories.make_declaration(db, carrier, AGB, 500, on=late, id="LATE")
    report = await run_night(db_url, carrier, late)
    assert (report.state, report.state_reason) == ("released", None)
    assert await settled_on(db, "LATE") == late


async def test_an_unresolved_difference_makes_the_night_wait(db: Connection, db_url: str, carrier: int) -> None:
    await difference(db, carrier)
    report = await run_night(db_url, carrier, DAY)
    assert report.state == "waiting"
    assert "unresolved difference bank: a difference of 1 cent" in str(report.state_reason)


async def test_a_resolved_difference_lets_the_night_go_on(db: Connection, db_url: str, carrier: int) -> None:
    incident = await difference(db, carrier)
    await run_night(db_url, carrier, DAY)
    await db.execute("update incident set resolved_at = now() where incident_id = $1", incident)
    assert (await run_night(db_url, carrier, DAY)).state == "released"


# ---- cut-off


async def settled_on(db: Connection, source_id: str) -> date | None:
    found: date | None = await db.fetchval(
        """select p.booking_date from source_key s left join posting p on p.account_id = s.account_id
             and p.event_id = s.fact_id and p.kind = 1 where s.kind = 1 and s.source_id = $1""",
        source_id,
    )
    return found


async def test_a_file_loaded_after_the_cut_off_belongs_to_the_next_night(
    db: Connection, db_url: str, carrier: int
) -> None:
    await plan(db, carrier, DAY, now=NOW)
    await factories.make_declaration(db, carrier, AGB, 500, on=DAY, id="LATE")
    await run_night(db_url, carrier, DAY)
    assert await settled_on(db, "LATE") is None
    await run_night(db_url, carrier, DAY + timedelta(days=1))
    assert await settled_on(db, "LATE") == DAY + timedelta(days=1)


class HeldImport:
    """An import that has read its cut-off and loaded its rows, and commits when it is told to."""

    def __init__(self, url: str, carrier: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.carrier = url, carrier
        self.loaded, self.go_on = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr("app.declarations.intake.db.transaction", self.transaction)

    def transaction(self, *given: Any, **more: Any) -> Any:
        """The transaction of a factory's import is held; any other (the night's) is as it was."""
        entered = transaction(*given, **more)
        return _Held(entered, self) if more["actor"] == "factory" and more["role"] == "worker" else entered

    async def run(self) -> None:
        connection = await database.connect(self.url)
        try:
            await factories.make_declaration(connection, self.carrier, AGB, 500, on=DAY, id="LATE")
        finally:
            await connection.close()


class _Held:
    def __init__(self, inner: Any, held: HeldImport) -> None:
        self.inner, self.held = inner, held

    async def __aenter__(self) -> Any:
        return await self.inner.__aenter__()

    async def __aexit__(self, *error: Any) -> Any:
        self.held.loaded.set()
        await self.held.go_on.wait()
        return await self.inner.__aexit__(*error)


async def waits_for_a_lock(db: Connection) -> None:
    while not await db.fetchval("select exists (select 1 from pg_locks where not granted)"):
        await db.fetchval("select pg_sleep(0.01)")


async def test_planning_waits_for_an_import_under_way_and_takes_its_rows(
    db: Connection, db_url: str, carrier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldImport(db_url, carrier, monkeypatch)
    loading = asyncio.create_task(held.run())
    await held.loaded.wait()
    running = asyncio.create_task(run_night(db_url, carrier, DAY))
    await waits_for_a_lock(db)
    held.go_on.set()
    await loading
    assert (await running).state == "released"
    assert await settled_on(db, "LATE") == DAY


async def test_an_import_that_meets_the_planning_waits_and_belongs_to_the_next_night(
    db: Connection, db_url: str, carrier: int
) -> None:
    planner, loader = await database.connect(db_url), await database.connect(db_url)
    async with planner.transaction():
        await plan(planner, carrier, DAY, now=NOW)
        loading = asyncio.create_task(factories.make_declaration(loader, carrier, AGB, 500, on=DAY, id="LATE"))
        await waits_for_a_lock(db)
    await loading
    available = "select available_on from payable join source_key on fact_id = entry_id where source_id = 'LATE'"
    assert await db.fetchval(available) == DAY + timedelta(days=1)
    await planner.close()
    await loader.close()


# ---- lease and fence


async def test_of_two_that_start_the_same_night_one_runs_and_the_other_is_refused(
    db: Connection, db_url: str, carrier: int
) -> None:
    both = await asyncio.gather(*(run_night(db_url, carrier, DAY, limits=SMALL) for _ in "ab"), return_exceptions=True)
    (refused,) = [each for each in both if isinstance(each, Refusal)]
    (done,) = [each for each in both if isinstance(each, NightReport)]
    assert (done.state, refused.code) == ("released", "night_running")
    assert await db.fetchval("select fence from run") == 1


async def test_the_other_takes_over_when_the_lease_has_run_out(db: Connection, db_url: str, carrier: int) -> None:
    run = await plan(db, carrier, DAY, now=NOW, batch_entries=3)
    await db.execute("update run set state = 'matching', fence = 1, holder = 'dead', lease_until = now() + '0.4 s'")
    with pytest.raises(Refusal, match="dead"):
        await run_night(db_url, carrier, DAY)
    await db.fetchval("select pg_sleep(0.5)")
    assert (await run_night(db_url, carrier, DAY)).run_id == run.run_id
    assert await db.fetchval("select fence from run") == 2


async def test_a_lease_is_renewed_while_its_night_takes_longer(
    db: Connection, db_url: str, carrier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any, **__: Any) -> None:
        await asyncio.sleep(1)
        with pytest.raises(Refusal):
            await run_night(db_url, carrier, DAY)

    monkeypatch.setattr(night, "propose_dunning", slow)
    limits = Limits(lease=timedelta(milliseconds=500))
    assert (await run_night(db_url, carrier, DAY, limits=limits)).state == "released"


Step = Callable[[Connection, Run], Awaitable[object]]
WHOLE = Batch(batch_no=1, first_account_id=0, last_account_id=2**62, planned_entries=1, attempts=0)
STEPS: dict[str, Step] = {
    "a batch": lambda c, r: work_one(c, r, now=NOW),
    "the failure of a batch": lambda c, r: after_failure(c, r, WHOLE, Bug("x"), now=NOW),
    "ripe credits": lambda c, r: mature_credits(c, r, now=NOW),
    "proposals": lambda c, r: propose_dunning(c, r, now=NOW),
    "a state": lambda c, r: night._set_state(c, r, "proven", None),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_slept_through_its_lease_cannot_do(
    db: Connection, db_url: str, carrier: int, step: str
) -> None:
    await plan(db, carrier, DAY, now=NOW, batch_entries=3)
    await db.execute("update run set state = 'matching', fence = 2, lease_until = now() + '1 minute'")
    zombie = await stored(db, carrier)
    await db.execute("update run set fence = 3")
    before = await books_hash(db), await rows(db)
    with pytest.raises(LostLease):
        await STEPS[step](db, zombie)
    assert (await books_hash(db), await rows(db)) == before


async def test_a_worker_that_slept_through_its_lease_holds_no_payout(db: Connection, db_url: str, carrier: int) -> None:
    await run_night(db_url, carrier, DAY)
    zombie = await stored(db, carrier)
    await db.execute("update run set fence = fence + 1")
    await db.execute("update claim_position set open_principal_cents = open_principal_cents + 1")
    with pytest.raises(LostLease):
        await hold_what_fails(db_url, zombie, now=NOW)
    assert await db.fetchval("select count(*) from incident") == 0


async def test_a_run_taken_over_in_the_middle_of_a_batch_rolls_that_batch_back(
    db: Connection, db_url: str, carrier: int
) -> None:
    await plan(db, carrier, DAY, now=NOW, batch_entries=3)
    await db.execute("update run set state = 'matching', fence = 1")
    await db.execute(
        """
        create function take_over() returns trigger language plpgsql as
          $$ begin update run set fence = 2; return null; end $$;
        create trigger take_over after insert on posting for each statement execute function take_over();
        """
    )
    queued = await db.fetchval("select count(*) from payable")
    with pytest.raises(LostLease):
        await work_one(db, await stored(db, carrier), now=NOW)
    assert await db.fetchval("select count(*) from payable") == queued
    assert await db.fetchval("select count(*) from run_batch where state = 1") == 0


async def test_a_stopped_process_that_wakes_up_after_a_take_over_ends_and_harms_nothing(
    db: Connection, db_url: str
) -> None:
    carrier = await make_world(db, accounts=30, declarations=120)
    arguments = (db_url, str(carrier), DAY.isoformat(), "0.5", "3")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.night.worker", *arguments, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    while not await db.fetchval("select count(*) >= 2 from run_batch where state = 1"):
        await db.fetchval("select pg_sleep(0.005)")
    process.send_signal(signal.SIGSTOP)
    await db.fetchval("select pg_sleep(0.6)")
    running = asyncio.create_task(run_night(db_url, carrier, DAY))
    while not await db.fetchval("select fence > 1 from run"):
        await db.fetchval("select pg_sleep(0.01)")
    await asyncio.sleep(random.Random(5).uniform(0, 0.2))
    process.send_signal(signal.SIGCONT)
    _, said = await process.communicate()
    assert (await running).state == "released"
    await others_gone(db)
    assert (process.returncode, said) == (3, b"lost_lease")
    assert await db.fetchval("select count(*) from payable where available_on <= $1", DAY) == 0
    assert await db.fetchval("select count(distinct (account_id, event_id)) = count(*) from posting where kind = 1")


async def test_a_worker_stopped_between_the_parsing_of_a_statement_and_its_values_keeps_no_batch_from_who_takes_over(
    db: Connection, db_url: str, carrier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan(db, carrier, DAY, now=NOW)
    await db.execute("update run set state = 'matching', fence = 1, lease_until = now()")
    run = await stored(db, carrier)
    asleep, parsed = await database.connect(db_url), asyncio.Event()
    parse = database.Connection._get_statement  # type: ignore[attr-defined]

    async def stops(self: Connection, query: str, *more: Any, **named: Any) -> Any:
        statement = await parse(self, query, *more, **named)
        if self is asleep and "insert into audit" in query:
            parsed.set()
            await asyncio.sleep(60)
        return statement

    monkeypatch.setattr(database.Connection, "_get_statement", stops)
    sleeper = asyncio.create_task(work_one(asleep, run, now=NOW))
    await parsed.wait()
    async with asyncio.timeout(10):
        done = await run_night(db_url, carrier, DAY)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    asleep.terminate()
    assert (done.state, done.parked) == ("released", 0)
