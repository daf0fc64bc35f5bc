"""An incident as it is read, and its resolution as it comes in. No I/O."""

from datetime import date, datetime
from typing import Literal

import msgspec

from app.ledger import Input, Text

Open = Literal["open", "resolved", "all"]


class ResolveIncident(Input, frozen=True, kw_only=True):
    """How an incident was resolved, in a sentence. What waited for it goes on with the next night or release."""

    resolution: Text


class Incident(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a check found, about one running account (of `provider_number`) or about a whole night (None then).

    `check` is the name of the check, or `parked`, `payment_refused` and the like; `what` is a sentence with ids and
    cents. `business_date` is that of its night; None when it belongs to none.
    """

    id: int
    risk_carrier: str
    check: str
    what: str
    account_id: int | None
    provider_number: str | None
    business_date: date | None
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
