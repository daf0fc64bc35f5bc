"""Two risk carriers with a provider in common, made once for all tests of this folder; those only read it."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from app.core import db as database
from jobs.simulation.arena import with_database
from tests.security.observe import Seen, look_at, stop_watching, watch
from tests.security.world import Walk, provider_record, walk_the_doors


class Books(msgspec.Struct):
    """The database (a superuser's connection), both walks, and what was seen after each door of the first."""

    db: database.Connection
    a: Walk
    b: Walk
    shared_provider_id: int
    seen: list[Seen]


@pytest.fixture(scope="session")
async def books(
    server_url: str, admin: database.Connection, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Books]:
    """The books of two risk carriers after three nights each."""
    name = f"vereffen_security_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    url = with_database(server_url, name)
    db = await database.connect(url)
    yield await make_books(db, url, tmp_path_factory.mktemp("payments"))
    await db.close()
    await admin.execute(f"drop database {name} with (force)")


async def make_books(db: database.Connection, url: str, payments: Path) -> Books:
    """Walk the doors twice; only the first walk is watched."""
    seen: list[Seen] = []

    async def look(door: str) -> None:
        seen.append(await look_at(db, door))

    async def look_away(door: str) -> None:
        assert door

    shared = provider_record("shared", 1)
    await watch(db)
    a = await walk_the_doors(db, url, "AA", look, payments, shared)
    await stop_watching(db)
    b = await walk_the_doors(db, url, "BB", look_away, payments, shared)
    provider_id = await db.fetchval("select provider_id from provider where number = 'shared'")
    return Books(db=db, a=a, b=b, shared_provider_id=provider_id, seen=seen)
