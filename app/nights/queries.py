"""Reading nights: which dates are due, schedules, runs, decisions."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from app.core.db import Connection
from app.core.jobs import Job
from app.nights.model import (
    Finding,
    LeftOut,
    Night,
    NightDecision,
    NightPreview,
    NightReport,
    Parked,
    PreviewLine,
    PreviewTotals,
    Schedule,
)


async def dates_to_run(connection: Connection, risk_carrier_id: int, until: date) -> list[date]:
    """The business dates that still need a night, oldest first, up to and including `until`.

    From the first unreleased run, or the day after the last released one; a risk carrier without any run
    starts with `until` itself.
    """
    row = await connection.fetchrow(
        """
        select min(business_date) filter (where state <> 'released') as unfinished,
               max(business_date) filter (where state = 'released') as released
        from run where risk_carrier_id = $1
        """,
        risk_carrier_id,
    )
    assert row is not None
    first = row["unfinished"] or (row["released"] + timedelta(days=1) if row["released"] else until)
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


async def open_findings(connection: Connection, risk_carrier_id: int) -> int:
    """How many differences of the whole risk carrier nobody has resolved; while there are, a stopped night stays so."""
    found: int = await connection.fetchval(
        """
        select count(*) from incident i where i.risk_carrier_id = $1 and i.account_id is null and i.resolved_at is null
          and i.check_name <> 'job'
        """,
        risk_carrier_id,
    )
    return found


async def read_schedules(connection: Connection) -> list[Schedule]:
    """Every schedule, the installation's own first, then by risk carrier."""
    rows = await connection.fetch(
        """
        select risk_carrier_id, kind, start_time, days, next_day, active, scheduled_through
        from job_schedule order by risk_carrier_id nulls first, kind
        """
    )
    return [Schedule(**dict(row)) for row in rows]


_NIGHTS = """
select c.code as risk_carrier, r.business_date, r.payment_date, r.state, r.state_reason, r.cut_off_at, r.released_at
from run r join risk_carrier c using (risk_carrier_id)
where ($1::text is null or c.code = $1) and ($2::text is null or r.state = $2)
  and ($3::date is null or r.business_date >= $3) and ($4::date is null or r.business_date <= $4)
  and ($5::date is null or r.business_date < $5 or (r.business_date = $5 and c.code > $6))
order by r.business_date desc, c.code limit $7
"""


async def list_nights(
    connection: Connection,
    *,
    risk_carrier: str | None,
    state: str | None,
    first: date | None,
    last: date | None,
    after: tuple[date, str] | None,
    most: int,
) -> list[Night]:
    """Nights, newest first; `after` is (business date, code) of the last one of the page before."""
    day, code = after or (None, None)
    rows = await connection.fetch(_NIGHTS, risk_carrier, state, first, last, day, code, most)
    return [Night(**dict(row)) for row in rows]


_REPORT = """
select c.code as risk_carrier, r.business_date, r.payment_date, r.state, r.state_reason, r.cut_off_at, r.released_at,
  r.run_id, v.version as policy_version,
  count(b.run_id) filter (where b.state = 1) as batches_done, count(b.run_id) filter (where b.state < 2)
    as batches_total,
  coalesce(sum(b.entries), 0)::bigint as entries, coalesce(sum(b.declared_cents), 0)::bigint as declared_cents,
  coalesce(sum(b.returned_cents), 0)::bigint as returned_cents,
  coalesce(sum(b.advance_cents), 0)::bigint as advance_cents,
  coalesce(sum(b.offset_cents), 0)::bigint as offset_cents, coalesce(sum(b.net_cents), 0)::bigint as net_cents,
  coalesce(sum(b.payouts), 0)::bigint as payouts, coalesce(sum(b.in_scope), 0)::bigint as in_scope,
  coalesce(sum(b.offset_claims), 0)::bigint as offset_claims,
  coalesce(sum(b.left_out_claims), 0)::bigint as left_out_claims,
  (select count(*) from payout y where y.run_id = r.run_id and y.held <> 0) as payouts_held,
  (select count(*) from dunning_proposal d where d.run_id = r.run_id) as proposals
from run r join risk_carrier c using (risk_carrier_id) left join policy_version v using (policy_version_id)
  left join run_batch b on b.run_id = r.run_id
where c.code = $1 and r.business_date = $2 group by r.run_id, c.code, v.version
"""
_LEFT_OUT = """
select a.code, a.text_nl as text, count(*) as claims from decision d join decision_answer a using (answer)
where d.run_id = $1 and d.valid_from = $2 and d.with_money and d.answer not in (1, 2)
group by a.answer, a.code, a.text_nl order by count(*) desc, a.answer
"""
_PARKED = """
select p.number as provider, k.reason, k.entries, k.cents
from run_parked k join running_account ra using (account_id) join provider p using (provider_id)
where k.run_id = $1 order by p.number limit 1000
"""
_FINDINGS = """
select i.incident_id, i.check_name as check, p.number as provider, i.opened_at, i.resolved_at
from incident i left join running_account ra using (account_id) left join provider p using (provider_id)
where i.run_id = $1 order by i.incident_id limit 1000
"""


