"""SQL of payment files, payouts, specifications and documents. Only the two inserts write; nothing commits."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import payout_number
from app.payouts.model import Debtor, PaymentFileHead, Transfer
from app.payouts.rules import bank_word

Row = Any
BATCH = 1000  # transfers fetched and written at a time: what keeps a file of 100,000 in flat memory


async def lock_run(connection: Connection, run_id: int) -> Row:
    """Lock a run against a second release at the same time; its state, dates and the carrier's account.

    Refusal (404) when there is no such run.
    """
    locked = await connection.fetchrow("select run_id from run where run_id = $1 for update", run_id)
    if locked is None:
        raise Refusal("unknown_run", f"There is no run {run_id}.", status=404, field="runId")
    return await connection.fetchrow(
        """
        select r.run_id, r.risk_carrier_id, r.state, r.business_date, r.payment_date, c.code, c.name,
               c.debtor_iban, c.debtor_bic,
               coalesce((select max(f.sequence_no) from payment_file f where f.run_id = r.run_id), 0) + 1 as sequence_no
        from run r join risk_carrier c using (risk_carrier_id) where r.run_id = $1
        """,
        run_id,
    )


async def unsent_totals(connection: Connection, run_id: int) -> tuple[int, int]:
    """Number and sum in cents of the payouts of a run that are free to go out and have no instruction yet."""
    row = await connection.fetchrow(
        """
        select count(*) as transactions, coalesce(sum(y.net_cents), 0)::bigint as cents
        from payout y
        where y.run_id = $1 and y.net_cents > 0 and y.held = 0
          and not exists (select from payment_instruction i
                          where (i.account_id, i.payout_id) = (y.account_id, y.payout_id))
        """,
        run_id,
    )
    assert row is not None
    return row["transactions"], row["cents"]


async def unsent_transfers(connection: Connection, run_id: int) -> AsyncIterator[list[Transfer]]:
    """The transfers behind `unsent_totals`, in batches, by running account and payout. Needs a transaction."""
    cursor = connection.cursor(
        """
        select y.payout_id, y.business_date, y.net_cents, y.offset_cents, p.iban, p.holder_name
        from payout y
          left join redirected_payout v using (account_id, payout_id)
          join payee_iban p on p.iban_id = coalesce(v.iban_id, y.iban_id)
        where y.run_id = $1 and y.net_cents > 0 and y.held = 0
          and not exists (select from payment_instruction i
                          where (i.account_id, i.payout_id) = (y.account_id, y.payout_id))
        order by y.account_id, y.payout_id
        """,
        run_id,
    )
    async for batch in _batches(await cursor):
        yield batch


async def sent_transfers(connection: Connection, payment_file_id: int) -> AsyncIterator[list[Transfer]]:
    """The transfers of a file that was released, in the same order as when it was. Needs a transaction."""
    cursor = connection.cursor(
        """
        select y.payout_id, y.business_date, i.cents as net_cents, y.offset_cents, p.iban, p.holder_name
        from payment_file f
          join payout y on y.run_id = f.run_id
          join payment_instruction i using (account_id, payout_id)
          left join redirected_payout v using (account_id, payout_id)
          join payee_iban p on p.iban_id = coalesce(v.iban_id, y.iban_id)
        where f.payment_file_id = $1 and i.payment_file_id = $1
        order by y.account_id, y.payout_id
        """,
        payment_file_id,
    )
    async for batch in _batches(await cursor):
        yield batch


async def _batches(cursor: Any) -> AsyncIterator[list[Transfer]]:
    while rows := await cursor.fetch(BATCH):
        yield [_transfer(row) for row in rows]


def _transfer(row: Row) -> Transfer:
    number = payout_number(row["payout_id"], row["business_date"].year)
    return Transfer(
        end_to_end_id=number,
        cents=row["net_cents"],
        name=row["holder_name"],
        iban=row["iban"],
        remittance=f"{bank_word(row['offset_cents'])} {number}",
    )


async def next_event_id(connection: Connection) -> int:
    """An id for a fact, drawn before the row that carries it."""
    return int(await connection.fetchval("select nextval('event_id')"))


async def insert_payment_file(
    connection: Connection, *, payment_file_id: int, run: Row, head: PaymentFileHead, sha256: bytes
) -> None:
    """Store what was written: the row from which the file can be made again."""
    await connection.execute(
        """
        insert into payment_file (payment_file_id, risk_carrier_id, run_id, sequence_no, message_id, execution_date,
          transactions, control_sum_cents, sha256, created_at, debtor_name, debtor_iban, debtor_bic)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        payment_file_id,
        run["risk_carrier_id"],
        run["run_id"],
        run["sequence_no"],
        head.message_id,
        head.execution_date,
        head.transactions,
        head.control_sum_cents,
        sha256,
        head.created_at,
        head.debtor.name,
        head.debtor.iban,
        head.debtor.bic,
    )


