"""The books: ledger accounts, posting kinds and what one posting is. No I/O."""

from datetime import date
from enum import IntEnum
from typing import Annotated

import msgspec

from app.core.feed_texts import NOT_BLANK

MAX_CENTS = 1_000_000_000_000
Cents = Annotated[int, msgspec.Meta(ge=1, le=MAX_CENTS)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=NOT_BLANK)]


class LedgerAccount(IntEnum):
    """A code in the books; kept per running account, so that no row is shared by all."""

    PAYABLE_TO_PROVIDER = 1
    CLAIMS_PRINCIPAL = 2
    CLAIMS_COSTS = 3
    CLAIMS_INTEREST = 4
    CARE_COSTS = 5
    PAYOUTS_UNDER_WAY = 6
    BANK = 7
    SUSPENSE = 8
    WRITTEN_OFF = 9
    COSTS_INCOME = 10
    INTEREST_INCOME = 11
    BOOKED_ELSEWHERE = 12
    AGREEMENTS = 13


class PostingKind(IntEnum):
    """What a posting says happened; each kind has one debit and one credit account (`SIDES`)."""

    DECLARATION_SETTLED = 1
    OFFSET_PRINCIPAL = 2
    OFFSET_COSTS = 3
    OFFSET_INTEREST = 4
    PAYOUT = 5
    PAYOUT_CONFIRMED = 6
    CLAIM_REGISTERED = 7
    CLAIM_OPENING = 8
    ADVANCE_PAID = 9
    ADVANCE_PAID_ELSEWHERE = 10
    PAYMENT_PRINCIPAL = 11
    PAYMENT_COSTS = 12
    PAYMENT_INTEREST = 13
    PAYMENT_ON_ACCOUNT = 14
    SUSPENSE_PRINCIPAL = 15
    SUSPENSE_COSTS = 16
    SUSPENSE_INTEREST = 17
    OPENING_PAYMENT = 18
    INTEREST_CHARGED = 20
    COSTS_CHARGED = 21
    ADJUSTED_DOWN = 22
    ADJUSTED_UP = 23
    WRITTEN_OFF_PRINCIPAL = 24
    WRITTEN_OFF_COSTS = 25
    WRITTEN_OFF_INTEREST = 26
    INTEREST_CANCELLED = 27
    COSTS_CANCELLED = 28
    OFFSET_PRINCIPAL_REVERSED = 30
    OFFSET_COSTS_REVERSED = 31
    OFFSET_INTEREST_REVERSED = 32
    SETTLEMENT_WITHDRAWN = 33
    PAYMENT_FREED = 34
    PAYMENT_COSTS_FREED = 35
    PAYMENT_INTEREST_FREED = 36
    TAKEN_OVER = 40
    TAKEN_OVER_BY_PAYER = 41
    GIVEN_BACK = 42
    GIVEN_BACK_BY_PAYER = 43


