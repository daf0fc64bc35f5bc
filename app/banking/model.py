"""What the bank side records. No I/O."""

from datetime import date

from app.ledger import Cents, Input, Text


class RecordPayment(Input, frozen=True, kw_only=True):
    """A payment received: on a payment reference (old or new) or a claim's reference, else on a running account."""

    cents: Cents
    reference: Text | None = None
    account: int | None = None
    received_on: date | None = None


class AllocateMoney(Input, frozen=True, kw_only=True):
    """Give money on account to a claim: `cents` of it, or as much as is there and open.

    Of `payment` (its number), or without it of what came free when claims of the running account were lowered.
    """

    claim: Text
    reason: Text
    payment: int | None = None
    cents: Cents | None = None
    effective_date: date | None = None


class ConfirmPayout(Input, frozen=True, kw_only=True):
    """The bank carried a payout out, on a day; `cents` if the statement says them."""

    payout: Text
    cents: Cents | None = None
    confirmed_on: date | None = None
