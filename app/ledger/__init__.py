"""The running account: ledger accounts, posting kinds, postings, balances; and the frame of every write on it.

What others may call is what this door exports.
"""

from app.ledger.actions import Answer, Booking, book, lock
from app.ledger.model import Command, LedgerAccount, Pending, Posting, PostingKind
from app.ledger.queries import balances, pending, post

__all__ = [
    "Answer",
    "Booking",
    "Command",
    "LedgerAccount",
    "Pending",
    "Posting",
    "PostingKind",
    "balances",
    "book",
    "lock",
    "pending",
    "post",
]
