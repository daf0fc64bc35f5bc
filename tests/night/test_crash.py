"""A night that dies: by kill -9 of its process, by a wire cut at every statement. Resumed, the books are the same.

`VEREFFEN_KILLS=300 pytest tests/night/test_crash.py -k killed` kills more often than thirty times.
"""

import asyncio
import hashlib
import os
import random
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection
from jobs.night.checking import run_checks
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation.arena import with_database
from jobs.simulation.hashes import books_hash, books_lines
from tests.night.wire import Wire, wire
from tests.night.worlds import DAY, copy_of, make_world, others_gone

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("VEREFFEN_KILLS", "30"))
LEASE_SECONDS = 0.6


class World(NamedTuple):
    """A database to copy, its risk carrier, and what an undisturbed night makes of it."""

    name: str
    carrier: int
    hash: str
    lines: list[str]
    batches: int


async def made(
    server_url: str, admin: Connection, template: str, accounts: int, declarations: int, entries: int
) -> World:
    name = f"vereffen_world_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    connection = await database.connect(with_database(server_url, name))
    carrier = await make_world(connection, accounts=accounts, declarations=declarations)
    await connection.close()
    async with copy_of(admin, server_url, name) as (url, clean):
        report = await run_night(url, carrier, DAY, limits=Limits(batch_entries=entries))
        assert (report.state, report.findings, report.parked) == ("released", 0, 0)
        assert await clean.fetchval("select count(*) from takeover") > 0
        batches = await clean.fetchval("select count(*) from run_batch")
        return World(name, carrier, await books_hash(clean), await books_lines(clean), batches)


@pytest.fixture(scope="module")
async def small(server_url: str, admin: Connection, template: str) -> AsyncIterator[World]:
    """Four running accounts in batches of about three entries."""
    world = await made(server_url, admin, template, accounts=4, declarations=8, entries=3)
    yield world
    await admin.execute(f"drop database {world.name} with (force)")


@pytest.fixture(scope="module")
async def medium(server_url: str, admin: Connection, template: str) -> AsyncIterator[World]:
    """Sixteen running accounts, each a batch of its own."""
    world = await made(server_url, admin, template, accounts=16, declarations=64, entries=3)
    yield world
    await admin.execute(f"drop database {world.name} with (force)")


@pytest.fixture(scope="module")
async def large(server_url: str, admin: Connection, template: str) -> AsyncIterator[World]:
    """3,000 declarations of 60 running accounts."""
    world = await made(server_url, admin, template, accounts=60, declarations=3000, entries=50)
    yield world
    await admin.execute(f"drop database {world.name} with (force)")


# ---- kill -9


class Kill(NamedTuple):
    """How far the night was when its process was killed: batches done of those planned."""

    done: int
    of: int


async def progress(connection: Connection) -> Kill:
    row = await connection.fetchrow("select count(*) filter (where state = 1), count(*) from run_batch")
    assert row is not None
    return Kill(*row)


async def start(url: str, world: World, entries: int) -> asyncio.subprocess.Process:
    arguments = (url, str(world.carrier), DAY.isoformat(), str(LEASE_SECONDS), str(entries))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.night.worker", *arguments, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )


async def lease_over(connection: Connection) -> None:
    while await connection.fetchval("select exists (select 1 from run where lease_until >= clock_timestamp())"):
        await connection.fetchval("select pg_sleep(0.02)")


async def kill_one(url: str, connection: Connection, world: World, entries: int, pick: random.Random) -> Kill | None:
    """Start the worker, kill it at a random moment after some more batches; None when it had ended by then."""
    before = (await progress(connection)).done
    until = before + pick.choice((1, 1, 2))
    process = await start(url, world, entries)
    while process.returncode is None and (await progress(connection)).done < until:
        await connection.fetchval("select pg_sleep(0.002)")
    await asyncio.sleep(pick.uniform(0, 0.03))
    if process.returncode is None:
        process.kill()
    await process.wait()
    await others_gone(connection)
    await lease_over(connection)
    if process.returncode == 0:
        return None
    assert process.returncode == -9, (await process.stderr.read()).decode() if process.stderr else ""
    return await progress(connection)


