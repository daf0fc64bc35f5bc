"""From the bytes of a file that somebody sent to its lines: a stream, gzip or not, one chunk in memory.

What a text file should not hold (a byte-order mark, NUL, two kinds of line ends, a line without end, a gzip bomb) stops
the reading with a sentence: guessing what the sender meant is how wrong amounts get in.
"""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

import msgspec

Source: TypeAlias = Path | bytes | BinaryIO

_CHUNK = 1 << 18
_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one file may ask of this machine."""

    line_bytes: int = 4 << 20
    total_bytes: int = 64 << 30
    gzip_ratio: int = 200
    """Unpacked bytes per packed byte. Records of declarations pack 10 to 40 times, a bomb about 1,000 times."""
    gzip_ratio_from: int = 16 << 20
    """Below so many unpacked bytes the ratio does not matter."""


class Unreadable(Exception):
    """The file cannot be read on from `line` (None: the whole file); `message` follows its name, with the remedy."""

    def __init__(self, code: str, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


class Block(msgspec.Struct, frozen=True):
    """Lines that came together: number of the first, the lines without line end, and a text that holds them all."""

    first: int
    lines: list[bytes]
    text: bytes


class Lines:
    """The lines of a source: iterate once, for (number from 1, bytes without line end)."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._hash = hashlib.sha256()
        self._windows: bool | None = None  # whether lines end in CR LF; the first line decides
        self.unfinished = False
        """True once the last line came and had no line end."""

    @property
    def sha256(self) -> bytes:
        """Digest of what was read so far; of the whole file after the last line."""
        return self._hash.digest()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for block in self.blocks():
            yield from enumerate(block.lines, block.first)

    def blocks(self) -> Iterator[Block]:
        """The same lines, as many at a time as one piece of the source holds; iterate one or the other."""
        number = 0
        pending = b""
        for chunk in self._unpacked(self._read()):
            text = pending + chunk
            if b"\0" in chunk:
                raise Unreadable(
                    "nul_byte",
                    "holds a NUL byte (\\x00), so the file was damaged or is not text; send it again.",
                    line=number + 1 + text[: text.index(b"\0")].count(b"\n"),
                )
            cut = text.rfind(b"\n") + 1
            whole, pending = text[:cut], text[cut:]
            if whole:
                parts = whole.split(b"\n")
                parts.pop()
                yield from self._block(number + 1, parts, whole)
                number += len(parts)
            if len(pending) > self._limits.line_bytes:
                raise Unreadable(
                    "line_too_long",
                    f"is longer than {self._limits.line_bytes} bytes; put one record on each line.",
                    line=number + 1,
                )
        if pending:
            self.unfinished = True
            windows = bool(self._windows) and pending.endswith(b"\r")
            yield Block(number + 1, [_without_return(pending, windows, number + 1)], pending)

    def _block(self, first: int, lines: list[bytes], text: bytes) -> Iterator[Block]:
        if self._windows is None:
            self._windows = lines[0].endswith(b"\r")
        if self._windows or b"\r" in text:
            for place, line in enumerate(lines):
                try:
                    lines[place] = _without_return(line, self._windows, first + place)
                except Unreadable:
                    yield Block(first, lines[:place], text)  # what came before the fault is read
                    raise
        yield Block(first, lines, text)

    def _read(self) -> Iterator[bytes]:
        if isinstance(self._source, bytes):
            for start in range(0, len(self._source), _CHUNK):
                yield self._noted(self._source[start : start + _CHUNK])
        elif isinstance(self._source, Path):
            with self._source.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    yield self._noted(chunk)
        else:
            while chunk := self._source.read(_CHUNK):
                yield self._noted(chunk)

    def _noted(self, chunk: bytes) -> bytes:
        self._hash.update(chunk)
        return chunk

    def _unpacked(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        start = b""
        while len(start) < 4 and (chunk := next(raw, b"")):
            start += chunk
        packed = start.startswith(b"\x1f\x8b")
        first = True
        total = 0
        for chunk in _inflated(_chained(start, raw), self._limits) if packed else _chained(start, raw):
            if first:
                for mark, encoding in _MARKS.items():
                    if chunk.startswith(mark):
                        raise Unreadable(
                            "byte_order_mark",
                            f"starts with a byte-order mark ({encoding}); save the file as UTF-8 without BOM.",
                            line=1,
                        )
                first = False
            total += len(chunk)
            if total > self._limits.total_bytes:
                raise Unreadable(
                    "file_too_large", f"holds more than {self._limits.total_bytes} bytes; split it into several files."
                )
            yield chunk


def _chained(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if start:
        yield start
    yield from rest


def _without_return(line: bytes, windows: bool, number: int) -> bytes:
    bare = line[:-1] if windows and line.endswith(b"\r") else line
    if b"\r" in bare or windows is not line.endswith(b"\r"):
        raise Unreadable(
            "mixed_line_ends",
            "has another line end than the first line; end every line the same way, LF or CR LF.",
            line=number,
        )
    return bare


def _inflated(raw: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    packed = unpacked = 0
    begun = False  # inside a member: a gzip file may be several, one after the other
    try:
        for chunk in raw:
            packed += len(chunk)
            data = chunk
            while data or unpacker.unconsumed_tail:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
                begun = True
                out = unpacker.decompress(data or unpacker.unconsumed_tail, _CHUNK)
                unpacked += len(out)
                if unpacked > limits.gzip_ratio_from and unpacked > limits.gzip_ratio * packed:
                    raise Unreadable(
                        "gzip_bomb",
                        f"unpacks to more than {limits.gzip_ratio} times its size; send it unpacked, or in parts.",
                    )
                if out:
                    yield out
                data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                if not data and not out:
                    break
        while not unpacker.eof and (out := unpacker.decompress(b"", _CHUNK)):
            yield out
    except zlib.error as error:
        raise Unreadable("gzip_damaged", f"is damaged gzip ({error}); send the file again.") from error
    if begun and not unpacker.eof:
        raise Unreadable("gzip_cut", "is gzip that ends in the middle; send the whole file again.")
