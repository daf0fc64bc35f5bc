"""Texts, dates and amounts in the language of the request: Dutch is what stands in the code, English a catalogue.

`_("Nachten")` in templates and in Python gives the text in the language at hand. Catalogues: `locale/en.po`, and
`locale/en.<area>.po` beside it so that areas do not write in one file. `%` is written `%%` in a text with values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("nl", "en")
LOCALE = Path(__file__).with_name("locale")
_BABEL = {"nl": "nl", "en": "en_GB"}
_ZONE = ZoneInfo("Europe/Amsterdam")
_language: ContextVar[str] = ContextVar("language", default="nl")


def _english() -> Translations:
    found = Translations()
    for path in sorted(LOCALE.glob("en*.po")):
        made = BytesIO()
        with path.open("rb") as file:
            write_mo(made, read_po(file, locale="en"))
        made.seek(0)
        found.merge(Translations(made))
    return found


_ENGLISH = _english()


def language() -> str:
    """The language at hand: "nl" or "en"."""
    return _language.get()


def choose(name: str) -> None:
    """Take that language for the rest of this request."""
    _language.set(name if name in LANGUAGES else "nl")


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """That language inside the block."""
    before = _language.set(name)
    try:
        yield
    finally:
        _language.reset(before)


def gettext(text: str, **values: object) -> str:
    """`text` in the language at hand, itself in Dutch; `gettext("op %(date)s", date=…)` fills in."""
    found = text if language() == "nl" else str(_ENGLISH.ugettext(text))
    return found % values if values else found


def ngettext(one: str, many: str, number: int) -> str:
    """The singular or plural in the language at hand."""
    if language() == "nl":
        return one if number == 1 else many
    return str(_ENGLISH.ungettext(one, many, number))


def marked(text: str) -> str:
    """Marks a text of a constant for the catalogue; it is translated where it is shown, by `gettext`."""
    return text


def euros(cents: int | None) -> str:
    """`€ 1.234,50`, in English `€1,234.50`; nothing for None. Spaces do not break."""
    if cents is None:
        return ""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if language() == "en":
        return f"{sign}€{whole:,}.{rest:02d}"
    return f"€\u00a0{sign}{whole:,}".replace(",", ".") + f",{rest:02d}"


def count(number: int) -> str:
    """`1.234`, in English `1,234`."""
    text = f"{number:,}"
    return text if language() == "en" else text.replace(",", ".")


def share(part: int, whole: int) -> str:
    """`12,5%` of the whole, rounded half up; in English `12.5%`."""
    if whole == 0:
        return ""
    tenths = (abs(part) * 2000 + abs(whole)) // (2 * abs(whole))
    return f"{tenths // 10}{'.' if language() == 'en' else ','}{tenths % 10}%"


@lru_cache(maxsize=20_000)
def _day(value: date, name: str, pattern: str) -> str:
    return str(format_date(value, pattern, locale=_BABEL[name]))


def day(value: date | None) -> str:
    """`3 maart 2026`; nothing for None."""
    return "" if value is None else _day(value, language(), "d MMMM y")


def short_day(value: date | None) -> str:
    """`3 mrt 2026`, for tables; nothing for None."""
    return "" if value is None else _day(value, language(), "d MMM y")


def moment(value: datetime | None) -> str:
    """`3 maart 2026 14:05` in Amsterdam; nothing for None."""
    if value is None:
        return ""
    local = value.astimezone(_ZONE)
    return str(format_datetime(local, "d MMMM y HH:mm", locale=_BABEL[language()]))
