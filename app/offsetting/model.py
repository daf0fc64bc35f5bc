"""Commands on offsets as they come in. No I/O."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from app.core.feed_texts import NOT_BLANK
from app.ledger import MAX_CENTS, Cents, Input, Text

Percent = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{2})?$(?!\n)")]


class ReverseOffset(Input, frozen=True, kw_only=True):
    """Give back what a declaration paid on a claim: `cents` of it, or all. The effective date must be named (RA-2).

    `line` narrows it to one offset line, which is one component of the claim.
    """

    declaration: Text
    claim: Text
    effective_date: date
    reason: Text
    cents: Cents | None = None
    line: Annotated[int, msgspec.Meta(ge=1, lt=2**31)] | None = None


class NewReversal(Input, frozen=True, kw_only=True):
    """Give back `cents` of an offset, or what stands of it. The effective date must be named (RA-2)."""

    effective_date: date
    reason: Text
    cents: Cents | None = None


class NewOffsetInstruction(Input, frozen=True, kw_only=True):
    """How much offset takes of this claim from now on; wins over the policy (OF-3)."""

    reason: Text
    mode: Literal["none", "percentage", "fixed", "full"] | None = None
    percent: Percent | None = None
    fixed_cents: Cents | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class NewAccountInstruction(NewOffsetInstruction, frozen=True, kw_only=True):
    """How much offset takes of this running account from now on; wins over the policy (OF-3).

    `mode` is what a claim takes that has no instruction of its own; a declaration gives at most `capPercent` of its
    amount, the running account at most `capCents` a night, and no payout is pushed below `floorCents`. What is left out
    keeps what the policy says.
    """

    cap_percent: Percent | None = None
    cap_cents: Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)] | None = None
    floor_cents: Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)] | None = None


class SetOffsetInstruction(NewAccountInstruction, frozen=True, kw_only=True):
    """How much offset takes from now on, for one claim or one running account; wins over the policy (OF-3).

    Percentages are texts such as "25" or "12.50": a float never says how much. Caps and the floor are for a
    running account. What is left out keeps what the policy says.
    """

    claim: Text | None = None
    account: int | None = None


class NewAgreement(Input, frozen=True, kw_only=True):
    """Both parties agreed that declarations of one running account may pay what another one owes (OF-10).

    `evidence` says where the signed agreement lies; `reasonCode` is the payer's reason code under which it is taken
    over: quiet, offset at once and in full.
    """

    debtor_account: int
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=NOT_BLANK)]
    evidence: Text
    reason_code: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=NOT_BLANK)]
    reason: Text
    valid_from: date | None = None
    valid_until: date | None = None


class RegisterAgreement(NewAgreement, frozen=True, kw_only=True):
    """The same, with the running account whose declarations pay."""

    payer_account: int


class EndAgreement(Input, frozen=True, kw_only=True):
    """An agreement holds no longer from `endedOn` on (today when left out)."""

    agreement: int
    reason: Text
    ended_on: date | None = None


class NewOffsetRequest(Input, frozen=True, kw_only=True):
    """The provider asks to offset this claim."""

    requested_on: date | None = None


class RequestOffset(NewOffsetRequest, frozen=True, kw_only=True):
    """The provider asks to offset a claim whose policy offsets on request only."""

    claim: Text
