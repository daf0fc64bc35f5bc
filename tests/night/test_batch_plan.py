"""How the database does a batch: planned once, and without a join that grows with the square of the batch."""

from datetime import timedelta

import msgspec

from app.core.clock import now
from app.core.db import Connection, connect, transaction
from jobs.night.batches import _SETTINGS, BY_HASH, work_one
from jobs.night.plan import Run, plan
from jobs.night.statements import decided
from tests.night.plans import plan_nodes
from tests.night.worlds import DAY, make_world

_BATCH = "%offset_merge%new_payout as (%"


async def _planned(db: Connection, carrier: int, batch_entries: int) -> Run:
    run = await plan(db, carrier, DAY + timedelta(days=1), now=now(), batch_entries=batch_entries)
    await db.execute("update run set state = 'matching', fence = fence + 1 where run_id = $1", run.run_id)
    return msgspec.structs.replace(run, fence=run.fence + 1)


async def test_the_statement_of_a_batch_is_parsed_once_however_many_batches_follow(db: Connection, db_url: str) -> None:
    carrier = await make_world(db, accounts=12, declarations=60)
    run = await _planned(db, carrier, batch_entries=10)
    worker = await connect(db_url)
    try:
        done = 0
        while await work_one(worker, run, now=now()) is not None:
            done += 1
        prepared = await worker.fetch(
            "select generic_plans + custom_plans as used from pg_prepared_statements where statement like $1", _BATCH
        )
    finally:
        await worker.close()
    assert done > 3
    assert [row["used"] for row in prepared] == [done]


async def test_a_batch_is_joined_by_hash_so_that_many_limits_or_instructions_do_not_square(db: Connection) -> None:
    """What a nested loop repeats is one row of policy, or a look-up by key: never a part of the batch."""
    carrier = await make_world(db, accounts=3, declarations=12)
    run = await _planned(db, carrier, batch_entries=1000)
    async with transaction(db, role="worker", actor="test"):
        await db.execute(_SETTINGS, run.run_id, "1s", "1s", "test")
        await db.execute(BY_HASH)
        await db.execute("set local plan_cache_mode = force_generic_plan")
        types = "smallint, date, int, bigint, bigint, bigint, jsonb, timestamptz"
        await db.execute(f"prepare batch ({types}) as {decided('offset_batch')}")
        explained = await db.fetchval(
            f"explain (format json) execute batch ({carrier}, '{run.business_date}', {run.policy_version_id}, 0, 1000, "
            f"{run.run_id}, null, now())"
        )
    nodes = list(plan_nodes(explained[0]["Plan"]))
    inner = [
        part
        for node in nodes
        if node["Node Type"] == "Nested Loop"
        for part in node["Plans"]
        if part.get("Parent Relationship") == "Inner"
    ]
    assert inner, "the one row of policy is joined by a nested loop"
    repeated = [part for part in inner if part["Node Type"] == "CTE Scan" and part["CTE Name"] != "policy"]
    assert repeated == []
    read = [node for node in nodes if "Relation Name" in node and node["Node Type"] != "ModifyTable"]
    whole = {node["Relation Name"] for node in read if "Index Cond" not in node}
    assert whole <= {"reason_policy"}, "read whole in every batch"
