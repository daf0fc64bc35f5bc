"""Resolving an incident: once, with a reason, in one transaction with its audit row."""

import hashlib
from typing import Any

import asyncpg
import msgspec

from app.core import clock, db
from app.core.audit import audit
from app.core.db import Connection
from app.core.errors import Refusal
from app.incidents import queries
from app.incidents.model import ResolveIncident
from app.ledger import Command, Replayed


async def resolve_incident(
    conn: Connection, command: Command, incident_id: int, asked: ResolveIncident
) -> dict[str, Any]:
    """Close an incident; answers its number and who resolved it.

    The same resolution again answers the same and changes nothing. Refusal 404 when there is no such incident that
    the actor may see, 409 when it was resolved otherwise, 422 when the idempotency key was used for something else.
    """
    unknown = Refusal("no_incident", f"There is no incident {incident_id}.", status=404, field="incident")
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        carrier: int | None = await conn.fetchval(
            "select risk_carrier_id from incident where incident_id = $1", incident_id
        )
    if carrier is None or (command.risk_carriers is not None and carrier not in command.risk_carriers):
        raise unknown
    digest = hashlib.md5(
        msgspec.json.encode(["resolve-incident", incident_id, asked], order="sorted"), usedforsecurity=False
    ).hexdigest()
    try:
        async with db.transaction(conn, role="staff", actor=command.actor, risk_carriers=[carrier]):
            # the lock first: two who resolve the same one come one after the other
            await conn.execute("select 1 from incident where incident_id = $1 for update", incident_id)
            known = await _known(conn, carrier, command.idempotency_key, digest)
            return known or await _resolve(conn, command, carrier, incident_id, asked, digest)
    except asyncpg.UniqueViolationError as error:
        if error.table_name != "idempotency_key":
            raise
        raise _used_otherwise() from error  # taken meanwhile, for something else: the same waits for the lock


async def _resolve(
    conn: Connection, command: Command, carrier: int, incident_id: int, asked: ResolveIncident, digest: str
) -> dict[str, Any]:
    now = clock.now()
    answer = {"id": incident_id, "resolution": asked.resolution, "resolvedBy": command.actor}
    if not await queries.close_incidents(conn, [incident_id], at=now, actor=command.actor, resolution=asked.resolution):
        found = await queries.read_incident(conn, incident_id)
        assert found is not None
        if (found.resolution, found.resolved_by) != (asked.resolution, command.actor):
            raise Refusal("incident_resolved", f"Incident {incident_id} was resolved before; read how.")
    else:
        await audit(
            conn,
            risk_carrier_id=carrier,
            account_id=None,
            occurred_at=now,
            actor=command.actor,
            action="incident resolved",
            subject=f"incident:{incident_id}",
            body={"because": asked.resolution},
        )
    if command.idempotency_key is not None:
        await conn.execute(
            "insert into idempotency_key values ($1, $2, $3::text::uuid, $4, $5)",
            *(carrier, command.idempotency_key, digest, answer, now),
        )
    return answer


async def _known(conn: Connection, carrier: int, key: str | None, digest: str) -> dict[str, Any] | None:
    if key is None:
        return None
    row = await conn.fetchrow(
        "select body_hash::text as digest, answer from idempotency_key where risk_carrier_id = $1 and key = $2",
        carrier,
        key,
    )
    if row is None:
        return None
    if row["digest"].replace("-", "") != digest:
        raise _used_otherwise()
    return Replayed(row["answer"])


def _used_otherwise() -> Refusal:
    return Refusal(
        "key_used_otherwise",
        "This idempotency key was used before with another content; repeat the first content or choose a new key.",
        status=422,
    )
