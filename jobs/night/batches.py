"""The work of a night: batches of running accounts, each one transaction, by whichever worker takes it.

A batch that fails is tried again, then cut in two, until the running account that fails stands alone: that one is
parked with an incident and the rest goes on.
"""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from app.core.audit import audit
from app.core.db import Connection, transaction
from app.core.errors import Bug
from jobs.night.plan import ACTOR, BATCH_ENTRIES, USUAL, Limits, LostLease, Run, keep_fence, name_of
from jobs.night.statements import decided, statement

TRIES = 3


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of running accounts of one run."""

    batch_no: int
    first_account_id: int
    last_account_id: int
    planned_entries: int
    attempts: int


# The open batch that has failed least; those that wait for a lock come last. A giant goes first, so that no worker is
# left with it at the end; the others in order of account, which is the order of the keys that they write.
_TAKE = """
select batch_no, first_account_id, last_account_id, planned_entries, attempts from run_batch
where run_id = $1 and state = 0
order by attempts, case when planned_entries > $2 then planned_entries else 0 end desc, batch_no
limit 1 for update skip locked
"""
_FENCED = "select 1 from run where run_id = $1 and fence = $2 and state = 'matching' for key share"
_LOCK = """
select count(*) from (
  select 1 from running_account where account_id between $1 and $2 and risk_carrier_id = $3
  order by account_id for no key update) l
"""
# A batch never waits for ever: who holds one of its running accounts has it set aside, not the night; and a worker that
# falls asleep in a batch does not keep its rows for longer than its lease ($3). A plan for any
# values expects 0.5 % of the rows: right where batches are many (it saves 20 ms in each), quadratic where they are few.
# Read by key, the queue comes nearly in the order that the decision sorts it into: a tenth of the decision's time.
_SETTINGS = """
select set_config('lock_timeout', $2::text, true), set_config('plan_cache_mode', case
  when (select count(*) from run_batch where run_id = $1) < 16 then 'force_custom_plan'
  else 'force_generic_plan' end, true),
  set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
  set_config('enable_mergejoin', 'off', true), set_config('idle_in_transaction_session_timeout', $3::text, true),
  set_config('application_name', $4::text, true)
"""
# Of what the parts of the decision hold the planner expects a row or five: it would join them by nested loops, and a
# batch with many limits, holds or instructions cost the square of them. Look-ups by key ask for all keys at once.
BY_HASH = "select set_config('enable_nestloop', 'off', true)"
# What leaves the queue needs no order: read page by page it costs a sixth less than by its key.
_IN_ANY_ORDER = "select set_config('enable_bitmapscan', 'on', true), set_config('enable_indexscan', 'off', true)"
_DUE_HOLDS = """
select array_agg(distinct account_id) from hold where risk_carrier_id = $1 and ended_on is null
  and account_id between $3 and $4 and (until_date < $2 or (not active and from_date <= $2))
"""
_DONE = """
update run_batch set state = 1, entries = $3, declared_cents = $4, returned_cents = $5, advance_cents = $6,
  offset_cents = $7, net_cents = $8, payouts = $9, in_scope = $10, offset_claims = $11, left_out_claims = $12,
    fence = $13
