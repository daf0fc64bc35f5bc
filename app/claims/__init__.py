"""Claims: amounts and lines, adjustments, steps, references; status and timeline computed from facts.

What others may call is what this door exports.
"""

from app.claims.actions import (
    adjust_claim,
    charge_claim,
    located,
    lower,
    raise_amount,
    record_step,
    reverse_lines,
    withdraw,
    withdraw_claim,
    write_off,
)
from app.claims.intake import CLAIM_PROBLEMS, CLAIMS_FEED, NEW_CLAIM
from app.claims.intake import MESSAGES as CLAIM_MESSAGES
from app.claims.intake import register as register_claims
from app.claims.intake_opening import OPENING_CLAIMS_FEED
from app.claims.model import (
    AdjustClaim,
    AdjustmentKind,
    ChargeClaim,
    ClaimKind,
    ClaimState,
    RecordStep,
    ReversalCause,
    StandingOffset,
    StepKind,
    WithdrawClaim,
    WriteOff,
)
from app.claims.queries import (
    claim_state,
    claim_states,
    claim_timeline,
    claimed_for_declaration,
    claims_register,
    find_reference,
    locate_claim,
    locate_claims,
    locate_declaration,
    move_open,
    offsets_of_claim,
    offsets_of_declaration,
)
from app.claims.rules import Part, spread_payment, take_offsets

__all__ = [
    "CLAIMS_FEED",
    "CLAIM_MESSAGES",
    "CLAIM_PROBLEMS",
    "NEW_CLAIM",
    "OPENING_CLAIMS_FEED",
    "AdjustClaim",
    "AdjustmentKind",
    "ChargeClaim",
    "ClaimKind",
    "ClaimState",
    "Part",
    "RecordStep",
    "ReversalCause",
    "StandingOffset",
    "StepKind",
    "WithdrawClaim",
    "WriteOff",
    "adjust_claim",
    "charge_claim",
    "claim_state",
    "claim_states",
    "claim_timeline",
    "claimed_for_declaration",
    "claims_register",
    "find_reference",
    "locate_claim",
    "locate_claims",
    "locate_declaration",
    "located",
    "lower",
    "move_open",
    "offsets_of_claim",
    "offsets_of_declaration",
    "raise_amount",
    "record_step",
    "register_claims",
    "reverse_lines",
    "spread_payment",
    "take_offsets",
    "withdraw",
    "withdraw_claim",
    "write_off",
]
