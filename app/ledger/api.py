"""What the API of every domain needs to write on a running account: the command behind a request."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.ledger.actions import Replayed
from app.ledger.model import Command
from app.web.caller import Reader


def command_of(caller: Reader, idempotency_key: str, today: date) -> Command:
    """The command of a request: who asks, for which business date, and how a repeat of it is known.

    The key is the caller's own: the same word of another system is another key.
    """
    return Command(
        actor=caller.actor,
        business_date=today,
        risk_carriers=caller.risk_carriers,
        idempotency_key=f"{caller.actor}:{idempotency_key}",
    )


def replay_header(answer: Mapping[str, Any]) -> dict[str, str]:
    """`Idempotent-Replayed: true` for an answer that was given before; nothing for a new one."""
    return {"Idempotent-Replayed": "true"} if isinstance(answer, Replayed) else {}