SIDES: dict[
    PostingKind, tuple[LedgerAccount, LedgerAccount]
] = {  # the same table as posting_kind; a test compares them
    PostingKind.DECLARATION_SETTLED: (LedgerAccount.CARE_COSTS, LedgerAccount.PAYABLE_TO_PROVIDER),
    PostingKind.OFFSET_PRINCIPAL: (LedgerAccount.PAYABLE_TO_PROVIDER, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.OFFSET_COSTS: (LedgerAccount.PAYABLE_TO_PROVIDER, LedgerAccount.CLAIMS_COSTS),
    PostingKind.OFFSET_INTEREST: (LedgerAccount.PAYABLE_TO_PROVIDER, LedgerAccount.CLAIMS_INTEREST),
    PostingKind.PAYOUT: (LedgerAccount.PAYABLE_TO_PROVIDER, LedgerAccount.PAYOUTS_UNDER_WAY),
    PostingKind.PAYOUT_CONFIRMED: (LedgerAccount.PAYOUTS_UNDER_WAY, LedgerAccount.BANK),
    PostingKind.CLAIM_REGISTERED: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.CARE_COSTS),
    PostingKind.CLAIM_OPENING: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.BOOKED_ELSEWHERE),
    PostingKind.ADVANCE_PAID: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.PAYOUTS_UNDER_WAY),
    PostingKind.ADVANCE_PAID_ELSEWHERE: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.BOOKED_ELSEWHERE),
    PostingKind.PAYMENT_PRINCIPAL: (LedgerAccount.BANK, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.PAYMENT_COSTS: (LedgerAccount.BANK, LedgerAccount.CLAIMS_COSTS),
    PostingKind.PAYMENT_INTEREST: (LedgerAccount.BANK, LedgerAccount.CLAIMS_INTEREST),
    PostingKind.PAYMENT_ON_ACCOUNT: (LedgerAccount.BANK, LedgerAccount.SUSPENSE),
    PostingKind.SUSPENSE_PRINCIPAL: (LedgerAccount.SUSPENSE, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.SUSPENSE_COSTS: (LedgerAccount.SUSPENSE, LedgerAccount.CLAIMS_COSTS),
    PostingKind.SUSPENSE_INTEREST: (LedgerAccount.SUSPENSE, LedgerAccount.CLAIMS_INTEREST),
    PostingKind.OPENING_PAYMENT: (LedgerAccount.BOOKED_ELSEWHERE, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.INTEREST_CHARGED: (LedgerAccount.CLAIMS_INTEREST, LedgerAccount.INTEREST_INCOME),
    PostingKind.COSTS_CHARGED: (LedgerAccount.CLAIMS_COSTS, LedgerAccount.COSTS_INCOME),
    PostingKind.ADJUSTED_DOWN: (LedgerAccount.CARE_COSTS, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.ADJUSTED_UP: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.CARE_COSTS),
    PostingKind.WRITTEN_OFF_PRINCIPAL: (LedgerAccount.WRITTEN_OFF, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.WRITTEN_OFF_COSTS: (LedgerAccount.WRITTEN_OFF, LedgerAccount.CLAIMS_COSTS),
    PostingKind.WRITTEN_OFF_INTEREST: (LedgerAccount.WRITTEN_OFF, LedgerAccount.CLAIMS_INTEREST),
    PostingKind.INTEREST_CANCELLED: (LedgerAccount.INTEREST_INCOME, LedgerAccount.CLAIMS_INTEREST),
    PostingKind.COSTS_CANCELLED: (LedgerAccount.COSTS_INCOME, LedgerAccount.CLAIMS_COSTS),
    PostingKind.OFFSET_PRINCIPAL_REVERSED: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.PAYABLE_TO_PROVIDER),
    PostingKind.OFFSET_COSTS_REVERSED: (LedgerAccount.CLAIMS_COSTS, LedgerAccount.PAYABLE_TO_PROVIDER),
    PostingKind.OFFSET_INTEREST_REVERSED: (LedgerAccount.CLAIMS_INTEREST, LedgerAccount.PAYABLE_TO_PROVIDER),
    PostingKind.SETTLEMENT_WITHDRAWN: (LedgerAccount.PAYABLE_TO_PROVIDER, LedgerAccount.CARE_COSTS),
    PostingKind.PAYMENT_FREED: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.SUSPENSE),
    PostingKind.PAYMENT_COSTS_FREED: (LedgerAccount.CLAIMS_COSTS, LedgerAccount.SUSPENSE),
    PostingKind.PAYMENT_INTEREST_FREED: (LedgerAccount.CLAIMS_INTEREST, LedgerAccount.SUSPENSE),
    PostingKind.TAKEN_OVER: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.AGREEMENTS),
    PostingKind.TAKEN_OVER_BY_PAYER: (LedgerAccount.AGREEMENTS, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.GIVEN_BACK: (LedgerAccount.AGREEMENTS, LedgerAccount.CLAIMS_PRINCIPAL),
    PostingKind.GIVEN_BACK_BY_PAYER: (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.AGREEMENTS),
}


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the books: cents from the debit to the credit account of its kind, caused by the fact `event_id`."""

    kind: PostingKind
    event_id: int
    cents: int
    line: int = 0
    effective_date: date
    claim_id: int | None = None
    payout_id: int | None = None
    open_after_cents: int | None = None
    reverses_event_id: int | None = None
    reverses_line: int | None = None


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """What a running account has on the way besides its posted balances, in cents."""

    declarations: int
    returned_offsets: int
    advances: int
    payouts_unconfirmed: int
    held: int
    reserved: int


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A command as it comes in: camelCase, integer cents, ISO dates; a field that is not known is refused."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a write, for which business date, and how a repeat of it is known.

    `risk_carriers` is what the actor may write for; None means any (command line, jobs). `source` with `source_id`
    names the fact in the system that it comes from; `idempotency_key` names the request (design §4).
    """

    actor: str
    business_date: date
    risk_carriers: tuple[int, ...] | None = None
    idempotency_key: str | None = None
    source: str | None = None
    source_id: str | None = None
