"""The restore drill of docs/operating.md: a dump of the books, restored beside them, is the books, proven anew."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from app.core import db as database
from app.core import embedded
from app.core.db import Connection
from jobs.night.checking import run_checks
from jobs.night.run import run_night
from jobs.simulation.arena import with_database
from tests.night.worlds import DAY, make_world
from tests.web.routes import fingerprints


@pytest.fixture
def programs(db: Connection) -> Path:
    """Where pg_dump and pg_restore are; skips where they are of another version than the server, or missing."""
    folder = embedded.postgres_programs()
    dump = folder / "pg_dump"
    said = (
        subprocess.run([dump, "--version"], capture_output=True, text=True, check=True).stdout if dump.exists() else ""
    )
    if f" {db.get_server_version().major}." not in said:
        assert "VEREFFEN_TEST_DATABASE_URL" in os.environ, f"the embedded server comes with its own pg_dump: {said!r}"
        pytest.skip("this machine has no pg_dump of the version of the server that these tests were given")
    return folder


async def test_a_restored_dump_is_the_same_books_with_every_check_green_and_the_next_night_alike(
    db: Connection, db_url: str, programs: Path, tmp_path: Path
) -> None:
    carrier = await make_world(db, accounts=12, declarations=120)
    await run_night(db_url, carrier, DAY, payments_folder=tmp_path / "payments")
    name, dump = f"{await db.fetchval('select current_database()')}_drill", tmp_path / "drill.dump"
    subprocess.run([programs / "pg_dump", "-Fc", "-f", dump, db_url], check=True)
    await db.execute(f"create database {name}")
    drill = with_database(db_url, name)
    subprocess.run([programs / "pg_restore", "--exit-on-error", "-d", drill, dump], check=True)
    restored = await database.connect(drill)
    try:
        assert await fingerprints(restored) == await fingerprints(db)
        assert await run_checks(restored, run_id=None) == []
        nights = [await run_night(url, carrier, DAY + timedelta(days=1)) for url in (db_url, drill)]
        assert [(each.state, each.net_cents, each.offset_cents) for each in nights[:1]] == [
            (each.state, each.net_cents, each.offset_cents) for each in nights[1:]
        ]
    finally:
        await restored.close()
        await db.execute(f"drop database {name} with (force)")
