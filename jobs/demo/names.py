"""Names and numbers of a demo insurer: they look Dutch and belong to nobody.

Places and surnames are put together from syllables; the bank code DEMO does not exist, so that no IBAN is anybody's.
"""

from collections.abc import Callable
from random import Random
from typing import TypeVar

import msgspec

T = TypeVar("T")

_PLACE_START = "Linder Hooge Wilter Zander Ooster Vlas Rieter Molen Elzer Dinker Appel Heide Kraaien Wester".split()
_PLACE_END = "meer vennen sloot veld waard horst donk beek rade hout oever brink".split()
_NAME_START = "Hazel Zilver Water Riet Molen Duin Bremmer Kastel Vinken Ravel Winter Zomer Korte Dalen Eiken".split()
_NAME_END = "waard horst laar stede broek veen kamp weide gaarde hoven".split()
_INITIALS = "A. B. C. D. E. F. G. H. J. K. L. M. N. P. R. S. T. W.".split()
_ESTATES = "De Linde,De Brug,Het Anker,De Wilgen,Het Klaverblad,De Toren,De Akker,Het Veer,De Boomgaard".split(",")


class Trade(msgspec.Struct, frozen=True):
    """A kind of care: start of its AGB codes, what a practice is called, the range of one declaration in cents."""

    agb: str
    title: str
    legal_forms: tuple[str, ...]
    low_cents: int
    high_cents: int


TRADES = (
    Trade("01", "Huisartsenpraktijk", ("eenmanszaak", "maatschap", "bv"), 1_200, 18_000),
    Trade("02", "Apotheek", ("vof", "bv"), 800, 95_000),
    Trade("04", "Fysiotherapie", ("eenmanszaak", "maatschap", "bv"), 3_500, 26_000),
    Trade("12", "Tandartspraktijk", ("eenmanszaak", "maatschap", "bv"), 2_500, 60_000),
    Trade("13", "Verloskundigenpraktijk", ("maatschap", "vof"), 9_000, 140_000),
    Trade("22", "Kliniek", ("stichting", "bv"), 40_000, 900_000),
    Trade("42", "Thuiszorg", ("stichting", "bv"), 15_000, 420_000),
    Trade("94", "Psychologenpraktijk", ("eenmanszaak", "maatschap"), 6_000, 110_000),
)


def surname(rng: Random) -> str:
    """A surname that nobody has to bear."""
    return rng.choice(_NAME_START) + rng.choice(_NAME_END)


def place(rng: Random) -> str:
    """A place that is on no map."""
    return rng.choice(_PLACE_START) + rng.choice(_PLACE_END)


def practice_name(rng: Random, trade: Trade, legal_form: str) -> str:
    """What is on the door: a sole trader under the own name, others after an estate or a place."""
    if legal_form == "eenmanszaak":
        return f"{trade.title} {rng.choice(_INITIALS)} {surname(rng)}"
    if legal_form in ("maatschap", "vof"):
        return f"{trade.title} {surname(rng)} & {surname(rng)}"
    return f"{trade.title} {rng.choice(_ESTATES)} {place(rng)}"


def unique(taken: set[T], make: Callable[[], T]) -> T:
    """The first of what `make` gives that was not taken yet; it is taken from then on."""
    while (value := make()) in taken:
        continue
    taken.add(value)
    return value


def iban(account: int, bank: str = "DEMO") -> str:
    """A Dutch IBAN with right check digits (ISO 13616: mod 97 over account, country and 00)."""
    body = f"{bank}{account:010d}"
    digits = "".join(str(int(sign, 36)) for sign in f"{body}NL00")
    return f"NL{98 - int(digits) % 97:02d}{body}"
