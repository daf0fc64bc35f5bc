"""Policies and reason codes as stored. Functions take a connection and never commit."""

from datetime import date

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
        asked = f"version {version}" if version is not None else f"a policy in force on {on}"
        raise Refusal("policy_unknown", f"Risk carrier {risk_carrier_id} has no {asked}; apply one first.", status=404)
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
