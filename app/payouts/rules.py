"""Words, numbers and texts of what leaves: bank word, message id, SEPA character set, euros. Pure."""

import unicodedata
from datetime import date

SEPA_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
"""EPC217-08, the characters that every bank in SEPA must take."""

# Letters that do not decompose, and signs with a customary replacement (EPC217-08, best practices).
_REPLACED = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "&": "+", "’": "'", "‘": "'", "`": "'", "“": "'", "”": "'",
    '"': "'", "–": "-", "—": "-", "_": "-", "@": "(at)", "€": "EUR", ";": ",", "[": "(", "]": ")", "{": "(", "}": ")",
}  # fmt: skip

MAXIMUM_TRANSFER_CENTS = 99_999_999_999
"""SEPA credit transfer rulebook, AT-T002: an amount is at most 999,999,999.99 euros."""

CLAIM_KINDS = {
    1: "vordering",
    2: "creditnota",
    3: "correctie",
    4: "voorschot",
    5: "tussentijdse afrekening plafond",
    6: "eindafrekening plafond",
    7: "ingetrokken declaratie",
    8: "overgenomen vordering",
}
COMPONENTS = {2: "hoofdsom", 3: "kosten", 4: "rente"}
PASSES = {1: "verwijzing", 2: "gelijk bedrag", 3: "eigen AGB-code", 4: "andere AGB-code van dezelfde rechtspersoon"}

# Column 7 of VGZ's betaalspecificatie: filled only when the offset is with something else than a declaration.
REMARKS = {
    1: "Verrekening vordering",
    4: "Salderen voorschot",
    5: "Verrekening zorgkostenplafond",
    6: "Verrekening zorgkostenplafond",
    7: "Verrekening ingetrokken declaratie",
}


def bank_word(offset_cents: int) -> str:
    """`declaratie` when a payout is paid in full, `afrekening` when anything was offset (Zilveren Kruis' two words)."""
    return "afrekening" if offset_cents else "declaratie"


def message_id(carrier_code: str, risk_carrier_id: int, run_id: int, sequence_no: int) -> str:
    """Id of a payment file, fixed from run and sequence: at most 35 characters of the SEPA set.

    A carrier code that does not fit gives way to the carrier's id; the run's id alone already makes it unique.
    """
    wanted = f"VEREFFEN-{carrier_code}-{run_id}-{sequence_no}"
    if len(wanted) <= 35 and carrier_code.isascii() and carrier_code.isalnum():
        return wanted
    return f"VEREFFEN-{risk_carrier_id}-{run_id}-{sequence_no}"


def sepa_text(text: str, length: int) -> str:
    """`text` in the SEPA character set, single-spaced and cut at `length`; what has no likeness becomes `.`."""
    replaced = "".join(_REPLACED.get(character, character) for character in text)
    plain = (c for c in unicodedata.normalize("NFKD", replaced) if not unicodedata.combining(c))
    safe = "".join(c if c in SEPA_CHARACTERS else " " if c.isspace() else "." for c in plain)
    return " ".join(safe.split())[:length].rstrip()


def decimal_euros(cents: int) -> str:
    """`cents` as XML wants it: 123456 is `1234.56`. Made from integers, so exact at any size."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def dutch_euros(cents: int) -> str:
    """`cents` as a Dutch reader writes it: -123456 is `-1.234,56`."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02d}"


_MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()


def dutch_date(day: date) -> str:
    """A date as a Dutch reader writes it: `2 maart 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
