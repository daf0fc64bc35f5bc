"""What the pages of a night show beside its report: answers in cents, payment files, who asked, how far it is."""

from datetime import date, datetime
from typing import Any

import msgspec

from app.core.db import Connection
from app.nights.queries import open_findings


class AnswerSum(msgspec.Struct, frozen=True, kw_only=True):
    """Claims that got one answer of a night with money at hand, in cents as the decision found them."""

    code: str
    text_nl: str
    text_en: str
    claims: int
    open_cents: int
    held_cents: int
    offset_cents: int

    @property
    def offset(self) -> bool:
        """Whether something was offset (in full or in part)."""
        return self.offset_cents > 0

    @property
    def left_cents(self) -> int:
        """What stayed open."""
        return self.open_cents - self.offset_cents


class PaymentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file for the bank; the control sum in cents."""

    message_id: str
    execution_date: date
    transactions: int
    control_sum_cents: int
    created_at: datetime


class NightJob(msgspec.Struct, frozen=True, kw_only=True):
    """The job of a night: who asked for it and what it waits for; `done` of `total` entries."""

    job_id: int
    state: str
    created_by: str
    created_at: datetime
    waiting_for: str | None
    error: str | None
    error_text: str | None
    stage: str | None
    done: int | None
    total: int | None


class NightTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What one night of a list did, in cents: gross = offset + net; of the batches that are done."""

    risk_carrier: str
    business_date: date
    entries: int
    gross_cents: int
    offset_cents: int
    net_cents: int
    payouts: int


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a night and is not in its report."""

    answers: list[AnswerSum]
    files: list[PaymentFile]
    job: NightJob | None
    open_findings: int


_JOB = """
select j.job_id, j.state, j.created_by, j.created_at, j.waiting_for, j.error_code as error, j.error_text,
  j.stage, j.done, j.total
from job j join risk_carrier c using (risk_carrier_id)
where c.code = $1 and j.kind = 'night' and (j.subject = $2::date::text or j.job_id = (
  select substr(r.holder, 5)::bigint from run r
  where r.risk_carrier_id = c.risk_carrier_id and r.business_date = $2 and r.holder ~ '^job:[0-9]{1,18}$'))
order by (j.subject = $2::date::text) desc limit 1
"""
_ANSWERS = """
select a.code, a.text_nl, a.text_en, count(*) as claims, sum(d.open_cents)::bigint as open_cents,
  sum(d.held_cents)::bigint as held_cents, sum(d.offset_cents)::bigint as offset_cents
from decision d join decision_answer a using (answer)
where d.run_id = $1 and d.valid_from = $2 and d.with_money group by a.answer, a.code, a.text_nl, a.text_en
order by a.answer in (1, 2) desc, sum(d.open_cents - d.offset_cents) desc, a.answer
"""
_FILES = """
select message_id, execution_date, transactions, control_sum_cents, created_at from payment_file
where run_id = $1 order by sequence_no
"""
_TOTALS = """
select c.code as risk_carrier, r.business_date, coalesce(sum(b.entries), 0)::bigint as entries,
  coalesce(sum(b.declared_cents + b.returned_cents + b.advance_cents), 0)::bigint as gross_cents,
  coalesce(sum(b.offset_cents), 0)::bigint as offset_cents, coalesce(sum(b.net_cents), 0)::bigint as net_cents,
  coalesce(sum(b.payouts), 0)::bigint as payouts
from unnest($1::text[], $2::date[]) k (code, business_date) join risk_carrier c using (code)
  join run r on r.risk_carrier_id = c.risk_carrier_id and r.business_date = k.business_date
  left join run_batch b on b.run_id = r.run_id and b.state = 1
group by c.code, r.business_date
"""


async def night_job(connection: Connection, risk_carrier: str, business_date: date) -> NightJob | None:
    """The job that was asked for that date, else the one that ran it (as a missed date); None without either."""
    row = await connection.fetchrow(_JOB, risk_carrier, business_date)
    return None if row is None else NightJob(**dict(row))


async def night_beside(connection: Connection, risk_carrier: str, business_date: date) -> Night:
    """Answers, files, job and open findings of a night that there is."""
    run: Any = await connection.fetchrow(
        """
        select r.run_id, r.risk_carrier_id from run r join risk_carrier c using (risk_carrier_id)
        where c.code = $1 and r.business_date = $2
        """,
        risk_carrier,
        business_date,
    )
    return Night(
        answers=[AnswerSum(**dict(row)) for row in await connection.fetch(_ANSWERS, run["run_id"], business_date)],
        files=[PaymentFile(**dict(row)) for row in await connection.fetch(_FILES, run["run_id"])],
        job=await night_job(connection, risk_carrier, business_date),
        open_findings=await open_findings(connection, run["risk_carrier_id"]),
    )


async def night_totals(connection: Connection, nights: list[tuple[str, date]]) -> dict[tuple[str, date], NightTotals]:
    """The sums of those nights, by code of the risk carrier and business date."""
    rows = await connection.fetch(_TOTALS, [code for code, _ in nights], [day for _, day in nights])
    return {(row["risk_carrier"], row["business_date"]): NightTotals(**dict(row)) for row in rows}


async def answer_texts(connection: Connection) -> list[tuple[str, str, str]]:
    """Every answer that a decision can have: code, in Dutch, in English."""
    rows = await connection.fetch("select code, text_nl, text_en from decision_answer order by answer")
    return [(row["code"], row["text_nl"], row["text_en"]) for row in rows]


async def carriers(connection: Connection) -> list[tuple[str, str]]:
    """Code and name of the risk carriers that the reader may see."""
    return [(row["code"], row["name"]) for row in await connection.fetch(
        "select code, name from risk_carrier order by code"
    )]  # fmt: skip
