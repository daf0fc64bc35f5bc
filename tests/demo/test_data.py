"""The demo insurer's world: the same every time, as large as it says, and nobody's money or name."""

import gzip
from collections import Counter
from datetime import date

import pytest
from stdnum import iban

from app.core.ids import is_payment_reference
from jobs.demo import files
from jobs.demo.data import build_world
from jobs.demo.model import CARRIERS, FULL, NEXT_DAY, DemoFile, Record, World


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(FULL)


def records(world: World, *kinds: str) -> list[Record]:
    return [record for file in world.files if file.kind in kinds for record in file.records]


def letters(world: World) -> list[Record]:
    """Claims with a letter: from before go-live and from after it."""
    opening = [record for record in records(world, "opening-claims") if record["kind"] == "claim"]
    return opening + records(world, "claims")


def test_the_world_is_the_same_every_time(world: World) -> None:
    again = build_world(FULL)
    assert [files.content(each) for each in again.files] == [files.content(each) for each in world.files]


def test_it_has_as_many_providers_declarations_and_claims_as_asked(world: World) -> None:
    numbers = {record["number"] for record in records(world, "providers")}
    declared = [record for record in records(world, "declarations") if record["type"] == "declaration"]
    assert (len(numbers), len(declared), len(letters(world))) == (300, 20_000, 400)


def test_every_reason_code_of_both_risk_carriers_has_claims(world: World) -> None:
    used = Counter(record["reasonCode"] for record in letters(world))
    asked = Counter(record["reasonCode"] for record in records(world, "declarations") if record["type"] == "advance")
    for carrier in CARRIERS:
        assert all(used[code] > 20 for code in carrier.letter_codes)
        assert asked[carrier.advance_code] > 1


def test_claims_over_a_ceiling_are_about_years_up_to_2022(world: World) -> None:
    years = {
        line["periodUntil"].year
        for record in letters(world)
        if record["reasonCode"] in ("CM96", "CM89")
        for line in record["lines"]
    }
    assert years == {2019, 2020, 2021, 2022}


def test_declarations_come_with_credit_notes_corrections_and_advances(world: World) -> None:
    kinds = Counter(record["type"] for record in records(world, "declarations"))
    assert kinds["credit-note"] > 100
    assert kinds["correction"] > 100
    assert kinds["advance"] > 3


def test_providers_differ_in_legal_form_and_number_of_agb_codes(world: World) -> None:
    forms = Counter(record["legalForm"] for record in records(world, "providers"))
    codes = Counter(len(record["agbCodes"]) for record in records(world, "providers"))
    assert set(forms) == {"eenmanszaak", "maatschap", "vof", "bv", "stichting"}
    assert min(codes[1], codes[2], codes[3], codes[4]) > 10


def test_every_iban_checks_and_is_of_a_bank_that_does_not_exist(world: World) -> None:
    numbers = [each["iban"] for record in records(world, "providers") for each in record["ibans"]]
    numbers += [carrier.iban for carrier in CARRIERS]
    assert all(iban.is_valid(number) for number in numbers)
    assert {number[4:8] for number in numbers} == {"DEMO"}


def test_letters_of_before_go_live_carry_payment_references_that_check(world: World) -> None:
    references = [
        step["paymentReference"] for record in records(world, "opening-claims") for step in record.get("steps", ())
    ]
    assert len(references) == len(set(references)) > 400
    assert all(is_payment_reference(reference) for reference in references)


def test_the_history_starts_six_months_before_go_live_and_some_of_it_was_paid(world: World) -> None:
    opening = records(world, "opening-claims")
    assert min(record["registeredOn"] for record in opening) < date(2026, 3, 10)
    assert sum("payments" in record for record in opening) > 20
    assert sum("holds" in record for record in opening) > 10


def test_what_waits_for_the_next_night_is_declarations_of_both_risk_carriers(world: World) -> None:
    waiting = {file.carrier: file for file in world.waiting}
    assert set(waiting) == {"VZ", "ZK"}
    assert {file.day for file in world.waiting} == {NEXT_DAY}
    assert all({record["type"] for record in file.records} == {"declaration"} for file in world.waiting)


def test_files_come_as_json_lines_and_csv_some_of_them_packed(world: World) -> None:
    endings = {file.name.split(".", 1)[1] for file in world.files if file.kind == "declarations"}
    assert endings == {"jsonl", "jsonl.gz", "csv", "csv.gz"}


def test_a_file_says_how_many_records_it_has_and_what_they_add_up_to() -> None:
    file = DemoFile(
        carrier="VZ",
        day=date(2026, 9, 1),
        kind="declarations",
        name="declaraties.csv.gz",
        records=[
            {"type": "declaration", "id": "A", "awardedCents": 500},
            {"type": "credit-note", "id": "B", "amountCents": -200},
        ],
    )
    first = gzip.decompress(files.content(file)).decode().splitlines()[0]
    assert first == ("#kind=declarations;source=demo;riskCarrier=VZ;cutOffDate=2026-09-01;rows=2;controlTotalCents=300")
