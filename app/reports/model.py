"""The running-account statement. Amounts are integer cents; the period is one of booking dates."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec


class Side(StrEnum):
    """A side of a running account; each closes by itself: opening + movements = closing."""

    PAYABLE = "payable"
    """What the insurer owes the provider: settled declarations and offsets given back, not paid out yet."""
    CLAIMS = "claims"
    """What the provider owes: principal, costs and interest of its claims."""
    ON_ACCOUNT = "onAccount"
    """Money received from the provider that no claim has taken yet."""


class StatementRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which statement: booking dates `first` up to and with `last`, as it was known at `known_at`.

    `claim_id` narrows it to one claim (claims side only), `agb` to one AGB code of the provider; not both.
    """

    account_id: int
    first: date
    last: date
    known_at: datetime
    claim_id: int | None = None
    agb: str | None = None


class SideTotals(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Totals of one side, each as a balance that is owed on it.

    Payable and on account: closing = opening + credit - debit. Claims: closing = opening + debit - credit.
    """

    side: Side
    opening_cents: int
    debit_cents: int
    credit_cents: int
    closing_cents: int


class StatementLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One movement on one side. A debit is in the insurer's favour, a credit in the provider's.

    `balance_cents` is the side's balance after the line, `account_balance_cents` that of the whole running account:
    payable + on account - claims, so above 0 the insurer owes the provider.
    """

    booking_date: date
    value_date: date
    side: Side
    kind: str
    reason_code: str | None
    reason: str | None
    number: str | None
    invoice_number: str | None
    agb: str | None
    claim_reference: str | None
    debit_cents: int
    credit_cents: int
    balance_cents: int
    account_balance_cents: int
    payout_number: str | None


class StatementHead(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose account, which period, and the totals.

    `pending_cents`: declarations approved, and advances asked for, on or before the last day and not settled by then.
    It comes on top of the payable side; 0 when the statement is narrowed to a claim. `movements` counts lines.
    """

    risk_carrier: str
    uzovi: str
    provider_number: str
    provider: str
    first_date: date
    last_date: date
    known_at: datetime
    claim_reference: str | None
    agb: str | None
    sides: tuple[SideTotals, ...]
    opening_balance_cents: int
    closing_balance_cents: int
    pending_cents: int
    movements: int


class Statement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A statement, or one page of it. `next_cursor` leads to the next page; None on the last one."""

    head: StatementHead
    lines: tuple[StatementLine, ...]
    next_cursor: str | None


class AccountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which running accounts: risk carrier by code, provider by number; None is not asked."""

    risk_carrier: str | None = None
    provider: str | None = None


class EntryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which postings of a running account; None is not asked. Days are first and last booking date."""

    first: date | None = None
    last: date | None = None
    kind: str | None = None
    claim_id: int | None = None
    agb_ids: list[int] | None = None


class RunningAccount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A running account: one risk carrier and one provider."""

    account_id: int
    risk_carrier: str
    provider_number: str
    provider: str
    opened_on: date


class Balances(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """balanceCents = payableCents + onAccountCents - claimsCents; above 0 the insurer owes the provider."""

    payable_cents: int
    claims_cents: int
    on_account_cents: int
    balance_cents: int


class LedgerBalance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Debit less credit of one ledger account; those without a posting are left out, and all add up to 0."""

    code: str
    name_nl: str
    debit_balance_cents: int


class PendingMoney(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is queued, held or not yet confirmed at the moment of asking, whatever `onDate` is."""

    declarations_cents: int
    returned_offsets_cents: int
    advances_cents: int
    payouts_unconfirmed_cents: int
    held_cents: int


class RunningAccountDetail(RunningAccount, frozen=True, kw_only=True, rename="camel"):
    """A running account with what held on `onDate` (by value date), as it was known at `knownAt`."""

    on_date: date
    known_at: datetime
    balances: Balances
    ledger_accounts: list[LedgerBalance]
    pending_now: PendingMoney


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One posting: `cents` from ledger account `debit` to `credit`, caused by the fact with number `fact`."""

    fact: int
    kind: str
    line: int
    booking_date: date
    value_date: date
    recorded_at: datetime
    debit: str
    credit: str
    cents: int
    claim_reference: str | None
    declaration_number: str | None
    payout_number: str | None
    open_after_cents: int | None
    reverses_fact: int | None


class Reference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that a number leads to. `document` and `issuedOn` are of the letter with the payment reference."""

    kind: Literal["claim-reference", "payment-reference", "payout", "declaration", "claim-source", "offset"]
    risk_carrier: str
    provider_number: str
    claim_reference: str | None
    declaration_number: str | None
    payout_number: str | None
    issued_on: date | None
    document: str | None