# On a quick machine a batch is over before anyone can kill it: each waits a moment inside its transaction.
LINGER = """
create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.03); return null; end $$;
create trigger linger before insert on payout for each statement execute function linger();
"""


async def killed_night(
    server_url: str, admin: Connection, world: World, entries: int, most: int, pick: random.Random
) -> list[Kill]:
    """One night, killed at most `most` times, then left in peace; the books must be those of the clean night."""
    kills: list[Kill] = []
    async with copy_of(admin, server_url, world.name) as (url, connection):
        await connection.execute(LINGER)
        while len(kills) < most:
            kill = await kill_one(url, connection, world, entries, pick)
            if kill is None:
                break
            kills.append(kill)
            if kill.done == kill.of:
                break
        report = await run_night(url, world.carrier, DAY, limits=Limits(batch_entries=entries))
        assert (report.state, report.findings) == ("released", 0)
        assert await books_lines(connection) == world.lines
        assert await books_hash(connection) == world.hash
        assert await run_checks(connection, run_id=None) == []
    return kills


ASLEEP = """
select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'
  and pid <> pg_backend_pid())
"""


@pytest.mark.parametrize("table", ["takeover", "payout"], ids=["while-a-payer-is-dealt-with", "before-the-first-batch"])
async def test_a_night_killed_at_its_agreements_takes_over_once(
    server_url: str, admin: Connection, small: World, table: str
) -> None:
    async with copy_of(admin, server_url, small.name) as (url, connection):
        await connection.execute(LINGER.replace("on payout", f"on {table}").replace("0.03", "2"))
        process = await start(url, small, 3)
        while process.returncode is None and not await connection.fetchval(ASLEEP):
            await connection.fetchval("select pg_sleep(0.005)")
        assert (await progress(connection)).done == 0
        process.kill()
        assert await process.wait() == -9
        await others_gone(connection)
        assert await connection.fetchval("select count(*) from run_agreement") == (table == "payout")
        await connection.execute(f"drop trigger linger on {table}")
        await lease_over(connection)
        await run_night(url, small.carrier, DAY, limits=Limits(batch_entries=3))
        assert await books_lines(connection) == small.lines
        assert await run_checks(connection, run_id=None) == []


async def test_a_night_killed_three_times_in_the_middle_ends_in_the_same_books(
    server_url: str, admin: Connection, medium: World
) -> None:
    kills = await killed_night(server_url, admin, medium, 3, 3, random.Random(3))
    assert len([kill for kill in kills if 0 < kill.done < kill.of]) == 3, kills


@pytest.mark.slow
async def test_a_night_killed_thirty_times_in_the_middle_ends_in_the_same_books(
    server_url: str, admin: Connection, large: World
) -> None:
    pick, kills = random.Random(30), list[Kill]()
    assert large.batches >= 12
    while len(kills) < KILLS:
        kills += await killed_night(server_url, admin, large, 50, KILLS - len(kills), pick)
    middle = [kill for kill in kills if 0 < kill.done < kill.of]
    assert len(kills) == KILLS
    assert len(middle) >= KILLS * 0.9, kills


# ---- a wire cut at every statement


LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ExceptionGroup)


async def night_over(made: Wire, near: str, carrier: int, folder: Path, cut_at: int | None, swallow: bool) -> None:
    """One night over the wire; with a cut it must fail, for nobody may call a night released that was cut off."""
    made.count, made.cut_at, made.swallow = 0, cut_at, swallow
    running = run_night(
        near, carrier, DAY, workers=1, checks=False, payments_folder=folder, limits=Limits(batch_entries=3)
    )
    if cut_at is None:
        await running
        return
    with pytest.raises(LOST):
        await running


