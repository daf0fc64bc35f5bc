"""The words, texts and cells of what leaves."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payouts.format_csv import csv_lines, text_cell
from app.payouts.rules import (
    SEPA_CHARACTERS,
    bank_word,
    decimal_euros,
    dutch_date,
    dutch_euros,
    message_id,
    sepa_text,
)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-5, "-0.05"), (10**15 + 1, "10000000000000.01")]
)
def test_decimal_euros_are_exact(cents: int, text: str) -> None:
    assert decimal_euros(cents) == text


@pytest.mark.parametrize(("cents", "text"), [(0, "0,00"), (-123456789, "-1.234.567,89"), (100000, "1.000,00")])
def test_dutch_euros_have_a_comma_and_thousands(cents: int, text: str) -> None:
    assert dutch_euros(cents) == text


def test_a_dutch_date_names_the_month() -> None:
    assert dutch_date(date(2026, 3, 2)) == "2 maart 2026"


@pytest.mark.parametrize(("offset", "word"), [(0, "declaratie"), (1, "afrekening")])
def test_the_bank_word_says_whether_anything_was_offset(offset: int, word: str) -> None:
    assert bank_word(offset) == word


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Müller & Zn.", "Muller + Zn."), ("Łódź ß", "Lodz ss"), ("a\tb\n c", "a b c"), ("日本", ".."), ("ﬁjn", "fijn")],
)
def test_sepa_text_writes_what_every_bank_can_read(text: str, expected: str) -> None:
    assert sepa_text(text, 70) == expected


@given(st.text(), st.integers(1, 140))
def test_sepa_text_never_leaves_the_character_set_or_the_length(text: str, length: int) -> None:
    found = sepa_text(text, length)
    assert set(found) <= SEPA_CHARACTERS
    assert len(found) <= length


def test_a_carrier_code_that_does_not_fit_gives_way_to_its_id() -> None:
    assert message_id("ÉÉN", 1, 12, 1) == "VEREFFEN-1-12-1"
    assert message_id("X" * 30, 1, 12, 1) == "VEREFFEN-1-12-1"


def test_the_longest_message_id_fits_the_standard() -> None:
    assert len(message_id("X" * 30, 32767, 10**15, 999)) <= 35


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert text_cell(text) == f"'{text}"


def test_an_amount_is_no_formula_and_stays_a_number() -> None:
    assert csv_lines([("a;b", -5, None, date(2026, 3, 2))]) == '"a;b";-0,05;;2026-03-02\r\n'
