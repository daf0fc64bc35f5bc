"""Incidents as stored. Functions take a connection and never commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core.db import Connection
from app.incidents.model import Incident, Open

Row = Any


async def list_incidents(
    connection: Connection,
    *,
    risk_carrier: str | None = None,
    check: str | None = None,
    provider: str | None = None,
    state: Open = "open",
    after: int | None = None,
    limit: int,
) -> list[Incident]:
    """Incidents in order of number after `after`, at most `limit`; sees what the role of the connection sees."""
    rows = await connection.fetch(
        """
        select i.*, c.code as risk_carrier, p.number as provider_number, r.business_date
        from incident i
          join risk_carrier c using (risk_carrier_id)
          left join running_account a on a.account_id = i.account_id
          left join provider p on p.provider_id = a.provider_id
          left join run r on r.run_id = i.run_id
        where ($1::text is null or c.code = $1) and ($2::text is null or i.check_name = $2)
          and ($3::text is null or p.number = $3)
          and ($4 = 'all' or (i.resolved_at is null) = ($4 = 'open')) and ($5::bigint is null or i.incident_id > $5)
        order by i.incident_id
        limit $6
        """,
        risk_carrier,
        check,
        provider,
        state,
        after,
        limit,
    )
    return [_incident(row) for row in rows]


async def read_incident(connection: Connection, incident_id: int) -> Incident | None:
    """One incident; None when there is none that the role of the connection sees."""
    row = await connection.fetchrow(
        """
        select i.*, c.code as risk_carrier, p.number as provider_number, r.business_date
        from incident i
          join risk_carrier c using (risk_carrier_id)
          left join running_account a on a.account_id = i.account_id
          left join provider p on p.provider_id = a.provider_id
          left join run r on r.run_id = i.run_id
        where i.incident_id = $1
        """,
        incident_id,
    )
    return None if row is None else _incident(row)


def _incident(row: Row) -> Incident:
    return Incident(
        id=row["incident_id"],
        risk_carrier=row["risk_carrier"],
        check=row["check_name"],
        what=row["what"],
        account_id=row["account_id"],
        provider_number=row["provider_number"],
        business_date=row["business_date"],
        opened_at=row["opened_at"],
        resolved_at=row["resolved_at"],
        resolved_by=row["resolved_by"],
        resolution=row["resolution"],
    )


async def close_incidents(
    connection: Connection, incident_ids: Sequence[int], *, at: datetime, actor: str, resolution: str
) -> list[int]:
    """Close those of the incidents that are open; their numbers. The caller writes the audit row."""
    rows = await connection.fetch(
        """
        update incident set resolved_at = $2, resolved_by = $3, resolution = $4
        where incident_id = any ($1) and resolved_at is null returning incident_id
        """,
        incident_ids,
        at,
        actor,
        resolution,
    )
    return sorted(row["incident_id"] for row in rows)
