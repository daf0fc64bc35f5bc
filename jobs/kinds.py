"""The kinds of work that a job can be: one line each in KINDS, in the order in which a worker takes them.

The work of a kind is given the running job and where it runs, answers the result that is stored, and may raise
Postponed (not now), Refusal or any other error (tried again after growing pauses, then failed). It is harmless when
it is run 0, 1 or n times, in any order, and each of its transactions keeps a fence.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog

from app.batches import import_batch
from app.core.clock import now
from app.core.db import Connection, connect, transaction
from app.core.errors import Refusal
from app.core.jobs import ACTOR, Postponed, RunningJob
from jobs.night.checking import Violation, load_checks, run_checks
from jobs.night.plan import BATCH_ENTRIES, Limits
from jobs.night.preview import preview_lines, preview_night
from jobs.night.run import NightReport, run_due_nights

_log = structlog.get_logger()
FIRST_LINES = 1000
_SOON = timedelta(seconds=2)
_TAKEN = ("night_running", "lost_lease", "earlier_night_open")  # somebody else is at it: wait for the end of that


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """Where work runs: the database, how many connections a night uses, where payment files go, how long to wait."""

    url: str
    workers: int = 2
    payments_folder: Path | None = None
    lease: timedelta = timedelta(seconds=12)
    gate_pause: timedelta = timedelta(minutes=3)
    batch_entries: int = BATCH_ENTRIES


Work = Callable[[RunningJob, Around], Awaitable[dict[str, Any]]]


async def night(running: RunningJob, around: Around) -> dict[str, Any]:
    """The night of the job's date and those missed before it, in order; waits for its gate where everybody sees it.

    The run has a lease and a fence of its own, which guard everything that it writes.
    """
    job = running.job
    assert job.risk_carrier_id is not None
    assert job.business_date is not None
    try:
        done = await run_due_nights(
            around.url,
            job.risk_carrier_id,
            job.business_date,
            workers=around.workers,
            payments_folder=around.payments_folder,
            progress=_logged(running),
            each=lambda report: _log.info(
                f"night {report.state}",
                run_id=report.run_id,
                risk_carrier_id=job.risk_carrier_id,
                business_date=report.business_date,
                count=report.entries,
            ),
            holder=f"job:{job.job_id}",
            limits=Limits(lease=around.lease, batch_entries=around.batch_entries),
        )
    except Refusal as refusal:
        if refusal.code in _TAKEN:
            raise Postponed(refusal.message, _SOON) from refusal
        raise
    if done and done[-1].state != "released":
        raise Postponed(_why(done[-1]), around.gate_pause)
    return {"nights": [{"businessDate": each.business_date, "entries": each.entries} for each in done]}


def _logged(running: RunningJob) -> Callable[[str, int, int], None]:
    """`running.progress`, with a line in the log for each stage that begins."""

    def progress(stage: str, done: int, total: int) -> None:
        if stage != running.stage:
            _log.info("night stage", step=stage, count=total)
        running.progress(stage, done, total)

    return progress


def _why(report: NightReport) -> str:
    return f"the night of {report.business_date} {report.state}: {report.state_reason}"[:1000]


async def preview(running: RunningJob, around: Around) -> dict[str, Any]:
    """What a night would do, on one snapshot: totals, claims left out by answer code, and the first lines.

    Payload: `accountId` for one running account, or nothing.
    """
    job = running.job
    assert job.risk_carrier_id is not None
    assert job.business_date is not None
    account = job.payload.get("accountId")
    connection = await connect(around.url, command_timeout=None, name=running.session)
    try:
        async with transaction(
            connection, role="readonly", actor="preview", isolation="repeatable_read", readonly=True
        ):
            totals = await preview_night(
                connection, job.risk_carrier_id, job.business_date, account_id=account, progress=running.progress
            )
            rows = await preview_lines(
                connection, job.risk_carrier_id, job.business_date, account_id=account, most=FIRST_LINES + 1
            )
            lines = await _named(connection, [dict(row) for row in rows[:FIRST_LINES]])
    finally:
        await connection.close()
    return {
        "totals": {name: value for name, value in msgspec.to_builtins(totals).items() if name != "left_out"},
        "leftOut": {str(code): claims for code, claims in totals.left_out.items()},
        "lines": lines,
        "moreLines": len(rows) > FIRST_LINES,
        "readAt": now(),
    }


def _cents(row: dict[str, Any]) -> int:
    """What a line comes to: of a payout what leaves, of a claim what is offset of it."""
    if _WHAT[row["what"]] == "payout":
        gross: int = row["declared_cents"] + row["returned_cents"] + row["advance_cents"]
        return gross - int(row["offset_cents"])
    return int(row["offset_cents"] if _WHAT[row["what"]] == "claim" else row["cents"])


_WHAT = {1: "entry", 2: "offset", 3: "payout", 4: "claim", 5: "unpayable"}
_NAMES = """
select ra.account_id as id, p.number as name, 1 as what from running_account ra join provider p using (provider_id)
where ra.account_id = any ($1::bigint[])
union all select c.claim_id, c.reference, 2 from claim c
where c.account_id = any ($1::bigint[]) and c.claim_id = any ($2::bigint[])
"""


async def _named(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the number of the provider and the reference of the claim, as people know them."""
    accounts = sorted({row["account_id"] for row in rows})
    claims = sorted({row["claim_id"] for row in rows if row["claim_id"] is not None})
    found = await connection.fetch(_NAMES, accounts, claims)
    names = {(row["what"], row["id"]): row["name"] for row in found}
    return [
        {
            "what": _WHAT[row["what"]],
            "provider": names.get((1, row["account_id"])),
            "claim": names.get((2, row["claim_id"])),
            "cents": _cents(row),
            "answer": row["answer"],
            "declaredCents": row["declared_cents"],
            "returnedCents": row["returned_cents"],
            "advanceCents": row["advance_cents"],
            "offsetCents": row["offset_cents"],
        }
        for row in rows
    ]


