"""What schemathesis does before each request: it comes from an address of its own, as a proxy that we trust says.

Requests without a token are limited per address (ten a minute), so that nobody guesses tokens; a fuzzer sends hundreds.
"""

import itertools
from typing import Any

import schemathesis

_numbers = itertools.count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Another address of 10.0.0.0/8 each time."""
    number = next(_numbers)
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