async def night_report(connection: Connection, risk_carrier: str, business_date: date) -> NightReport | None:
    """What that night did, or has done so far; None when there is none that the reader may see.

    At most 1,000 parked accounts and 1,000 findings.
    """
    row = await connection.fetchrow(_REPORT, risk_carrier, business_date)
    if row is None:
        return None
    run = row["run_id"]
    gross = row["declared_cents"] + row["returned_cents"] + row["advance_cents"]
    return NightReport(
        **_without(row, "run_id"),
        gross_cents=gross,
        left_out=[LeftOut(**dict(each)) for each in await connection.fetch(_LEFT_OUT, run, business_date)],
        parked=[Parked(**dict(each)) for each in await connection.fetch(_PARKED, run)],
        findings=[Finding(**dict(each)) for each in await connection.fetch(_FINDINGS, run)],
    )


_DECISIONS = """
select d.account_id, d.claim_id, c.reference as claim, p.number as provider, a.code as answer, a.text_nl as text,
  d.open_cents, d.held_cents, d.offset_cents, d.fact_date, d.with_money
from decision d join decision_answer a using (answer)
  join claim c on c.account_id = d.account_id and c.claim_id = d.claim_id
  join running_account ra on ra.account_id = d.account_id join provider p using (provider_id)
where d.run_id = $1 and d.valid_from = $2 and (d.account_id, d.claim_id) > ($3::bigint, $4::bigint)
  and ($5::text is null or a.code = $5)
order by d.account_id, d.claim_id limit $6
"""


async def list_decisions(
    connection: Connection,
    risk_carrier: str,
    business_date: date,
    *,
    answer: str | None,
    after: tuple[int, int] | None,
    most: int,
) -> list[tuple[int, int, NightDecision]] | None:
    """The decisions of that night with (running account, claim) before each; None when there is no such night."""
    run = await connection.fetchval(
        "select run_id from run join risk_carrier c using (risk_carrier_id) where c.code = $1 and business_date = $2",
        risk_carrier,
        business_date,
    )
    if run is None:
        return None
    rows = await connection.fetch(_DECISIONS, run, business_date, *(after or (0, 0)), answer, most)
    return [
        (row["account_id"], row["claim_id"], NightDecision(**_without(row, "account_id", "claim_id"))) for row in rows
    ]


_RELEASED = """
select exists (select 1 from run where risk_carrier_id = $1 and business_date = $2 and state = 'released')
"""


async def preview_of(connection: Connection, job: Job) -> NightPreview:
    """A job of kind preview as it is told: answers by their code, amounts as they were read."""
    assert job.business_date is not None
    rows = await connection.fetch("select answer, code, text_nl from decision_answer")
    codes = {row["answer"]: (row["code"], row["text_nl"]) for row in rows}
    found: dict[str, Any] = job.result or {}
    totals = found.get("totals")
    fields = {field.name for field in msgspec.structs.fields(PreviewTotals)}
    return NightPreview(
        preview_id=job.job_id,
        risk_carrier=await connection.fetchval(
            "select code from risk_carrier where risk_carrier_id = $1", job.risk_carrier_id
        ),
        business_date=job.business_date,
        state=job.state,  # type: ignore[arg-type] # the check of the column holds it to these four
        error=job.error_code if job.state == "failed" else None,
        error_text=job.error_text if job.state == "failed" else None,
        night_released=await connection.fetchval(_RELEASED, job.risk_carrier_id, job.business_date),
        read_at=None if not found else datetime.fromisoformat(found["readAt"]),
        totals=PreviewTotals(**{k: v for k, v in totals.items() if k in fields}) if totals else None,
        left_out=[
            LeftOut(code=codes[int(number)][0], text=codes[int(number)][1], claims=claims)
            for number, claims in found.get("leftOut", {}).items()
        ],
        lines=[
            msgspec.convert({**line, "answer": codes[line["answer"]][0] if line["answer"] else None}, PreviewLine)
            for line in found.get("lines", [])
        ],
        more_lines=found.get("moreLines", False),
    )


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
