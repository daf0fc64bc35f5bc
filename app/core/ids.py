"""References that leave the house: with a check digit, and with room to grow (design §5)."""

import re
from typing import Literal

from stdnum.iso7064 import mod_11_10

from app.core.errors import Refusal

_PREFIXES: dict[str, Literal["claim", "payout"]] = {"VOR": "claim", "AFR": "payout"}
_REFERENCE = re.compile(r"(VOR|AFR)-([0-9]{4})-([0-9]{8,18})-([0-9])")  # 18 digits fit a bigint
# Betaalvereniging, specification of the betalingskenmerk: from the right, over every digit after the check digit
_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)


def claim_reference(claim_id: int, year: int) -> str:
    """`VOR-2026-00000123-C`: what a letter calls the claim. C = ISO 7064 mod 11,10 over year and number."""
    return _reference("VOR", claim_id, year)


def payout_number(payout_id: int, year: int) -> str:
    """`AFR-2026-00000123-C`: number of a payout and of its specification; stands on the bank line."""
    return _reference("AFR", payout_id, year)


def parse_reference(text: str) -> tuple[Literal["claim", "payout"], int]:
    """Kind and id behind a claim reference or payout number; case and surrounding space do not matter.

    Refusal (422) with a sentence when the form or the check digit is wrong. That it was ever issued is another
    question: look it up.
    """
    match = _REFERENCE.fullmatch(text.strip().upper())
    if match is None:
        raise Refusal(
            "reference_form",
            f"{text[:40]!r} is not a reference; write VOR-2026-00000123-7 (claim) or AFR-2026-00000123-7 (payout).",
            status=422,
            field="reference",
        )
    prefix, year, number, check = match.groups()
    if mod_11_10.calc_check_digit(year + number) != check:
        raise Refusal(
            "reference_check_digit",
            f"{text[:40]!r} has a wrong check digit, so a digit was mistyped; compare it with the letter.",
            status=422,
            field="reference",
        )
    return _PREFIXES[prefix], int(number)


def payment_reference(sequence_number: int) -> str:
    """The betalingskenmerk of 16 digits for a number of at most 15 digits (an `event_id`), check digit first."""
    if not 0 <= sequence_number < 10**15:
        raise Refusal("payment_reference_range", "A payment reference holds a number of at most 15 digits.")
    digits = f"{sequence_number:015d}"
    return _check_digit(digits) + digits


def is_payment_reference(text: str) -> bool:
    """Whether `text` could be a betalingskenmerk: 7 digits (unchecked), 9 to 14 or 16 with a right check digit.

    One in ten random numbers passes: always look it up among the references that were issued.
    """
    if not (text.isascii() and text.isdigit()):
        return False
    length = len(text)
    if length == 7:
        return True
    if length == 16:
        return _check_digit(text[1:]) == text[0]
    # 9 to 14 digits: check digit, then the number of digits that follow, modulo 10
    return 9 <= length <= 14 and int(text[1]) == (length - 2) % 10 and _check_digit(text[1:]) == text[0]


def _reference(prefix: str, number: int, year: int) -> str:
    digits = f"{number:08d}"
    return f"{prefix}-{year}-{digits}-{mod_11_10.calc_check_digit(f'{year}{digits}')}"


def _check_digit(digits: str) -> str:
    total = sum(int(digit) * _WEIGHTS[place % 10] for place, digit in enumerate(reversed(digits)))
    check = 11 - total % 11
    return str({10: 1, 11: 0}.get(check, check))


_COMPOUND = re.compile(r"(DEC|VRK)-([0-9]{8,19})-([0-9]{8,19})(?:-([0-9]{3,10}))?-([0-9])")


def declaration_reference(account_id: int, declaration_id: int) -> str:
    """`DEC-00000017-00004711-C`: what the API calls a declaration. It holds the whole key, so no index is needed."""
    return _compound("DEC", f"{account_id:08d}", f"{declaration_id:08d}")


def offset_reference(account_id: int, declaration_id: int, line: int) -> str:
    """`VRK-00000017-00004711-001-C`: one offset line, what one declaration paid on one claim."""
    return _compound("VRK", f"{account_id:08d}", f"{declaration_id:08d}", f"{line:03d}")


def parse_declaration_reference(text: str) -> tuple[int, int] | None:
    """(account_id, declaration_id) behind a reference; None when `text` is none, or a digit was mistyped."""
    found = _parse_compound("DEC", text)
    return None if found is None or len(found) != 2 else (found[0], found[1])


def parse_offset_reference(text: str) -> tuple[int, int, int] | None:
    """(account_id, declaration_id, line) behind a reference; None when `text` is none, or a digit was mistyped."""
    found = _parse_compound("VRK", text)
    return None if found is None or len(found) != 3 or found[2] >= 2**31 else (found[0], found[1], found[2])


def _compound(prefix: str, *parts: str) -> str:
    return "-".join((prefix, *parts, mod_11_10.calc_check_digit("".join(parts))))


def _parse_compound(prefix: str, text: str) -> list[int] | None:
    match = _COMPOUND.fullmatch(text.strip().upper())
    if match is None or match[1] != prefix:
        return None
    parts = [part for part in match.groups()[1:4] if part is not None]
    if mod_11_10.calc_check_digit("".join(parts)) != match[5] or any(int(part) >= 2**63 for part in parts):
        return None
    return [int(part) for part in parts]
