"""Every check is silent on sound books, speaks when its corruption is planted, and only its file makes it speak."""

import re
import shutil
import tomllib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection
from app.core.settings import ROOT
from jobs.night import checking
from jobs.simulation.arena import with_database

HERE = Path(__file__).parent
CORRUPTIONS = sorted(path.stem for path in (HERE / "corruptions").glob("*.sql"))
CHECKS = sorted(check.name for check in checking.load_checks())
EVERYTHING = "everything"


def check_of(corruption: str) -> str:
    """The check that a corruption is for: `name.sql` or `name-variant.sql`."""
    return corruption.split("-")[0]


def run_of(text: str) -> int | None:
    """The run that touches what the corruption changes; None when only the look over everything can see it."""
    named = re.search(r"^-- run: (\w+)$", text, re.MULTILINE)
    return 3000 if named is None else None if named[1] == "none" else int(named[1])


def check_over_everything(text: str, name: str) -> str:
    """The check that finds it over everything: its own, unless another one reads that there."""
    named = re.search(r"^-- everything: (\w+)$", text, re.MULTILINE)
    return named[1] if named else name


@pytest.fixture(scope="module")
async def sound(admin: Connection, server_url: str, template: str) -> AsyncIterator[Connection]:
    """A connection to the sound world, without triggers and foreign keys in the way of a corruption."""
    name = f"vereffen_test_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    connection = await database.connect(with_database(server_url, name))
    await connection.execute((HERE / "sound_world.sql").read_text())
    await connection.execute("set session_replication_role = replica")
    yield connection
    await connection.close()
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def world(sound: Connection) -> AsyncIterator[Connection]:
    """The sound world in a transaction that is rolled back: a database for each corruption would cost a minute."""
    transaction = sound.transaction(isolation="read_committed")
    await transaction.start()
    yield sound
    await transaction.rollback()


async def fired(connection: Connection, run_id: int | None, *names: str, folder: Path = checking.FOLDER) -> set[str]:
    found = await checking.run_checks(connection, run_id=run_id, names=names or None, folder=folder)
    await connection.execute("reset role")  # set for the transaction, which here goes on
    return {each.check for each in found}


def test_every_check_has_a_corruption_and_every_corruption_a_check() -> None:
    assert {check_of(name) for name in CORRUPTIONS} == set(CHECKS)


@pytest.mark.parametrize("scope", [EVERYTHING, 2000, 3000, 3500])
async def test_sound_books_give_no_finding(sound: Connection, scope: str | int) -> None:
    found = await checking.run_checks(sound, run_id=None if scope == EVERYTHING else int(scope))
    assert found == []


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_a_planted_corruption_is_found_by_its_check_and_not_when_that_check_is_emptied(
    world: Connection, tmp_path: Path, corruption: str
) -> None:
    name, text = check_of(corruption), (HERE / "corruptions" / f"{corruption}.sql").read_text()
    run_id = run_of(text)
    await world.execute(text)
    over_everything = check_over_everything(text, name)
    assert await fired(world, None, over_everything) == {over_everything}
    if run_id is not None:
        assert await fired(world, run_id, name) == {name}
    emptied = tmp_path / "checks"
    shutil.copytree(checking.FOLDER, emptied)
    (emptied / f"{name}.sql").write_text(
        "select null::smallint as risk_carrier_id, null::bigint as account_id, '' as what where false"
    )
    assert await fired(world, run_id, name, folder=emptied) == set()


async def test_a_finding_names_the_risk_carrier_the_running_account_and_the_amounts(world: Connection) -> None:
    await world.execute((HERE / "corruptions" / "claim_position.sql").read_text())
    found = await checking.run_checks(world, run_id=3000, names=["claim_position"])
    assert [(each.risk_carrier_id, each.account_id) for each in found] == [(1, 3)]
    assert "15001" in found[0].what


async def test_a_settlement_on_another_running_account_is_a_finding_on_both(world: Connection) -> None:
    await world.execute("update posting set account_id = 4 where account_id = 3 and event_id = 207 and kind = 1")
    for run_id in (3000, None):
        found = await checking.run_checks(world, run_id=run_id, names=["declaration_settled"])
        await world.execute("reset role")
        assert {each.account_id for each in found} == {3, 4}


async def test_a_finding_on_an_agreement_is_on_its_payer_also_when_the_debtor_is_another_risk_carriers(
    world: Connection,
) -> None:
    await world.execute((HERE / "corruptions" / "agreement_booked-debtor.sql").read_text())
    found = await checking.run_checks(world, run_id=2000, names=["agreement_booked"])
    assert [(each.risk_carrier_id, each.account_id) for each in found] == [(1, 9)]


async def test_a_check_only_reads(sound: Connection, tmp_path: Path) -> None:
    writes = "with w as (insert into brand values (1, 'x', 'x') returning 1) select 1::smallint, 1::bigint, 'x' from w"
    (tmp_path / "writes.sql").write_text(f"-- Tries to write.\n{writes}")
    with pytest.raises(ExceptionGroup) as raised:
        await checking.run_checks(sound, run_id=None, folder=tmp_path)
    assert raised.group_contains(asyncpg.ReadOnlySQLTransactionError)


async def test_an_unknown_check_is_refused(sound: Connection) -> None:
    with pytest.raises(checking.Refusal, match="no_such_check"):
        await checking.run_checks(sound, run_id=None, names=["no_such_check"])


async def test_a_check_over_everything_is_not_taken_for_passed_when_asked_for_one_night(sound: Connection) -> None:
    with pytest.raises(checking.Refusal, match="over everything"):
        await checking.run_checks(sound, run_id=3000, names=["claims_balance"])


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_says_what_it_protects_and_its_scope_in_its_head(name: str) -> None:
    head = (checking.FOLDER / f"{name}.sql").read_text().split("\nselect ")[0].split("\nwith ")[0]
    assert "-- Protects: " in head
    assert re.search(r"^-- Scope: (run|all)\b", head, re.MULTILINE)


def test_every_invariant_has_a_check_and_every_check_an_invariant() -> None:
    parts = tomllib.loads((ROOT / "docs/invariants.toml").read_text()).values()
    proven = {code for part in parts for code in part if code != "not_yet"}
    named = {}
    for name in CHECKS:
        head = re.search(r"^-- Invariant: (.+)$", (checking.FOLDER / f"{name}.sql").read_text(), re.MULTILINE)
        named[name] = set(head[1].split(", ")) if head else set()
    assert [name for name, codes in named.items() if not codes] == []
    assert set().union(*named.values()) == proven


async def test_the_check_of_tenants_knows_every_table_with_a_risk_carrier_and_a_running_account(
    sound: Connection,
) -> None:
    rows = await sound.fetch(
        """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and 2 = (
          select count(*) from pg_attribute a
          where a.attrelid = c.oid and a.attname in ('account_id', 'risk_carrier_id') and not a.attisdropped)
        """
    )
    text = (checking.FOLDER / "tenant_rows.sql").read_text()
    elsewhere = {"posting", "running_account"}  # proven row by row (posting_fits), and what the others are held against
    assert {row["relname"] for row in rows} - elsewhere == set(re.findall(r"from (\w+) x\b", text))
