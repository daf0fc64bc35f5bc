"""What leaves: payouts to providers, the payment file for the bank, and the papers that explain them.

Others call `release_payments` (after a night's proof), `read_specification`, `explain_payout` and `documents_for_run`.
"""

from app.payouts.actions import release_payments, render_payment_file, restore_payment_files
from app.payouts.format_csv import csv_lines
from app.payouts.model import (
    CorrectionSpecification,
    Document,
    PaymentFile,
    Specification,
)
from app.payouts.queries import held_payouts
from app.payouts.rules import bank_word, dutch_euros

__all__ = [
    "CorrectionSpecification",
    "Document",
    "PaymentFile",
    "Specification",
    "bank_word",
    "csv_lines",
    "dutch_euros",
    "held_payouts",
    "release_payments",
    "render_payment_file",
    "restore_payment_files",
]
