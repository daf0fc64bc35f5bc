"""What a line of the crash matrix is, and the ways in which a job is called."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from app.core import db
from app.core.db import Connection
from app.ledger import Command
from jobs.simulation.matrix_world import ACTOR, CARRIER, DAY

KEY = "matrix"
COMMAND = Command(actor=ACTOR, business_date=DAY, risk_carriers=(CARRIER,), idempotency_key=KEY)


class Place(NamedTuple):
    """Where a job runs: the database, and the folder of payment files."""

    url: str
    folder: Path


Work = Callable[[Place], Awaitable[object]]
Ready = Callable[[Connection], Awaitable[Work]]


class Job(NamedTuple):
    """A line of the matrix. `covers`: what it is a line for, e.g. `fact payment`; `writes`: it changes something."""

    name: str
    covers: str
    ready: Ready
    writes: bool = True


class JobPoints(msgspec.Struct, frozen=True, kw_only=True):
    """What the matrix found of one job: `same` of `points` ended in the books of the undisturbed run."""

    job: str
    statements: int
    commits: int
    points: int
    same: int
    checked: int
    faults: tuple[str, ...] = ()
    """For each point that did not: where, and how it differs."""


def by_connection(act: Callable[[Connection], Awaitable[object]]) -> Work:
    """With a connection of its own, as a command of the program has."""

    async def work(place: Place) -> object:
        connection = await db.connect(place.url)
        try:
            return await act(connection)
        finally:
            await connection.close()

    return work


def plainly(act: Callable[[Connection], Awaitable[object]]) -> Ready:
    """By connection, with nothing to lay ready."""

    async def ready(_: Connection) -> Work:
        return by_connection(act)

    return ready
