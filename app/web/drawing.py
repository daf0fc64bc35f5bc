"""Geometry of drawings as whole numbers on a line of 1,000: pure; the macros of drawing.html make SVG of it.

Each drawing stands in the table whose numbers it shows, so that nothing is said by a picture alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

WIDTH = 1000


class Piece(msgspec.Struct, frozen=True):
    """A bar from `x` for `width`, of 1,000; `kind` names its colour (plus, minus, total, quiet, 1 to 8)."""

    x: int
    width: int
    kind: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a waterfall: what it adds (or takes away, when negative) in cents; a `total` says what stands there."""

    label: str
    cents: int
    total: bool = False
    href: str | None = None
    note: str = ""


def _scaled(cents: int, most: int) -> int:
    return 0 if most == 0 else (cents * WIDTH * 2 + most) // (2 * most)


def waterfall(steps: Sequence[Step]) -> list[Piece]:
    """One piece per step: totals from the zero line, the others from where the one before ended."""
    level, levels = 0, [0]
    spans: list[tuple[int, int]] = []
    for step in steps:
        begin, level = (0, step.cents) if step.total else (level, level + step.cents)
        spans.append((min(begin, level), max(begin, level)))
        levels.append(level)
    low, high = min(levels), max(levels)
    found = []
    for step, (begin, end) in zip(steps, spans, strict=True):
        x = _scaled(begin - low, high - low)
        kind = "total" if step.total else "minus" if step.cents < 0 else "plus"
        found.append(Piece(x, _at_least(_scaled(end - low, high - low) - x, end - begin), kind))
    return found


def bars(values: Sequence[int], kind: str = "total") -> list[Piece]:
    """One bar per value from the left, the largest over the whole width; a negative one as long as its amount."""
    most = max((abs(each) for each in values), default=0)
    return [Piece(0, _at_least(_scaled(abs(each), most), each), "minus" if each < 0 else kind) for each in values]


def stacked(parts: Sequence[tuple[int, str]], whole: int) -> list[Piece]:
    """The parts (cents, kind) of a `whole` side by side; parts of nothing leave no trace."""
    found, done = [], 0
    for cents, kind in parts:
        x = _scaled(done, whole)
        done += cents
        if cents > 0:
            found.append(Piece(x, _at_least(_scaled(done, whole) - x, cents), kind))
    return found


def _at_least(width: int, cents: int) -> int:
    """What is there is seen: at least two thousandths wide."""
    return max(width, 2) if cents else 0


GLOBALS: dict[str, Callable[..., Any]] = {"waterfall_of": waterfall, "bars_of": bars, "stacked_of": stacked}
"""What templates call."""
