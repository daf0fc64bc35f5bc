"""The demo from files to payouts, at a small size: what it tells is what the books hold, and twice is once."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from app.claims import find_reference
from app.core import db as database
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import Command
from app.nights.actions import start_night
from app.nights.model import StartNight
from app.reports.start import last_nights, open_now, steps_of, waiting_now
from jobs.demo import play, run_demo
from jobs.demo.examples import find_examples
from jobs.demo.model import LAST_DAY, NEXT_DAY, NIGHTS, Size
from jobs.demo.tell import read_left_out, read_totals, together
from jobs.night.checking import run_checks
from jobs.night.preview import preview_night
from jobs.night.run import run_due_nights
from jobs.simulation.arena import with_database

SMALL = Size(providers=32, declarations=320, claims=60)
CARRIERS = [1, 2]


class Demo(msgspec.Struct):
    """A database on which the demo was played, and what it said."""

    url: str
    connection: Connection
    data: Path
    said: list[str]


@pytest.fixture(scope="module")
async def demo(
    admin: Connection, server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Demo]:
    """Played once for all tests of this file, which only read it (or play it again, which changes nothing)."""
    name = f"vereffen_test_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    url, data, said = with_database(server_url, name), tmp_path_factory.mktemp("demo"), list[str]()
    await run_demo(url, data=data, workers=2, out=said.append, size=SMALL)
    connection = await database.connect(url)
    yield Demo(url, connection, data, said)
    await connection.close()
    await admin.execute(f"drop database {name} with (force)")


BOOKS = """
select k.code, p.number, x.kind, x.cents, x.booking_date, x.effective_date, x.line,
  coalesce(d.number, c.number, c.ground) as fact
from posting x join running_account ra using (account_id) join provider p using (provider_id)
  join risk_carrier k on k.risk_carrier_id = x.risk_carrier_id
  left join declaration d on d.account_id = x.account_id and d.declaration_id = x.event_id
  left join claim c on c.account_id = x.account_id and c.claim_id = x.claim_id
