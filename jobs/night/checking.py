"""The proof of a night: one invariant per file in `checks/`, each returning what is wrong and nothing when all is well.

A file holds one statement over (risk_carrier_id, account_id, what). It is written for both scopes: over everything
(`:run_id` is null) and over what one run touched. The runner fills in

    :run_id    the run, or null        :day     its business date
    :carrier   its risk carrier        :since   the business date of the night before it (of none: a week earlier;
                                                what stood in the books at the start is proven over everything)

as typed parameters with a plan made for the values, so that `:run_id is null or …` costs nothing at run time.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path

import asyncpg
import msgspec

from app.core.audit import audit
from app.core.db import Connection, connect, transaction
from app.core.errors import Refusal
from jobs.night.plan import ACTOR, Run, keep_fence

FOLDER = Path(__file__).parent / "checks"
LARGE_NIGHT = 10_000  # entries
MOST_ROWS = 10_000  # of one check: more says nothing new, and a broken night must not fill the memory

_TYPES = {"run_id": "bigint", "day": "date", "carrier": "smallint", "since": "date"}
_NAME = re.compile(r"(?<![:\w]):(run_id|day|carrier|since)\b")
_PLAN = re.compile(r"^-- Plan: ([a-z_]+ = [a-z]+)$", re.MULTILINE)
_WEIGHT = re.compile(r"^-- weight: (\d+)$", re.MULTILINE)
# Hash joins over a night must stay in memory; to sort a night costs more than to hash it, whatever is estimated.
# Two checks at a time use both cores, so none takes helpers of its own.
_SETTINGS = """
set local plan_cache_mode = force_custom_plan; set local work_mem = '256MB'; set local jit = off;
set local enable_mergejoin = off; set local enable_sort = off; set local max_parallel_workers_per_gather = 0
"""
# Over everything most tables are read whole: joining two such by hash is never far from the best, and a nested loop
# that an old statistic takes for short never ends.
_SETTINGS_EVERYTHING = _SETTINGS + "; set local enable_nestloop = off"
_SCOPE = """
select r.run_id, r.business_date as day, r.risk_carrier_id as carrier,
  coalesce((select max(e.business_date) from run e
    where e.risk_carrier_id = r.risk_carrier_id and e.business_date < r.business_date), r.business_date - 7) as since