where run_id = $1 and batch_no = $2 and exists (select 1 from run where run_id = $1 and fence = $13)
"""


async def work_one(connection: Connection, run: Run, *, now: datetime, limits: Limits = USUAL) -> Batch | None:
    """Take the next open batch of the run and do it in one transaction; None when none is left to take.

    Raises what the database raised when the batch fails (nothing of it is stored then) with the batch attached
    as `failed_batch`; LostLease when the run was taken over.
    """
    batch: Batch | None = None
    try:
        async with transaction(connection, role="worker", actor=ACTOR):
            await connection.execute(_SETTINGS, run.run_id, _ms(limits.lock_wait), _ms(limits.lease), name_of(run))
            if await connection.fetchval(_FENCED, run.run_id, run.fence) is None:
                raise LostLease(run.run_id)
            row = await connection.fetchrow(_TAKE, run.run_id, 2 * BATCH_ENTRIES)
            if row is None:
                return None
            batch = Batch(**dict(row))
            await _write(connection, run, batch, now)
    except (asyncpg.PostgresError, Bug) as failure:
        if batch is not None:
            failure.failed_batch = batch  # type: ignore[union-attr]
        raise
    return batch


def _ms(duration: timedelta) -> str:
    return f"{round(duration / timedelta(milliseconds=1))}ms"


async def _write(connection: Connection, run: Run, batch: Batch, now: datetime) -> None:
    await connection.fetchval(_LOCK, batch.first_account_id, batch.last_account_id, run.risk_carrier_id)
    await _apply_holds(connection, run, batch)
    await connection.execute(BY_HASH)
    n = await connection.fetchrow(
        decided("offset_batch"),
        run.risk_carrier_id,
        run.business_date,
        run.policy_version_id,
        batch.first_account_id,
        batch.last_account_id,
        run.run_id,
        None,  # what agreements move has moved before (agreements.py)
        now,
        timeout=3600,
    )
    assert n is not None
    _prove_totals(n, await _leave_queue(connection, run, batch), batch)
    done = await connection.execute(
        _DONE,
        run.run_id,
        batch.batch_no,
        n["entries"],
        n["declared_cents"],
        n["returned_cents"],
        n["advance_cents"],
        n["offset_cents"],
        n["net_cents"],
        n["payouts"],
        n["in_scope"],
        n["offset_claims"],
        n["left_out_claims"],
        run.fence,
    )
    if done != "UPDATE 1":
        raise LostLease(run.run_id)
    await audit(
        connection,
        risk_carrier_id=run.risk_carrier_id,
        account_id=None,
        occurred_at=now,
        actor=ACTOR,
        action="batch settled",
        subject=f"run:{run.run_id}",
        body={
            "batch": batch.batch_no,
            "entries": n["entries"],
            "offsetCents": n["offset_cents"],
            "netCents": n["net_cents"],
        },
    )


async def _leave_queue(connection: Connection, run: Run, batch: Batch) -> int:
    """Take out of the queue what the batch settled; how many entries that were."""
    await connection.execute(_IN_ANY_ORDER)
    told = await connection.execute(
        statement("leave_queue"),
        run.risk_carrier_id,
        run.business_date,
        batch.first_account_id,
        batch.last_account_id,
        run.run_id,
        timeout=3600,
    )
    return int(told.removeprefix("DELETE "))


async def _apply_holds(connection: Connection, run: Run, batch: Batch) -> None:
    """Count the holds that begin or end by the business date, under the batch's lock and before it decides."""
    accounts = await connection.fetchval(
        _DUE_HOLDS, run.risk_carrier_id, run.business_date, batch.first_account_id, batch.last_account_id
    )
    if accounts:
        await connection.execute(statement("apply_holds"), run.risk_carrier_id, run.business_date, accounts)


def _prove_totals(n: asyncpg.Record, left_queue: int, batch: Batch) -> None:
    """What was decided, what was written and what left the queue must agree, or nothing of the batch stays."""
    pairs = {
        "entries decided / taken from the queue": (n["entries"], left_queue),
        "claims decided / changed": (n["claims"], n["claims_taken"]),
        "advances decided / opened": (n["advances"], n["advances_opened"]),
        "offset in lines / in payouts": (n["line_cents"], n["offset_cents"]),
        "offset from claims / in payouts": (n["taken_cents"], n["offset_cents"]),
        "gross / offset + net": (
            n["declared_cents"] + n["returned_cents"] + n["advance_cents"],
            n["offset_cents"] + n["net_cents"],
        ),
    }
    wrong = [f"{what}: {a} and {b}" for what, (a, b) in pairs.items() if a != b]
    if wrong:
        raise Bug(f"batch {batch.batch_no} does not add up: {'; '.join(wrong)}")


