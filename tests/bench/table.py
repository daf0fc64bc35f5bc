"""The table that the benchmark prints: what was measured, against what, and whether it holds."""

import statistics
from collections.abc import Sequence

import msgspec

from tests.bench.server import Cost


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `value` against `bar` (at most; at least when `least`); None where nothing is promised."""

    what: str
    measured: str
    value: float | None = None
    bar: float | None = None
    least: bool = False
    unit: str = "x"

    @property
    def holds(self) -> bool | None:
        """Whether the bar is kept; None when there is none."""
        if self.value is None or self.bar is None:
            return None
        return self.value >= self.bar if self.least else self.value <= self.bar


def median(costs: Sequence[Cost], of: str) -> float:
    """Median of `wall`, `cpu` or another figure of the costs."""
    return float(statistics.median(getattr(cost, of) for cost in costs))


def ratio(costs: Sequence[Cost], against: Sequence[Cost], of: str) -> float:
    """Median of the ratios round by round, which cancels what the machine did to both in that round."""
    return float(
        statistics.median(getattr(a, of) / max(getattr(b, of), 0.001) for a, b in zip(costs, against, strict=True))
    )


def show(costs: Sequence[Cost]) -> str:
    """The medians in words."""
    return f"{median(costs, 'wall'):.2f} s wall, {median(costs, 'cpu'):.2f} s CPU"


def render(rows: Sequence[Row]) -> str:
    """The table as text."""
    lines = [("what", "measured", "ratio", "bar", "")]
    for row in rows:
        sign = ">=" if row.least else "<="
        lines.append(
            (
                row.what,
                row.measured,
                "" if row.value is None else f"{row.value:.2f} {row.unit}",
                "" if row.bar is None else f"{sign} {row.bar:g} {row.unit}",
                {True: "ok", False: "MISSED", None: ""}[row.holds],
            )
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * (sum(widths) + 2 * len(widths)), *text[1:]])
