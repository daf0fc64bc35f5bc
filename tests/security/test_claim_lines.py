"""CR-3: the database keeps the lines of a claim equal to it, whoever inserts them."""

from datetime import date

import asyncpg
import pytest

from app.core.db import Connection
from tests import factories

DAY = date(2026, 3, 2)
INSERT = """
insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents)
select $1, $2, line_no, $3, cents from unnest($4::bigint[]) with ordinality l (cents, line_no)
"""
CLAIM = """
insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, original_cents, registered_on,
  due_date, reference, ground)
values ($1, $2, $3, 2, 1, 1, $4, '2026-03-02', '2026-03-02', 'VOR-' || $2::bigint, 'test')
"""


@pytest.fixture
async def bare(db: Connection) -> Connection:
    """A claim 71 of 10,000 cents on running account 7 of risk carrier 1, without lines."""
    await db.execute(CLAIM, 7, 71, 1, 10_000)
    return db


async def test_lines_that_add_up_are_taken(bare: Connection) -> None:
    await bare.execute(INSERT, 7, 71, 1, [4_000, 6_000])
    assert await bare.fetchval("select sum(cents)::bigint from claim_line") == 10_000


@pytest.mark.parametrize("cents", [[4_000, 5_999], [10_001], [1]])
async def test_lines_that_do_not_add_up_are_refused(bare: Connection, cents: list[int]) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="claim 71 of 10000 cents gets lines from 1 on, of") as raised:
        await bare.execute(INSERT, 7, 71, 1, cents)
    assert raised.value.constraint_name == "claim_lines_add_up"
    assert await bare.fetchval("select count(*) from claim_line") == 0


async def test_a_line_added_to_a_claim_that_has_its_lines_is_refused(bare: Connection) -> None:
    await bare.execute(INSERT, 7, 71, 1, [10_000])
    with pytest.raises(asyncpg.CheckViolationError, match="gets lines from 2 on"):
        await bare.execute(
            "insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents) values (7, 71, 2, 1, 10000)"
        )


async def test_lines_that_leave_room_for_a_later_statement_are_refused(bare: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="gets lines from 2 on"):
        await bare.execute(
            "insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents) values (7, 71, 2, 1, 10000)"
        )


async def test_one_wrong_claim_among_many_refuses_the_statement(bare: Connection) -> None:
    await bare.execute(CLAIM, 8, 81, 1, 500)
    with pytest.raises(asyncpg.CheckViolationError, match="claim 81 of 500"):
        await bare.execute(
            """insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, cents)
               values (7, 71, 1, 1, 10000), (8, 81, 1, 1, 499)"""
        )


async def test_lines_of_no_claim_are_refused(bare: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="claim 72 of no cents"):
        await bare.execute(INSERT, 7, 72, 1, [10_000])


async def test_lines_of_another_risk_carrier_than_the_claim_are_refused(bare: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await bare.execute(INSERT, 7, 71, 2, [10_000])


async def test_a_file_of_claims_with_lines_and_without_passes(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_vgz(db, carrier)
    (agb,) = (await factories.make_provider(db, carrier)).agbs
    await factories.make_claim(db, carrier, agb, 900, letter_date=DAY, lines=[{"cents": 400}, {"cents": 500}])
    await factories.make_claim(db, carrier, agb, 700, letter_date=DAY)
    assert [row["cents"] for row in await db.fetch("select cents from claim_line order by cents")] == [400, 500, 700]
