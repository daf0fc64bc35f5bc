"""Files of records as JSON Lines or CSV: a header with count and control total, then one record a line.

The same record structs describe both; a cell of CSV is text, a whole number, true or false, or JSON for a nested list.
Every fault becomes a rejection that names file, line, field, value and remedy; reading goes on after a faulty record,
so that the sender gets all of them at once.
"""

import csv
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from app.core import feed_faults
from app.core.errors import Rejection
from app.core.feed_format import Finding, Format, Header, canonical, columns, record_type, shown
from app.core.feed_lines import Block, Limits, Lines, Source, Unreadable

KEPT_REJECTIONS = 1000
MOST_REJECTIONS = 100_000
MAX_COLUMNS = 200

_HEADER_HELP = (
    'begin JSON Lines with {"kind":"declarations","source":"core","riskCarrier":"VZ","cutOffDate":"2026-03-02",'
    '"rows":2,"controlTotalCents":90000} and CSV with '
    "#kind=declarations;source=core;riskCarrier=VZ;cutOffDate=2026-03-02;rows=2;controlTotalCents=90000"
)
_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, csv.Error)


class Rejections:
    """The first `keep` rejections and the count of all; each message starts with file and line."""

    def __init__(self, file_name: str, keep: int = KEPT_REJECTIONS) -> None:
        self.file_name = file_name
        self._keep = keep
        self.count = 0
        self._stopped: list[Rejection] = []
        self._kept: list[Rejection] = []

    @property
    def kept(self) -> list[Rejection]:
        """What stopped the reading comes first, then the others by line."""
        return [*self._stopped, *sorted(self._kept, key=lambda each: each.line or 0)][: self._keep]

    def add(self, line: int | None, finding: Finding, *, stops: bool = False) -> None:
        """Note a finding at a line (None: the file as a whole); `stops`: nothing is read after it."""
        self.count += 1
        if len(self._kept) >= self._keep and not stops:
            return
        place = f"{self.file_name}, line {line}" if line else self.file_name
        value = None if finding.value is None else shown(finding.value)
        if finding.field == "file":
            message = f"{place} {finding.message}"
        elif value is None:
            message = f"{place}: {finding.field} is missing; {finding.message}"
        else:
            message = f"{place}: {finding.field} is {value}; {finding.message}"
        (self._stopped if stops else self._kept).append(
            Rejection(code=finding.code, field=finding.field, message=message, value=value, line=line)
        )


