"""How the database does a check of a night: it reads what the night touched, however many nights were before."""

from datetime import timedelta

from app.core.clock import now
from app.core.db import Connection, transaction
from jobs.night.batches import work_one
from jobs.night.checking import _SETTINGS, _scope, load_checks
from jobs.night.plan import plan, read_run
from tests.night.plans import plan_nodes
from tests.night.worlds import DAY, make_world

_EARLIER = """
insert into declaration
  (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, awarded_cents, number)
select d.account_id, 90000000 + n, d.risk_carrier_id, d.agb_id, $1::date - 200 + n / 250, d.approved_at, 1000,
  'OLD-' || n
from (select * from declaration limit 1) d, generate_series(1, 40000) n
"""


async def test_the_declarations_of_a_night_are_found_without_reading_those_of_earlier_nights(db: Connection) -> None:
    carrier = await make_world(db, accounts=3, declarations=12)
    day = DAY + timedelta(days=1)
    await plan(db, carrier, day, now=now())
    await db.execute("update run set state = 'matching', fence = fence + 1")
    run = await read_run(db, carrier, day)
    assert run is not None
    assert await work_one(db, run, now=now()) is not None
    await db.execute(_EARLIER, day)
    await db.execute("vacuum (analyze) declaration")
    [check] = [each for each in load_checks() if each.name == "declaration_settled"]
    values = await _scope(db, run.run_id)
    async with transaction(db, role="readonly", actor="checks", readonly=True):
        await db.execute(_SETTINGS)
        await db.execute(f"set local {check.plan}")
        explained = await db.fetchval(
            f"explain (analyze, format json) {check.statement}", *[values[name] for name in check.parameters]
        )
    read = [node for node in plan_nodes(explained[0]["Plan"]) if node.get("Relation Name") == "declaration"]
    assert read
    parts = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    seen = [sum(node.get(part, 0) for part in parts) * node["Actual Loops"] for node in read]
    assert all(count < 10_000 for count in seen), [(node["Node Type"], n) for node, n in zip(read, seen, strict=True)]
