"""The audit row of a write: in the same transaction as the write itself, or the write does not happen."""

from datetime import datetime
from typing import Any

from app.core.db import Connection


async def audit(
    connection: Connection,
    *,
    risk_carrier_id: int | None,
    account_id: int | None,
    occurred_at: datetime,
    actor: str,
    action: str,
    subject: str,
    body: dict[str, Any],
) -> None:
    """Store who did what to what. `subject` is `kind:id`; `body` holds ids and amounts in cents, no personal data."""
    await connection.execute(
        """
        insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        risk_carrier_id,
        account_id,
        occurred_at,
        actor,
        action,
        subject,
        body,
    )
