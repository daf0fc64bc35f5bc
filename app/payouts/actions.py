"""Releasing payments: instructions in the books and a file for the bank, once per payout.

The rows are the truth. The bytes are on disk, durable, before the transaction commits, and get their name after it:
a process that dies in between leaves rows without a file, and `restore_payment_files` makes it again, byte for byte.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from stdnum import iban

from app.core.audit import audit
from app.core.business_days import next_target_day
from app.core.db import Connection, end_sleeper, transaction
from app.core.errors import Refusal
from app.core.ids import payout_number
from app.payouts import queries
from app.payouts.files import PendingFile, SpooledFile, is_there, path_of
from app.payouts.model import Debtor, PaymentFile, PaymentFileHead, Transfer
from app.payouts.pain001 import Pain001Writer
from app.payouts.rules import MAXIMUM_TRANSFER_CENTS, decimal_euros, message_id, sepa_text

RELEASABLE = ("proven", "released")


async def release_payments(
    connection: Connection,
    run_id: int,
    *,
    now: datetime,
    directory: Path | None,
    actor: str = "night",
    business_date: date | None = None,
    lease: timedelta = timedelta(seconds=12),
) -> PaymentFile | None:
    """Send every payout of a run that is above 0, not held and not sent before; None when there is none.

    What was held and whose reason is gone by `business_date` (the run's own when not given) is freed first; what a hold
    covers by now, and what no bank would take, is held instead (with an incident), and the others go out. In one
    transaction of its own: a payment file row, one instruction per payout and the audit row; the file
    (pain.001.001.09) lies in `directory` as `<message id>.xml` when this returns; without a directory only the rows
    are written (`render_payment_file` gives the bytes). Called again, it first restores files that are missing, then
    makes a supplement with what was freed since. The execution date is the run's payment date or, when
    `business_date` is given and later, that date; moved to the next TARGET day where it is none. Who falls asleep in it
    loses its connection after `lease`, and with it the run's lock.
    Refusal: unknown run, or a run that is not proven (nothing is sent then).
    """
    assert not connection.is_in_transaction()  # the file may only get its name after a commit
    if directory is not None:
        await restore_payment_files(connection, run_id, directory=directory)
    with ExitStack() as stack:
        async with transaction(connection, role="worker", actor=actor):
            await end_sleeper(connection, lease)
            run = await queries.lock_run(connection, run_id)
            if run["state"] not in RELEASABLE:
                raise Refusal("run_not_proven", f"Run {run_id} is {run['state']}; payments leave after its proof.")
            on = business_date or run["business_date"]
            await _free(connection, run, on, now, actor)
            await _hold_late(connection, run_id, on)
            await _set_aside(connection, run, on, now, actor)
            head = _head(run, await queries.unsent_totals(connection, run_id), now, business_date)
            if head.transactions == 0:
                return None
            file = stack.enter_context(PendingFile(path_of(directory, head.message_id))) if directory else _Memory()
            await _write(file.write, head, queries.unsent_transfers(connection, run_id))
            file.make_durable()
            released = await _store(connection, run, head, file, actor)
        file.publish()
    return released


async def runs_with_held_payouts(connection: Connection, risk_carrier_id: int) -> list[int]:
    """The released runs of a risk carrier with payouts that are still held, oldest first."""
    rows = await connection.fetch(
        """
        select distinct y.run_id from payout y join run r on r.run_id = y.run_id
        where y.risk_carrier_id = $1 and y.held <> 0 and r.state = 'released' order by y.run_id
        """,
        risk_carrier_id,
    )
    return [row["run_id"] for row in rows]


async def _free_held(connection: Connection, run_id: int, on: date) -> list[Any]:
    """Free the held payouts of a run whose reason is gone; account, payout and cents of each. Needs a transaction.

    The reason is gone when the running account has no hold on payouts on that day and no unresolved incident. A
    night that runs late goes by its own date: what is held then goes out with the next one, if the hold ended since.
    The running accounts are locked first.
    """
    await connection.execute(
        """
        select 1 from running_account
        where account_id in (select y.account_id from payout y where y.run_id = $1 and y.held <> 0)
        order by account_id for no key update
        """,
        run_id,
    )
    return await connection.fetch(
        """
        update payout y set held = 0
        where y.run_id = $1 and y.held <> 0
          and not exists (select from hold h
            where h.account_id = y.account_id and h.claim_id is null and h.for_payout
              and (h.ended_on is null or h.ended_on > $2)
              and (h.from_date <= $2 or h.active) and (h.until_date is null or h.until_date >= $2))
          and not exists (select from incident i
            where i.account_id = y.account_id and i.resolved_at is null and i.check_name <> 'parked')
        returning y.account_id, y.payout_id, y.net_cents
        """,
        run_id,
        on,
    )


async def _hold_late(connection: Connection, run_id: int, on: date) -> None:
    """A hold on payouts that came after the matching still keeps the money here."""
    await connection.execute(
        """
        update payout y set held = 1
        where y.run_id = $1 and y.held = 0
          and not exists (
            select from payment_instruction i where (i.account_id, i.payout_id) = (y.account_id, y.payout_id))
          and y.account_id in (select h.account_id from hold h
            where h.claim_id is null and h.for_payout
              and (h.ended_on is null or h.ended_on > $2)
              and (h.from_date <= $2 or h.active) and (h.until_date is null or h.until_date >= $2))
        """,
        run_id,
        on,
    )


async def _set_aside(connection: Connection, run: Any, on: date, now: datetime, actor: str) -> None:
    """Hold the payouts that cannot go out as they are, each with an incident, so that the others do (design §3.6)."""
    doubtful = await connection.fetch(
        """
        select y.account_id, y.payout_id, y.business_date, y.net_cents, p.holder_name, p.valid_from, p.valid_until
        from payout y
          left join redirected_payout v using (account_id, payout_id)
          join payee_iban p on p.iban_id = coalesce(v.iban_id, y.iban_id)
        where y.run_id = $1 and y.net_cents > 0 and y.held = 0
          and not exists (
            select from payment_instruction i where (i.account_id, i.payout_id) = (y.account_id, y.payout_id))
          and (y.net_cents > $2 or p.holder_name !~ '[A-Za-z0-9]' or p.valid_from > $3 or p.valid_until < $3)
        """,
        run["run_id"],
        MAXIMUM_TRANSFER_CENTS,
        on,
    )
    for row in doubtful:
        reason = _why_not(row, on)
        if reason is None:
            continue
        number = payout_number(row["payout_id"], row["business_date"].year)
        await connection.execute(
            "update payout set held = 2 where account_id = $1 and payout_id = $2", row["account_id"], row["payout_id"]
        )
        await connection.execute(
            """
            insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
            values ($1, $2, $3, 'payment_refused', $4, $5)
            """,
            run["risk_carrier_id"],
            row["account_id"],
            run["run_id"],
            f"payout {number} of EUR {decimal_euros(row['net_cents'])}: {reason}",
            now,
        )
        await audit(
            connection,
            risk_carrier_id=run["risk_carrier_id"],
            account_id=row["account_id"],
            occurred_at=now,
            actor=actor,
            action="payout held, no bank would take it",
            subject=f"payout:{row['payout_id']}",
            body={"runId": run["run_id"], "netCents": row["net_cents"]},
        )


def _why_not(row: Any, on: date) -> str | None:
    """Why a payout cannot go out as it is, with the remedy; None when it can."""
    if row["net_cents"] > MAXIMUM_TRANSFER_CENTS:
        return "above the EUR 999999999.99 of one SEPA transfer; pay it by hand"
    if row["valid_from"] > on or (row["valid_until"] is not None and row["valid_until"] < on):
        return f"its IBAN is not valid on {on}; redirect it to another registered one"
    if not any(character.isalnum() for character in sepa_text(row["holder_name"], 70)):
        return "the account holder has no name that a bank can read; correct it with a providers file and resolve this"
    return None


async def _free(connection: Connection, run: Any, on: date, now: datetime, actor: str) -> None:
    for freed in await _free_held(connection, run["run_id"], on):
        await audit(
            connection,
            risk_carrier_id=run["risk_carrier_id"],
            account_id=freed["account_id"],
            occurred_at=now,
            actor=actor,
            action="payout freed",
            subject=f"payout:{freed['payout_id']}",
            body={"runId": run["run_id"], "netCents": freed["net_cents"]},
        )


async def render_payment_file(connection: Connection, payment_file_id: int) -> bytes:
    """The bytes of a payment file, made again from the rows.

    Refusal: unknown file, or a file whose rows have changed since, so that it would differ from the one sent.
    """
    target = _Memory()
    await _render(connection, payment_file_id, target)
    return b"".join(target.parts)


async def hand_out_payment_file(
    connection: Connection, message_id: str, *, risk_carriers: Sequence[int], actor: str, now: datetime
) -> SpooledFile:
    """A payment file of those risk carriers for a person to keep, with an audit row that says who took it.

    Made again from the rows, as `render_payment_file`. Refusal: unknown file (404), or one that would differ.
    """
    async with transaction(connection, role="readonly", actor=actor, readonly=True):
        row = await connection.fetchrow(
            """select payment_file_id, risk_carrier_id from payment_file
               where message_id = $1 and risk_carrier_id = any ($2::int[])""",
            message_id,
            list(risk_carriers),
        )
    if row is None:
        raise Refusal("unknown_payment_file", f"There is no payment file {message_id}.", status=404)
    made = SpooledFile()
    await _render(connection, row["payment_file_id"], made)
    async with transaction(connection, role="worker", actor=actor):
        await audit(
            connection,
            risk_carrier_id=row["risk_carrier_id"],
            account_id=None,
            occurred_at=now,
            actor=actor,
            action="payment file handed out",
            subject=f"payment_file:{row['payment_file_id']}",
            body={"messageId": message_id},
        )
    return made


async def restore_payment_files(connection: Connection, run_id: int, *, directory: Path) -> list[Path]:
    """Write the files of a run that are missing in `directory` again; their paths."""
    restored = []
    for row in await _files_of(connection, run_id):
        path = path_of(directory, row["message_id"])
        if is_there(path):
            continue
        with PendingFile(path) as file:
            await _render(connection, row["payment_file_id"], file)
            file.make_durable()
            file.publish()
        restored.append(path)
    return restored


class _Memory:
    """A file that stays in memory, with the hash that a pending one has."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.parts.append(data)

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(b"".join(self.parts)).digest()

    def make_durable(self) -> None:
        """Nothing to do: the rows hold all that makes it."""

    def publish(self) -> None:
        """Nothing to do either."""

    @property
    def path(self) -> Path | None:
        return None


async def _files_of(connection: Connection, run_id: int) -> list[Any]:
    async with transaction(connection, role="readonly", actor="payment files", readonly=True):
        return await queries.payment_files(connection, run_id)


async def _render(connection: Connection, payment_file_id: int, target: "PendingFile | _Memory | SpooledFile") -> None:
    async with transaction(
        connection, role="readonly", actor="payment files", isolation="repeatable_read", readonly=True
    ):
        row = await queries.payment_file(connection, payment_file_id)
        await _write(target.write, queries.file_head(row), queries.sent_transfers(connection, payment_file_id))
    if target.sha256 != row["sha256"]:
        raise Refusal(
            "payment_file_changed",
            f"{row['message_id']} cannot be made again as it was sent: a payee's account or name was changed in place. "
            "Close that account by its end date and add the new one; then ask again.",
        )


def _head(run: Any, totals: tuple[int, int], now: datetime, business_date: date | None) -> PaymentFileHead:
    day = run["payment_date"] if business_date is None else max(run["payment_date"], business_date)
    if not iban.is_valid(run["debtor_iban"]):
        raise Refusal("debtor_iban", f"The account of risk carrier {run['code']} is no valid IBAN; correct it first.")
    return PaymentFileHead(
        message_id=message_id(run["code"], run["risk_carrier_id"], run["run_id"], run["sequence_no"]),
        # whole seconds, as the file has them: what is stored is what can be written again
        created_at=now.replace(microsecond=0),
        execution_date=next_target_day(day),
        transactions=totals[0],
        control_sum_cents=totals[1],
        debtor=Debtor(name=run["name"], iban=iban.compact(run["debtor_iban"]), bic=run["debtor_bic"]),
    )


async def _write(
    write: Callable[[bytes], object], head: PaymentFileHead, batches: AsyncIterator[list[Transfer]]
) -> None:
    """Write the file and hold its counts against what was counted before: they stand above the transfers."""
    count = cents = 0
    with Pain001Writer(write, head) as writer:
        async for batch in batches:
            for transfer in batch:
                count += 1
                cents += transfer.cents
            writer.add(batch)
    _agree(head, (count, cents))


def _agree(head: PaymentFileHead, found: tuple[int, int]) -> None:
    # A hold set on a payout while the file was being written takes it out of one count and not of the other.
    if found != (head.transactions, head.control_sum_cents):
        raise Refusal(
            "payouts_changed",
            f"The payouts of {head.message_id} changed while the file was made: {head.transactions} for € "
            f"{decimal_euros(head.control_sum_cents)}, then {found[0]} for € {decimal_euros(found[1])}. Release again.",
        )


async def _store(
    connection: Connection, run: Any, head: PaymentFileHead, file: "PendingFile | _Memory", actor: str
) -> PaymentFile:
    payment_file_id = await queries.next_event_id(connection)
    await queries.insert_payment_file(
        connection, payment_file_id=payment_file_id, run=run, head=head, sha256=file.sha256
    )
    _agree(head, await queries.insert_instructions(connection, run["run_id"], payment_file_id))
    await audit(
        connection,
        risk_carrier_id=run["risk_carrier_id"],
        account_id=None,
        occurred_at=head.created_at,
        actor=actor,
        action="payments.released",
        subject=f"payment_file:{payment_file_id}",
        body={
            "runId": run["run_id"],
            "messageId": head.message_id,
            "transactions": head.transactions,
            "controlSumCents": head.control_sum_cents,
            "sha256": file.sha256.hex(),
        },
    )
    return PaymentFile(
        payment_file_id=payment_file_id,
        run_id=run["run_id"],
        sequence_no=run["sequence_no"],
        message_id=head.message_id,
        execution_date=head.execution_date,
        transactions=head.transactions,
        control_sum_cents=head.control_sum_cents,
        sha256=file.sha256,
        path=None if file.path is None else str(file.path),
    )
