"""What comes back from the bank: payments of providers and confirmations of payouts.

What others may call is what this door exports.
"""

from app.banking.actions import allocate_money, confirm_payout, record_payment
from app.banking.model import AllocateMoney, ConfirmPayout, RecordPayment

__all__ = ["AllocateMoney", "ConfirmPayout", "RecordPayment", "allocate_money", "confirm_payout", "record_payment"]
