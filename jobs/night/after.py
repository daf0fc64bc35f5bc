"""After the offsets: open credits become claims, dunning is proposed, and what waits for a far date is told."""

from datetime import datetime, timedelta

import asyncpg

from app.core.audit import audit
from app.core.db import Connection, transaction
from app.core.ids import payment_reference
from jobs.night.plan import ACTOR, WAITS_LONG, Run, keep_fence
from jobs.night.statements import statement

_RIPE_ACCOUNTS = """
select array_agg(distinct c.account_id) from claim_position c
  join reason_policy rp on rp.policy_version_id = $3 and rp.reason_id = c.reason_id
where c.risk_carrier_id = $1 and rp.quiet and rp.matures_days is not null and rp.matures_to is not null
  and c.open_principal_cents > 0 and c.registered_on + rp.matures_days <= $2
"""
# A running account that somebody holds is not waited for: its credit is as ripe in the next night.
_LOCK_FREE = """
select array_agg(account_id) from (select account_id from running_account where account_id = any ($1)
  order by account_id for no key update skip locked) free
"""


async def mature_credits(connection: Connection, run: Run, *, now: datetime) -> int:
    """CR-9: quiet credits open for too long become claims with a letter and a payment reference. Returns how many.

    When that fails, each running account is tried by itself; one that fails alone gets an incident, and its credits
    are as ripe in the next night.
    """
    ripe = await connection.fetchval(_RIPE_ACCOUNTS, run.risk_carrier_id, run.business_date, run.policy_version_id)
    if not ripe:
        return 0
    try:
        return await _mature(connection, run, ripe, now)
    except asyncpg.PostgresError:
        return sum([await _mature_one(connection, run, account_id, now) for account_id in ripe])


async def _mature_one(connection: Connection, run: Run, account_id: int, now: datetime) -> int:
    try:
        return await _mature(connection, run, [account_id], now)
    except asyncpg.PostgresError as failure:
        async with transaction(connection, role="worker", actor=ACTOR):
            await keep_fence(connection, run)
            what = f"{type(failure).__name__}: {failure}"[:500]
            await connection.execute(_INCIDENT, run.risk_carrier_id, account_id, run.run_id, what, now)
        return 0


_INCIDENT = """
insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
select $1, $2, $3, 'maturity', $4, $5
where not exists (select 1 from incident
  where run_id = $3 and account_id = $2 and check_name = 'maturity' and resolved_at is null)
"""


async def _mature(connection: Connection, run: Run, accounts: list[int], now: datetime) -> int:
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        free = await connection.fetchval(_LOCK_FREE, accounts)
        if not free:
            return 0
        rows = await connection.fetch(
            statement("mature_credits"), run.risk_carrier_id, run.business_date, run.policy_version_id, free
        )
        for row in rows:
            number = await connection.fetchval("select nextval('event_id')")
            reference = payment_reference(number)
            await connection.execute(
                """
                with issued as (
                  insert into payment_reference (reference, risk_carrier_id, account_id, issued_on, document)
                  values ($1, $2, $3, $4, 'claim letter'))
                insert into payment_reference_claim (reference, account_id, claim_id,
                  risk_carrier_id) values ($1, $3, $5, $2)
                """,
                reference,
                run.risk_carrier_id,
                row["account_id"],
                run.business_date,
                row["claim_id"],
            )
            await audit(
                connection,
                risk_carrier_id=run.risk_carrier_id,
                account_id=row["account_id"],
                occurred_at=now,
                actor=ACTOR,
                action="credit became a claim",
                subject=f"claim:{row['claim_id']}",
                body={"runId": run.run_id},
            )
        return len(rows)


async def propose_dunning(connection: Connection, run: Run, *, now: datetime) -> None:
    """Propose the reminders and hand-overs that this date makes due; a proposal that is there stays as it is."""
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        done = await connection.execute(
            statement("propose_dunning"), run.risk_carrier_id, run.business_date, run.policy_version_id, run.run_id
        )
        if (proposals := int(done.split()[-1])) > 0:
            await audit(
                connection,
                risk_carrier_id=run.risk_carrier_id,
                account_id=None,
                occurred_at=now,
                actor=ACTOR,
                action="dunning proposed",
                subject=f"run:{run.run_id}",
                body={"proposals": proposals},
            )


FAR_DAYS = 31
_FAR = """
select count(*) as entries, sum(cents)::bigint as cents, min(available_on) as first, max(available_on) as last
from payable where risk_carrier_id = $1 and available_on > $2
"""
_TELL = """
insert into incident (risk_carrier_id, run_id, check_name, what, opened_at) select $1::smallint, $2::bigint, $3, $4, $5
where not exists (select 1 from incident
  where risk_carrier_id = $1 and check_name = $3 and (resolved_at is null or what = $4))
"""
_TOLD = """
update incident set resolved_at = $3, resolved_by = $4, resolution = 'nothing waits that long any more'
where risk_carrier_id = $1 and check_name = $2 and resolved_at is null
"""


async def tell_of_far_entries(connection: Connection, run: Run, *, now: datetime) -> None:
    """Open an incident about money in the queue whose date is more than 31 days off: a cut-off date with a wrong year.

    One at a time, and not again for the same entries once somebody has resolved it; it keeps no night from running.
    """
    far = await connection.fetchrow(_FAR, run.risk_carrier_id, run.business_date + timedelta(days=FAR_DAYS))
    assert far is not None
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        if far["entries"] == 0:
            await connection.execute(_TOLD, run.risk_carrier_id, WAITS_LONG, now, ACTOR)
            return
        what = (
            f"{far['entries']} entries, {far['cents']} cents, wait for the nights of {far['first']} to {far['last']}: "
            "look at the cut-off dates of their files"
        )
        await connection.execute(_TELL, run.risk_carrier_id, run.run_id, WAITS_LONG, what, now)
