"""What the API of every domain needs to write on a running account: the command behind a request."""

from datetime import date

from app.ledger.model import Command
from app.web.caller import Caller


def command_of(caller: Caller, idempotency_key: str, today: date) -> Command:
    """The command of a request: who asks, for which business date, and how a repeat of it is known."""
    return Command(
        actor=caller.actor,
        business_date=today,
        risk_carriers=caller.risk_carriers,
        idempotency_key=idempotency_key,
    )
