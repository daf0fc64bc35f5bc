"""The running-account statement: opening + movements = closing on every side, for any period, claim and AGB code."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import claim_reference, payout_number
from app.reports import Side, Statement, StatementRequest, export_csv, export_json, read_head, read_statement, rules
from tests.payouts.books import Books, at

FEB, DAY, LATER = date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 16)
END, ALWAYS = date(2026, 3, 31), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def books(db: Connection) -> Books:
    return await Books(db).start()


def march(books: Books, **filters: Any) -> StatementRequest:
    values: dict[str, Any] = {"first": date(2026, 3, 1), "last": END, "known_at": ALWAYS} | filters
    return StatementRequest(account_id=books.account, **values)


async def story(books: Books) -> dict[str, int]:
    """February: a claim of 500.00. March 2: A of 600.00 (first AGB), 200.00 offset, 400.00 paid. March 16: B of 300.00
    (second AGB) gives 100.00 to a credit on A; a payment of 50.00 on the claim and 7.00 on account."""
    ids = {"V": await books.claim("V", 50000, FEB, kind=1, reason="CM98")}
    ids["A"] = await books.declare("A", 60000, DAY)
    ids["run_1"] = await books.run(DAY)
    ids["payout_1"] = await books.pay(ids["run_1"], DAY, {ids["A"]: 60000}, [(ids["A"], ids["V"], 20000, 30000)])
    ids["C"] = await books.claim("C", 10000, date(2026, 3, 9), origin=ids["A"])
    ids["B"] = await books.declare("B", 30000, LATER, "04000002")
    ids["payout_2"] = await books.pay(
        await books.run(LATER), LATER, {ids["B"]: 30000}, [(ids["B"], ids["C"], 10000, 0)]
    )
    payment = await books.event()
    await books.db.execute(
        "insert into payment values ($1, $2, $3, $4, $4, 5700, 'KENMERK')", books.account, payment, books.carrier, LATER
    )
    await books.post(LATER, 11, payment, 5000, claim=ids["V"])
    await books.post(LATER, 14, payment, 700, line=1)
    return ids


def closes(statement: Statement) -> bool:
    """Whether every side's lines lead from its opening to its closing balance, and the account's likewise."""
    balances = {total.side: total.opening_cents for total in statement.head.sides}
    account = statement.head.opening_balance_cents
    for line in statement.lines:
        moved = line.credit_cents - line.debit_cents
        balances[line.side] += -moved if line.side is Side.CLAIMS else moved
        account += moved
        if (line.balance_cents, line.account_balance_cents) != (balances[line.side], account):
            return False
    closing = {total.side: total.closing_cents for total in statement.head.sides}
    return balances == closing and account == statement.head.closing_balance_cents


async def test_opening_and_movements_make_closing_on_every_side(books: Books) -> None:
    await story(books)
    statement = await read_statement(books.db, march(books))
    assert closes(statement)
    assert [(t.side.value, t.opening_cents, t.closing_cents) for t in statement.head.sides] == [
        ("payable", 0, 0),
        ("claims", 50000, 25000),
        ("onAccount", 0, 700),
    ]


async def test_the_balance_of_the_account_is_what_is_owed_less_what_it_owes(books: Books) -> None:
    await story(books)
    head = await read_head(books.db, march(books))
    assert (head.opening_balance_cents, head.closing_balance_cents) == (-50000, 700 - 25000)


async def test_the_head_counts_the_lines(books: Books) -> None:
    await story(books)
    statement = await read_statement(books.db, march(books))
    assert statement.head.movements == len(statement.lines) == 11
    assert statement.next_cursor is None


async def test_a_period_starts_where_the_one_before_it_ended(books: Books) -> None:
    await story(books)
    before = await read_head(books.db, march(books, last=date(2026, 3, 8)))
    after = await read_head(books.db, march(books, first=date(2026, 3, 9)))
    assert [t.closing_cents for t in before.sides] == [t.opening_cents for t in after.sides]


async def test_an_offset_is_a_debit_of_the_declaration_and_a_credit_of_the_claim(books: Books) -> None:
    ids = await story(books)
    lines = [line for line in (await read_statement(books.db, march(books))).lines if line.kind == "verrekening"]
    assert [(x.side.value, x.number, x.debit_cents, x.credit_cents) for x in lines[:2]] == [
        ("payable", "A", 20000, 0),
        ("claims", "V", 0, 20000),
    ]
    assert {line.claim_reference for line in lines[:2]} == {claim_reference(ids["V"], 2026)}


async def test_a_line_names_reason_invoice_agb_and_payout(books: Books) -> None:
    ids = await story(books)
    lines = (await read_statement(books.db, march(books))).lines
    (credit,) = [line for line in lines if line.kind == "verrekening" and line.number == "C"]
    assert (credit.reason_code, credit.reason, credit.invoice_number) == ("CREDIT", "Creditnota", "F-A")
    assert (credit.agb, credit.payout_number) == ("04000001", payout_number(ids["payout_2"], 2026))


async def test_every_line_has_a_dutch_word(books: Books) -> None:
    await story(books)
    statement = await read_statement(books.db, march(books, first=FEB))
    assert {line.kind for line in statement.lines} == {
        "vordering", "creditnota", "declaratie", "verrekening", "uitbetaling", "betaling", "betaling op rekening",
    }  # fmt: skip


async def test_what_was_recorded_later_is_not_in_an_earlier_view(books: Books) -> None:
    await story(books)
    head = await read_head(books.db, march(books, known_at=at(date(2026, 3, 10))))
    assert [t.closing_cents for t in head.sides] == [0, 40000, 0]


async def test_a_claim_by_itself_shows_its_own_side_only(books: Books) -> None:
    ids = await story(books)
    statement = await read_statement(books.db, march(books, claim_id=ids["V"]))
    assert closes(statement)
    assert [(line.side.value, line.kind) for line in statement.lines] == [
        ("claims", "verrekening"),
        ("claims", "betaling"),
    ]
    assert [(t.opening_cents, t.closing_cents) for t in statement.head.sides] == [(0, 0), (50000, 25000), (0, 0)]


async def test_an_agb_code_shows_its_declarations_claims_and_share_of_payouts(books: Books) -> None:
    await story(books)
    statement = await read_statement(books.db, march(books, agb="04000002"))
    assert closes(statement)
    assert {(line.side.value, line.kind, line.debit_cents, line.credit_cents) for line in statement.lines} == {
        ("payable", "declaratie", 0, 30000),
        ("payable", "verrekening", 10000, 0),
        ("payable", "uitbetaling", 20000, 0),
    }


async def test_the_agb_codes_add_up_to_the_account(books: Books) -> None:
    await story(books)
    whole = await read_head(books.db, march(books))
    parts = [await read_head(books.db, march(books, agb=agb)) for agb in books.agb]
    for n, total in enumerate(whole.sides[:2]):  # money on account belongs to no code
        assert total.opening_cents == sum(part.sides[n].opening_cents for part in parts)
        assert total.closing_cents == sum(part.sides[n].closing_cents for part in parts)


async def test_a_payout_with_two_agb_codes_shares_itself_out(books: Books) -> None:
    one, two = await books.declare("A", 10000, DAY), await books.declare("B", 3000, DAY, "04000002")
    await books.pay(await books.run(DAY), DAY, {one: 10000, two: 3000})
    shares = [
        line.debit_cents
        for agb in ("04000001", "04000002")
        for line in (await read_statement(books.db, march(books, agb=agb))).lines
        if line.kind == "uitbetaling"
    ]
    assert shares == [10000, 3000]


async def test_an_offset_given_back_returns_to_the_agb_code_of_its_declaration(books: Books) -> None:
    declared, credit = await books.declare("A", 10000, DAY, "04000002"), await books.claim("C", 4000, DAY)
    await books.pay(await books.run(DAY), DAY, {declared: 10000}, [(declared, credit, 4000, 0)])
    reversal = await books.event()
    await books.db.execute(
        """insert into offset_reversal (account_id, reversal_id, risk_carrier_id, declaration_id, claim_id, offset_line,
             cents, decided_on, effective_date, reason, cause)
           values ($1, $2, $3, $4, $5, 1, 4000, $6, $6, 'fout', 1)""",
        books.account, reversal, books.carrier, declared, credit, DAY,
    )  # fmt: skip
    await books.post(DAY, 30, reversal, 4000, claim=credit, open_after=4000, reverses=(declared, 1))
    await books.pay(await books.run(LATER), LATER, {}, returned={reversal: 4000})
    statement = await read_statement(books.db, march(books, agb="04000002"))
    assert closes(statement)
    assert [t.closing_cents for t in statement.head.sides] == [0, 0, 0]
    assert "verrekening teruggedraaid" in {line.kind for line in statement.lines}


async def test_a_reversal_says_why(books: Books) -> None:
    credit = await books.claim("C", 4000, DAY)
    adjustment = await books.event()
    await books.db.execute(
        "insert into adjustment values ($1, $2, $3, $4, 1, -1000, $5, $5, 'telfout')",
        books.account, adjustment, books.carrier, credit, DAY,
    )  # fmt: skip
    await books.post(DAY, 22, adjustment, 1000, claim=credit)
    lines = (await read_statement(books.db, march(books))).lines
    assert [(line.kind, line.reason) for line in lines] == [("creditnota", "Creditnota"), ("verlaging", "telfout")]


async def test_an_approved_declaration_is_pending_until_its_night(books: Books) -> None:
    declared = await books.declare("A", 10000, DAY, queued=True)
    waiting = await read_head(books.db, march(books))
    await books.pay(await books.run(LATER), LATER, {declared: 10000})
    settled = await read_head(books.db, march(books))
    day_before = await read_head(books.db, march(books, last=date(2026, 3, 15)))
    assert (waiting.pending_cents, settled.pending_cents, day_before.pending_cents) == (10000, 0, 10000)


async def test_a_declaration_withdrawn_before_its_night_is_pending_until_then(books: Books) -> None:
    declared = await books.declare("A", 10000, DAY)
    await books.db.execute(
        "insert into declaration_withdrawal values ($1, nextval('event_id'), $2, $3, $4, 'dubbel', false)",
        books.account, books.carrier, declared, LATER,
    )  # fmt: skip
    heads = [await read_head(books.db, march(books, last=last)) for last in (date(2026, 3, 15), LATER)]
    assert [head.pending_cents for head in heads] == [10000, 0]


async def test_pages_show_every_line_once_with_the_same_balances(books: Books) -> None:
    await story(books)
    whole = await read_statement(books.db, march(books))
    lines, cursor = [], None
    while True:
        page = await read_statement(books.db, march(books), after=cursor, limit=2)
        lines += page.lines
        if (cursor := page.next_cursor) is None:
            break
    assert tuple(lines) == whole.lines


async def test_the_csv_opens_moves_and_closes(books: Books) -> None:
    await story(books)
    async with books.db.transaction():
        text = "".join([part async for part in export_csv(books.db, march(books))])
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Soort"] for row in rows[:3]] == ["beginsaldo"] * 3
    assert [(row["Soort"], row["Saldo kant"]) for row in rows[-5:-2]] == [
        ("eindsaldo", "0,00"), ("eindsaldo", "250,00"), ("eindsaldo", "7,00"),
    ]  # fmt: skip
    assert rows[-1]["Saldo rekening-courant"] == "-243,00"


async def test_the_json_export_is_the_statement(books: Books) -> None:
    await story(books)
    async with books.db.transaction():
        data = b"".join([part async for part in export_json(books.db, march(books))])
    assert msgspec.json.decode(data, type=Statement) == await read_statement(books.db, march(books))


async def test_an_account_without_movements_exports_well_formed_json(books: Books) -> None:
    async with books.db.transaction():
        data = b"".join([part async for part in export_json(books.db, march(books))])
    assert msgspec.json.decode(data)["lines"] == []


async def test_one_carriers_statement_does_not_hold_the_others(books: Books) -> None:
    await story(books)
    other = replace(books, carrier=2, reason={}, agb={}, iban={})
    await other.db.execute(
        "insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban) values (2, 'ZK', 'Z', '12345678', '')"
    )
    account = await other.db.fetchval(
        """insert into running_account (risk_carrier_id, provider_id, opened_on)
           select 2, provider_id, '2015-01-01' from provider returning account_id"""
    )
    head = await read_head(books.db, StatementRequest(account_id=account, first=FEB, last=END, known_at=ALWAYS))
    assert (head.movements, head.closing_balance_cents) == (0, 0)


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"claim_id": 999}, "Claim 999 is not of this running account"),
        ({"agb": "99999999"}, "is not of this provider"),
        ({"agb": "04000001", "claim_id": 1}, "not to both"),
    ],
)
async def test_a_filter_that_fits_nothing_is_refused(books: Books, filters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        await read_statement(books.db, march(books, **filters))


@pytest.mark.parametrize(
    "cursor", ["", "x.1.1.1", "2026-13-01.1.1.1", "1.2.3", "2026-03-01.1.1.2147483648", "2026-03-01.1.32768.1"]
)
async def test_a_cursor_that_is_not_ours_is_refused(books: Books, cursor: str) -> None:
    with pytest.raises(Refusal, match="not one of ours"):
        await read_statement(books.db, march(books), after=cursor)


async def test_an_unknown_account_is_refused(books: Books) -> None:
    with pytest.raises(Refusal, match="no running account 77"):
        await read_head(books.db, StatementRequest(account_id=77, first=FEB, last=END, known_at=ALWAYS))


async def test_every_posting_kind_has_a_word_on_the_statement(db: Connection) -> None:
    kinds = await db.fetch(  # a confirmed payout moves no side of the statement
        "select posting_kind_id from posting_kind where array[debit, credit] && array[1, 2, 3, 4, 8]::smallint[]"
    )
    assert [row[0] for row in kinds if not rules.kind_text(row[0], None)] == []
