"""What is offset against what, and why; reversal of an offset, instructions, requests and agreements.

What others may call is what this door exports.
"""

from app.offsetting.actions import (
    end_agreement,
    register_agreement,
    request_offset,
    reverse_offset,
    set_offset_instruction,
)
from app.offsetting.model import EndAgreement, RegisterAgreement, RequestOffset, ReverseOffset, SetOffsetInstruction
from app.offsetting.queries import Why, why
from app.offsetting.views import Agreement, agreement_state, agreements_of

__all__ = [
    "Agreement",
    "EndAgreement",
    "RegisterAgreement",
    "RequestOffset",
    "ReverseOffset",
    "SetOffsetInstruction",
    "Why",
    "agreement_state",
    "agreements_of",
    "end_agreement",
    "register_agreement",
    "request_offset",
    "reverse_offset",
    "set_offset_instruction",
    "why",
]
