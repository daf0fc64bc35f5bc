"""What the bank side records. No I/O."""

from datetime import date

from app.ledger import Cents, Input, Text


class Received(Input, frozen=True, kw_only=True):
    """Money that came in, on a day, with what the payer wrote."""

    cents: Cents
    reference: Text | None = None
    received_on: date | None = None


class NewPayment(Received, frozen=True, kw_only=True):
    """A payment received: on a payment reference (old or new) or a claim's reference.

    With `riskCarrier` and `provider` it goes to their running account when the reference does not say where to.
    """

    risk_carrier: Text | None = None
    provider: Text | None = None


class RecordPayment(Received, frozen=True, kw_only=True):
    """A payment received: on a payment reference (old or new) or a claim's reference, else on a running account."""

    account: int | None = None


class NewAllocation(Input, frozen=True, kw_only=True):
    """Give money on account to a claim: `cents` of it, or as much as is there and open."""

    reason: Text
    cents: Cents | None = None
    effective_date: date | None = None


class NewPaymentAllocation(NewAllocation, frozen=True, kw_only=True):
    """Give what is on account of this payment to a claim: `cents` of it, or as much as is there and open."""

    claim: Text


class AllocateMoney(NewPaymentAllocation, frozen=True, kw_only=True):
    """Give money on account to a claim: `cents` of it, or as much as is there and open.

    Of `payment` (its number), or without it of what came free when claims of the running account were lowered.
    """

    payment: int | None = None


class NewConfirmation(Input, frozen=True, kw_only=True):
    """The bank carried it out, on a day; `cents` if the statement says them."""

    cents: Cents | None = None
    confirmed_on: date | None = None


class ConfirmPayout(NewConfirmation, frozen=True, kw_only=True):
    """The bank carried a payout out, on a day; `cents` if the statement says them."""

    payout: Text
