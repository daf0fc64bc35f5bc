"""What leaves: payment files, specifications of payouts and of corrections. Amounts are integer cents."""

from datetime import date, datetime
from typing import Literal

import msgspec

from app.ledger import Input, Text


class RedirectPayout(Input, frozen=True, kw_only=True):
    """Send a held payout to another IBAN that is registered for the same provider."""

    payout: Text
    iban: Text
    reason: Text


PayoutState = Literal["nothing-to-pay", "held", "ready", "sent", "confirmed"]
"""Where a payout is: all was offset; kept here; goes with the next release; at the bank; carried out."""


class PayoutSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A payout in a list: grossCents - offsetCents = netCents."""

    number: str
    risk_carrier: str
    provider_number: str
    provider: str
    business_date: date
    state: PayoutState
    declarations: int
    gross_cents: int
    offset_cents: int
    net_cents: int


class Redirection(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A decision that a payout goes to another IBAN."""

    decided_on: date
    iban: str
    reason: str


class PayoutDetail(PayoutSummary, frozen=True, kw_only=True, rename="camel"):
    """A payout whole. `holds` and `incidents` (numbers) say why it waits; `messageId` names the bank's file."""

    payment_date: date
    declared_cents: int
    returned_cents: int
    advance_cents: int
    iban: str
    holder_name: str
    holds: list[str]
    incidents: list[int]
    redirections: list[Redirection]
    message_id: str | None
    execution_date: date | None
    confirmed_on: date | None


class ExplainedOffset(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one declaration gave to one claim, `offsetCents` above 0; its reason is that of its night."""

    declaration_number: str
    invoice_number: str | None
    claim_reference: str
    claim_number: str | None
    claim_kind: str
    reason_code: str
    reason: str
    component: str
    matched_by: str | None
    offset_cents: int
    open_before_cents: int
    open_after_cents: int


class PayoutExplanation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """grossCents less each of `offsets` is netCents; `sentences` say it all in Dutch, the equation printed in full."""

    number: str
    gross_cents: int
    offsets: list[ExplainedOffset]
    offset_cents: int
    net_cents: int
    sentences: list[str]


class NewRedirection(Input, frozen=True, kw_only=True):
    """The IBAN that a held payout goes to instead, and why."""

    iban: Text
    reason: Text


class Debtor(msgspec.Struct, frozen=True, kw_only=True):
    """The account that a payment file draws on: the risk carrier's."""

    name: str
    iban: str
    bic: str | None


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One credit transfer: `end_to_end_id` is the payout number, `cents` is above 0."""

    end_to_end_id: str
    cents: int
    name: str
    iban: str
    remittance: str


class PaymentFileHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment file says before its transfers; with the transfers it fixes every byte of the file."""

    message_id: str
    created_at: datetime
    execution_date: date
    transactions: int
    control_sum_cents: int
    debtor: Debtor


class PaymentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A payment file that was released. `sha256` is the hash of its bytes, `path` where they lie, if anywhere."""

    payment_file_id: int
    run_id: int
    sequence_no: int
    message_id: str
    execution_date: date
    transactions: int
    control_sum_cents: int
    sha256: bytes
    path: str | None


class OffsetLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one declaration gave to one claim. `amount_cents` is negative, as on VGZ's betaalspecificatie.

    `open_before_cents` and `open_after_cents` are the principal that was open on the claim around this line; a line
    of costs or interest leaves it as it was. A night offsets pass by pass, so the lines of one claim follow each other
    by these amounts and not by declaration; `matched_by` names the pass. `origin_…` name the declaration that the
    claim corrects, if any.
    """

    claim_reference: str
    claim_number: str | None
    claim_kind: str
    reason_code: str
    reason: str
    origin_declaration_number: str | None
    origin_invoice_number: str | None
    component: str
    matched_by: str | None
    amount_cents: int
    open_before_cents: int
    open_after_cents: int
    remark: str | None


class DeclarationLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One declaration of a payout: awarded_cents + offset_cents = paid_cents; offset_cents is 0 or negative."""

    declaration_number: str
    invoice_number: str | None
    agb: str
    awarded_cents: int
    offset_cents: int
    paid_cents: int
    offsets: tuple[OffsetLine, ...]


class OtherLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a payout holds besides declarations: an offset given back, or an advance. Paid in full, never offset."""

    kind: str
    claim_reference: str
    claim_number: str | None
    declaration_number: str | None
    invoice_number: str | None
    amount_cents: int
    remark: str


class Specification(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Betaalspecificatie of one payout: gross_cents + offset_cents = net_cents; offset_cents is 0 or negative.

    A superset of the seven columns of VGZ's. `bank_text` is what the bank statement says; None when nothing is paid.
    """

    number: str
    bank_word: str
    bank_text: str | None
    business_date: date
    payment_date: date
    risk_carrier: str
    uzovi: str
    provider_number: str
    provider: str
    iban: str
    holder_name: str
    declared_cents: int
    returned_cents: int
    advance_cents: int
    gross_cents: int
    offset_cents: int
    net_cents: int
    declarations: tuple[DeclarationLine, ...]
    others: tuple[OtherLine, ...]


class CorrectionLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One corrected line: was_cents + difference_cents = becomes_cents; difference_cents is negative.

    A declaration holds one awarded amount and not one per line, so was and becomes are that amount as it falls.
    """

    line_no: int
    declaration_number: str
    invoice_number: str | None
    period_from: date | None
    period_until: date | None
    description: str | None
    was_cents: int
    becomes_cents: int
    difference_cents: int


class CorrectionSpecification(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Correctiespecificatie of one correction (a claim of kind 3): which lines, and by how much."""

    number: str | None
    claim_reference: str
    registered_on: date
    risk_carrier: str
    uzovi: str
    provider_number: str
    provider: str
    reason_code: str
    reason: str
    ground: str
    declaration_number: str
    invoice_number: str | None
    agb: str
    awarded_cents: int
    difference_cents: int
    lines: tuple[CorrectionLine, ...]


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A document that a run gives rise to. `for_numbers` (JSON `for`): what it is about; `refers_to`: what it names."""

    kind: str
    number: str
    account_id: int
    for_numbers: tuple[str, ...] = msgspec.field(name="for")
    refers_to: tuple[str, ...]
    lines: int
