"""What is offset against what, and why; reversal of an offset, instructions and requests.

What others may call is what this door exports.
"""

from app.offsetting.actions import request_offset, reverse_offset, set_offset_instruction
from app.offsetting.model import RequestOffset, ReverseOffset, SetOffsetInstruction

__all__ = [
    "RequestOffset",
    "ReverseOffset",
    "SetOffsetInstruction",
    "request_offset",
    "reverse_offset",
    "set_offset_instruction",
]
