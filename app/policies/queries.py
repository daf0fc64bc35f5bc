"""Policies and reason codes as stored. Functions take a connection and never commit."""

from datetime import date

from asyncpg import Record

from app.core.db import Connection
from app.core.errors import Refusal


async def policy_in_force(conn: Connection, risk_carrier_id: int, on: date) -> int | None:
    """The policy version that holds on a date: the newest of those valid by then; None if there is none."""
    found: int | None = await conn.fetchval(
        """select policy_version_id from policy_version where risk_carrier_id = $1 and valid_from <= $2
           order by valid_from desc, version desc limit 1""",
        risk_carrier_id,
        on,
    )
    return found


async def reason_ids(conn: Connection, risk_carrier_id: int) -> dict[str, int]:
    """Every reason code of the risk carrier with its id."""
    rows = await conn.fetch("select code, reason_id from reason_code where risk_carrier_id = $1", risk_carrier_id)
    return {row["code"]: row["reason_id"] for row in rows}


async def policy_text(conn: Connection, risk_carrier_id: int, *, on: date | None, version: int | None) -> str:
    """The text of a version, or of the one in force on a date, byte for byte as applied. Refusal when unknown."""
    found: str | None = await conn.fetchval(
        """select toml from policy_version where risk_carrier_id = $1 and ($2::int is null or version = $2)
             and ($3::date is null or valid_from <= $3) order by valid_from desc, version desc limit 1""",
        risk_carrier_id,
        version,
        None if version is not None else on,
    )
    if found is None:
        asked = f"version {version}" if version is not None else f"policy in force on {on}"
        raise Refusal("policy_unknown", f"This risk carrier has no {asked}; apply one first.", status=404)
    return found


async def known_version(conn: Connection, risk_carrier_id: int, sha256: bytes) -> tuple[int, int, date] | None:
    """(policy_version_id, version, valid_from) when the newest version of that start date has this very text."""
    row = await conn.fetchrow(
        """select policy_version_id, version, valid_from, sha256 from policy_version p where risk_carrier_id = $1
             and sha256 = $2 and not exists (select 1 from policy_version q where q.risk_carrier_id = $1
               and q.valid_from = p.valid_from and q.version > p.version)""",
        risk_carrier_id,
        sha256,
    )
    return None if row is None else (row["policy_version_id"], row["version"], row["valid_from"])


async def policy_versions(conn: Connection, risk_carrier: str | None, on: date) -> list[Record]:
    """Every version, by risk carrier and newest first; `in_force` is the one that holds on a day."""
    return await conn.fetch(
        """select c.code as risk_carrier, v.version, v.name, v.valid_from, v.applied_at, v.applied_by,
             encode(v.sha256, 'hex') as sha256,
             (v.policy_version_id = (
               select w.policy_version_id from policy_version w
               where w.risk_carrier_id = v.risk_carrier_id and w.valid_from <= $2
               order by w.valid_from desc, w.version desc limit 1)) is true as in_force
           from policy_version v join risk_carrier c using (risk_carrier_id)
           where $1::text is null or c.code = $1 order by c.code, v.version desc""",
        risk_carrier,
        on,
    )


async def reason_codes(conn: Connection, risk_carrier: str | None) -> list[Record]:
    """Every reason code with its settings in the newest version that has it."""
    return await conn.fetch(
        """select distinct on (c.code, r.code) c.code as risk_carrier, r.code, p.title_nl, p.title_en, p.quiet,
             p.owning_team
           from reason_code r join risk_carrier c using (risk_carrier_id)
             join reason_policy p using (reason_id) join policy_version v using (policy_version_id)
           where $1::text is null or c.code = $1 order by c.code, r.code, v.version desc""",
        risk_carrier,
    )
