"""Files of claims: letters, their lines and references, due dates that change at the source, ceiling settlements."""

from datetime import date
from typing import Any

import pytest

from app.core import ids
from app.core.db import Connection
from app.declarations import ImportReport
from app.record import record
from tests import factories

ON = date(2026, 3, 2)


def claim(**more: Any) -> dict[str, Any]:
    plain = {"type": "claim", "id": "C1", "agb": "41000001", "reasonCode": "CM98", "ground": "Controle achteraf"}
    return {**plain, "amountCents": 100000, "letterDate": "2026-03-02", **more}


@pytest.fixture
async def world(db: Connection) -> Connection:
    vz = await factories.make_risk_carrier(db, "VZ")
    await factories.make_policy_vgz(db, vz)
    await factories.make_provider(db, vz, agbs=["41000001"])
    await factories.make_provider(db, vz, agbs=["41000005"])
    return db


async def load(conn: Connection, *records: dict[str, Any], on: date = ON) -> ImportReport:
    return await factories.loaded(conn, 1, "claims", records, business_date=on)


async def test_a_claim_is_registered_with_posting_position_and_reference(world: Connection) -> None:
    await load(world, claim(number="V-1"))
    row = await world.fetchrow(
        """select c.claim_id, c.kind, c.original_cents, c.number, c.letter_date, c.reference, p.open_principal_cents,
             t.kind as posted, t.cents, t.effective_date from claim c join claim_position p using (account_id, claim_id)
             join posting t on t.account_id = c.account_id and t.event_id = c.claim_id"""
    )
    assert row is not None
    assert tuple(row)[1:5] == (1, 100000, "V-1", ON)
    assert row["reference"] == ids.claim_reference(row["claim_id"], 2026)
    assert (row["open_principal_cents"], row["posted"], row["cents"], row["effective_date"]) == (100000, 7, 100000, ON)


async def test_the_claim_letter_is_a_step_with_a_payment_reference_that_checks(world: Connection) -> None:
    await load(world, claim(termDays=30))
    row = await world.fetchrow(
        """select s.kind, s.step_no, s.sent_on, s.term_end, s.asked_cents, s.payment_reference, r.document, c.claim_id
           from claim_step s join payment_reference r on r.reference = s.payment_reference
           join payment_reference_claim c on c.reference = r.reference"""
    )
    assert row is not None
    assert tuple(row)[:5] == (1, 1, ON, date(2026, 4, 1), 100000)
    assert ids.is_payment_reference(row["payment_reference"])
    assert row["document"] == "claim letter"


DUE = [
    ({"dueDate": "2026-03-20"}, date(2026, 3, 20)),
    ({"termDays": 14}, date(2026, 3, 16)),
    ({"termDays": 0}, date(2026, 3, 2)),
    ({}, date(2026, 4, 1)),  # the policy's payment term: 30 days
]


@pytest.mark.parametrize("given, due", DUE, ids=["date", "term", "at once", "policy"])
async def test_a_claim_is_due_as_the_source_or_else_the_policy_says(
    world: Connection, given: dict[str, Any], due: date
) -> None:
    await load(world, claim(**given))
    assert await world.fetchval("select due_date from claim_position") == due


async def test_lines_are_kept_and_a_claim_without_lines_has_one(world: Connection) -> None:
    line = {"declarationNumber": "D9", "invoiceNumber": "F9", "periodFrom": "2025-01-01", "periodUntil": "2025-12-31"}
    lines = [{**line, "cents": 60000, "description": "uren"}, {"cents": 40000}]
    await load(world, claim(lines=lines), claim(id="C2", amountCents=5))
    rows = await world.fetch(
        """select l.line_no, l.cents, l.declaration_number, l.invoice_number, l.period_until from claim_line l
           order by claim_id, line_no"""
    )
    assert [tuple(row) for row in rows] == [
        (1, 60000, "D9", "F9", date(2025, 12, 31)),
        (2, 40000, None, None, None),
        (1, 5, None, None, None),
    ]


async def test_a_due_date_changed_at_the_source_comes_through_once(world: Connection) -> None:
    await load(world, claim(dueDate="2026-04-01"))
    later = await load(world, claim(dueDate="2026-05-01"), on=date(2026, 3, 9))
    assert (later.added, later.known, later.changed) == (0, 0, 1)
    row = await world.fetchrow("select changed_on, old_due_date, new_due_date from claim_due_date")
    assert row is not None
    assert tuple(row) == (date(2026, 3, 9), date(2026, 4, 1), date(2026, 5, 1))
    assert await world.fetchval("select due_date from claim_position") == date(2026, 5, 1)
    assert await world.fetchval("select due_date from claim") == date(2026, 4, 1)


async def test_a_due_date_that_did_not_change_changes_nothing(world: Connection) -> None:
    await load(world, claim(dueDate="2026-04-01"))
    for each in (claim(dueDate="2026-04-01"), claim(termDays=30), claim()):
        report = await load(world, each, claim(id=f"other {len(each)} {each.get('termDays')}"))
        assert (report.added, report.known, report.changed) == (1, 1, 0)
    assert await world.fetchval("select count(*) from claim_due_date") == 0


async def test_a_claim_without_policy_in_force_is_refused_with_its_reason(db: Connection) -> None:
    vz = await factories.make_risk_carrier(db, "VZ")
    await factories.make_provider(db, vz, agbs=["41000001"])
    report = await factories.load(db, vz, "claims", [claim()], business_date=ON)
    assert report.rejections[0].code == "unknown_reason_code"
    assert "no reason codes" in report.rejections[0].message