async def checks(running: RunningJob, around: Around) -> dict[str, Any]:
    """Every check over everything; a finding that is not known yet opens an incident for its risk carrier."""
    running.progress("checks", 0, len(load_checks()))
    connection = await connect(around.url, command_timeout=None, name=running.session)
    try:
        found = await run_checks(connection, run_id=None)
        async with transaction(connection, role="worker", actor=ACTOR):
            await running.keep_fence(connection)
            opened = await _open_incidents(connection, found)
    finally:
        await connection.close()
    first = [msgspec.to_builtins(each) for each in found[:100]]
    return {"checks": len(load_checks()), "findings": len(found), "incidentsOpened": opened, "first": first}


_OPEN_INCIDENT = """
insert into incident (risk_carrier_id, account_id, check_name, what, opened_at)
select $1::smallint, $2::bigint, $3, $4, $5 where not exists (
  select 1 from incident where risk_carrier_id = $1 and account_id is not distinct from $2::bigint and check_name = $3
    and resolved_at is null)
returning 1
"""


async def _open_incidents(connection: Connection, found: list[Violation]) -> int:
    """One incident per check and running account; a finding of the whole installation holds every risk carrier."""
    everybody = [row[0] for row in await connection.fetch("select risk_carrier_id from risk_carrier order by 1")]
    grouped: dict[tuple[int, int | None, str], list[str]] = defaultdict(list)
    for each in found:
        for carrier in everybody if each.risk_carrier_id is None else [each.risk_carrier_id]:
            grouped[carrier, each.account_id, each.check].append(each.what)
    opened = 0
    for (carrier, account_id, check), whats in grouped.items():
        what = whats[0] if len(whats) == 1 else f"{whats[0]} (and {len(whats) - 1} more)"
        opened += await connection.fetchval(_OPEN_INCIDENT, carrier, account_id, check, what, now()) or 0
    return opened


async def imported(running: RunningJob, around: Around) -> dict[str, Any]:
    """A batch, loaded or refused whole."""
    return await import_batch(running, around.url)


KINDS: dict[str, Work] = {
    "night": night,
    "import": imported,
    "preview": preview,
    "checks": checks,
}
ASKED_BY_ONE = frozenset({"preview"})
"""Kinds whose refusal is the answer to who asked: no further attempt, and no incident for everybody."""
