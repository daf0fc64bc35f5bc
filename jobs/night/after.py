"""After the offsets: quiet credits still open become claims; reminders and hand-overs are proposed."""

from datetime import datetime

from app.core.audit import audit
from app.core.db import Connection, transaction
from app.core.ids import payment_reference
from jobs.night.plan import ACTOR, Run, keep_fence
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
    """CR-9: quiet credits open for too long become claims with a letter and a payment reference. Returns how many."""
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        accounts = await connection.fetchval(
            _RIPE_ACCOUNTS, run.risk_carrier_id, run.business_date, run.policy_version_id
        )
        free = await connection.fetchval(_LOCK_FREE, accounts) if accounts else None
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
