"""A running account that fails, is held by somebody, or does not prove: it stays behind, the others are paid."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection
from app.record import record
from jobs.night import run as night
from jobs.night.checking import run_checks
from jobs.night.plan import Limits, Run
from jobs.night.run import NightReport, run_night
from tests import factories
from tests.night.worlds import DAY

QUICK = Limits(lock_wait=timedelta(milliseconds=100))
NEXT = DAY + timedelta(days=1)


class World:
    """Three providers with a declaration of 100.00 each and, all but the last, a claim of 30.00."""

    def __init__(self, connection: Connection, url: str) -> None:
        self.db, self.url, self.carrier, self.accounts = connection, url, 0, list[int]()

    async def make(self) -> "World":
        self.carrier = await factories.make_risk_carrier(self.db)
        await factories.make_policy_zilveren_kruis(self.db, self.carrier)
        for n in range(3):
            made = await factories.make_provider(self.db, self.carrier)
            self.accounts.append(made.account_id)
            await factories.make_declaration(self.db, self.carrier, made.agbs[0], 10_000, on=DAY)
            if n < 2:
                letter = DAY - timedelta(days=60)
                await factories.make_claim(
                    self.db, self.carrier, made.agbs[0], 3_000, letter_date=letter, reason="MC", business_date=DAY
                )
        return self

    async def night(self, day: Any = DAY, **more: Any) -> NightReport:
        return await run_night(self.url, self.carrier, day, limits=QUICK, **more)

    async def poison(self, account_id: int, error: str) -> None:
        """From now on every posting of that account fails, or as long as the sequence `poisoned` says."""
        await self.db.execute(
            f"""
            create sequence poisoned;
            create function poison() returns trigger language plpgsql as $$ begin {error} return new; end $$;
            create trigger poison before insert on posting for each row when (new.account_id = {account_id})
              execute function poison();
            grant usage on sequence poisoned to vereffen_worker;
            """
        )

    async def paid(self) -> dict[int, int]:
        """Cents instructed to the bank by running account."""
        rows = await self.db.fetch(
            "select account_id, sum(cents)::bigint as cents from payment_instruction group by account_id"
        )
        return {row["account_id"]: row["cents"] for row in rows}

    async def incidents(self) -> list[tuple[int | None, str]]:
        rows = await self.db.fetch(
            "select account_id, check_name from incident where resolved_at is null order by account_id, check_name"
        )
        return [(row[0], row[1]) for row in rows]

    async def resolve(self) -> None:
        await self.db.execute(
            "update incident set resolved_at = now(), resolved_by = 'staff', resolution = 'set right' "
            "where resolved_at is null"
        )


@pytest.fixture
async def world(db: Connection, db_url: str) -> World:
    return await World(db, db_url).make()


ALWAYS = "raise exception 'poison';"


async def test_an_account_that_always_fails_is_parked_and_the_others_are_paid(world: World) -> None:
    bad, *others = world.accounts
    await world.poison(bad, ALWAYS)
    report = await world.night()
    assert (report.state, report.parked) == ("released", 1)
    assert await world.paid() == {others[0]: 7_000, others[1]: 10_000}
    assert await world.incidents() == [(bad, "parked")]


async def test_a_fault_of_the_program_stops_the_night_and_parks_nobody(world: World) -> None:
    await world.db.execute("alter table payout_entry rename column cents to amount")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await world.night()
    assert await world.db.fetchval("select count(*) from run_parked") == 0
    await world.db.execute("alter table payout_entry rename column amount to cents")
    await world.db.execute("update run set lease_until = null")
    report = await world.night()
    assert (report.state, report.parked) == ("released", 0)


async def test_the_claims_of_a_parked_account_are_answered_with_parked(world: World) -> None:
    await world.poison(world.accounts[0], ALWAYS)
    await world.night()
    answers = await world.db.fetch("select account_id, answer, offset_cents from decision order by account_id")
    assert [tuple(row) for row in answers] == [(world.accounts[0], 44, 0), (world.accounts[1], 1, 3_000)]


async def test_a_parked_account_is_paid_by_the_next_night_after_its_repair(world: World) -> None:
    bad = world.accounts[0]
    await world.poison(bad, ALWAYS)
    await world.night()
    await world.db.execute("drop trigger poison on posting")
    report = await world.night(NEXT)
    assert (report.state, report.entries, report.parked) == ("released", 1, 0)
    assert (await world.paid())[bad] == 7_000
    assert await run_checks(world.db, run_id=None) == []


async def test_an_account_whose_decisions_fail_as_well_closes_empty(world: World) -> None:
    bad = world.accounts[0]
    await world.db.execute(
        f"""
        create function poison() returns trigger language plpgsql as $$ begin {ALWAYS} end $$;
        create trigger poison before insert on decision for each row when (new.account_id = {bad})
          execute function poison();
        """
    )
    report = await world.night()
    assert (report.state, report.parked, report.entries) == ("released", 1, 2)
    assert bad not in await world.paid()


async def test_a_deadlock_or_a_serialization_failure_is_tried_again_and_parks_nobody(world: World) -> None:
    bad = world.accounts[0]
    await world.poison(
        bad,
        """case nextval('poisoned') when 1 then raise exception using errcode = '40P01';
           when 2 then raise exception using errcode = '40001'; else null; end case;""",
    )
    report = await world.night()
    assert (report.state, report.parked) == ("released", 0)
    assert await world.db.fetchval("select max(attempts) from run_batch") == 0
    assert (await world.paid())[bad] == 7_000


async def test_an_account_that_deadlocks_for_ever_is_parked_too(world: World) -> None:
    await world.poison(world.accounts[0], "raise exception using errcode = '40P01';")
    report = await world.night()
    assert (report.state, report.parked, report.payouts) == ("released", 1, 2)


# ---- somebody holds an account


class Staff:
    """A member of staff whose transaction holds running accounts."""

    def __init__(self, url: str, accounts: list[int]) -> None:
        self.url, self.accounts = url, accounts

    async def __aenter__(self) -> None:
        self.connection = await database.connect(self.url)
        await self.connection.execute("begin")
        await self.connection.execute(
            "select 1 from running_account where account_id = any($1) for no key update", self.accounts
        )

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()


async def test_an_account_that_staff_holds_is_parked_at_the_end_and_the_others_are_paid(world: World) -> None:
    held, *others = world.accounts
    async with Staff(world.url, [held]):
        report = await world.night()
    assert (report.state, report.parked) == ("released", 1)
    assert set(await world.paid()) == set(others)
    assert "LockNotAvailable" in await world.db.fetchval("select what from incident")


async def test_an_account_that_was_held_is_paid_by_the_next_night(world: World) -> None:
    held = world.accounts[0]
    async with Staff(world.url, [held]):
        await world.night()
    await world.night(NEXT)
    assert (await world.paid())[held] == 7_000
    assert await run_checks(world.db, run_id=None) == []


async def test_an_account_that_is_let_go_in_time_is_not_parked(world: World) -> None:
    held = world.accounts[0]
    async with Staff(world.url, [held]):
        running = asyncio.create_task(run_night(world.url, world.carrier, DAY))
        while not await world.db.fetchval("select exists (select 1 from pg_locks where not granted)"):
            await world.db.fetchval("select pg_sleep(0.01)")
    assert (await running).parked == 0
    assert (await world.paid())[held] == 7_000


async def test_planning_does_not_wait_for_a_held_account_whose_hold_begins_that_day(world: World) -> None:
    held = world.accounts[0]
    reference = await world.db.fetchval("select reference from claim where account_id = $1", held)
    dispute = {"claim": reference, "kind": "dispute", "reason": "x", "owner": "y", "fromDate": DAY.isoformat()}
    await record(world.db, "hold", dispute, actor="test", business_date=DAY - timedelta(days=1))
    async with Staff(world.url, [held]):
        report = await asyncio.wait_for(world.night(), 30)
    assert (report.state, report.parked) == ("released", 1)
    assert (await world.night(NEXT)).offset_cents == 0
    assert (await world.paid())[held] == 10_000


async def ripen(world: World, account_id: int) -> None:
    """A credit on that account, 90 days old on DAY, with nothing in the queue to offset it against."""
    past = DAY - timedelta(days=90)
    agb = await world.db.fetchval(
        "select agb from agb_registration join running_account using (provider_id) where account_id = $1", account_id
    )
    declared = await factories.make_declaration(world.db, world.carrier, agb, 90_000, on=past)
    await factories.make_credit(world.db, world.carrier, declared, 90_000, on=past)
    await world.db.execute("delete from payable where account_id = $1", account_id)


async def test_ripe_credits_of_a_held_account_ripen_a_night_later(world: World) -> None:
    held = world.accounts[2]
    await ripen(world, held)
    async with Staff(world.url, [held]):
        await asyncio.wait_for(world.night(checks=False), 30)
        assert await world.db.fetchval("select count(*) from claim_maturity") == 0
    await world.night(NEXT, checks=False)
    assert await world.db.fetchval("select matured_on from claim_maturity") == NEXT


async def test_a_ripe_credit_that_always_fails_opens_an_incident_and_stops_no_other(world: World) -> None:
    bad, good = world.accounts[1:]
    for account_id in (bad, good):
        await ripen(world, account_id)
    await world.db.execute(
        f"""
        create function poison() returns trigger language plpgsql as $$ begin {ALWAYS} end $$;
        create trigger poison before insert on claim_maturity for each row when (new.account_id = {bad})
          execute function poison();
        """
    )
    assert (await world.night(checks=False)).state == "released"
    assert await world.incidents() == [(bad, "maturity")]
    assert await world.db.fetchval("select array_agg(account_id) from claim_maturity") == [good]


# ---- the proof


Plant = Callable[[], Awaitable[object]]


@pytest.fixture
def before_the_proof(monkeypatch: pytest.MonkeyPatch) -> Callable[[Plant], None]:
    """Do something to the books after the matching and before the proof, once."""
    prove = night.hold_what_fails

    def use(plant: Plant) -> None:
        async def planted(url: str, run: Run, **more: Any) -> str | None:
            monkeypatch.setattr(night, "hold_what_fails", prove)
            await plant()
            return await prove(url, run, **more)

        monkeypatch.setattr(night, "hold_what_fails", planted)

    return use


async def test_a_corrupt_account_is_held_with_an_incident_and_the_others_go_out(
    world: World, before_the_proof: Callable[[Plant], None]
) -> None:
    bad, *others = world.accounts
    spoil = f"update claim_position set open_principal_cents = 7 where account_id = {bad}"
    before_the_proof(lambda: world.db.execute(spoil))
    report = await world.night()
    assert report.state == "released"
    assert await world.paid() == {others[0]: 7_000, others[1]: 10_000}
    assert await world.db.fetchval("select held from payout where account_id = $1", bad) == 2
    assert {account for account, _ in await world.incidents()} == {bad}


SPOIL = "update run_batch set payouts = payouts + 1"
MEND = "update run_batch set payouts = payouts - 1"


async def stopped(world: World, before_the_proof: Callable[[Plant], None]) -> NightReport:
    before_the_proof(lambda: world.db.execute(SPOIL))
    return await world.night()


async def test_a_finding_without_an_account_stops_the_run_and_says_why(
    world: World, before_the_proof: Callable[[Plant], None]
) -> None:
    report = await stopped(world, before_the_proof)
    assert report.state == "stopped"
    assert "batch_totals" in str(report.state_reason)
    assert await world.paid() == {}


async def test_a_stopped_run_stays_stopped_while_its_incident_is_open(
    world: World, before_the_proof: Callable[[Plant], None]
) -> None:
    first = await stopped(world, before_the_proof)
    again = await world.night()
    assert (again.state, again.state_reason, again.findings) == ("stopped", first.state_reason, first.findings)


async def test_a_stopped_run_goes_on_when_it_was_set_right_and_resolved(
    world: World, before_the_proof: Callable[[Plant], None]
) -> None:
    await stopped(world, before_the_proof)
    await world.db.execute(MEND)
    await world.resolve()
    assert (await world.night()).state == "released"
    assert sum((await world.paid()).values()) == 24_000


async def test_a_stopped_run_that_was_only_said_to_be_right_is_stopped_again(
    world: World, before_the_proof: Callable[[Plant], None]
) -> None:
    await stopped(world, before_the_proof)
    await world.resolve()
    assert (await world.night()).state == "stopped"
    assert await world.incidents() == [(None, "batch_totals")]
    assert await world.paid() == {}
