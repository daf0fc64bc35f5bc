"""What a claim is, and the commands on it as they come in (camelCase, integer cents, ISO dates). No I/O."""

from datetime import date
from enum import IntEnum
from typing import Annotated, Literal

import msgspec

from app.ledger import MAX_CENTS, Cents, Input, Text


class ClaimKind(IntEnum):
    """Where a claim comes from."""

    CLAIM = 1
    CREDIT_NOTE = 2
    CORRECTION = 3
    ADVANCE = 4
    INTERIM_SETTLEMENT = 5
    FINAL_SETTLEMENT = 6
    WITHDRAWN_DECLARATION = 7
    TAKEN_OVER = 8


class AdjustmentKind(IntEnum):
    """Why the amount of a claim, or what is open of it, was changed."""

    ADJUSTMENT = 1
    WITHDRAWAL = 2
    WRITE_OFF = 3


class ReversalCause(IntEnum):
    """Why an offset was turned back."""

    DECISION = 1
    ADJUSTMENT = 2
    WITHDRAWN_DECLARATION = 3


class StepKind(IntEnum):
    """A dunning event on a claim."""

    NOTICE = 1
    REMINDER = 2
    LAST_NOTICE = 3


class ClaimState(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as it stands under the lock of its running account; amounts in cents."""

    claim_id: int
    kind: ClaimKind
    reason_id: int
    agb_id: int
    reference: str
    registered_on: date
    due_date: date
    has_letter: bool
    origin_declaration_id: int | None
    amount_cents: int
    principal: int
    costs: int
    interest: int
    held_cents: int
    reminder_term_ends: tuple[date, ...]
    queued: bool
    withdrawn: bool

    @property
    def open_cents(self) -> int:
        """Principal, costs and interest that are still owed."""
        return self.principal + self.costs + self.interest


class StandingOffset(msgspec.Struct, frozen=True, kw_only=True):
    """An offset line, less what was reversed of it; `part` is its posting kind: 2 principal, 3 costs, 4 interest."""

    declaration_id: int
    line: int
    part: int
    claim_id: int
    agb_id: int
    cents: int


class RegisteredClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim in the register as it stood on a date; amounts in cents, `status` computed from facts."""

    claim_id: int
    reference: str
    kind: ClaimKind
    reason: str
    number: str | None
    amount_cents: int
    open_cents: int
    offset_cents: int
    paid_cents: int
    due_date: date
    status: str


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One fact in the life of a claim; `cents` None where no amount belongs to it."""

    on_date: date
    fact_id: int
    what: str
    cents: int | None
    cause: str


class FoundReference(msgspec.Struct, frozen=True, kw_only=True):
    """What an issued reference leads to; `claims` are claim references."""

    reference: str
    kind: str
    account_id: int
    document: str | None
    issued_on: date | None
    payout_id: int | None
    claims: tuple[str, ...]


class NewAdjustment(Input, frozen=True, kw_only=True):
    """Change the amount by `deltaCents`, or to `amountCents`: one of the two."""

    reason: Text
    delta_cents: Annotated[int, msgspec.Meta(ge=-MAX_CENTS, le=MAX_CENTS)] | None = None
    amount_cents: Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)] | None = None
    effective_date: date | None = None


class AdjustClaim(NewAdjustment, frozen=True, kw_only=True):
    """Change the amount of a claim by `delta_cents`, or to `amount_cents`."""

    claim: Text


class NewWithdrawal(Input, frozen=True, kw_only=True):
    """It was wrong from the start, for this reason."""

    reason: Text
    effective_date: date | None = None


class WithdrawClaim(NewWithdrawal, frozen=True, kw_only=True):
    """The claim was wrong: nothing of it is owed."""

    claim: Text


class NewWriteOff(Input, frozen=True, kw_only=True):
    """It is right and will not be collected: `cents` of what is open, or all of it."""

    reason: Text
    cents: Cents | None = None
    effective_date: date | None = None


class WriteOff(NewWriteOff, frozen=True, kw_only=True):
    """The claim is right and will not be collected: `cents` of what is open, or all of it."""

    claim: Text


class NewCharge(Input, frozen=True, kw_only=True):
    """Costs or interest, owed beside the principal."""

    kind: Literal["costs", "interest"]
    cents: Cents
    reason: Text
    charged_on: date | None = None


class ChargeClaim(NewCharge, frozen=True, kw_only=True):
    """Charge costs or interest on a claim."""

    claim: Text


class Step(Input, frozen=True, kw_only=True):
    """A letter that went out: which one, when and until when its term runs."""

    kind: Literal["notice", "reminder", "last-notice"] = "reminder"
    step_no: Annotated[int, msgspec.Meta(ge=1, le=9)] | None = None
    sent_on: date | None = None
    term_end: date | None = None
    term_days: Annotated[int, msgspec.Meta(ge=0, le=366)] | None = None
    channel: Text = "letter"


class NewStep(Step, frozen=True, kw_only=True):
    """A letter that went out over this claim, and over `alsoClaims` of the same running account."""

    also_claims: Annotated[tuple[Text, ...], msgspec.Meta(max_length=499)] = ()


class RecordStep(Step, frozen=True, kw_only=True):
    """A letter that went out over one or more claims of one running account; it gets a payment reference of its own."""

    claims: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=500)]
