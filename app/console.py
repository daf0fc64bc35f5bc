"""What the command line shows: lines, tables, a progress bar. The only module besides app/cli.py that prints."""

import sys
from collections.abc import Sequence
from time import monotonic


class Progress:
    """A bar on a terminal, a line every few seconds elsewhere; on stderr, so that stdout stays the result."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._last = 0.0
        self._open = False

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show that `done` of `of` are done; cheap enough to be called for every batch."""
        now = monotonic()
        live = sys.stderr.isatty()
        if now - self._last < (0.1 if live else 5) and done < of:
            return
        self._last = now
        share = done / of if of else 1  # not money: a share of a bar
        filled = int(share * 30)
        bar = "█" * filled + "░" * (30 - filled)
        text = f"{self._title} {what} {bar} {done:,} / {of:,}".replace(",", ".")
        if live:
            sys.stderr.write(f"\r\x1b[K{text}")
            self._open = True
        elif done >= of or self._last:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the bar's line."""
        if self._open:
            sys.stderr.write("\n")
            self._open = False


def say(text: str = "") -> None:
    """One line of the result."""
    print(text, flush=True)


def complain(text: str) -> None:
    """One line for the person at the keyboard, not for the result."""
    print(text, file=sys.stderr, flush=True)


def euros(cents: int) -> str:
    """`cents` as the Dutch write it: 123450 is `€ 1.234,50`."""
    whole, rest = divmod(abs(cents), 100)
    return f"€ {'-' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02d}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Print rows under a head, columns aligned; `right` lists the columns that are numbers."""
    cells = [list(head), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for number, row in enumerate(cells):
        say(
            "  ".join(
                cell.rjust(width) if column in right else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
        )
        if number == 0:
            say("  ".join("-" * width for width in widths))
