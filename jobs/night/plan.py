"""Plan of a night: which date is next, is the input fresh, which policy holds, which batches there are."""

from datetime import date, datetime, timedelta

import msgspec

from app.core.audit import audit
from app.core.business_days import next_target_day
from app.core.db import Connection, end_sleeper, transaction
from app.core.errors import Refusal
from jobs.night.statements import statement

BATCH_ENTRIES = 20_000
ACTOR = "night"
WAITS_LONG = "waits_long"
NO_DIFFERENCES = ("job", WAITS_LONG)
"""Incidents about a whole risk carrier that say nothing against its books, so that no night waits for them."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How a night is cut and how long it waits; tests make all of them small."""

    batch_entries: int = BATCH_ENTRIES
    """Queue entries of a batch, about; a running account is never cut."""
    lease: timedelta = timedelta(seconds=12)
    """After this long without a sign of life another worker may take the run over."""
    lock_wait: timedelta = timedelta(seconds=5)
    """How long a batch waits for running accounts that somebody else holds."""


USUAL = Limits()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A night of one risk carrier on one business date, as stored in `run`."""

    run_id: int
    risk_carrier_id: int
    business_date: date
    payment_date: date
    policy_version_id: int | None
    state: str
    state_reason: str | None
    fence: int


class LostLease(Refusal):
    """Another worker group has taken the run over: this one stops writing."""

    def __init__(self, run_id: int) -> None:
        super().__init__("lost_lease", f"Run {run_id} was taken over by another worker; this one has stopped.")


_RUN = """
select run_id, risk_carrier_id, business_date, payment_date, policy_version_id, state, state_reason, fence
from run where risk_carrier_id = $1 and business_date = $2
"""


async def read_run(connection: Connection, risk_carrier_id: int, business_date: date) -> Run | None:
    """The run of that night, or None when it was never planned."""
    row = await connection.fetchrow(_RUN, risk_carrier_id, business_date)
    return None if row is None else Run(**dict(row))


async def stay_awake(connection: Connection) -> None:
    """First statement of a transaction that locks a run or its risk carrier: a sleeper's locks go after a lease."""
    await end_sleeper(connection, USUAL.lease)


def name_of(run: Run) -> str:
    """What a session that writes for a run is called while its transaction lasts: by run and fence."""
    return f"vereffen run {run.run_id}/{run.fence}"


