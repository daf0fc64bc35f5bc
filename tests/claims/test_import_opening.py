"""Go-live: opening claims with their history; the books open with what was owed and what was paid."""

from datetime import date
from typing import Any, get_args

import pytest

from app.blocks.model import DEFAULT_PROCESSES, HoldKind
from app.claims import opening_claims_file
from app.core.db import Connection
from app.declarations import ImportReport, import_file
from tests import factories
from tests.feed_files import csv_text, row_counts

GO_LIVE = date(2026, 3, 2)


def opening(**more: Any) -> dict[str, Any]:
    plain = {"id": "O1", "agb": "41000001", "kind": "claim", "reasonCode": "CM98", "ground": "Controle 2025"}
    dates = {"registeredOn": "2025-11-01", "letterDate": "2025-11-01", "dueDate": "2025-12-01"}
    return {**plain, **dates, "amountCents": 100000, "openPrincipalCents": 100000, **more}


def step(**more: Any) -> dict[str, Any]:
    plain = {"kind": "reminder", "stepNo": 1, "sentOn": "2025-12-02", "termEnd": "2025-12-16", "askedCents": 60000}
    return {**plain, "paymentReference": "5000056789012345", **more}


FULL = opening(
    openPrincipalCents=60000,
    payments=[{"receivedOn": "2025-11-20", "cents": 40000, "reference": "oud kenmerk"}],
    steps=[
        step(kind="notice", sentOn="2025-11-01", termEnd="2025-12-01", askedCents=100000, paymentReference="OUD-1"),
        step(),
        step(stepNo=2, sentOn="2026-01-02", termEnd="2026-01-16", paymentReference="OUD-3"),
    ],
    charges=[
        {"kind": "costs", "cents": 4000, "chargedOn": "2026-01-05", "reason": "incassokosten"},
        {"kind": "interest", "cents": 150, "chargedOn": "2026-01-05", "reason": "wettelijke rente"},
    ],
    holds=[{"kind": "dispute", "cents": 20000, "fromDate": "2026-02-01", "reason": "bezwaar", "owner": "team"}],
)


@pytest.fixture
async def world(db: Connection) -> Connection:
    vz = await factories.make_risk_carrier(db, "VZ")
    await factories.make_policy_vgz(db, vz)
    await factories.make_provider(db, vz, agbs=["41000001"])
    await factories.make_provider(db, vz, agbs=["41000005"])
    return db


async def load(conn: Connection, *records: dict[str, Any]) -> ImportReport:
    return await factories.loaded(conn, 1, "opening-claims", records, business_date=GO_LIVE)


async def test_the_books_open_with_the_original_amount_and_the_payments(world: Connection) -> None:
    await load(world, FULL)
    rows = await world.fetch(
        "select kind, debit, credit, cents, effective_date, booking_date from posting order by kind"
    )
    assert [tuple(row) for row in rows] == [
        (8, 2, 12, 100000, date(2025, 11, 1), GO_LIVE),
        (18, 12, 2, 40000, date(2025, 11, 20), GO_LIVE),
        (20, 4, 11, 150, date(2026, 1, 5), GO_LIVE),
        (21, 3, 10, 4000, date(2026, 1, 5), GO_LIVE),
    ]


async def test_the_position_is_what_the_postings_and_the_holds_say(world: Connection) -> None:
    await load(world, FULL)
    row = await world.fetchrow(
        """select open_principal_cents, open_costs_cents, open_interest_cents, held_cents, reminder_term_ends, due_date
           from claim_position"""
    )
    assert row is not None
    ends = [date(2025, 12, 16), date(2026, 1, 16)]
    assert tuple(row) == (60000, 4000, 150, 20000, ends, date(2025, 12, 1))


async def test_every_old_reference_finds_the_claim_and_so_does_the_new_one(world: Connection) -> None:
    await load(world, FULL)
    rows = await world.fetch(
        "select r.reference, r.document from payment_reference r join payment_reference_claim using (reference)"
    )
    found = {row["reference"]: row["document"] for row in rows}
    assert found.pop("OUD-1") == "claim letter"
    assert found.pop("5000056789012345") == "reminder 1"
    assert found.pop("OUD-3") == "reminder 2"
    assert list(found.values()) == ["opening"]


async def test_letters_of_the_past_are_steps_and_no_new_letter_is_made(world: Connection) -> None:
    await load(world, FULL)
    rows = await world.fetch("select kind, step_no, sent_on, asked_cents from claim_step order by kind, step_no")
    assert [tuple(row) for row in rows] == [
        (1, 1, date(2025, 11, 1), 100000),
        (2, 1, date(2025, 12, 2), 60000),
        (2, 2, date(2026, 1, 2), 60000),
    ]


async def test_a_hold_on_everything_holds_costs_and_interest_too(world: Connection) -> None:
    hold = {"kind": "insolvency", "fromDate": "2026-02-01", "reason": "faillissement", "owner": "team"}
    await load(world, {**FULL, "holds": [hold]})
    assert await world.fetchval("select held_cents from claim_position") == 64150


async def test_a_hold_of_later_or_of_the_past_holds_nothing_yet(world: Connection) -> None:
    hold = {"kind": "dispute", "fromDate": "2026-03-03", "reason": "x", "owner": "team"}
    past = {**hold, "fromDate": "2026-01-01", "untilDate": "2026-02-01"}
    await load(world, opening(holds=[hold, past]))
    assert await world.fetchval("select held_cents from claim_position") == 0
    assert await world.fetchval("select array_agg(active) from hold") == [False, False]


