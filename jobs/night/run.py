"""A night from gate to release: planned -> matching -> proven -> released, or waiting / stopped with a reason.

Every step is a transaction that can be repeated; killed anywhere, the next start goes on where the rows say it was.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import structlog

from app.core.audit import audit
from app.core.clock import now
from app.core.db import Connection, connect, transaction
from app.core.errors import Bug, Refusal
from app.nights import dates_to_run
from jobs.night.after import mature_credits, propose_dunning, tell_of_far_entries
from jobs.night.agreements import apply_agreements
from jobs.night.batches import TRIES, Batch, after_failure, work_one
from jobs.night.checking import hold_what_fails
from jobs.night.plan import ACTOR, USUAL, Limits, LostLease, Run, end_older, plan, read_run, reopen, stay_awake
from jobs.night.release import release

LEASE_SECONDS = USUAL.lease.seconds

Progress = Callable[[str, int, int], None]
"""Told (what, done, of) while a night runs; entries of the queue for the matching."""


class NightReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a night did; amounts in cents. `state` is the run's state at the end."""

    run_id: int
    business_date: date
    state: str
    state_reason: str | None = None
    entries: int = 0
    declared_cents: int = 0
    returned_cents: int = 0
    advance_cents: int = 0
    offset_cents: int = 0
    net_cents: int = 0
    payouts: int = 0
    in_scope: int = 0
    offset_claims: int = 0
    left_out_claims: int = 0
    parked: int = 0
    findings: int = 0
    proposals: int = 0


# The lease uses the database's clock: the clocks of two workers may differ. A job takes its own run over at once: who
# has the job's lease knows that the one before has lost it, and the fence keeps that one from writing.
_LEASE = """
update run set holder = $2, fence = fence + 1, lease_until = clock_timestamp() + $3::interval,
  state = case state when 'planned' then 'matching' else state end
where run_id = $1 and (lease_until is null or lease_until < clock_timestamp() or (holder = $2 and $2 like 'job:%'))
  and state in ('planned',
  'matching', 'proven')
returning fence, state
"""
_FREE = """
select fence from run
where run_id = $1 and (lease_until < clock_timestamp() or (holder = $2 and $2 like 'job:%'))
"""
_RENEW = """
update run set lease_until = clock_timestamp() + $3::interval where run_id = $1
  and fence = $2 returning 1
"""
_GIVE_BACK = "update run set lease_until = null where run_id = $1 and fence = $2"
_STATE = """
update run set state = $3, state_reason = $4, released_at = $5,
  lease_until = case when $3 in ('released', 'stopped') then null else lease_until end
where run_id = $1 and fence = $2 returning 1
"""


async def run_night(
    url: str,
    risk_carrier_id: int,
    business_date: date,
    *,
    workers: int = 2,
    payments_folder: Path | None = None,
    checks: bool = True,
    progress: Progress | None = None,
    holder: str = "night",
    connection: Connection | None = None,
    limits: Limits = USUAL,
) -> NightReport:
    """Run (or resume) the night of one business date; a released one is only reported, nothing changes.

    A stopped one is proved again once its differences are resolved; until then it is only reported too.
    Refusal when an earlier night is open, no policy is in force, or another worker holds the lease. A `connection`
    that is passed in is used and left open: its prepared statements serve the next night as well.
    """
    own = None if connection is not None else await connect(url, command_timeout=None)
    connection = connection or own
    assert connection is not None
    held: Run | None = None
    try:
        run = await read_run(connection, risk_carrier_id, business_date)
        if run is None or run.state == "waiting":
            run = await plan(connection, risk_carrier_id, business_date, now=now(), batch_entries=limits.batch_entries)
        if run.state == "stopped":
            run = await reopen(connection, run, now=now())
        if run.state in ("planned", "matching", "proven"):
            held = await _hold_lease(connection, run, holder, limits.lease)
            if held is not None:
                structlog.contextvars.bind_contextvars(run_id=held.run_id)  # of every line that is logged from here on
                await _with_heartbeat(
                    url,
                    held,
                    limits.lease,
                    _go(url, connection, held, workers, payments_folder, checks, progress, limits),
                )
        return await report(connection, risk_carrier_id, business_date)
    except (Refusal, asyncio.CancelledError):
        if held is not None:  # nothing was killed: the next start need not wait for the lease
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # it will have to, then
                await connection.execute(_GIVE_BACK, held.run_id, held.fence)
        raise
    finally:
        if own is not None:
            await own.close()