# A worker that is stopped between the parsing of a statement and its values is `active` to the server: no timeout that
# PostgreSQL 15 has ends it, and its locks would stay until it wakes. What it could still write its fence keeps out.
_END_OLDER = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and usename = session_user and substring(application_name from $1::text)::bigint < $2
"""


async def end_older(connection: Connection, run_id: int, fence: int) -> None:
    """End the sessions that still write for a run with a fence below `fence`; as the login role, in no transaction."""
    await connection.fetchval(_END_OLDER, f"^vereffen run {run_id}/([0-9]+)$", fence)


async def keep_fence(connection: Connection, run: Run) -> None:
    """First statement of a step's transaction: the run stays with its holder until the step has committed.

    A worker that slept through its lease finds a newer fence here and gets LostLease. The lock makes the
    one that wants to take over wait for this step; two steps of one holder take turns.
    """
    await stay_awake(connection)
    await connection.execute("select set_config('application_name', $1::text, true)", name_of(run))
    mine = await connection.fetchval(
        "select 1 from run where run_id = $1 and fence = $2 for no key update", run.run_id, run.fence
    )
    if mine is None:
        raise LostLease(run.run_id)


async def reopen(connection: Connection, run: Run, *, now: datetime) -> Run:
    """Let a stopped run be proved again once nobody has a difference of its risk carrier to resolve any more.

    What was matched stays; the proof looks at it anew and may stop the run again. Answers the run as it then is:
    `matching`, or still `stopped` with the reason that was stored.
    """
    async with transaction(connection, role="worker", actor=ACTOR):
        reopened = await connection.fetchval(
            """
            update run r set state = 'matching', state_reason = null
            where r.run_id = $1 and r.state = 'stopped' and not exists (
              select 1 from incident i
              where i.risk_carrier_id = r.risk_carrier_id and i.account_id is null and i.resolved_at is null
                and i.check_name <> all ($2::text[]))
            returning 1
            """,
            run.run_id,
            NO_DIFFERENCES,
        )
        if reopened:
            await audit(
                connection,
                risk_carrier_id=run.risk_carrier_id,
                account_id=None,
                occurred_at=now,
                actor=ACTOR,
                action="night reopened",
                subject=f"run:{run.run_id}",
                body={"businessDate": run.business_date.isoformat(), "stoppedBy": run.state_reason},
            )
    found = await read_run(connection, run.risk_carrier_id, run.business_date)
    assert found is not None
    return found


async def policy_in_force(connection: Connection, risk_carrier_id: int, business_date: date) -> int:
    """Id of the policy version for that date: the newest of those valid from it or earlier. Refusal without one."""
    found = await connection.fetchval(
        """
        select policy_version_id from policy_version where risk_carrier_id = $1 and valid_from <= $2
        order by valid_from desc, version desc limit 1
        """,
        risk_carrier_id,
        business_date,
    )
    if found is None:
        raise Refusal(
            "no_policy",
            f"No policy is in force on {business_date}: apply one with `vereffen policy apply FILE` and start again.",
        )
    return int(found)


async def _gate(connection: Connection, risk_carrier_id: int, business_date: date, policy: int) -> str | None:
    """Why the night has to wait, or None: stale feeds, and differences that nobody has resolved."""
    stale = await connection.fetch(
        """
        select g.feed, g.max_age_days, max(f.cut_off_date) as newest
        from gate_policy g left join import_file f
          on f.risk_carrier_id = $1 and f.kind = g.feed and f.cut_off_date <= $2
        where g.policy_version_id = $3
        group by g.feed, g.max_age_days
        having max(f.cut_off_date) is null or max(f.cut_off_date) < $2::date - g.max_age_days
        order by g.feed
        """,
        risk_carrier_id,
        business_date,
        policy,
    )
    reasons = [
        f"feed {row['feed']} is stale: newest cut-off {row['newest'] or 'none'}, at most {row['max_age_days']} days old"
        for row in stale
    ]
    differences = await connection.fetch(
        """
        select check_name, what from incident
        where risk_carrier_id = $1 and account_id is null and resolved_at is null
          and check_name <> all ($2::text[])
        order by incident_id limit 5
        """,
        risk_carrier_id,
        NO_DIFFERENCES,
    )
    reasons += [f"unresolved difference {row['check_name']}: {row['what']}" for row in differences]
    return "; ".join(reasons) or None


async def _refuse_out_of_order(connection: Connection, risk_carrier_id: int, business_date: date) -> None:
    earlier = await connection.fetchval(
        "select min(business_date) from run where risk_carrier_id = $1 and business_date < $2 and state <> 'released'",
        risk_carrier_id,
        business_date,
    )
    if earlier is not None:
        raise Refusal("earlier_night_open", f"The night of {earlier} is not released yet: nights run in order.")
    later = await connection.fetchval(
        "select max(business_date) from run where risk_carrier_id = $1 and business_date > $2",
        risk_carrier_id,
        business_date,
    )
    if later is not None:
        raise Refusal("later_night_exists", f"The night of {later} was already planned: {business_date} is past.")


_CLOSE = "update risk_carrier set closed_through = greatest(closed_through, $2) where risk_carrier_id = $1"


async def plan(
    connection: Connection,
    risk_carrier_id: int,
    business_date: date,
    *,
    now: datetime,
    batch_entries: int = BATCH_ENTRIES,
) -> Run:
    """Make the run of that night with its batches, once; or return the one that is there.

    A gate that is closed stores the run as `waiting` with the reason; planning it again tries the gate again.
    In the same transaction the cut-off falls: what is loaded from here on belongs to the next night.
    """
    async with transaction(connection, role="worker", actor=ACTOR):
        await stay_awake(connection)
        # Imports read this row FOR SHARE: those under way finish first, later ones see the new cut-off.
        await connection.fetchval(
            "select 1 from risk_carrier where risk_carrier_id = $1 for no key update", risk_carrier_id
        )
        found = await read_run(connection, risk_carrier_id, business_date)
        if found is not None and found.state != "waiting":
            return found
        await _refuse_out_of_order(connection, risk_carrier_id, business_date)
        policy = await policy_in_force(connection, risk_carrier_id, business_date)
        waiting_for = await _gate(connection, risk_carrier_id, business_date, policy)
        run_id = await connection.fetchval(
            """
            insert into run (risk_carrier_id, business_date, payment_date, policy_version_id, state,
              state_reason, cut_off_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (risk_carrier_id, business_date) do update
              set state = excluded.state, state_reason = excluded.state_reason, cut_off_at = excluded.cut_off_at,
                  policy_version_id = excluded.policy_version_id
            returning run_id
            """,
            risk_carrier_id,
            business_date,
            next_target_day(business_date),
            policy,
            "waiting" if waiting_for else "planned",
            waiting_for,
            now,
        )
        if waiting_for is None:
            await connection.execute(_CLOSE, risk_carrier_id, business_date)
            await _insert_batches(connection, run_id, risk_carrier_id, business_date, batch_entries)
        await audit(
            connection,
            risk_carrier_id=risk_carrier_id,
            account_id=None,
            occurred_at=now,
            actor=ACTOR,
            action="night waits" if waiting_for else "night planned",
            subject=f"run:{run_id}",
            body={"businessDate": business_date.isoformat(), "reason": waiting_for},
        )
        planned = await read_run(connection, risk_carrier_id, business_date)
        assert planned is not None
        return planned


async def _insert_batches(
    connection: Connection, run_id: int, risk_carrier_id: int, business_date: date, batch_entries: int
) -> None:
    # Helpers would take as much time to start as they spare: a million entries are counted in a fifth of a second.
    await connection.execute("set local max_parallel_workers_per_gather = 0")
    rows = await connection.fetch(statement("plan_batches"), risk_carrier_id, business_date, batch_entries)
    await connection.executemany(
        """
        insert into run_batch (run_id, batch_no, risk_carrier_id, first_account_id, last_account_id, planned_entries)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [
            (run_id, r["batch_no"], risk_carrier_id, r["first_account_id"], r["last_account_id"], r["planned_entries"])
            for r in rows
        ],
    )
