"""Drawings: pieces on a line of 1,000 that add up, whatever the amounts."""

import tomllib
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from app.core.settings import ROOT
from app.web.drawing import WIDTH, Piece, Step, bars, stacked, waterfall

CENTS = st.integers(-(10**14), 10**14)


def test_a_waterfall_goes_down_from_gross_to_net() -> None:
    steps = [Step(label="a", cents=1000), Step(label="b", cents=-250), Step(label="c", cents=750, total=True)]
    assert waterfall(steps) == [Piece(0, 1000, "plus"), Piece(750, 250, "minus"), Piece(0, 750, "total")]


def test_a_waterfall_to_zero_ends_in_nothing() -> None:
    steps = [Step(label="a", cents=500), Step(label="b", cents=-500), Step(label="c", cents=0, total=True)]
    assert waterfall(steps)[2] == Piece(0, 0, "total")


def test_a_waterfall_below_zero_moves_its_zero_line() -> None:
    steps = [Step(label="a", cents=-100), Step(label="b", cents=300), Step(label="c", cents=200, total=True)]
    assert [piece.x for piece in waterfall(steps)] == [0, 0, 333]


def test_what_is_small_is_still_seen() -> None:
    assert [piece.width for piece in bars([1_000_000, 1, 0])] == [1000, 2, 0]


@given(st.lists(CENTS, min_size=1, max_size=12))
def test_no_piece_of_a_waterfall_leaves_its_line(amounts: list[int]) -> None:
    steps = [Step(label="x", cents=cents) for cents in amounts]
    for piece in waterfall([*steps, Step(label="t", cents=sum(amounts), total=True)]):
        assert 0 <= piece.x <= piece.x + piece.width <= WIDTH + 2


@given(st.lists(st.integers(0, 10**14), max_size=8))
def test_parts_of_a_whole_stand_side_by_side_and_fill_it(amounts: list[int]) -> None:
    pieces = stacked([(cents, "1") for cents in amounts], sum(amounts))
    assert len(pieces) == sum(cents > 0 for cents in amounts)
    ends = [piece.x for piece in pieces] + ([WIDTH] if pieces else [])
    assert all(abs(piece.x + piece.width - end) <= 2 for piece, end in zip(pieces, ends[1:], strict=False))


def test_what_others_wrote_is_what_they_published() -> None:
    folder = ROOT / "app" / "web" / "static" / "vendor"
    listed = tomllib.loads((folder / "VENDOR.toml").read_text(encoding="utf-8"))
    there = {path.name for path in folder.iterdir() if path.suffix in (".js", ".css")}
    assert set(listed) == there
    assert {name: sha256((folder / name).read_bytes()).hexdigest() for name in listed} == {
        name: each["sha256"] for name, each in listed.items()
    }
