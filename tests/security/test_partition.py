"""Row-level security, proven over all rows of two risk carriers with a provider in common (reliability 5.2)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection, Role
from tests.security.conftest import Books
from tests.security.observe import tables

# Lists that are the same for everybody: they hold no tenant's row.
LISTS = {"ledger_account", "posting_kind", "decision_answer"}
PARTIES = {"provider", "practice", "agb_registration", "payee_iban"}  # shared where both risk carriers deal with them
POLICIES = {"reason_policy", "dunning_policy", "agency_policy", "gate_policy"}
Rows = dict[str, set[str]]


@asynccontextmanager
async def seen_as(
    db: Connection,
    role: Role,
    carriers: Sequence[int] = (),
    provider_id: int | None = None,
    accounts: Sequence[int] = (),
) -> AsyncIterator[Connection]:
    async with database.transaction(
        db, role=role, actor="test", risk_carriers=carriers, provider_id=provider_id, accounts=accounts, readonly=True
    ):
        yield db


async def rows_of(db: Connection, names: Sequence[str]) -> Rows:
    """Every row of those tables that is seen, as text."""
    return {name: {row["text"] for row in await db.fetch(f"select t::text as text from {name} t")} for name in names}


async def readable(db: Connection, role: Role) -> list[str]:
    return [
        name
        for name in await tables(db)
        if await db.fetchval("select has_table_privilege($1, $2, 'select')", f"vereffen_{role}", name)
    ]


async def staff_sees(books: Books, *carriers: int) -> Rows:
    names = await readable(books.db, "staff")
    async with seen_as(books.db, "staff", carriers) as db:
        return await rows_of(db, names)


async def test_staff_of_one_risk_carrier_sees_no_row_of_another(books: Books) -> None:
    foreign = {}
    for own, other in ((books.a, books.b), (books.b, books.a)):
        async with seen_as(books.db, "staff", [own.carrier]) as db:
            for name in set(await readable(db, "staff")) - LISTS - PARTIES - POLICIES:
                column = "risk_carrier_id" if await _has(db, name, "risk_carrier_id") else "account_id"
                strange = [other.carrier] if column == "risk_carrier_id" else list(_accounts(other))
                foreign[name] = await db.fetchval(
                    f"select count(*) from {name} where {column} = any ($1)",
                    strange,
                )
    assert len(foreign) > 35
    assert {name: count for name, count in foreign.items() if count} == {}


async def _has(db: Connection, name: str, column: str) -> bool:
    found: bool = await db.fetchval(
        "select exists (select 1 from pg_attribute where attrelid = $1::text::regclass and attname = $2)", name, column
    )
    return found


def _accounts(walk: object) -> set[int]:
    return {walk.busy.account_id, walk.quiet.account_id}  # type: ignore[attr-defined]


async def test_two_risk_carriers_share_only_lists_and_the_providers_of_both(books: Books) -> None:
    one, two = await staff_sees(books, books.a.carrier), await staff_sees(books, books.b.carrier)
    assert {name for name in one if one[name] & two[name]} == LISTS | PARTIES
    shared = await books.db.fetchval("select p::text from provider p where provider_id = $1", books.shared_provider_id)
    assert one["provider"] & two["provider"] == {shared}


async def test_together_the_risk_carriers_see_every_row(books: Books) -> None:
    one, two = await staff_sees(books, books.a.carrier), await staff_sees(books, books.b.carrier)
    everything = await rows_of(books.db, list(one))
    unseen = {name: rows - one[name] - two[name] for name, rows in everything.items()}
    # of no risk carrier: when the checks over all of them run
    assert {name: len(rows) for name, rows in unseen.items() if rows} == {"job_schedule": 1}


async def test_the_world_has_rows_of_both_risk_carriers_in_nearly_every_table(books: Books) -> None:
    one, two = await staff_sees(books, books.a.carrier), await staff_sees(books, books.b.carrier)
    assert {name for name in one if not (one[name] and two[name])} <= {"uzovi_code", "brand", "gate_policy"}


async def test_staff_of_both_sees_what_each_sees(books: Books) -> None:
    one, two = await staff_sees(books, books.a.carrier), await staff_sees(books, books.b.carrier)
    assert await staff_sees(books, books.a.carrier, books.b.carrier) == {name: one[name] | two[name] for name in one}


@pytest.mark.parametrize("role", ["staff", "portal"])
async def test_without_a_tenant_no_row_is_seen(books: Books, role: Role) -> None:
    names = [name for name in await readable(books.db, role) if name not in LISTS]
    async with seen_as(books.db, role) as db:
        assert [name for name, rows in (await rows_of(db, names)).items() if rows] == []


async def test_a_setting_that_is_empty_shows_no_row(books: Books) -> None:
    async with books.db.transaction(readonly=True):
        await books.db.execute("set local role vereffen_staff; set local vereffen.risk_carriers = ''")
        assert await books.db.fetchval("select count(*) from claim") == 0


async def test_the_context_of_a_transaction_is_gone_after_it(books: Books) -> None:
    await staff_sees(books, books.a.carrier)
    async with books.db.transaction(readonly=True):
        await books.db.execute("set local role vereffen_staff")
        assert await books.db.fetchval("select count(*) from claim") == 0


async def test_a_provider_sees_its_own_running_account_alone(books: Books) -> None:
    own = books.a.busy
    async with seen_as(books.db, "portal", provider_id=own.provider_id, accounts=[own.account_id]) as db:
        seen = {
            name: {row[0] for row in await db.fetch(f"select distinct account_id from {name}")}
            for name in await readable(db, "portal")
            if await _has(db, name, "account_id")
        }
    assert {name: found for name, found in seen.items() if found - {own.account_id}} == {}
    assert seen["claim"] == seen["posting"] == seen["payout"] == {own.account_id}


async def test_a_provider_sees_no_other_providers_name_or_account_number(books: Books) -> None:
    own = books.a.busy
    async with seen_as(books.db, "portal", provider_id=own.provider_id, accounts=[own.account_id]) as db:
        names = [row["name"] for row in await db.fetch("select name from provider")]
        ibans = {row["iban"] for row in await db.fetch("select iban from payee_iban")}
        practices = [row["name"] for row in await db.fetch("select name from practice")]
        agbs = [row["agb"] for row in await db.fetch("select agb from agb_registration")]
    assert (names, practices, agbs) == ([f"Praktijk {own.number}"], [f"Vestiging {own.number}"], own.agbs)
    assert ibans == set(own.iban_ids)


async def test_a_provider_sees_the_risk_carriers_that_it_deals_with(books: Books) -> None:
    for provider_id, accounts, expected in (
        (books.a.busy.provider_id, [books.a.busy.account_id], {"AA"}),
        (books.shared_provider_id, await _shared_accounts(books), {"AA", "BB"}),
    ):
        async with seen_as(books.db, "portal", provider_id=provider_id, accounts=accounts) as db:
            assert {row["code"] for row in await db.fetch("select code from risk_carrier")} == expected


async def _shared_accounts(books: Books) -> list[int]:
    rows = await books.db.fetch(
        "select account_id from running_account where provider_id = $1", books.shared_provider_id
    )
    return [row["account_id"] for row in rows]


async def test_the_agency_role_reads_no_table_yet(books: Books) -> None:
    assert await readable(books.db, "agency") == []


async def test_the_read_only_role_reads_every_row_but_secrets_and_the_bytes_of_files(books: Books) -> None:
    kept_back = {"api_token", "person", "person_session", "sign_in_try", "batch_part"}
    names = [name for name in await tables(books.db) if name not in kept_back]
    everything = await rows_of(books.db, names)
    async with seen_as(books.db, "readonly") as db:
        assert await rows_of(db, names) == everything


@pytest.mark.parametrize(
    "statement",
    [
        """insert into audit (risk_carrier_id, occurred_at, actor, action, subject, body)
           values ($1, now(), '', '', '', '{}')""",
        "insert into idempotency_key values ($1, 'x', gen_random_uuid(), '{}', now())",
        "insert into claim_reference values ('VOR-x', $1, 1, 1)",
        """insert into payment (account_id, risk_carrier_id, received_on, recorded_on, cents)
           values (1, $1, '2026-03-02', '2026-03-02', 1)""",
    ],
)
async def test_staff_cannot_add_a_row_of_another_risk_carrier(books: Books, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.transaction(books.db, role="staff", actor="test", risk_carriers=[books.a.carrier]):
            await books.db.execute(statement, books.b.carrier)


async def test_staff_cannot_move_a_row_of_its_own_to_another_risk_carrier(books: Books) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(books.db, role="staff", actor="test", risk_carriers=[books.a.carrier]):
            await books.db.execute("update claim_position set risk_carrier_id = $1", books.b.carrier)


async def test_staff_changes_no_row_of_another_risk_carrier(books: Books) -> None:
    async with database.transaction(books.db, role="staff", actor="test", risk_carriers=[books.a.carrier]):
        done = await books.db.execute(
            "update claim_position set due_date = due_date where account_id = $1", books.b.quiet.account_id
        )
    assert done == "UPDATE 0"


async def test_staff_cannot_queue_money_for_a_running_account_of_another_risk_carrier(books: Books) -> None:
    async with database.transaction(books.db, role="staff", actor="test", risk_carriers=[books.a.carrier]):
        done = await books.db.execute("delete from payable where account_id = $1", books.b.quiet.account_id)
    assert done == "DELETE 0"
