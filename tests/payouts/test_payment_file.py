"""The payment file: what goes into it, once, and the same bytes again."""

import asyncio
import hashlib
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import sepaxml
from lxml import etree

from app.core.db import Connection, connect
from app.core.errors import Refusal
from app.core.ids import payout_number
from app.payouts import actions, held_payouts, release_payments, render_payment_file, restore_payment_files
from tests.payouts.books import PAYEE_IBAN, SECOND_IBAN, VZ_IBAN, Books, at

MONDAY = date(2026, 3, 2)
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
SCHEMA = etree.XMLSchema(etree.parse(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))


def texts(xml: bytes, path: str) -> list[str]:
    """The text of every element on a path, each step in the namespace of the file."""
    steps = "/".join(f"p:{step}" for step in path.split("/"))
    return [str(element.text) for element in etree.fromstring(xml).iterfind(f".//{steps}", NS)]


@pytest.fixture
async def books(db: Connection) -> Books:
    return await Books(db).start()


async def two_payouts(books: Books, *, second_held: int = 0) -> tuple[int, int, int]:
    """A run with a payout in full (100.00) and one after offset (250.50); run and payout ids."""
    run = await books.run(MONDAY)
    first = await books.pay(run, MONDAY, {await books.declare("A", 10000, MONDAY): 10000})
    await books.provider("P2", "Praktijk Ωmega & Zn.", ("04000003",), SECOND_IBAN, "Praktijk Ωmega & Zn.")
    credit = await books.claim("C", 4950, MONDAY, agb="04000003")
    declared = await books.declare("B", 30000, MONDAY, "04000003")
    second = await books.pay(run, MONDAY, {declared: 30000}, [(declared, credit, 4950, 0)], held=second_held)
    return run, first, second