async def insert_instructions(connection: Connection, run_id: int, payment_file_id: int) -> tuple[int, int]:
    """One instruction per payout that `unsent_transfers` gave; number and sum in cents of what was inserted.

    The key leaves out what was sent before. An anti-join would look through the rows that this very statement inserts:
    measured, 100,000 instructions took 125 s, because a table that was empty is scanned for every row.
    """
    row = await connection.fetchrow(
        """
        with made as (
          insert into payment_instruction (account_id, payout_id, payment_file_id, risk_carrier_id, cents)
          select y.account_id, y.payout_id, $2, y.risk_carrier_id, y.net_cents
          from payout y
          where y.run_id = $1 and y.net_cents > 0 and y.held = 0
          order by y.account_id, y.payout_id
          on conflict (account_id, payout_id) do nothing
          returning cents)
        select count(*) as transactions, coalesce(sum(cents), 0)::bigint as cents from made
        """,
        run_id,
        payment_file_id,
    )
    assert row is not None
    return row["transactions"], row["cents"]


async def payment_file(connection: Connection, payment_file_id: int) -> Row:
    """The row of a payment file. Refusal (404) when there is none."""
    row = await connection.fetchrow(
        """
        select f.*, c.name as carrier_name, c.debtor_iban as carrier_iban, c.debtor_bic as carrier_bic
        from payment_file f join risk_carrier c using (risk_carrier_id) where f.payment_file_id = $1
        """,
        payment_file_id,
    )
    if row is None:
        raise Refusal("unknown_payment_file", f"There is no payment file {payment_file_id}.", status=404)
    return row


def file_head(row: Row) -> PaymentFileHead:
    """The head of a file as it was released, from its row."""
    own = row["debtor_iban"] is not None  # rows older than migration 0020 did not keep the debtor
    return PaymentFileHead(
        message_id=row["message_id"],
        created_at=row["created_at"],
        execution_date=row["execution_date"],
        transactions=row["transactions"],
        control_sum_cents=row["control_sum_cents"],
        debtor=Debtor(
            name=row["debtor_name"] if own else row["carrier_name"],
            iban=row["debtor_iban"] if own else row["carrier_iban"],
            bic=row["debtor_bic"] if own else row["carrier_bic"],
        ),
    )


async def payment_files(connection: Connection, run_id: int) -> list[Row]:
    """Id and message id of the files of a run, in order."""
    return await connection.fetch(
        "select payment_file_id, message_id from payment_file where run_id = $1 order by sequence_no", run_id
    )


async def held_payouts(connection: Connection, run_id: int) -> list[tuple[str, int, int]]:
    """What a release leaves behind: payout number, net cents and why (1 hold on the account, 2 failed proof)."""
    rows = await connection.fetch(
        """
        select y.payout_id, y.business_date, y.net_cents, y.held from payout y
        where y.run_id = $1 and y.net_cents > 0 and y.held <> 0
          and not exists (select from payment_instruction i
                          where (i.account_id, i.payout_id) = (y.account_id, y.payout_id))
        order by y.account_id, y.payout_id
        """,
        run_id,
    )
    return [(payout_number(r["payout_id"], r["business_date"].year), r["net_cents"], r["held"]) for r in rows]


