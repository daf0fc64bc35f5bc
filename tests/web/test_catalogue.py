"""The English catalogue: every Dutch text of the pages has one, with the same values in it, and amounts read right."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from babel.messages.extract import extract, extract_python
from babel.messages.pofile import read_po
from babel.numbers import format_currency
from jinja2.ext import babel_extract

from app.core.settings import ROOT
from app.web import words

_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None, "N_": None}
_VALUE = re.compile(r"%\(\w+\)s")
_OPTIONS = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true", "extensions": "jinja2.ext.do"}


def texts() -> Iterator[tuple[str, str]]:
    """Every Dutch text with the file that it stands in."""
    for path in sorted((ROOT / "app").glob("*/templates/**/*.html")):
        with path.open("rb") as file:
            for _, _, found, _ in babel_extract(file, _KEYWORDS, [], _OPTIONS):
                for text in (found,) if isinstance(found, str) else found:
                    if text:
                        yield str(text), path.name
    for path in sorted((ROOT / "app").rglob("*.py")):
        for _, found, *_ in extract(extract_python, BytesIO(path.read_bytes()), _KEYWORDS):
            for text in (found,) if isinstance(found, str) else found:
                yield text, path.name


def english() -> dict[str, str]:
    """Every text of the catalogues with its English; a plural gives both."""
    found: dict[str, str] = {}
    for path in sorted(words.LOCALE.glob("en*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="en", abort_invalid=True):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.id:
                    found |= dict(zip(ids, strings, strict=True))
    return found


def test_every_dutch_text_of_the_pages_has_its_english() -> None:
    known = english()
    used = list(texts())
    assert [f"{file}: {text}" for text, file in used if not known.get(text)] == []
    assert len(used) > 60


def test_a_text_and_its_english_hold_the_same_values() -> None:
    known = english()
    assert [text for text in known if sorted(_VALUE.findall(text)) != sorted(_VALUE.findall(known[text]))] == []


def test_no_text_is_in_the_catalogue_that_no_page_uses() -> None:
    used = {text for text, _ in texts()}
    assert sorted(set(english()) - used) == []


@pytest.mark.parametrize("cents", [0, 5, -5, 100, 123_450, -123_450, 99_999_999_999])
@pytest.mark.parametrize("name", ["nl", "en"])
def test_an_amount_is_written_as_the_locale_data_say(name: str, cents: int) -> None:
    with words.speaking(name):
        found = words.euros(cents)
    assert found == format_currency(Decimal(cents) / 100, "EUR", locale=words._BABEL[name])


@pytest.mark.parametrize(("name", "text"), [("nl", "3 maart 2026"), ("en", "3 March 2026")])
def test_a_day_is_written_in_words(name: str, text: str) -> None:
    with words.speaking(name):
        assert words.day(date(2026, 3, 3)) == text


@pytest.mark.parametrize(("part", "whole", "text"), [(1, 8, "12,5%"), (1, 3, "33,3%"), (2, 3, "66,7%"), (1, 0, "")])
def test_a_share_is_rounded_half_up_to_a_tenth(part: int, whole: int, text: str) -> None:
    assert words.share(part, whole) == text
