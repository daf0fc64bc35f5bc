"""The running account: ledger accounts, posting kinds, postings, balances; and the frame of every write on it.

What others may call is what this door exports.
"""

from app.ledger.actions import EARLIEST, Answer, Booking, Replayed, book, lock
from app.ledger.api import command_of, replay_header
from app.ledger.model import (
    MAX_CENTS,
    Cents,
    Command,
    Input,
    LedgerAccount,
    Pending,
    Posting,
    PostingKind,
    Text,
)
from app.ledger.queries import AccountRange, account_range, accounts_of_provider, balances, pending, post

__all__ = [
    "EARLIEST",
    "MAX_CENTS",
    "AccountRange",
    "Answer",
    "Booking",
    "Cents",
    "Command",
    "Input",
    "LedgerAccount",
    "Pending",
    "Posting",
    "PostingKind",
    "Replayed",
    "Text",
    "account_range",
    "accounts_of_provider",
    "balances",
    "book",
    "command_of",
    "lock",
    "pending",
    "post",
    "replay_header",
]