async def run_due_nights(
    url: str,
    risk_carrier_id: int,
    until: date,
    *,
    workers: int = 2,
    payments_folder: Path | None = None,
    progress: Progress | None = None,
    each: Callable[[NightReport], None] | None = None,
    holder: str = "night",
    connection: Connection | None = None,
    limits: Limits = USUAL,
) -> list[NightReport]:
    """Run every missed night in order, oldest first, up to `until`; stops at one that waits or was stopped."""
    own = None if connection is not None else await connect(url, command_timeout=None)
    connection = connection or own
    assert connection is not None
    reports = []
    try:
        for business_date in await dates_to_run(connection, risk_carrier_id, until):
            done = await run_night(
                url,
                risk_carrier_id,
                business_date,
                workers=workers,
                payments_folder=payments_folder,
                progress=progress,
                holder=holder,
                connection=connection,
                limits=limits,
            )
            reports.append(done)
            if each is not None:
                each(done)
            if done.state != "released":
                break
    finally:
        if own is not None:
            await own.close()
    return reports


async def _hold_lease(connection: Connection, run: Run, holder: str, lease: timedelta) -> Run | None:
    """The run with a fence of our own and its state at that moment; None when another worker has just ended it."""
    free = await connection.fetchval(_FREE, run.run_id, holder)
    if free is not None:  # who had it may be asleep with the row locked
        await end_older(connection, run.run_id, free + 1)
    async with transaction(connection, role="worker", actor=ACTOR):
        await stay_awake(connection)
        taken = await connection.fetchrow(_LEASE, run.run_id, holder, lease)
        if taken is not None:
            await audit(
                connection,
                risk_carrier_id=run.risk_carrier_id,
                account_id=None,
                occurred_at=now(),
                actor=ACTOR,
                action="night taken up",
                subject=f"run:{run.run_id}",
                body={"businessDate": run.business_date.isoformat(), "holder": holder, "fence": taken["fence"]},
            )
    if taken is not None:
        return msgspec.structs.replace(run, fence=taken["fence"], state=taken["state"])
    busy = await connection.fetchrow("select holder, lease_until, state from run where run_id = $1", run.run_id)
    assert busy is not None
    if busy["state"] in ("released", "stopped"):
        return None
    raise Refusal(
        "night_running",
        f"The night of {run.business_date} is being run by {busy['holder']}; "
        f"its lease ends at {busy['lease_until']:%H:%M:%S} UTC.",
    )


async def _with_heartbeat(url: str, run: Run, lease: timedelta, work: Coroutine[Any, Any, None]) -> None:
    """Do the work while the lease is renewed beside it."""
    heart = asyncio.create_task(_heartbeat(url, run, lease))
    try:
        await work
    finally:
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart


async def _heartbeat(url: str, run: Run, lease: timedelta) -> None:
    await asyncio.sleep((lease / 3).total_seconds())
    connection = await connect(url)
    try:
        while True:
            if await connection.fetchval(_RENEW, run.run_id, run.fence, lease) is None:
                return  # taken over: the workers find out at their next batch
            await asyncio.sleep((lease / 3).total_seconds())
    finally:
        await connection.close()


async def _go(
    url: str,
    connection: Connection,
    run: Run,
    workers: int,
    payments_folder: Path | None,
    checks: bool,
    progress: Progress | None,
    limits: Limits,
) -> None:
    if run.state == "matching":
        await apply_agreements(connection, run, now=now(), limits=limits)
        await _match(url, connection, run, workers, progress, limits)
        await mature_credits(connection, run, now=now())
        if checks and await connection.fetchval(_TOUCHED, run.run_id, run.risk_carrier_id, run.business_date):
            stopped_by = await hold_what_fails(url, run, now=now())
            if stopped_by:
                await _set_state(connection, run, "stopped", stopped_by)
                return
        await _set_state(connection, run, "proven", None)
    await propose_dunning(connection, run, now=now())
    await tell_of_far_entries(connection, run, now=now())
    # not less than usual: between two of its statements a piece of the file goes to a disk that may be slow
    await release(connection, run, payments_folder, now=now(), lease=max(limits.lease, USUAL.lease))
    await _set_state(connection, run, "released", None)


# A quiet night has nothing to prove: no posting since the night before, no decision, no payout of its own.
_TOUCHED = """
select exists (select 1 from posting p where p.risk_carrier_id = $2 and p.booking_date <= $3
         and p.booking_date > coalesce((select max(e.business_date) from run e where e.risk_carrier_id = $2
           and e.business_date < $3), '-infinity'))
    or exists (select 1 from decision d where d.risk_carrier_id = $2 and d.valid_from = $3)
    or exists (select 1 from payout y where y.run_id = $1)
    or exists (select 1 from run_parked k where k.run_id = $1)
"""


