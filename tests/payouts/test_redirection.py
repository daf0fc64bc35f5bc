"""A held payout whose IBAN closed goes to the provider's present one once a person says so, never after it left."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import payout_number
from app.payouts import read_specification
from app.record import record
from jobs.night.run import run_night
from tests import factories

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
NEW_IBAN = factories.iban(123_456_789)


async def _closed(db: Connection, url: str) -> str:
    """The number of a payout that a hold kept here until its IBAN had closed; the provider has a new one since."""
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_vgz(db, carrier)
    provider = await factories.make_provider(db, carrier)
    await factories.make_declaration(db, carrier, provider.agbs[0], 12_345, on=MONDAY)
    payload = {"kind": "attachment", "account": provider.account_id, "processes": ["payout"], "reason": "beslag"}
    hold = await record(db, "hold", {**payload, "owner": "finance"}, actor="test", business_date=MONDAY)
    await run_night(url, 1, MONDAY)
    await db.execute("update payee_iban set valid_until = $1", MONDAY)
    await db.execute(
        "insert into payee_iban (provider_id, iban, holder_name, valid_from) values ($1, $2, 'Praktijk', $3)",
        provider.provider_id,
        NEW_IBAN,
        TUESDAY,
    )
    await record(db, "end-hold", {"hold": hold["id"], "reason": "weg"}, actor="test", business_date=TUESDAY)
    await run_night(url, 1, TUESDAY)
    return payout_number(await db.fetchval("select payout_id from payout"), MONDAY.year)


async def _redirect(db: Connection, number: str, iban: str = NEW_IBAN, **more: Any) -> dict[str, Any]:
    payload = {"payout": number, "iban": iban, "reason": "rekening opgeheven", **more}
    return await record(db, "redirect-payout", payload, actor="anna", business_date=WEDNESDAY)


async def _sent(db: Connection) -> int:
    return int(await db.fetchval("select coalesce(sum(cents), 0)::bigint from payment_instruction"))


async def test_a_payout_whose_iban_closed_waits_and_goes_to_the_iban_that_it_is_redirected_to(
    db: Connection, db_url: str, tmp_path: Path
) -> None:
    number = await _closed(db, db_url)
    assert await _sent(db) == 0
    await _redirect(db, number)
    await run_night(db_url, 1, WEDNESDAY, payments_folder=tmp_path)
    assert await _sent(db) == 12_345
    assert NEW_IBAN in next(tmp_path.glob("*.xml")).read_text()


async def test_the_specification_names_the_iban_that_the_money_goes_to(db: Connection, db_url: str) -> None:
    number = await _closed(db, db_url)
    await _redirect(db, number, iban=f" {NEW_IBAN[:4].lower()} {NEW_IBAN[4:]}")
    assert (await read_specification(db, number)).iban == NEW_IBAN


async def test_a_redirection_closes_the_incident_that_its_payout_opened(db: Connection, db_url: str) -> None:
    number = await _closed(db, db_url)
    assert await db.fetchval("select count(*) from incident where resolved_at is null") == 1
    answer = await _redirect(db, number)
    assert len(answer["closedIncidents"]) == 1
    assert await db.fetchval("select resolved_by from incident where resolved_at is not null") == "anna"


async def test_the_audit_row_of_a_redirection_holds_no_iban(db: Connection, db_url: str) -> None:
    await _redirect(db, await _closed(db, db_url))
    body = await db.fetchval("select body::text from audit where action = 'payout redirected'")
    assert NEW_IBAN not in body


async def test_a_redirection_recorded_twice_counts_once(db: Connection, db_url: str) -> None:
    number = await _closed(db, db_url)
    first = await _redirect(db, number, sourceId="1")
    assert (await _redirect(db, number, sourceId="1"))["id"] == first["id"]
    assert await db.fetchval("select count(*) from payout_redirection") == 1


@pytest.mark.parametrize("iban", [factories.iban(987_654_321), "NL00", "payee_iban"])
async def test_an_iban_that_is_not_registered_for_the_provider_is_refused(
    db: Connection, db_url: str, iban: str
) -> None:
    number = await _closed(db, db_url)
    with pytest.raises(Refusal) as refused:
        await _redirect(db, number, iban)
    assert (refused.value.code, refused.value.status) == ("iban_unregistered", 422)


async def test_the_iban_that_closed_is_refused(db: Connection, db_url: str) -> None:
    number = await _closed(db, db_url)
    closed = await db.fetchval("select iban from payee_iban where valid_until is not null")
    with pytest.raises(Refusal, match="not registered"):
        await _redirect(db, number, closed)


async def test_a_payout_that_went_out_is_never_redirected(db: Connection, db_url: str) -> None:
    number = await _closed(db, db_url)
    await _redirect(db, number)
    await run_night(db_url, 1, WEDNESDAY)
    with pytest.raises(Refusal, match="went to the bank already"):
        await _redirect(db, number)


async def test_a_payout_of_another_risk_carrier_is_unknown(db: Connection, db_url: str) -> None:
    number = await _closed(db, db_url)
    with pytest.raises(Refusal) as refused:
        await record(
            db,
            "redirect-payout",
            {"payout": number, "iban": NEW_IBAN, "reason": "x"},
            actor="anna",
            business_date=WEDNESDAY,
            risk_carriers=(2,),
        )
    assert (refused.value.code, refused.value.status) == ("payout_unknown", 404)