async def statements_of_a_night(server_url: str, admin: Connection, world: World, folder: Path) -> int:
    async with copy_of(admin, server_url, world.name) as (url, connection), wire(url) as (made, near):
        await night_over(made, near, world.carrier, folder, None, False)
        assert await books_hash(connection) == world.hash
        return made.count


async def is_sound_after(
    server_url: str, admin: Connection, world: World, folder: Path, cut_at: int, swallow: bool
) -> bool:
    """Cut the wire there and resume: whether the books are the clean night's and the bank's file is the one booked."""
    folder = folder / f"{cut_at}"
    async with copy_of(admin, server_url, world.name) as (url, connection), wire(url) as (made, near):
        await night_over(made, near, world.carrier, folder, cut_at, swallow)
        await others_gone(connection)
        await connection.execute("update run set lease_until = null")  # as if its seconds had gone by
        limits = Limits(batch_entries=3)
        await run_night(url, world.carrier, DAY, workers=1, checks=False, payments_folder=folder, limits=limits)
        files = [hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()]
        booked = [row["sha256"] for row in await connection.fetch("select sha256 from payment_file")]
        return await books_hash(connection) == world.hash and files == booked


@pytest.mark.parametrize("swallow", [False, True], ids=["before-it", "after-it-unheard"])
async def test_a_wire_cut_at_some_statements_of_a_night_changes_nothing(
    server_url: str, admin: Connection, small: World, tmp_path: Path, swallow: bool
) -> None:
    count = await statements_of_a_night(server_url, admin, small, tmp_path / "whole")
    for cut_at in random.Random(swallow).sample(range(1, count), 6):
        assert await is_sound_after(server_url, admin, small, tmp_path, cut_at, swallow), cut_at


@pytest.mark.slow
async def test_a_wire_cut_after_any_statement_of_a_night_changes_nothing(
    server_url: str, admin: Connection, small: World, tmp_path: Path
) -> None:
    # Unheard after the nth is, for the server, what it is before the next one: this way round has COMMIT in it.
    count = await statements_of_a_night(server_url, admin, small, tmp_path / "whole")
    sound = [await is_sound_after(server_url, admin, small, tmp_path, n, True) for n in range(1, count)]
    assert count > 60
    assert [n + 1 for n, each in enumerate(sound) if not each] == []


# ---- the hash itself


@pytest.mark.parametrize(
    "change",
    [
        "update posting set cents = cents + 1 where ctid = (select ctid from posting where kind = 2 limit 1)",
        "update claim_position set due_date = due_date + 1 where claim_id = (select max(claim_id) from claim)",
        "delete from payment_instruction where payout_id = (select max(payout_id) from payment_instruction)",
        "update decision set answer = 44 where claim_id = (select max(claim_id) from decision)",
        "update run_batch set entries = entries + 1 where batch_no = 1",
        "update payout set held = 2 where payout_id = (select max(payout_id) from payout)",
        "update run set business_date = business_date + 1",
    ],
)
async def test_the_hash_sees_a_change_of_one_row(server_url: str, admin: Connection, small: World, change: str) -> None:
    async with copy_of(admin, server_url, small.name) as (url, connection):
        await run_night(url, small.carrier, DAY, workers=1, checks=False, limits=Limits(batch_entries=3))
        assert await books_hash(connection) == small.hash
        await connection.execute("set session_replication_role = replica")
        await connection.execute(change)
        assert await books_hash(connection) != small.hash


async def test_the_hash_does_not_see_ids_workers_or_batches(server_url: str, admin: Connection, small: World) -> None:
    async with copy_of(admin, server_url, small.name) as (url, connection):
        await connection.execute("select setval('event_id', nextval('event_id') + 12345)")
        await run_night(url, small.carrier, DAY, workers=2, limits=Limits(batch_entries=10_000))
        assert await books_hash(connection) == small.hash
