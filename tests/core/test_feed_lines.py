"""Lines out of bytes: the same ones whatever the size of the chunks that the bytes come in."""

import gzip
import hashlib
import io
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.feed_lines import Limits, Lines, Unreadable


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a network does."""

    def __init__(self, content: bytes, size: int) -> None:
        self._rest = content
        self._size = size

    def read(self, _size: int = -1) -> bytes:
        given, self._rest = self._rest[: self._size], self._rest[self._size :]
        return given


def lines_of(content: bytes, size: int = 1 << 18, limits: Limits | None = None) -> list[bytes]:
    stream: BinaryIO = Dripping(content, size)  # type: ignore[assignment]
    return [line for _, line in Lines(stream, limits or Limits())]


texts = st.lists(st.binary(max_size=8).map(lambda part: part.translate(None, b"\0\r\n\x1f\xef\xff\xfe")), min_size=1)


@given(texts, st.sampled_from([b"\n", b"\r\n"]), st.integers(1, 9), st.booleans(), st.booleans())
def test_lines_do_not_depend_on_chunks_packing_or_a_last_line_end(
    parts: list[bytes], end: bytes, size: int, packed: bool, finished: bool
) -> None:
    plain = end.join(parts) + (end if finished else b"")
    expected = parts if finished or parts[-1] else parts[:-1]
    assert lines_of(gzip.compress(plain) if packed else plain, size) == expected


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_give_lines_or_one_reason(content: bytes, size: int) -> None:
    reason, lines = "", []
    try:
        lines = lines_of(content, size)
    except Unreadable as error:
        reason = error.code
    whole = b"".join(lines) == content.replace(b"\r\n", b"").replace(b"\n", b"")
    assert whole or reason in {"nul_byte", "mixed_line_ends", "byte_order_mark", "gzip_damaged", "gzip_cut"}


def test_the_digest_is_of_the_bytes_as_sent() -> None:
    lines = Lines(b"a\nb", Limits())
    assert (list(lines), lines.unfinished) == ([(1, b"a"), (2, b"b")], True)
    assert lines.sha256 == hashlib.sha256(b"a\nb").digest()


def test_a_line_longer_than_the_limit_stops_the_reading() -> None:
    with pytest.raises(Unreadable, match="longer than 10 bytes"):
        lines_of(b"x" * 11, 3, Limits(line_bytes=10))


def test_a_bomb_of_many_small_members_stops_too() -> None:
    bomb = gzip.compress(b"\n" * 100_000) * 50
    with pytest.raises(Unreadable, match="times its size"):
        lines_of(bomb, 1000, Limits(gzip_ratio_from=1_000_000))