async def _match(
    url: str, connection: Connection, run: Run, workers: int, progress: Progress | None, limits: Limits
) -> None:
    """All batches, by as many workers as asked; ends when every batch is done."""
    total = await connection.fetchval(
        "select sum(planned_entries)::bigint from run_batch where run_id = $1", run.run_id
    )
    done = await connection.fetchval(
        "select coalesce(sum(entries), 0)::bigint from run_batch where run_id = $1 and state = 1", run.run_id
    )
    told = {"done": done}

    def tell(batch: Batch) -> None:
        told["done"] += batch.planned_entries
        if progress is not None:
            progress("matching", min(told["done"], total), total)

    async def worker(number: int) -> None:
        own = connection if number == 0 else await connect(url, command_timeout=None)
        try:
            await _work(own, run, limits, tell)
        finally:
            if number > 0:
                await own.close()

    while await connection.fetchval(_OPEN_BATCH, run.run_id):
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(workers):
                    group.create_task(worker(number))
        except ExceptionGroup as several:  # not except*: what is raised in it comes out in a group again
            if several.subgroup(LostLease) is not None or await _overtaken(url, run):
                raise LostLease(run.run_id) from None
            raise several.exceptions[0] from several
        if await connection.fetchval(_OPEN_BATCH, run.run_id):
            await end_older(connection, run.run_id, run.fence)  # a worker that lost the run still holds a batch
            await asyncio.sleep(0.2)


async def _overtaken(url: str, run: Run) -> bool:
    """Whether the run has another holder: the server ends the connection of a worker that slept in a batch."""
    try:
        connection = await connect(url)
    except (OSError, asyncpg.PostgresError):
        return False  # the server itself is gone: what failed first is what to tell
    try:
        fence: int = await connection.fetchval("select fence from run where run_id = $1", run.run_id)
        return fence != run.fence
    finally:
        await connection.close()


_OPEN_BATCH = "select exists (select 1 from run_batch where run_id = $1 and state = 0)"


async def _work(connection: Connection, run: Run, limits: Limits, tell: Callable[[Batch], None]) -> None:
    """Batch after batch until none is left to take; one that fails is tried again, cut in two or parked."""
    crossed: Counter[int] = Counter()
    while True:
        try:
            batch = await work_one(connection, run, now=now(), limits=limits)
        except (asyncpg.PostgresError, Bug) as failure:
            failed = getattr(failure, "failed_batch", None)
            # Class 42 is SQL that does not fit the schema: the program is at fault, and parking every account hides it.
            if failed is None or isinstance(failure, asyncpg.SyntaxOrAccessError):
                raise
            # Two writers that crossed: nobody's fault, and the second time they do not meet. Unless they do.
            if isinstance(failure, asyncpg.SerializationError | asyncpg.DeadlockDetectedError):
                crossed[failed.batch_no] += 1
                if crossed[failed.batch_no] <= TRIES:
                    continue
            await after_failure(connection, run, failed, failure, now=now())
            continue
        if batch is None:
            return
        tell(batch)


async def _set_state(connection: Connection, run: Run, state: str, reason: str | None) -> None:
    async with transaction(connection, role="worker", actor=ACTOR):
        await stay_awake(connection)
        moment = now()
        set_to = await connection.fetchval(
            _STATE, run.run_id, run.fence, state, reason, moment if state == "released" else None
        )
        if set_to is None:
            raise LostLease(run.run_id)
        await audit(
            connection,
            risk_carrier_id=run.risk_carrier_id,
            account_id=None,
            occurred_at=moment,
            actor=ACTOR,
            action=f"night {state}",
            subject=f"run:{run.run_id}",
            body={"businessDate": run.business_date.isoformat(), "reason": reason},
        )


_REPORT = """
select r.run_id, r.business_date, r.state, r.state_reason,
  coalesce(sum(b.entries), 0)::bigint as entries, coalesce(sum(b.declared_cents), 0)::bigint as declared_cents,
  coalesce(sum(b.returned_cents), 0)::bigint as returned_cents, coalesce(sum(b.advance_cents),
    0)::bigint as advance_cents,
  coalesce(sum(b.offset_cents), 0)::bigint as offset_cents, coalesce(sum(b.net_cents), 0)::bigint as net_cents,
  coalesce(sum(b.payouts), 0)::bigint as payouts, coalesce(sum(b.in_scope), 0)::bigint as in_scope,
  coalesce(sum(b.offset_claims), 0)::bigint as offset_claims, coalesce(sum(b.left_out_claims),
    0)::bigint as left_out_claims,
  (select count(*) from run_parked p where p.run_id = r.run_id) as parked,
  (select count(*) from incident i where i.run_id = r.run_id and i.check_name <> 'parked') as findings,
  (select count(*) from dunning_proposal d where d.run_id = r.run_id) as proposals
from run r left join run_batch b on b.run_id = r.run_id and b.state = 1
where r.risk_carrier_id = $1 and r.business_date = $2
group by r.run_id
"""


async def report(connection: Connection, risk_carrier_id: int, business_date: date) -> NightReport:
    """What that night did, from its stored rows. Refusal when there was none."""
    row = await connection.fetchrow(_REPORT, risk_carrier_id, business_date)
    if row is None:
        raise Refusal("no_night", f"There is no night of {business_date} for this risk carrier.", status=404)
    return NightReport(**dict(row))
