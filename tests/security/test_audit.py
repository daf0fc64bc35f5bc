"""Every write comes with an audit row of its own transaction, through whichever door it came (RA-2, SA-2)."""

import re

from app.core.db import Connection
from app.record import KINDS
from tests.security.conftest import Books
from tests.security.observe import look_at, watch
from tests.security.world import PLANTED


def test_no_door_writes_a_row_without_an_audit_row_of_the_same_transaction(books: Books) -> None:
    assert {seen.door: set(seen.unaudited) for seen in books.seen if seen.unaudited} == {PLANTED: {"payable"}}


def test_every_kind_of_record_is_a_door_that_was_walked(books: Books) -> None:
    assert set(KINDS) - {seen.door.removeprefix("record ") for seen in books.seen} == set()


def test_every_door_but_the_preview_wrote_something(books: Books) -> None:
    assert {seen.door for seen in books.seen if not seen.changed} == {"preview"}


def test_the_nights_went_through_every_state(books: Books) -> None:
    wrote = {
        table: {seen.door for seen in books.seen if table in seen.changed}
        for table in ("claim_maturity", "dunning_proposal", "payment_file", "run_parked", "incident", "payout")
    }
    assert [table for table, doors in wrote.items() if not any(door.startswith("night") for door in doors)] == []


async def test_a_write_without_an_audit_row_is_seen(db: Connection) -> None:
    await watch(db)
    await db.execute("insert into provider (number, name, legal_form, natural_person) values ('x', 'x', 'bv', false)")
    assert (await look_at(db, "raw insert")).unaudited == {"provider"}


async def test_an_audit_row_names_no_person(books: Books) -> None:
    rows = await books.db.fetch("select subject || ' ' || body::text as text from audit")
    personal = re.compile(r"Praktijk|Vestiging|NL\d\d[A-Z]{4}\d{10}")
    assert [row["text"] for row in rows if personal.search(row["text"])] == []