from run r where r.run_id = $1
"""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. Without `account_id` it concerns the whole run or installation; `what` names ids and cents."""

    check: str
    risk_carrier_id: int | None
    account_id: int | None
    what: str


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A file of `checks/`: its statement with $1.. in place of the names, and which name each of them is.

    `everything_only` (`-- Scope: all`): not run over what one night touched. `plan` (`-- Plan: setting = value`): a
    setting of the planner that suits this one in a night.
    """

    name: str
    statement: str
    parameters: tuple[str, ...]
    weight: int
    everything_only: bool
    plan: str | None


@cache
def load_checks(folder: Path = FOLDER) -> tuple[Check, ...]:
    """All checks of a folder, the heaviest first (`-- weight: n` in the head: tenths of a second on the bench)."""
    checks = [_load(path) for path in sorted(folder.glob("*.sql"))]
    return tuple(sorted(checks, key=lambda check: (-check.weight, check.name)))


def _load(path: Path) -> Check:
    text = path.read_text(encoding="utf-8")
    used: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in used:
            used.append(match[1])
        return f"${used.index(match[1]) + 1}::{_TYPES[match[1]]}"

    head, body = re.match(r"((?:--[^\n]*\n)*)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    weight, plan = _WEIGHT.search(head), _PLAN.search(head)
    statement = _NAME.sub(number, body)
    return Check(
        name=path.stem,
        statement=statement,
        parameters=tuple(used),
        weight=int(weight[1]) if weight else 1,
        everything_only="\n-- Scope: all" in head,
        plan=plan[1] if plan else None,
    )


async def run_checks(
    connection: Connection, *, run_id: int | None, names: Sequence[str] | None = None, folder: Path = FOLDER
) -> list[Violation]:
    """Run the checks over what `run_id` touched, or over everything when it is None.

    `names` picks some of them. The connection is outside a transaction; each check reads its own snapshot, which
    holds whole transactions only, so that other writers may go on. Refusal on an unknown name or run, and on a name
    that cannot be looked at for one run.
    """
    return await run_checks_on([connection], run_id=run_id, names=names, folder=folder)


async def run_checks_on(
    connections: Sequence[Connection],
    *,
    run_id: int | None,
    names: Sequence[str] | None = None,
    folder: Path = FOLDER,
    timed: Callable[[str, float], None] | None = None,  # not money: seconds
) -> list[Violation]:
    """`run_checks` on several connections at once, in the order heaviest first; findings are sorted by check.

    `timed` is told the name and the seconds of each check when it is done.
    """
    checks = load_checks(folder)
    if names is not None:
        if unknown := set(names) - {check.name for check in checks}:
            raise Refusal(
                "unknown_check", f"There is no check named {', '.join(sorted(unknown))} in jobs/night/checks."
            )
        checks = tuple(check for check in checks if check.name in names)
    if run_id is not None:
        if names is not None and (whole := [check.name for check in checks if check.everything_only]):
            raise Refusal(
                "everything_only", f"{', '.join(whole)} can only be looked at over everything: ask without a date."
            )
        checks = tuple(check for check in checks if not check.everything_only)
    values = await _scope(connections[0], run_id)
    waiting = list(reversed(checks))
    found: list[Violation] = []

    async def work(connection: Connection) -> None:
        while waiting:
            check, start = waiting.pop(), time.monotonic()
            found.extend(await _run(connection, check, values))
            if timed is not None:
                timed(check.name, time.monotonic() - start)

    async with asyncio.TaskGroup() as group:
        for connection in connections:
            group.create_task(work(connection))
    return sorted(found, key=lambda v: (v.check, v.risk_carrier_id or 0, v.account_id or 0, v.what))


async def _scope(connection: Connection, run_id: int | None) -> dict[str, int | date | None]:
    if run_id is None:
        return {"run_id": None, "day": None, "carrier": None, "since": None}
    row = await connection.fetchrow(_SCOPE, run_id)
    if row is None:
        raise Refusal("no_run", f"There is no run {run_id}.", status=404)
    return dict(row)


async def _run(connection: Connection, check: Check, values: dict[str, int | date | None]) -> list[Violation]:
    async with transaction(connection, role="readonly", actor="checks", readonly=True):
        await connection.execute(_SETTINGS_EVERYTHING if values["run_id"] is None else _SETTINGS)
        if check.plan is not None and values["run_id"] is not None:
            await connection.execute(f"set local {check.plan}")
        # the name in front shows in pg_stat_activity which check is busy
        prepared = await connection.prepare(f"/* check {check.name} */ {check.statement}", timeout=3600)
        rows = await _fetch(prepared, [values[name] for name in check.parameters])
    # by place: a union names its columns after its first part only
    return [Violation(check=check.name, risk_carrier_id=row[0], account_id=row[1], what=row[2]) for row in rows]


async def _fetch(
    prepared: "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]", values: list[int | date | None]
) -> list[asyncpg.Record]:
    # A limit of the protocol, not of the statement: LIMIT would have the planner choose a plan for the first rows.
    cursor = await prepared.cursor(*values, timeout=3600)
    return await cursor.fetch(MOST_ROWS, timeout=3600)


async def hold_what_fails(url: str, run: Run, *, now: datetime, connections: int = 2) -> str | None:
    """Prove a run. A finding on a running account holds its payouts and opens an incident; the others may go out.

    Returns why the run itself must be held (a finding without an account), or None. Repeatable: an incident that
    is open for the same check, run and account is not opened again.
    """
    opened = [await connect(url, command_timeout=None) for _ in range(connections)]
    try:
        await _refresh_statistics(opened[0], run)
        found = await run_checks_on(opened, run_id=run.run_id)
        if found:
            await _store(opened[0], run, found, now)
    finally:
        for connection in opened:
            await connection.close()
    whole = [f"{each.check}: {each.what}" for each in found if each.account_id is None]
    return "; ".join(whole[:5]) or None


async def _refresh_statistics(connection: Connection, run: Run) -> None:
    """After a large night: without, the planner takes the new business date for one row (migration 0025)."""
    async with transaction(connection, role="worker", actor=ACTOR):
        entries = await connection.fetchval(
            "select coalesce(sum(entries), 0)::bigint from run_batch where run_id = $1", run.run_id
        )
        if entries >= LARGE_NIGHT:
            # a sample of 6,000 rows tells what is needed here (how many, of which date) at a third of the cost
            await connection.execute("set local default_statistics_target = 20")
            await connection.execute("select analyze_night($1)", run.business_date)


async def _store(connection: Connection, run: Run, found: list[Violation], now: datetime) -> None:
    accounts = sorted({each.account_id for each in found if each.account_id is not None})
    grouped: dict[tuple[str, int | None], list[str]] = defaultdict(list)
    for each in found:
        grouped[each.check, each.account_id].append(each.what)
    async with transaction(connection, role="worker", actor=ACTOR):
        await keep_fence(connection, run)
        # Without the lock of the running accounts: whoever holds one may not keep the others from being paid, and
        # nothing here depends on what it changes. 2 wins over 1: a payout hold that ends later must not free what
        # failed its proof.
        held = await connection.fetch(
            """
            update payout set held = 2 where account_id = any($1) and run_id = $2
            returning account_id, payout_id, net_cents
            """,
            accounts,
            run.run_id,
        )
        for (check, account_id), whats in grouped.items():
            what = whats[0] if len(whats) == 1 else f"{whats[0]} (and {len(whats) - 1} more)"
            incident_id = await connection.fetchval(
                _OPEN_INCIDENT, run.risk_carrier_id, account_id, run.run_id, check, what, now
            )
            if incident_id is not None:
                await audit(
                    connection,
                    risk_carrier_id=run.risk_carrier_id,
                    account_id=account_id,
                    occurred_at=now,
                    actor=ACTOR,
                    action="incident opened",
                    subject=f"incident:{incident_id}",
                    body={"runId": run.run_id, "check": check},
                )
        for row in held:
            await audit(
                connection,
                risk_carrier_id=run.risk_carrier_id,
                account_id=row["account_id"],
                occurred_at=now,
                actor=ACTOR,
                action="payout held, failed its proof",
                subject=f"payout:{row['payout_id']}",
                body={"runId": run.run_id, "netCents": row["net_cents"]},
            )


_OPEN_INCIDENT = """
insert into incident (risk_carrier_id, account_id, run_id, check_name, what, opened_at)
select $1, $2::bigint, $3, $4, $5, $6
where not exists (
  select 1 from incident
  where run_id = $3 and check_name = $4 and account_id is not distinct from $2 and resolved_at is null)
returning incident_id
"""
