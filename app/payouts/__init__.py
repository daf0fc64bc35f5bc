"""What leaves: payouts to providers, the payment file for the bank, and the papers that explain them.

Others call `release_payments` (after a night's proof), `read_specification`, `explain_payout`, `documents_for_run`
and `redirect_payout`.
"""

from app.payouts.actions import (
    release_payments,
    render_payment_file,
    restore_payment_files,
    runs_with_held_payouts,
)
from app.payouts.format_csv import Cell, csv_lines
from app.payouts.model import (
    CorrectionSpecification,
    Document,
    PaymentFile,
    RedirectPayout,
    Specification,
)
from app.payouts.queries import held_payouts
from app.payouts.redirection import redirect_payout
from app.payouts.rules import CLAIM_KINDS, bank_word, dutch_date, dutch_euros
from app.payouts.specification import documents_for_run, explain_payout, read_correction, read_specification
from app.payouts.specification_csv import as_json, correction_csv, payment_csv

__all__ = [
    "CLAIM_KINDS",
    "Cell",
    "CorrectionSpecification",
    "Document",
    "PaymentFile",
    "RedirectPayout",
    "Specification",
    "as_json",
    "bank_word",
    "correction_csv",
    "csv_lines",
    "documents_for_run",
    "dutch_date",
    "dutch_euros",
    "explain_payout",
    "held_payouts",
    "payment_csv",
    "read_correction",
    "read_specification",
    "redirect_payout",
    "release_payments",
    "render_payment_file",
    "restore_payment_files",
    "runs_with_held_payouts",
]