order by 1, 2, 3, 4, 5, 6, 7, 8
"""


async def books(connection: Connection) -> list[tuple[object, ...]]:
    """Every posting by natural keys: no id or time that differs between two runs of the same nights."""
    return [tuple(row.values()) for row in await connection.fetch(BOOKS)]


async def test_what_was_declared_returned_and_advanced_is_what_was_offset_and_paid(demo: Demo) -> None:
    totals = together(await read_totals(demo.connection, CARRIERS))
    assert totals.declarations == SMALL.declarations
    assert (
        totals.declared_cents + totals.returned_cents + totals.advance_cents == totals.offset_cents + totals.paid_cents
    )
    assert min(totals.returned_cents, totals.advance_cents, totals.offset_cents, totals.reminders) > 0


async def test_claims_that_were_looked_at_were_offset_or_left(demo: Demo) -> None:
    for each in await read_totals(demo.connection, CARRIERS):
        assert each.looked_at == each.offset_claims + each.left_out_claims > 0


async def test_the_reasons_why_claims_are_open_cover_all_that_is_open(demo: Demo) -> None:
    left = await read_left_out(demo.connection, CARRIERS)
    for each in await read_totals(demo.connection, CARRIERS):
        own = [reason for reason in left if reason.carrier == each.carrier]
        assert sum(reason.claims for reason in own) == each.open_claims
        assert sum(reason.open_cents for reason in own) == each.open_cents


async def test_every_night_of_both_risk_carriers_is_released(demo: Demo) -> None:
    states = await demo.connection.fetch("select state, count(*) as nights from run group by state")
    assert [tuple(row) for row in states] == [("released", 2 * len(NIGHTS))]


async def test_no_running_account_was_parked_but_the_one_without_an_iban(demo: Demo) -> None:
    rows = await demo.connection.fetch(
        """select distinct p.number, k.reason from run_parked k join running_account ra using (account_id)
             join provider p using (provider_id)"""
    )
    assert [tuple(row) for row in rows] == [("R900012", "no IBAN")]


async def test_every_check_over_all_data_finds_nothing(demo: Demo) -> None:
    assert await run_checks(demo.connection, run_id=None) == []
    assert await demo.connection.fetchval("select count(*) from incident where check_name <> 'parked'") == 0


async def test_it_names_one_of_each_by_a_number_that_leads_somewhere(demo: Demo) -> None:
    examples = await find_examples(demo.connection)
    text = "\n".join(demo.said)
    assert len(examples) >= 7
    for example in examples:
        assert example.sentence[1:] in text
        assert example.command in text
        assert await find_reference(demo.connection, example.number)


async def test_the_final_settlement_of_a_ceiling_replaces_the_interim_one(demo: Demo) -> None:
    rows = await demo.connection.fetch(
        """select c.number, c.original_cents, sum(a.delta_cents)::bigint as delta_cents
           from claim c join adjustment a using (account_id, claim_id) where c.kind = 5
           group by c.number, c.original_cents order by c.number"""
    )
    assert [tuple(row) for row in rows] == [("VZ-V9014", 500_000, 60_000), ("ZK-V9013", 300_000, -60_000)]


async def test_a_payment_with_an_old_reference_finds_its_claim(demo: Demo) -> None:
    cents = await demo.connection.fetchval(
        """select o.open_principal_cents from claim c join claim_position o using (account_id, claim_id)
           where c.number = 'VZ-V9010'"""
    )
    assert cents == 64_000 - 24_000


async def test_the_start_page_shows_the_last_night_as_its_payouts_hold_it(demo: Demo) -> None:
    nights = await last_nights(demo.connection)
    assert [each.business_date for each in nights] == [LAST_DAY, LAST_DAY]
    for night in nights:
        row = await demo.connection.fetchrow(
            """select sum(declared_cents)::bigint, sum(returned_cents)::bigint, sum(advance_cents)::bigint,
                 sum(offset_cents)::bigint, sum(net_cents)::bigint, count(*)
               from payout join risk_carrier k using (risk_carrier_id) where k.code = $1 and business_date = $2""",
            night.code,
            LAST_DAY,
        )
        assert tuple(row) == (
            night.declared_cents, night.returned_cents, night.advance_cents, night.offset_cents, night.net_cents,
            night.payouts,
        )  # fmt: skip
        assert sum(step.cents for step in steps_of(night)[:-1]) == steps_of(night)[-1].cents == night.net_cents


async def test_the_start_page_shows_what_is_open_as_the_ledger_has_it(demo: Demo) -> None:
    totals = {each.carrier: each for each in await read_totals(demo.connection, CARRIERS)}
    shown = await open_now(demo.connection, LAST_DAY)
    assert {each.code: (each.claims, each.open_cents) for each in shown} == {
        code: (each.open_claims, each.open_cents) for code, each in totals.items()
    }
    assert all(0 <= each.held_cents <= each.open_cents >= each.due_cents for each in shown)


async def test_the_start_page_counts_what_waits_for_somebody(demo: Demo) -> None:
    """Reminders were taken over by the demo; hand-overs to the agency wait for a person to look."""
    waiting = await waiting_now(demo.connection)
    agency = await demo.connection.fetchval("select count(*) from dunning_proposal where kind = 2")
    assert sum(each.agency for each in waiting) == agency > 0
    assert [(each.incidents, each.held_payouts, each.reminders) for each in waiting] == [(0, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_a_preview_of_the_next_night_shows_what_is_declared_offset_and_paid(demo: Demo, carrier: int) -> None:
    seen = await preview_night(demo.connection, carrier, NEXT_DAY)
    assert min(seen.declared_cents, seen.offset_cents, seen.net_cents, seen.payouts, seen.offset_claims) > 0


async def test_a_policy_version_of_later_stands_beside_the_one_of_all_nights(demo: Demo) -> None:
    rows = await demo.connection.fetch(
        """select k.code, v.version, v.valid_from > $1 as later,
             exists (select 1 from run r where r.policy_version_id = v.policy_version_id) as used
           from policy_version v join risk_carrier k using (risk_carrier_id) order by 1, 2""",
        NEXT_DAY,
    )
    assert [tuple(row) for row in rows] == [("VZ", 1, False, True), ("VZ", 2, True, False), ("ZK", 1, False, True)]


async def test_a_second_run_changes_nothing_and_says_the_same(demo: Demo) -> None:
    before, said = await books(demo.connection), list[str]()
    rows = await demo.connection.fetchval("select count(*) from audit")
    await run_demo(demo.url, data=demo.data, workers=2, out=said.append, size=SMALL)
    assert await books(demo.connection) == before
    assert await demo.connection.fetchval("select count(*) from audit") == rows
    assert said == demo.said


async def test_files_that_are_lost_are_made_again_and_are_known(demo: Demo) -> None:
    """The last day is played again; its files, written anew, bring nothing."""
    before = await books(demo.connection)
    for path in (demo.data / "demo").rglob("2026-09-10*"):
        path.unlink()
    await run_demo(demo.url, data=demo.data, workers=2, out=lambda line: None, size=SMALL)
    assert await books(demo.connection) == before


async def test_the_demo_does_not_mix_with_risk_carriers_of_somebody_else(
    db: Connection, db_url: str, tmp_path: Path
) -> None:
    await db.execute("insert into risk_carrier values (7, 'ECHT', 'Echte verzekeraar', '12345678', 'x', null, null)")
    with pytest.raises(Refusal, match="ECHT"):
        await run_demo(db_url, data=tmp_path, workers=1, out=lambda line: None, size=SMALL)


@pytest.mark.slow
async def test_a_first_run_that_is_stopped_half_way_goes_on_to_the_same_books(
    demo: Demo, db: Connection, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stop(connection: Connection, carrier: int, **_: object) -> None:
        if await connection.fetchval("select count(*) from run") == 7:
            raise asyncio.CancelledError

    monkeypatch.setattr(play, "accept_proposals", stop)
    with pytest.raises(asyncio.CancelledError):
        await run_demo(db_url, data=tmp_path, workers=2, out=lambda line: None, size=SMALL)
    monkeypatch.undo()
    assert await db.fetchval("select count(*) from run") == 7
    await run_demo(db_url, data=tmp_path, workers=2, out=lambda line: None, size=SMALL)
    assert await books(db) == await books(demo.connection)


@pytest.mark.slow
async def test_the_next_night_may_be_asked_for_on_its_day_and_the_demo_goes_on_after_it(
    db: Connection, db_url: str, tmp_path: Path
) -> None:
    await run_demo(db_url, data=tmp_path, workers=2, out=lambda line: None, size=SMALL)
    command = Command(actor="person:boss", business_date=NEXT_DAY, risk_carriers=(1,), idempotency_key="next")
    await start_night(db, command, StartNight(risk_carrier="VZ", business_date=NEXT_DAY))
    (night,) = await run_due_nights(db_url, 1, NEXT_DAY, payments_folder=tmp_path / "payments")
    before = await books(db)
    await run_demo(db_url, data=tmp_path, workers=2, out=lambda line: None, size=SMALL)
    assert night.state == "released"
    assert await books(db) == before
