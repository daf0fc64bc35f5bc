"""What is offset against what, and why; reversal of an offset, instructions and requests.

What others may call is what this door exports.
"""

from app.offsetting.actions import request_offset, reverse_offset, set_offset_instruction
from app.offsetting.model import RequestOffset, ReverseOffset, SetOffsetInstruction
from app.offsetting.queries import Why, why

__all__ = [
    "RequestOffset",
    "ReverseOffset",
    "SetOffsetInstruction",
    "Why",
    "request_offset",
    "reverse_offset",
    "set_offset_instruction",
    "why",
]