async def payout_head(connection: Connection, payout_id: int) -> Row | None:
    """A payout with its run, payee, provider and carrier; None when there is none."""
    return await connection.fetchrow(
        """
        select y.*, r.payment_date, r.policy_version_id, i.iban, i.holder_name, p.number as provider_number,
               p.name as provider, c.name as risk_carrier,
               (select string_agg(distinct u.uzovi, ', ' order by u.uzovi) from uzovi_code u
                where u.risk_carrier_id = y.risk_carrier_id and u.valid_from <= y.business_date
                  and (u.valid_until is null or u.valid_until >= y.business_date)) as uzovi
        from payout y
          join run r using (run_id)
          left join redirected_payout v using (account_id, payout_id)
          join payee_iban i on i.iban_id = coalesce(v.iban_id, y.iban_id)
          join running_account a using (account_id)
          join provider p on p.provider_id = a.provider_id
          join risk_carrier c on c.risk_carrier_id = y.risk_carrier_id
        where y.payout_id = $1
        """,
        payout_id,
    )


async def payout_lines(connection: Connection, head: Row) -> list[Row]:
    """Declarations settled (kind 1) and offset lines (kinds 2 to 4) of a payout, in order of approval.

    Its night booked them on one date, between its first and last entry: a range of one partition's key. The reason
    is the one that the claim had on that day, its text that of the policy version that the run used.
    """
    return await connection.fetch(
        """
        select p.event_id, p.kind, p.line, p.cents, p.pass, p.open_after_cents, d.number as declaration_number,
               d.invoice_number, a.agb, c.kind as claim_kind, c.reference as claim_reference, c.number as claim_number,
               c.ground, rc.code as reason_code, coalesce(rp.title_nl, rc.code) as reason, o.number as origin_number,
               o.invoice_number as origin_invoice
        from posting p
          join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
          join agb_registration a on a.agb_id = d.agb_id
          left join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
          left join claim_maturity m on (m.account_id, m.claim_id) = (c.account_id, c.claim_id)
            and m.matured_on <= p.booking_date
          left join reason_code rc on rc.reason_id = coalesce(m.to_reason_id, c.reason_id)
          left join reason_policy rp on rp.policy_version_id = $6 and rp.reason_id = rc.reason_id
          left join declaration o on o.account_id = c.account_id and o.declaration_id = c.origin_declaration_id
        where p.account_id = $1 and p.booking_date = $2 and p.event_id between $3 and $4 and p.payout_id = $5
          and p.kind between 1 and 4
        order by d.approved_at, p.event_id, p.line
        """,
        head["account_id"],
        head["business_date"],
        head["first_entry_id"],
        head["last_entry_id"],
        head["payout_id"],
        head["policy_version_id"],
    )


async def payout_others(connection: Connection, head: Row) -> list[Row]:
    """What a payout holds besides declarations: offsets given back (kind 2) and advances (kind 3)."""
    return await connection.fetch(
        """
        select e.kind, e.cents, v.reason, c.reference as claim_reference, c.number as claim_number,
               d.number as declaration_number, d.invoice_number
        from payout_entry e
          left join offset_reversal v on (v.account_id, v.reversal_id) = (e.account_id, e.entry_id) and e.kind = 2
          left join declaration d on d.account_id = e.account_id and d.declaration_id = v.declaration_id
          join claim c on c.account_id = e.account_id
            and c.claim_id = case e.kind when 3 then e.entry_id else v.claim_id end
        where e.account_id = $1 and e.entry_id between $2 and $3 and e.payout_id = $4
        order by e.entry_id
        """,
        head["account_id"],
        head["first_entry_id"],
        head["last_entry_id"],
        head["payout_id"],
    )