async def test_a_hold_that_does_not_stop_offset_holds_nothing(world: Connection) -> None:
    hold = {"kind": "block", "fromDate": "2026-02-01", "reason": "x", "owner": "team", "processes": ["dunning"]}
    await load(world, opening(holds=[hold]))
    assert await world.fetchval("select held_cents from claim_position") == 0
    row = await world.fetchrow("select for_dunning, for_offset, for_payout, for_agency from hold")
    assert row is not None
    assert tuple(row) == (True, False, False, False)


async def test_a_settled_claim_of_the_past_can_be_loaded(world: Connection) -> None:
    await load(world, opening(openPrincipalCents=0, payments=[{"receivedOn": "2025-12-01", "cents": 100000}]))
    assert await world.fetchval("select open_principal_cents from claim_position") == 0


async def test_a_quiet_credit_opens_without_letter(world: Connection) -> None:
    record = opening(kind="credit-note", reasonCode="CREDIT")
    del record["letterDate"]
    await load(world, record)
    assert await world.fetchval("select kind from claim where opening and letter_date is null") == 2
    assert await world.fetchval("select count(*) from payment_reference") == 0


async def test_a_csv_of_opening_claims_brings_the_same_and_again_nothing(world: Connection) -> None:
    await load(world, FULL)
    before = await row_counts(world)
    report = await import_file(
        world, csv_text("opening-claims", [FULL], source="records"), business_date=GO_LIVE, actor="test"
    )
    after = await row_counts(world)
    assert (report.loaded, report.added, report.known) == (True, 0, 1)
    assert {name for name in after if after[name] != before[name]} == {"import_file", "audit"}


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("an open amount that is none", opening(openPrincipalCents=1), "wrong_open_amount", "openPrincipalCents"),
    (
        "paid more than owed",
        opening(openPrincipalCents=0, payments=[{"receivedOn": "2025-12-01", "cents": 100001}]),
        "wrong_open_amount",
        "openPrincipalCents",
    ),
    ("due before the letter", opening(dueDate="2025-10-01"), "due_before_letter", "dueDate"),
    (
        "a claim without letter",
        {k: v for k, v in opening().items() if k != "letterDate"},
        "missing_field",
        "letterDate",
    ),
    ("a step that is skipped", opening(steps=[step(stepNo=2)]), "step_order", "steps[0].stepNo"),
    (
        "a step in the term of the one before",
        opening(steps=[step(), step(stepNo=2, sentOn="2025-12-15")]),
        "step_order",
        "steps[1].sentOn",
    ),
    (
        "a term that ends before it starts",
        opening(steps=[step(termEnd="2025-12-01")]),
        "dates_swapped",
        "steps[0].termEnd",
    ),
    (
        "a block that blocks nothing",
        opening(holds=[{"kind": "block", "fromDate": "2026-01-01", "reason": "x", "owner": "y"}]),
        "missing_field",
        "holds[0].processes",
    ),
    (
        "a payment of nothing",
        opening(payments=[{"receivedOn": "2025-12-01", "cents": 0}]),
        "bad_value",
        "payments[0].cents",
    ),
    ("an unknown kind of step", opening(steps=[step(kind="letter")]), "bad_value", "steps[0].kind"),
    ("an unknown reason code", opening(reasonCode="CM1"), "unknown_reason_code", "reasonCode"),
]


@pytest.mark.parametrize("what, record, code, field", BAD, ids=[case[0] for case in BAD])
async def test_an_opening_claim_that_cannot_be_is_refused(
    world: Connection, what: str, record: dict[str, Any], code: str, field: str
) -> None:
    before = await row_counts(world)
    report = await factories.load(world, 1, "opening-claims", [record], business_date=GO_LIVE)
    assert [(each.code, each.field) for each in report.rejections] == [(code, field)]
    assert await row_counts(world) == before


async def test_a_reference_that_leads_to_another_provider_is_refused(world: Connection) -> None:
    await load(world, opening(steps=[step()]))
    other = opening(id="O2", agb="41000005", steps=[step()])
    report = await factories.load(world, 1, "opening-claims", [other], business_date=GO_LIVE)
    assert [(each.code, each.value) for each in report.rejections] == [("reference_taken", "5000056789012345")]


async def test_one_letter_may_have_asked_for_several_claims_of_a_provider(world: Connection) -> None:
    await load(world, opening(steps=[step()]), opening(id="O2", steps=[step()]))
    assert (
        await world.fetchval("select count(*) from payment_reference_claim where reference = '5000056789012345'") == 2
    )


def test_holds_of_the_file_and_of_later_have_the_same_kinds_and_defaults() -> None:
    kinds = {kind.name.lower(): int(kind) for kind in HoldKind}
    assert kinds == opening_claims_file.HOLD_KINDS
    assert set(get_args(opening_claims_file.Hold.__annotations__["kind"])) == set(kinds)
    for kind, processes in DEFAULT_PROCESSES.items():
        hold = opening_claims_file.Hold(kind=kind.name.lower(), from_date=GO_LIVE, reason="x", owner="y")  # type: ignore[arg-type]
        assert tuple(opening_claims_file.processes(hold)) == processes
