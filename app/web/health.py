"""Is it alive, can it work, and what does it do: for the ones that watch over it."""

from collections.abc import Sequence

import asyncpg
import msgspec
from litestar import MediaType, Response, Router, get
from litestar.di import NamedDependency

from app.core import db, migrate
from app.core.db import Connection, Pool
from app.web.database import writing
from app.web.metrics import Registry, Series, render
from app.web.problems import READ_PROBLEMS, Unavailable

_NAMES = tuple(name for name, _, _ in migrate.files())


class Health(msgspec.Struct, frozen=True):
    """`status` is "live" or "ready"."""

    status: str


@get("/health/live", operation_id="live", summary="Is the process alive", responses={503: READ_PROBLEMS[503]})
async def live() -> Health:
    """Answers as long as the process runs; asks nothing of the database."""
    return Health("live")


@get("/health/ready", operation_id="ready", summary="Can it work now", responses={503: READ_PROBLEMS[503]})
async def ready(pool: NamedDependency[Pool]) -> Health:
    """The database answers within 2 seconds, takes writes, and has every migration of this program; 503 otherwise."""
    async with writing(pool) as conn, db.transaction(conn, role="readonly", actor="health"):
        read_only = await conn.fetchval("select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'")
        try:
            applied = {row["name"] for row in await conn.fetch("select name from schema_migration")}
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            applied = set()
    if read_only:
        raise Unavailable("database_read_only", "The database takes no writes: it is a standby.", seconds=5)
    if behind := [name for name in _NAMES if name not in applied]:
        raise Unavailable("migrations_missing", f"{behind[0]} is not applied yet; run `vereffen migrate`.", seconds=5)
    return Health("ready")


@get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    media_type=MediaType.TEXT,
    responses=READ_PROBLEMS,
)
async def metrics(pool: NamedDependency[Pool], registry: NamedDependency[Registry]) -> Response[bytes]:
    """Requests, connections, jobs and the last night of each risk carrier, in the text format of Prometheus."""
    async with writing(pool) as conn, db.transaction(conn, role="readonly", actor="metrics", readonly=True):
        found = await _from_database(conn)
    pool_figures(registry, pool)
    body = render([*registry.series(), *found])
    return Response(body, media_type="text/plain; version=0.0.4")


def pool_figures(registry: Registry, pool: Pool) -> None:
    """Take over how many connections are open and idle."""
    registry.pool_size, registry.pool_idle = pool.get_size(), pool.get_idle_size()


async def _from_database(conn: Connection) -> Sequence[Series]:
    jobs = await conn.fetch(
        """select kind, state, count(*) as count,
             coalesce(extract(epoch from clock_timestamp() - min(not_before)
               filter (where not_before <= clock_timestamp())), 0)::bigint as age
           from job where state <> 'done' group by kind, state order by kind, state"""
    )
    nights = await conn.fetch(
        """select c.code, extract(epoch from max(r.business_date))::bigint as day
           from risk_carrier c join run r using (risk_carrier_id) where r.state = 'released'
           group by c.code order by c.code"""
    )
    waiting = [row for row in jobs if row["state"] == "waiting"]
    return [
        (
            "vereffen_jobs gauge",
            "Jobs that are not done, by kind and state.",
            [({"kind": row["kind"], "state": row["state"]}, row["count"]) for row in jobs],
        ),
        (
            "vereffen_job_oldest_seconds gauge",
            "How long the oldest job that may start waits.",
            [({}, max((row["age"] for row in waiting), default=0))],
        ),
        (
            "vereffen_last_night_timestamp gauge",
            "Business date of the last night that was released, as seconds since 1970.",
            [({"risk_carrier": row["code"]}, row["day"]) for row in nights],
        ),
    ]


ROUTER = Router("/", route_handlers=[live, ready, metrics])