async def test_the_term_and_the_codes_are_those_of_the_policy_in_force_on_the_day(world: Connection) -> None:
    text = (factories.EXAMPLES / "vgz.toml").read_text().replace("2020-01-01", "2026-06-01")
    await factories.make_policy(world, 1, text.replace("payment_term_days = 30", "payment_term_days = 21"))
    await load(world, claim(), on=date(2026, 5, 31))
    await load(world, claim(id="C2"), on=date(2026, 6, 1))
    found = await world.fetch("select due_date from claim_position order by claim_id")
    assert [row[0] for row in found] == [date(2026, 4, 1), date(2026, 3, 23)]


def interim(**more: Any) -> dict[str, Any]:
    return claim(**{"type": "ceiling-interim", "id": "I", "reasonCode": "CM96", "amountCents": 50000, **more})


def final(**more: Any) -> dict[str, Any]:
    return claim(**{"type": "ceiling-final", "id": "F", "reasonCode": "CM96", "settles": "I", **more})


@pytest.mark.parametrize("total", [70000, 50000, 20000, 0])
@pytest.mark.parametrize("together", [False, True], ids=["later", "in one file"])
async def test_a_final_settlement_adjusts_the_interim_one_and_brings_no_second_debt(
    world: Connection, total: int, together: bool
) -> None:
    if together:
        await load(world, interim(), final(amountCents=total))
    else:
        await load(world, interim())
        await load(world, final(amountCents=total))
    rows = await world.fetch(
        "select c.kind, p.open_principal_cents from claim c join claim_position p using (claim_id)"
    )
    assert [tuple(row) for row in rows] == [(5, total)]
    booked = await world.fetchval(
        "select sum(case when debit = 2 then cents when credit = 2 then -cents end)::bigint from posting"
    )
    assert booked == total
    deltas = await world.fetch("select delta_cents, reason from adjustment")
    assert [tuple(row) for row in deltas] == ([(total - 50000, "final settlement")] if total != 50000 else [])


async def test_the_references_of_a_final_settlement_lead_to_the_interim_claim(world: Connection) -> None:
    await load(world, interim())
    await load(world, final(amountCents=70000))
    claim_id = await world.fetchval("select claim_id from claim")
    references = await world.fetch("select claim_id from claim_reference")
    payments = await world.fetch("select claim_id from payment_reference_claim")
    assert [row[0] for row in (*references, *payments)] == [claim_id] * 4
    assert await world.fetchval("select array_agg(step_no order by step_no) from claim_step") == [1, 2]


async def test_a_second_final_settlement_is_refused(world: Connection) -> None:
    await load(world, interim(), final(amountCents=70000))
    report = await factories.load(world, 1, "claims", [final(id="F2", amountCents=1)], business_date=ON)
    assert [each.code for each in report.rejections] == ["interim_settled"]


async def test_the_same_final_settlement_again_is_known(world: Connection) -> None:
    await load(world, interim(), final(amountCents=70000))
    report = await load(world, final(amountCents=70000), claim())
    assert (report.added, report.known) == (1, 1)
    assert await world.fetchval("select count(*) from adjustment") == 1


async def test_a_final_settlement_of_another_provider_is_refused(world: Connection) -> None:
    await load(world, interim())
    report = await factories.load(world, 1, "claims", [final(agb="41000005")], business_date=ON)
    assert [each.code for each in report.rejections] == ["interim_of_other"]


async def test_a_final_settlement_without_interim_is_a_claim_of_its_own(world: Connection) -> None:
    await load(world, claim(type="ceiling-final", reasonCode="CM96"))
    assert await world.fetchval("select kind from claim") == 6


async def test_a_final_settlement_below_what_was_offset_gives_the_rest_back(world: Connection) -> None:
    await load(world, interim())
    account, claim_id = await world.fetchrow("select account_id, claim_id from claim") or (0, 0)
    declaration = await factories.make_declaration(world, 1, "41000001", 50000, on=ON)
    await world.execute("update claim_position set open_principal_cents = 10000")
    await world.execute("delete from payable")
    await world.execute(
        """insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date,
             kind, debit, credit, risk_carrier_id, open_after_cents)
           values ($1, $2, $3, 40000, now(), 1, $4, $4, 2, 1, 2, 1, 10000)""",
        account,
        declaration,
        claim_id,
        ON,
    )
    await load(world, final(amountCents=15000))
    assert await world.fetchval("select open_principal_cents from claim_position") == 0
    assert await world.fetchval("select sum(cents)::bigint from payable where kind = 2") == 25000


async def test_a_final_settlement_below_what_was_written_off_is_refused_by_its_line_and_nothing_is_loaded(
    world: Connection,
) -> None:
    await load(world, interim())
    reference = await world.fetchval("select reference from claim")
    written_off = {"claim": reference, "cents": 40_000, "reason": "oninbaar", "idempotencyKey": "W"}
    await record(world, "write-off", written_off, actor="test", business_date=ON)
    records = [claim(id="OTHER"), final(amountCents=15_000)]
    report = await factories.load(world, 1, "claims", records, business_date=ON)
    assert [(each.line, each.field, each.value) for each in report.rejections] == [(3, "amountCents", "15000")]
    assert await world.fetchval("select count(*) from claim") == 1
