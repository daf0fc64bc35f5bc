"""What comes back from the bank: payments of providers and confirmations of payouts.

What others may call is what this door exports.
"""

from app.banking.actions import confirm_payout, record_payment
from app.banking.model import ConfirmPayout, RecordPayment

__all__ = ["ConfirmPayout", "RecordPayment", "confirm_payout", "record_payment"]
