"""The running-account statement. Amounts are integer cents; the period is one of booking dates."""

from datetime import date, datetime
from enum import StrEnum

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