class Reader:
    """Reads one file: `header()` first, then `records(form)`. What is wrong goes to `rejections`.

    After the last record `read` and `total_cents` hold what came, and `sha256` is of the whole file.
    """

    def __init__(self, source: Source, file_name: str, limits: Limits, keep: int = KEPT_REJECTIONS) -> None:
        self.rejections = Rejections(file_name, keep)
        self.read = 0
        self.total_cents = 0
        self._lines = Lines(source, limits)
        self._blocks = self._lines.blocks()
        self._rest: list[Block] = []  # what was taken from `_blocks` and not read yet
        self._given_up = False
        self._is_csv = False
        self._names: list[str] = []
        self._cell_readers: list[Callable[[str], object]] = []
        self._delimiter = ";"

    @property
    def sha256(self) -> bytes:
        """Digest of the file as sent; complete after the last record."""
        return self._lines.sha256

    def header(self) -> Header | None:
        """The first line; None, and a rejection, when it is no header."""
        try:
            _, line = self._next_line() or (1, b"")
            self._is_csv = line.startswith(b"#")
            if not self._is_csv:
                header = msgspec.json.decode(line, type=Header)
                if not self._notes_repeated(1, line, header):
                    return header
                return None
            pairs = [part.partition("=") for part in line[1:].decode().split(";") if part]
            counts = ("rows", "controlTotalCents")
            return msgspec.convert({name: _count(text) if name in counts else text for name, _, text in pairs}, Header)
        except Unreadable as error:
            self._unreadable(error)
        except _ERRORS as error:
            what, path = feed_faults.split_path(error)
            where = f" at {path}" if path else ""
            self.rejections.add(1, Finding("bad_header", "file", None, f"is no header: {what}{where}; {_HEADER_HELP}"))
        return None

    def records(self, form: Format) -> Iterator[tuple[int, Any]]:
        """Each good record with its line; a faulty one is noted and left out, and counts in `read`."""
        for piece in self.pieces(form):
            for number, record, _ in piece:
                yield number, record

    def pieces(self, form: Format) -> Iterator[list[tuple[int, Any, bytes]]]:
        """The same by some hundreds, each with its `canonical` bytes; iterate one or the other."""
        try:
            if self._is_csv and not self._read_column_names(form):
                return
            decode = self._csv_decoder(form) if self._is_csv else msgspec.json.Decoder(record_type(form)).decode
            while (block := self._next_block()) is not None:
                piece = None if self._is_csv else self._sound(form, block, decode)
                yield self._each(form, block, decode) if piece is None else piece
                if self._given_up:
                    return
            if self._is_csv and self._lines.unfinished:
                # a cell that was cut looks like a whole one
                self._note(self.read + 2, "cut_line", "has no line end, so the file may have been cut; send it whole.")
        except Unreadable as error:
            self._unreadable(error)

    def _sound(self, form: Format, block: Block, decode: Callable[[bytes], Any]) -> list[tuple[int, Any, bytes]] | None:
        """All records of a block when nothing at all is wrong or odd in it; else None, and nothing is noted."""
        if b"\\" in block.text:
            return None
        try:
            records = [decode(line) for line in block.lines]
        except _ERRORS:
            return None
        findings = form.findings
        for record in records:
            if (found := findings(record)) and any(True for _ in found):
                return None
        texts = [canonical(record) for record in records]
        # Without escapes a record has the quotes of its canonical bytes, and more if a name stands twice (or a null)
        if b"".join(texts).count(b'"') != block.text.count(b'"'):
            return None
        self.read += len(records)
        self.total_cents += sum(map(form.cents, records))
        return list(zip(range(block.first, block.first + len(records)), records, texts, strict=True))

    def _each(self, form: Format, block: Block, decode: Callable[[bytes], Any]) -> list[tuple[int, Any, bytes]]:
        """The good records of a block; what is wrong with the others is noted."""
        good: list[tuple[int, Any, bytes]] = []
        for number, line in enumerate(block.lines, block.first):
            if self.rejections.count >= MOST_REJECTIONS:
                much = f"has {MOST_REJECTIONS} faults up to here; see whether it is the right file."
                self.rejections.add(number, Finding("too_many_faults", "file", None, much), stops=True)
                self._given_up = True
                break
            self.read += 1
            try:
                record = decode(line)
            except _ERRORS as error:
                self._explain(form, number, line, error)
                continue
            self.total_cents += form.cents(record)
            before = self.rejections.count
            if b"\\u0000" in line:
                self._note(number, "nul_byte", "holds a NUL (\\u0000) in a text; take it out.")
            if not self._is_csv:
                self._notes_repeated(number, line, record)
            for finding in form.findings(record):
                self.rejections.add(number, finding)
            if self.rejections.count == before:
                good.append((number, record, canonical(record)))
        return good

    def _next_block(self) -> Block | None:
        return self._rest.pop() if self._rest else next(self._blocks, None)

    def _next_line(self) -> tuple[int, bytes] | None:
        block = self._next_block()
        if block is None:
            return None
        line = block.lines[0]
        if len(block.lines) > 1:
            self._rest.append(Block(block.first + 1, block.lines[1:], block.text[len(line) + 1 :]))
        return block.first, line

    def _notes_repeated(self, number: int, line: bytes, record: msgspec.Struct) -> bool:
        """Whether a field stands twice in an object, which is noted: a decoder would keep the last and say nothing."""
        if b"\\" not in line and line.count(b'"') == canonical(record).count(b'"'):
            return False
        repeated = feed_faults.repeated(line)
        if repeated is not None:
            self.rejections.add(number, repeated)
        return repeated is not None

    def _note(self, line: int, code: str, message: str) -> None:
        self.rejections.add(line, Finding(code, "file", None, message))

    def _unreadable(self, error: Unreadable) -> None:
        self.rejections.add(error.line, Finding(error.code, "file", None, error.message), stops=True)

    def _read_column_names(self, form: Format) -> bool:
        known = columns(form)
        number, line = self._next_line() or (2, b"")
        try:
            text = line.decode()
            self._delimiter = ";" if text.count(";") >= text.count(",") else ","
            if text.count(self._delimiter) >= MAX_COLUMNS:
                self._note(number, "too_many_columns", f"names more than {MAX_COLUMNS} columns; keep the known ones.")
                return False
            self._names = self._split(line)
        except _ERRORS as error:
            self.rejections.add(number, feed_faults.unparsed(line, error))
            return False
        for name in dict.fromkeys(self._names):
            if name not in known:
                remedy = f"no such column; the columns are {', '.join(sorted(known))}."
                self.rejections.add(number, Finding("unknown_field", "column", name, remedy))
            elif self._names.count(name) > 1:
                self.rejections.add(number, Finding("double_column", "column", name, "name each column once."))
        self._cell_readers = [known.get(name, str) for name in self._names]
        return self.rejections.count == 0

    def _csv_decoder(self, form: Format) -> Callable[[bytes], Any]:
        wanted = record_type(form)
        return lambda line: msgspec.convert(self._cells(line), wanted)

    def _split(self, line: bytes) -> list[str]:
        return next(csv.reader([line.decode()], delimiter=self._delimiter, strict=True), [])

    def _cells(self, line: bytes) -> dict[str, object]:
        """The cells of a row by column, empty ones left out."""
        cells = self._split(line)
        if len(cells) != len(self._names):
            raise csv.Error(f"{len(cells)} cells under {len(self._names)} columns")
        return {
            name: read(cell) for name, read, cell in zip(self._names, self._cell_readers, cells, strict=True) if cell
        }

    def _explain(self, form: Format, number: int, line: bytes, error: Exception) -> None:
        if not isinstance(error, msgspec.ValidationError):
            self.rejections.add(number, feed_faults.unparsed(line, error))
            return
        raw = self._cells(line) if self._is_csv else msgspec.json.decode(line)
        for finding in feed_faults.invalid(form, raw, error):
            self.rejections.add(number, finding)


def _count(text: str) -> object:
    """A whole number of the header; anything else stays text, which is refused by name."""
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19 else text