async def correction(connection: Connection, account_id: int, claim_id: int) -> Row | None:
    """A correction (claim of kind 3) with its declaration and what earlier credits and corrections took from that.

    Earlier means with a lower id: facts draw their ids from one sequence. None when the claim is no correction.
    """
    return await connection.fetchrow(
        """
        select c.*, d.number as declaration_number, d.invoice_number, d.awarded_cents, a.agb, rc.code as reason_code,
               coalesce(t.title_nl, rc.code) as reason, p.number as provider_number, p.name as provider,
               k.name as risk_carrier,
               (select string_agg(distinct u.uzovi, ', ' order by u.uzovi) from uzovi_code u
                where u.risk_carrier_id = c.risk_carrier_id and u.valid_from <= c.registered_on
                  and (u.valid_until is null or u.valid_until >= c.registered_on)) as uzovi,
               (select coalesce(sum(e.original_cents
                  + coalesce((select sum(j.delta_cents) from adjustment j
                              where (j.account_id, j.claim_id) = (e.account_id, e.claim_id)
                                and j.kind in (1, 2) and j.adjustment_id < c.claim_id), 0)), 0)::bigint
                from claim e where e.account_id = c.account_id and e.origin_declaration_id = c.origin_declaration_id
                  and e.kind in (2, 3) and e.claim_id < c.claim_id) as earlier_cents
        from claim c
          join declaration d on d.account_id = c.account_id and d.declaration_id = c.origin_declaration_id
          join agb_registration a on a.agb_id = d.agb_id
          join reason_code rc on rc.reason_id = c.reason_id
          join running_account ra on ra.account_id = c.account_id
          join provider p on p.provider_id = ra.provider_id
          join risk_carrier k on k.risk_carrier_id = c.risk_carrier_id
          left join lateral (
            select rp.title_nl from policy_version v join reason_policy rp using (policy_version_id)
            where v.risk_carrier_id = c.risk_carrier_id and v.valid_from <= c.registered_on
              and rp.reason_id = c.reason_id
            order by v.valid_from desc, v.version desc limit 1) t on true
        where c.account_id = $1 and c.claim_id = $2 and c.kind = 3
        """,
        account_id,
        claim_id,
    )


async def correction_lines(connection: Connection, account_id: int, claim_id: int) -> list[Row]:
    """The lines of a correction, in order."""
    return await connection.fetch(
        "select * from claim_line where account_id = $1 and claim_id = $2 order by line_no", account_id, claim_id
    )


async def run_dates(connection: Connection, run_id: int) -> Row | None:
    """Carrier and business date of a run and the date of the run before it (null for the first)."""
    return await connection.fetchrow(
        """
        select r.risk_carrier_id, r.business_date,
               (select max(b.business_date) from run b
                where b.risk_carrier_id = r.risk_carrier_id and b.business_date < r.business_date) as previous_date
        from run r where r.run_id = $1
        """,
        run_id,
    )


async def payout_documents(connection: Connection, run_id: int) -> list[Row]:
    """Per payout of a run: its declarations, and the numbers of the claims, credits and corrections that it names."""
    return await connection.fetch(
        """
        select y.account_id, y.payout_id, y.business_date, y.entries,
          array(select d.number
                from posting p join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
                where p.account_id = y.account_id and p.booking_date = y.business_date and p.payout_id = y.payout_id
                  and p.event_id between y.first_entry_id and y.last_entry_id and p.kind = 1
                order by d.approved_at, d.declaration_id) as declarations,
          array(select coalesce(c.number, c.reference) from claim c
                where c.account_id = y.account_id and c.claim_id in (
                  select p.claim_id from posting p
                  where p.account_id = y.account_id and p.booking_date = y.business_date and p.payout_id = y.payout_id
                    and p.event_id between y.first_entry_id and y.last_entry_id and p.kind between 2 and 4
                  union
                  select coalesce(v.claim_id, e.entry_id)
                  from payout_entry e
                    left join offset_reversal v on (v.account_id, v.reversal_id) = (e.account_id, e.entry_id)
                  where e.account_id = y.account_id and e.payout_id = y.payout_id
                    and e.entry_id between y.first_entry_id and y.last_entry_id)
                order by c.claim_id) as refers_to
        from payout y where y.run_id = $1
        order by y.account_id, y.payout_id
        """,
        run_id,
    )


async def correction_documents(
    connection: Connection, risk_carrier_id: int, after: date | None, until: date
) -> list[Row]:
    """The corrections that were booked after one business date and up to another: number, declaration, lines."""
    return await connection.fetch(
        """
        select c.account_id, c.claim_id, coalesce(c.number, c.reference) as number, d.number as declaration_number,
               (select greatest(1, count(*))::int from claim_line l
                where (l.account_id, l.claim_id) = (c.account_id, c.claim_id)) as lines
        from claim c
          join posting p on p.account_id = c.account_id and p.event_id = c.claim_id and p.kind = 7
            and p.booking_date > coalesce($2, '-infinity'::date) and p.booking_date <= $3
          join declaration d on d.account_id = c.account_id and d.declaration_id = c.origin_declaration_id
        where c.risk_carrier_id = $1 and c.kind = 3
        order by c.account_id, c.claim_id
        """,
        risk_carrier_id,
        after,
        until,
    )
