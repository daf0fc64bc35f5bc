"""Registered agreements (OF-10): another entity's or risk carrier's debt is offset only under one, own money first."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import payout_number
from app.payouts import read_specification
from app.record import record
from app.reports import StatementRequest, read_statement
from jobs.night.preview import preview_lines
from jobs.night.run import run_night
from tests import factories
from tests.night.agreed_pair import MONDAY, PAST, TUESDAY, WEDNESDAY, Pair, make_pair, paid, sound, still_open


@pytest.fixture
async def pair(db: Connection) -> Pair:
    return await make_pair(db)


async def test_without_an_agreement_another_providers_claim_is_never_offset(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert (await still_open(db, claim), await paid(db, pair.payer)) == (700, 1_000)


async def test_under_an_agreement_the_payers_declarations_pay_what_the_debtor_owes(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    await pair.agree()
    await pair.declare(1_000, pair.payer)
    assert (await run_night(db_url, 1, MONDAY)).state == "released"
    assert (await still_open(db, claim), await paid(db, pair.payer)) == (0, 300)
    await sound(db)


async def test_own_money_comes_first_on_both_sides(db: Connection, db_url: str, pair: Pair) -> None:
    claim = await pair.claim(700)
    own = await pair.claim(200, due=MONDAY, provider=pair.payer)
    await pair.agree()
    await pair.declare(1_000, pair.payer)
    await pair.declare(300, pair.debtor)
    await run_night(db_url, 1, MONDAY)
    assert (await still_open(db, claim), await still_open(db, own)) == (0, 0)
    assert (await paid(db, pair.payer), await paid(db, pair.debtor)) == (400, 0)
    assert await db.fetchval("select sum(cents)::bigint from takeover") == 400
    await sound(db)


async def test_what_the_payer_has_no_room_for_stays_with_the_debtor(db: Connection, db_url: str, pair: Pair) -> None:
    first, second = await pair.claim(700), await pair.claim(500, due=PAST + timedelta(days=1))
    await pair.agree()
    await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert (await still_open(db, first), await still_open(db, second)) == (0, 200)
    await sound(db)


async def test_an_agreement_that_has_not_begun_or_has_ended_moves_nothing(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    agreement = await pair.agree(validFrom=TUESDAY.isoformat())
    await pair.declare(100, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert await still_open(db, claim) == 700
    ended = {"agreement": agreement, "reason": "opgezegd", "endedOn": WEDNESDAY.isoformat()}
    await record(db, "end-agreement", ended, actor="test", business_date=TUESDAY)
    await pair.declare(100, pair.payer, on=TUESDAY)
    await run_night(db_url, 1, TUESDAY)
    assert await still_open(db, claim) == 600
    await pair.declare(100, pair.payer, on=WEDNESDAY)
    await run_night(db_url, 1, WEDNESDAY)
    assert await still_open(db, claim) == 600
    await sound(db)


async def test_an_offset_that_is_given_back_returns_to_the_debtor_with_its_due_date(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    agreement = await pair.agree()
    declaration = await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    taken = await db.fetchval("select reference from claim where kind = 8")
    number = await db.fetchval("select number from declaration where declaration_id = $1", declaration)
    back = {
        "declaration": number,
        "claim": taken,
        "effectiveDate": MONDAY.isoformat(),
        "reason": "bezwaar",
        "cents": 250,
    }
    await record(db, "reverse-offset", back, actor="test", business_date=TUESDAY)
    ended = {"agreement": agreement, "reason": "opgezegd"}
    await record(db, "end-agreement", ended, actor="test", business_date=TUESDAY)
    await run_night(db_url, 1, TUESDAY)
    position = await db.fetchrow("select open_principal_cents, due_date from claim_position where claim_id = $1", claim)
    assert tuple(position) == (250, PAST + timedelta(days=30))
    assert await db.fetchval("select open_principal_cents from claim_position where kind = 8") == 0
    assert await paid(db, pair.payer) == 550
    await sound(db)


async def test_a_debtor_that_is_held_keeps_its_claim(db: Connection, db_url: str, pair: Pair) -> None:
    claim = await pair.claim(700)
    await pair.agree()
    held = {"account": pair.debtor.account_id, "kind": "insolvency", "reason": "faillissement", "owner": "team"}
    await record(db, "hold", held, actor="test", business_date=MONDAY)
    await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert (await still_open(db, claim), await paid(db, pair.payer)) == (700, 1_000)
    await sound(db)


async def test_a_disputed_part_stays_with_the_debtor(db: Connection, db_url: str, pair: Pair) -> None:
    claim = await pair.claim(700)
    reference = await db.fetchval("select reference from claim where claim_id = $1", claim)
    held = {"claim": reference, "kind": "dispute", "reason": "bezwaar", "owner": "team", "cents": 300}
    await record(db, "hold", held, actor="test", business_date=MONDAY)
    await pair.agree()
    await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert await still_open(db, claim) == 300
    await sound(db)


async def test_what_comes_back_is_held_when_its_claim_is_held_by_then(db: Connection, db_url: str, pair: Pair) -> None:
    claim = await pair.claim(700)
    await pair.agree()
    declaration = await pair.declare(500, pair.payer)
    await run_night(db_url, 1, MONDAY)
    reference = await db.fetchval("select reference from claim where claim_id = $1", claim)
    held = {"claim": reference, "kind": "dispute", "reason": "bezwaar", "owner": "team"}
    await record(db, "hold", held, actor="test", business_date=TUESDAY)
    back = {
        "declaration": await db.fetchval("select number from declaration where declaration_id = $1", declaration),
        "claim": await db.fetchval("select reference from claim where kind = 8"),
        "effectiveDate": MONDAY.isoformat(),
        "reason": "bezwaar",
        "cents": 250,
    }
    await record(db, "reverse-offset", back, actor="test", business_date=TUESDAY)
    await pair.declare(1_000, pair.payer, on=TUESDAY)
    await run_night(db_url, 1, TUESDAY)
    question = "select open_principal_cents, held_cents from claim_position where claim_id = $1"
    assert tuple(await db.fetchrow(question, claim)) == (450, 450)
    await sound(db)


async def test_a_claim_of_another_risk_carrier_is_offset_under_an_agreement_of_both(
    db: Connection, db_url: str, pair: Pair
) -> None:
    other = await factories.make_risk_carrier(db, "ZK")
    await factories.make_policy_zilveren_kruis(db, other)
    debtor = await factories.make_provider(db, other)
    claim = await factories.make_claim(db, other, debtor.agbs[0], 700, letter_date=PAST, reason="FC")
    await run_night(db_url, other, MONDAY)
    await Pair(db, pair.payer, debtor).agree()
    await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert (await still_open(db, claim), await paid(db, pair.payer)) == (0, 300)
    booked = await db.fetch("select risk_carrier_id, booking_date, kind from posting where kind >= 40 order by kind")
    assert [tuple(row) for row in booked] == [(1, MONDAY, 40), (other, TUESDAY, 41)]
    assert (await run_night(db_url, other, TUESDAY)).state == "released"
    await sound(db)


async def test_a_preview_shows_the_lines_that_the_night_writes(db: Connection, db_url: str, pair: Pair) -> None:
    await pair.claim(700)
    await pair.claim(200, due=MONDAY, provider=pair.payer)
    await pair.agree()
    await pair.declare(600, pair.payer)
    await pair.declare(100, pair.debtor)
    seen = await preview_lines(db, 1, MONDAY)
    assert await db.fetchval("select count(*) from takeover") == 0
    await run_night(db_url, 1, MONDAY)
    lines = [(row["account_id"], row["cents"], row["open_after"], row["pass"]) for row in seen if row["what"] == 2]
    written = await db.fetch(
        "select account_id, cents, open_after_cents, pass from posting where kind = 2 order by 1, event_id, line"
    )
    assert lines == [tuple(row) for row in written]
    assert sum(row[1] for row in lines) == 700


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reasonCode": "FC"}, "agreement_reason"),
        ({"reasonCode": "ONBEKEND"}, "agreement_reason"),
        ({"debtorAccount": 999}, "account_unknown"),
        ({"validUntil": PAST.isoformat()}, "dates"),
    ],
)
async def test_an_agreement_that_cannot_be_is_refused(pair: Pair, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await pair.agree(**given)
    assert refused.value.code == code


async def test_two_agreements_of_one_pair_do_not_hold_on_one_day(pair: Pair) -> None:
    await pair.agree()
    with pytest.raises(Refusal) as refused:
        await pair.agree(number="OVK-2")
    assert refused.value.code == "agreement_overlaps"


async def test_a_claim_that_was_offset_under_an_agreement_is_not_lowered_below_it(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    await pair.agree()
    await pair.declare(500, pair.payer)
    await run_night(db_url, 1, MONDAY)
    reference = await db.fetchval("select reference from claim where claim_id = $1", claim)
    for kind, more in (("adjustment", {"deltaCents": -300}), ("withdraw-claim", {})):
        with pytest.raises(Refusal) as refused:
            await record(db, kind, {"claim": reference, "reason": "fout", **more}, actor="test", business_date=TUESDAY)
        assert refused.value.code == "offset_under_agreement"


async def test_what_was_taken_over_is_not_changed_by_itself(db: Connection, db_url: str, pair: Pair) -> None:
    await pair.claim(700)
    await pair.agree()
    await pair.declare(500, pair.payer)
    await run_night(db_url, 1, MONDAY)
    taken = await db.fetchval("select reference from claim where kind = 8")
    with pytest.raises(Refusal) as refused:
        await record(
            db, "adjustment", {"claim": taken, "deltaCents": 100, "reason": "x"}, actor="test", business_date=TUESDAY
        )
    assert refused.value.code == "taken_over"


async def test_the_specification_of_the_payer_says_whose_debt_it_is_and_under_which_agreement(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    await pair.agree()
    await pair.declare(500, pair.payer)
    await run_night(db_url, 1, MONDAY)
    payout = await db.fetchrow("select payout_id, business_date from payout")
    assert payout is not None
    specification = await read_specification(db, payout_number(payout["payout_id"], payout["business_date"].year))
    claimed = await db.fetchrow(
        """select c.reference, v.name from claim c join running_account using (account_id)
             join provider v using (provider_id) where c.claim_id = $1""",
        claim,
    )
    assert claimed is not None
    told = [offset.remark for line in specification.declarations for offset in line.offsets]
    assert told == [f"Overgenomen van {claimed['name']} ({claimed['reference']}), overeenkomst OVK-1"]


async def test_the_statement_of_the_debtor_says_who_paid_and_under_which_agreement(
    db: Connection, db_url: str, pair: Pair
) -> None:
    await pair.claim(700)
    await pair.agree()
    await pair.declare(500, pair.payer)
    await run_night(db_url, 1, MONDAY)
    request = StatementRequest(account_id=pair.debtor.account_id, first=MONDAY, last=MONDAY, known_at=clock.now())
    statement = await read_statement(db, request)
    payer = await db.fetchval("select name from provider where provider_id = $1", pair.payer.provider_id)
    assert [line.reason for line in statement.lines] == [f"overeenkomst OVK-1, betaald door {payer}"]
