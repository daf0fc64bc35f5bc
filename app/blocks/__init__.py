"""Holds: what keeps a claim or a running account out of dunning, offset, payout or the agency, since when and why.

What others may call is what this door exports.
"""

from app.blocks.actions import end_hold, record_hold
from app.blocks.model import EndHold, HoldKind, RecordHold

__all__ = ["EndHold", "HoldKind", "RecordHold", "end_hold", "record_hold"]