async def test_the_file_is_valid_against_the_schema(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    SCHEMA.assertValid(etree.parse(tmp_path / f"{file.message_id}.xml"))


async def test_the_file_counts_and_sums_its_transfers_exactly(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    xml = next(tmp_path.glob("*.xml")).read_bytes()
    assert texts(xml, "InstdAmt") == ["100.00", "250.50"]
    assert texts(xml, "NbOfTxs") == ["2", "2"]
    assert texts(xml, "CtrlSum") == ["350.50", "350.50"]


async def test_a_transfer_names_the_payout_and_says_whether_something_was_offset(books: Books, tmp_path: Path) -> None:
    run, first, second = await two_payouts(books)
    await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    xml = next(tmp_path.glob("*.xml")).read_bytes()
    numbers = [payout_number(first, 2026), payout_number(second, 2026)]
    assert texts(xml, "EndToEndId") == numbers
    assert texts(xml, "Ustrd") == [f"declaratie {numbers[0]}", f"afrekening {numbers[1]}"]


async def test_names_are_in_the_sepa_character_set(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    xml = next(tmp_path.glob("*.xml")).read_bytes()
    assert texts(xml, "Cdtr/Nm") == ["Fysio Unal B.V.", "Praktijk .mega + Zn."]


async def test_money_goes_from_the_carrier_to_the_payee_as_a_sepa_transfer(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    xml = next(tmp_path.glob("*.xml")).read_bytes()
    assert texts(xml, "DbtrAcct/Id/IBAN") == [VZ_IBAN]
    assert texts(xml, "CdtrAcct/Id/IBAN") == [PAYEE_IBAN, SECOND_IBAN]
    assert [texts(xml, "SvcLvl/Cd"), texts(xml, "ChrgBr"), texts(xml, "PstlAdr")] == [["SEPA"], ["SLEV"], []]


async def test_the_message_id_follows_from_run_and_sequence(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    assert file.message_id == f"VEREFFEN-VZ-{run}-1"


async def test_a_payment_date_that_is_no_target_day_moves_to_the_next(books: Books, tmp_path: Path) -> None:
    good_friday = date(2026, 4, 3)
    run = await books.run(good_friday)
    await books.pay(run, good_friday, {await books.declare("A", 1, good_friday): 1})
    file = await release_payments(books.db, run, now=at(good_friday), directory=tmp_path)
    assert file is not None
    assert file.execution_date == date(2026, 4, 7)
    assert texts(Path(str(file.path)).read_bytes(), "ReqdExctnDt/Dt") == ["2026-04-07"]


async def test_released_twice_there_is_one_instruction_and_the_same_file(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert await release_payments(books.db, run, now=at(date(2026, 3, 3)), directory=tmp_path) is None
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert await books.db.fetchval("select count(*) from payment_instruction") == 2


async def test_two_releases_at_once_send_a_payout_once(books: Books, db_url: str, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    other = await connect(db_url)
    sent = await asyncio.gather(
        *(release_payments(each, run, now=at(MONDAY), directory=tmp_path) for each in (books.db, other))
    )
    await other.close()
    assert sorted(file is None for file in sent) == [False, True]
    assert await books.db.fetchval("select count(*) from payment_instruction") == 2


async def test_a_worker_that_falls_asleep_in_the_release_does_not_keep_the_run_from_another(
    books: Books, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _, _ = await two_payouts(books)
    asleep = asyncio.Event()
    sleeping = await connect(db_url)

    async def falls_asleep(*_: object) -> None:
        asleep.set()
        await asyncio.sleep(60)

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_write", falls_asleep)
        lease = timedelta(seconds=0.5)
        sleeper = asyncio.create_task(
            release_payments(sleeping, run, now=at(MONDAY), directory=tmp_path / "sleeper", lease=lease)
        )
        await asleep.wait()
    file = await asyncio.wait_for(release_payments(books.db, run, now=at(MONDAY), directory=tmp_path), 10)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    assert file is not None
    assert file.transactions == 2
    assert sleeping.is_closed()
    assert list((tmp_path / "sleeper").iterdir()) == []


async def test_a_file_is_made_again_from_the_rows_byte_for_byte(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    again = await render_payment_file(books.db, file.payment_file_id)
    assert again == Path(str(file.path)).read_bytes()
    assert hashlib.sha256(again).digest() == file.sha256


async def test_a_file_is_the_same_after_the_carrier_changed_its_bank(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    await books.db.execute("update risk_carrier set debtor_iban = $1, name = 'Nieuw N.V.'", SECOND_IBAN)
    assert await render_payment_file(books.db, file.payment_file_id) == Path(str(file.path)).read_bytes()


async def test_a_file_is_handed_out_as_it_was_sent_and_the_audit_row_says_to_whom(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    made = await actions.hand_out_payment_file(
        books.db, file.message_id, risk_carriers=[1], actor="person:mira", now=at(MONDAY)
    )
    made.file.seek(0)
    assert made.file.read() == Path(str(file.path)).read_bytes()
    row = await books.db.fetchrow("select * from audit where action = 'payment file handed out'")
    assert row is not None
    assert (row["actor"], row["body"]) == ("person:mira", {"messageId": file.message_id})


async def test_a_file_of_another_risk_carrier_is_not_handed_out(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    with pytest.raises(Refusal, match="There is no payment file"):
        await actions.hand_out_payment_file(
            books.db, file.message_id, risk_carriers=[2], actor="person:mira", now=at(MONDAY)
        )
    assert await books.db.fetchval("select count(*) from audit where action = 'payment file handed out'") == 0


async def test_a_file_that_cannot_be_made_again_as_sent_is_refused(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    await books.db.execute("update payee_iban set holder_name = 'Ander'")
    with pytest.raises(Refusal, match="cannot be made again as it was sent"):
        await render_payment_file(books.db, file.payment_file_id)


async def test_a_file_lost_after_the_commit_comes_back(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    lost = Path(str(file.path)).read_bytes()
    Path(str(file.path)).unlink()
    assert await restore_payment_files(books.db, run, directory=tmp_path) == [Path(str(file.path))]
    assert Path(str(file.path)).read_bytes() == lost


async def test_a_release_without_a_folder_leaves_rows_that_make_the_file(books: Books) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=None)
    assert file is not None
    SCHEMA.assertValid(etree.fromstring(await render_payment_file(books.db, file.payment_file_id)))


async def test_only_the_owner_may_read_the_file(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    assert Path(str(file.path)).stat().st_mode & 0o077 == 0


HOLD = """
insert into hold (account_id, risk_carrier_id, kind, for_dunning, for_offset, for_payout, for_agency, from_date, active,
  reason, owner)
select account_id, risk_carrier_id, 7, false, false, true, false, business_date, true,
  'beslag', 'test' from payout where payout_id = $1
"""


async def test_a_held_payout_stays_behind_and_is_named(books: Books, tmp_path: Path) -> None:
    run, _, second = await two_payouts(books, second_held=1)
    await books.db.execute(HOLD, second)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    assert (file.transactions, file.control_sum_cents) == (1, 10000)
    assert await held_payouts(books.db, run) == [(payout_number(second, 2026), 25050, 1)]


async def test_a_payout_whose_hold_has_ended_goes_out_in_a_supplement(books: Books, tmp_path: Path) -> None:
    run, _, second = await two_payouts(books, second_held=1)
    await books.db.execute(HOLD, second)
    await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    await books.db.execute("update hold set ended_on = '2026-03-06', active = false")
    file = await release_payments(
        books.db, run, now=at(date(2026, 3, 7)), directory=tmp_path, business_date=date(2026, 3, 7)
    )
    assert file is not None
    assert (file.message_id, file.control_sum_cents) == (f"VEREFFEN-VZ-{run}-2", 25050)
    assert file.execution_date == date(2026, 3, 9)  # the 7th is a Saturday
    assert len(list(tmp_path.iterdir())) == 2


async def test_a_payout_of_nothing_is_not_sent(books: Books, tmp_path: Path) -> None:
    run = await books.run(MONDAY)
    credit, declared = await books.claim("C", 5000, MONDAY), await books.declare("A", 5000, MONDAY)
    await books.pay(run, MONDAY, {declared: 5000}, [(declared, credit, 5000, 0)])
    assert await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("state", ["waiting", "planned", "matching", "stopped"])
async def test_a_run_without_proof_releases_nothing(books: Books, tmp_path: Path, state: str) -> None:
    run, _, _ = await two_payouts(books)
    await books.db.execute("update run set state = $1", state)
    with pytest.raises(Refusal, match="payments leave after its proof"):
        await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert await books.db.fetchval("select count(*) from payment_instruction") == 0


async def test_an_unknown_run_is_refused(books: Books, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no run 404") as refused:
        await release_payments(books.db, 404, now=at(MONDAY), directory=tmp_path)
    assert refused.value.status == 404


async def _set_aside(books: Books) -> list[tuple[int, str]]:
    rows = await books.db.fetch("select held, what from payout y join incident i using (account_id) where held <> 0")
    return [(row["held"], row["what"]) for row in rows]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("update payee_iban set holder_name = ' ' where iban = $1", "no name that a bank can read"),
        ("update payee_iban set valid_until = '2026-02-28' where iban = $1", "its IBAN is not valid on 2026-03-02"),
    ],
)
async def test_what_no_bank_would_take_is_held_with_an_incident_and_the_others_go_out(
    books: Books, tmp_path: Path, spoil: str, says: str
) -> None:
    run, first, _ = await two_payouts(books)
    await books.db.execute(spoil, PAYEE_IBAN)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    assert (file.transactions, file.control_sum_cents) == (1, 25050)
    ((held, what),) = await _set_aside(books)
    assert held == 2
    assert says in what
    assert payout_number(first, 2026) in what


async def test_more_than_one_sepa_transfer_can_carry_is_held(books: Books, tmp_path: Path) -> None:
    run = await books.run(MONDAY)
    await books.pay(run, MONDAY, {await books.declare("A", 10**11, MONDAY): 10**11})
    assert await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path) is None
    ((held, what),) = await _set_aside(books)
    assert held == 2
    assert "999999999.99" in what


async def test_a_hold_that_comes_after_the_matching_keeps_the_money_here(books: Books, tmp_path: Path) -> None:
    run, first, _ = await two_payouts(books)
    await books.db.execute(HOLD, first)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert file is not None
    assert file.control_sum_cents == 25050
    assert await books.db.fetchval("select held from payout where payout_id = $1", first) == 1


async def test_a_carrier_without_a_valid_iban_is_refused(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    await books.db.execute("update risk_carrier set debtor_iban = 'NL00BANK0000000000'")
    with pytest.raises(Refusal, match="no valid IBAN"):
        await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path)
    assert await books.db.fetchval("select count(*) from payment_file") == 0


async def test_a_release_writes_its_audit_row(books: Books, tmp_path: Path) -> None:
    run, _, _ = await two_payouts(books)
    file = await release_payments(books.db, run, now=at(MONDAY), directory=tmp_path, actor="anna")
    assert file is not None
    row = await books.db.fetchrow("select actor, action, subject, body from audit")
    assert row is not None
    assert (row["actor"], row["action"], row["subject"]) == (
        "anna", "payments.released", f"payment_file:{file.payment_file_id}",
    )  # fmt: skip
    assert (row["body"]["transactions"], row["body"]["controlSumCents"]) == (2, 35050)


async def test_a_file_of_a_hundred_thousand_transfers_is_written_in_flat_memory(books: Books, tmp_path: Path) -> None:
    """Measured in a process of its own: this one has grown already."""
    program = """
import resource, sys
from datetime import UTC, date, datetime
from app.payouts.model import Debtor, PaymentFileHead, Transfer
from app.payouts.pain001 import Pain001Writer
head = PaymentFileHead(message_id="M", created_at=datetime(2026, 3, 2, tzinfo=UTC), execution_date=date(2026, 3, 2),
    transactions=100000, control_sum_cents=100000, debtor=Debtor(name="N", iban="NL91ABNA0417164300", bic=None))
one = [Transfer(end_to_end_id="E", cents=1, name="N", iban="NL91ABNA0417164300", remittance="R")] * 1000
sizes = []
with open(sys.argv[1], "wb") as file, Pain001Writer(file.write, head) as writer:
    for _ in range(100):
        writer.add(one)
        sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(sizes[-1] - sizes[0])
"""
    grown = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "large.xml")], capture_output=True, text=True, check=True
    ).stdout
    assert int(grown) < 2048  # KiB, over 99,000 transfers and 25 MB of file
    assert (tmp_path / "large.xml").stat().st_size > 20_000_000
