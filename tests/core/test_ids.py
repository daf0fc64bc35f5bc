"""References with check digits; numbers of the payment references come from outside (tests/cases)."""

import pytest

from app.core import ids
from app.core.db import Connection
from app.core.errors import Refusal

VALID = (
    "5000056789012345 8850426741301240 0189827218201120 1004510036716378 4082412175836145 1067931951601240 "
    "9000000000000001 6202600000000123 271234567 4812345678 09123456789 701234567890 8112345678901 42123456789012 "
    "12234534622567 1234567"
).split()
INVALID = "1906350066203673 2000010100000001 1234567812345678 1000010054222027 12345678 123456789012345 12a4567".split()


@pytest.mark.parametrize("text", VALID)
def test_a_valid_payment_reference_passes(text: str) -> None:
    assert ids.is_payment_reference(text)


@pytest.mark.parametrize("text", INVALID)
def test_an_invalid_payment_reference_does_not_pass(text: str) -> None:
    assert not ids.is_payment_reference(text)


def test_a_payment_reference_that_we_issue_passes_its_own_check() -> None:
    assert ids.payment_reference(202600000000123) == "6202600000000123"
    assert all(ids.is_payment_reference(ids.payment_reference(n)) for n in range(0, 5000, 7))


def test_a_reference_leads_back_to_its_kind_and_id() -> None:
    assert ids.parse_reference(ids.claim_reference(123, 2026)) == ("claim", 123)
    assert ids.parse_reference(" " + ids.payout_number(987654321012, 2026).lower()) == ("payout", 987654321012)


def test_every_single_wrong_digit_is_found() -> None:
    right = ids.claim_reference(123, 2026)
    for place, sign in enumerate(right):
        for other in set("0123456789") - {sign}:
            if sign.isdigit():
                with pytest.raises(Refusal):
                    ids.parse_reference(right[:place] + other + right[place + 1 :])


def test_a_text_of_another_form_is_refused_with_the_form_it_should_have() -> None:
    with pytest.raises(Refusal, match="VOR-2026-00000123-7"):
        ids.parse_reference("2026/123")


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Refusal):
        ids.payment_reference(10**15)


async def test_the_database_makes_the_same_references(db: Connection) -> None:
    numbers = [1, 9, 10, 123, 99999999, 100000000, 202600000000123, *range(1000, 1400)]
    rows = await db.fetch(
        """select n, human_reference('VOR', n, 2026) as claim, human_reference('AFR', n, 2027) as payout,
               payment_reference_digits(n) as payment from unnest($1::bigint[]) n""",
        numbers,
    )
    assert len(rows) == len(numbers)
    for row in rows:
        assert row["claim"] == ids.claim_reference(row["n"], 2026)
        assert row["payout"] == ids.payout_number(row["n"], 2027)
        assert row["payment"] == ids.payment_reference(row["n"])


def test_a_declaration_and_an_offset_are_named_by_their_whole_key() -> None:
    declaration, offset = ids.declaration_reference(17, 4711), ids.offset_reference(17, 4711, 2)
    assert (declaration[:-2], offset[:-2]) == ("DEC-00000017-00004711", "VRK-00000017-00004711-002")
    assert ids.parse_declaration_reference(declaration) == (17, 4711)
    assert ids.parse_offset_reference(offset) == (17, 4711, 2)


def test_a_mistyped_digit_of_such_a_name_is_seen() -> None:
    name = ids.offset_reference(17, 4711, 2)
    wrong = [f"{name[:at]}{(int(name[at]) + 1) % 10}{name[at + 1 :]}" for at, sign in enumerate(name) if sign.isdigit()]
    assert [each for each in wrong if ids.parse_offset_reference(each) is not None] == []


def test_a_name_of_another_kind_or_beyond_what_a_key_holds_is_none() -> None:
    assert ids.parse_offset_reference(ids.declaration_reference(17, 4711)) is None
    assert ids.parse_declaration_reference(ids.offset_reference(17, 4711, 2)) is None
    assert ids.parse_declaration_reference(ids.declaration_reference(17, 2**63)) is None
    assert ids.parse_offset_reference(ids.offset_reference(17, 4711, 2**31)) is None