async def after_failure(
    connection: Connection, run: Run, batch: Batch, failure: BaseException, *, now: datetime
) -> None:
    """Decide what becomes of a batch that failed: try again later, cut it in two, or park its one running account."""
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)  # also: two workers that cut their batches draw their numbers in turn
        open_still = await connection.fetchrow(
            "select attempts from run_batch where run_id = $1 and batch_no = $2 and state = 0 for update",
            run.run_id,
            batch.batch_no,
        )
        if open_still is None:
            return
        attempts = open_still["attempts"] + 1
        await connection.execute(
            "update run_batch set attempts = $3 where run_id = $1 and batch_no = $2",
            run.run_id,
            batch.batch_no,
            attempts,
        )
        await audit(
            connection,
            risk_carrier_id=run.risk_carrier_id,
            account_id=None,
            occurred_at=now,
            actor=ACTOR,
            action="batch failed",
            subject=f"run:{run.run_id}",
            body={"batch": batch.batch_no, "attempts": attempts, "failure": type(failure).__name__},
        )
        accounts = await connection.fetch(
            """
            select account_id from running_account where account_id between $1 and $2
              and risk_carrier_id = $3 order by account_id
            """,
            batch.first_account_id,
            batch.last_account_id,
            run.risk_carrier_id,
        )
        if not accounts:
            raise failure
        if len(accounts) > 1 and attempts >= 2:
            await _split(connection, run, batch, accounts[len(accounts) // 2]["account_id"])
        elif len(accounts) == 1 and attempts >= TRIES:
            await _park(connection, run, batch, accounts[0]["account_id"], failure, now)


async def _split(connection: Connection, run: Run, batch: Batch, middle: int) -> None:
    await connection.execute(
        """
        insert into run_batch (run_id, batch_no, risk_carrier_id, first_account_id, last_account_id,
          planned_entries, attempts)
        select $1, m.n + x.i, $2, x.first, x.last, $6, 1
        from (select max(batch_no) as n from run_batch where run_id = $1) m,
          (values (1, $3::bigint, $4::bigint - 1), (2, $4::bigint, $5::bigint)) x (i, first, last)
        """,
        run.run_id,
        run.risk_carrier_id,
        batch.first_account_id,
        middle,
        batch.last_account_id,
        batch.planned_entries // 2,
    )
    await connection.execute(
        "update run_batch set state = 2 where run_id = $1 and batch_no = $2", run.run_id, batch.batch_no
    )


async def _park(
    connection: Connection, run: Run, batch: Batch, account_id: int, failure: BaseException, now: datetime
) -> None:
    """The account keeps its queue rows for a later night; the run goes on without it, with an incident.

    Parked, the batch is tried once more for its decisions; when even that fails it is closed empty.
    """
    what = f"{type(failure).__name__}: {failure}"[:500]
    parked = await connection.fetchval(
        """
        insert into run_parked (run_id, account_id, risk_carrier_id, reason, detail, entries, cents)
        select $1, $2, $3, 'failed', $4, count(*), coalesce(sum(cents), 0)::bigint from payable
        where account_id = $2 and available_on <= $5
        on conflict do nothing returning 1
        """,
        run.run_id,
        account_id,
        run.risk_carrier_id,
        what,
        run.business_date,
    )
    if parked is None:
        await connection.execute(
            """
            update run_batch set state = 1, entries = 0, declared_cents = 0, returned_cents = 0,
              advance_cents = 0, offset_cents = 0,
              net_cents = 0, payouts = 0, in_scope = 0, offset_claims = 0, left_out_claims = 0, fence = $3
            where run_id = $1 and batch_no = $2
            """,
            run.run_id,
            batch.batch_no,
            run.fence,
        )
        return
    await connection.execute(
        "update run_batch set attempts = $3 where run_id = $1 and batch_no = $2", run.run_id, batch.batch_no, TRIES - 1
    )
    await connection.execute(
        """
        insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
        values ($1, $2, $3, 'parked', $4, $5)
        """,
        run.risk_carrier_id,
        account_id,
        run.run_id,
        what,
        now,
    )
