"""What a hold is. No I/O."""

from datetime import date
from enum import IntEnum
from typing import Literal

from app.ledger import Cents, Input, Text

Process = Literal["dunning", "offset", "payout", "agency"]


class HoldKind(IntEnum):
    """Why something is kept apart."""

    DISPUTE = 1
    PLAN = 2
    BLOCK = 3
    AGENCY = 4
    INSOLVENCY = 5
    CESSION = 6
    ATTACHMENT = 7
    RESERVATION = 8
    INVESTIGATION = 9


# What a hold stops unless the command says otherwise; a block must say. Insolvency, cession and attachment stop the
# automatic offset (art. 53 Fw, 6:130 BW, 475h Rv) and leave the payout to a person.
DEFAULT_PROCESSES: dict[HoldKind, tuple[Process, ...]] = {
    HoldKind.DISPUTE: ("dunning", "offset", "agency"),
    HoldKind.PLAN: ("dunning", "offset", "agency"),
    HoldKind.AGENCY: ("dunning", "offset", "agency"),
    HoldKind.INSOLVENCY: ("dunning", "offset", "agency"),
    HoldKind.CESSION: ("dunning", "offset", "agency"),
    HoldKind.ATTACHMENT: ("dunning", "offset", "agency"),
    HoldKind.RESERVATION: ("offset",),
    HoldKind.INVESTIGATION: ("dunning", "offset", "agency"),
}


class NewHold(Input, frozen=True, kw_only=True):
    """Why something is kept apart, out of which `processes`, and until which last day."""

    kind: Literal[
        "dispute", "plan", "block", "agency", "insolvency", "cession", "attachment", "reservation", "investigation"
    ]
    reason: Text
    owner: Text
    processes: tuple[Process, ...] = ()
    from_date: date | None = None
    until_date: date | None = None


class NewClaimHold(NewHold, frozen=True, kw_only=True):
    """Keep this claim apart: all of it, or `cents`."""

    cents: Cents | None = None


class NewAccountHold(NewHold, frozen=True, kw_only=True):
    """Keep the whole running account of a provider with a risk carrier apart; it may hold the payout too."""

    risk_carrier: Text
    provider: Text


class RecordHold(NewHold, frozen=True, kw_only=True):
    """Keep a claim (all of it, or `cents`) or a whole running account out of `processes`, until the last day given."""

    claim: Text | None = None
    account: int | None = None
    cents: Cents | None = None


class NewEnd(Input, frozen=True, kw_only=True):
    """It ends now, for this reason."""

    reason: Text


class EndHold(NewEnd, frozen=True, kw_only=True):
    """End a hold now: from the business date on it holds nothing."""

    hold: int
