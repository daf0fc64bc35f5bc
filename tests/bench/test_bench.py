"""The benchmark's own promises, on a world of 2,000 declarations."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.embedded import temporary_postgres
from jobs.night.checking import load_checks, run_checks
from tests.bench import api, books, intake, rounds, scale, singly
from tests.bench.data import World, world
from tests.bench.night import night
from tests.bench.server import Server

pytestmark = pytest.mark.slow

_BOOKS = """
with posted as (
  select kind, count(*) as n, sum(cents) as cents from posting where booking_date = date '2026-10-06' group by kind)
select (select array_agg(row(kind, n, cents)::text order by kind) from posted)::text
  || (select row(count(*), sum(net_cents), sum(offset_cents))::text from payout)
  || (select row(count(*), sum(offset_cents), sum(answer))::text from decision)
  || (select row(sum(open_principal_cents), sum(last_answer))::text from claim_position)
  || (select sum(hashint8(claim_id) * open_principal_cents::numeric)::text from claim_position)
  || (select row(count(*), sum(cents))::text from payable)
  || (select row(count(*), sum(entries))::text from run_batch where state = 1)
"""


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Server, World]]:
    with temporary_postgres() as url:
        server = Server(url)

        async def make() -> World:
            await server.start()
            small = await world(server, 2_000)
            await rounds.finished_rows(server, small, lambda _: None)
            return small

        yield server, asyncio.run(make())


def test_the_data_are_sound_before_and_after_the_night(made: tuple[Server, World]) -> None:
    server, small = made

    async def findings() -> list[str]:
        async with server.clone(small.template) as database:
            async with server.connection(database) as connection:
                before = await run_checks(connection, run_id=None)
            await night(server, database, 2)
            async with server.connection(database) as connection:
                after = await run_checks(connection, run_id=None)
        return [f"{each.check}: {each.what}" for each in (*before, *after)]

    assert asyncio.run(findings()) == []


def test_the_floor_leaves_the_books_that_the_night_leaves(made: tuple[Server, World]) -> None:
    server, small = made

    async def books(work: str) -> str:
        async with server.clone(small.template) as database:
            if work == "floor":
                await rounds.script(server, database, "floor.sql")
            else:
                await night(server, database, 1)
            async with server.connection(database) as connection:
                return str(await connection.fetchval(_BOOKS))

    assert asyncio.run(books("floor")) == asyncio.run(books("night"))


def test_all_checks_are_timed_over_the_books_of_several_nights(made: tuple[Server, World]) -> None:
    server, _ = made
    rows = asyncio.run(books.rows(server, 1, lambda _: None, declarations=2_000, nights=2))
    assert rows[0].what.startswith(f"all {len(load_checks())} checks over ")
    assert rows[0].holds


def test_books_on_a_disk_that_is_too_small_are_refused_with_a_sentence(tmp_path: Path) -> None:
    refused = books.refusal(tmp_path, 10**12)
    assert refused is not None
    assert "GB of disk" in refused


def test_one_transaction_a_declaration_posts_every_one_of_them(made: tuple[Server, World]) -> None:
    server, small = made
    rows = asyncio.run(singly.one_by_one(server, small, 0.001))
    assert rows[0].value is not None
    assert rows[0].value > 0


def test_intake_is_compared_with_the_rows_that_it_leaves(made: tuple[Server, World]) -> None:
    server, small = made
    rows = asyncio.run(intake.rows(server, small, 1, lambda _: None))
    assert [row.value is None for row in rows] == [True, False, False, False]


def test_a_disk_that_is_too_small_is_refused_with_a_sentence(tmp_path: Path) -> None:
    refused = scale.refusal(tmp_path, 10**12)
    assert refused is not None
    assert "1,000,000,000,000 declarations need" in refused
    assert "VEREFFEN_BENCH_DIR" in refused


async def test_the_bare_handlers_write_the_rows_that_the_product_writes() -> None:
    tables = (
        "claim claim_line claim_position posting claim_reference payment_reference payment_reference_claim claim_step "
        "declaration payable source_key idempotency_key audit"
    ).split()
    found = []
    with temporary_postgres() as url:
        server = Server(url)
        await server.start()
        token = await api.prepare(server)
        for variant in api.VARIANTS:
            module, _ = api.VARIANTS[variant]
            async with server.clone(api.TEMPLATE) as database, api.serving(module, server.database(database)) as port:
                for noun in ("claims", "declarations"):
                    await api.measured(port, api.requests(noun, f"/v1/{noun}", token, 40), 8)
                async with server.connection(database) as connection:
                    found.append([await connection.fetchval(f"select count(*) from {name}") for name in tables])
        await server.drop(api.TEMPLATE)
    assert found[0] == found[1]
    assert sum(found[0]) > 40 * len(tables)
