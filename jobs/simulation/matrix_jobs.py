"""Every job of the product as the crash matrix plays it: one line each in JOBS, done as its caller does it.

`ready` lays ready what the job needs, in a database of its own, and answers the work: all that happens in a process
that may die, and all of it again when it did. A new kind of job or of fact needs a line here (tests/simulation).
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from typing import Any

from app.batches import Upload, receive_batch, write_part
from app.core import db
from app.core.db import Connection, transaction
from app.core.jobs import RunningJob, add_job, end_job, take_job
from app.declarations import import_file
from app.dunning import accept_proposals
from app.incidents import ResolveIncident, resolve_incident
from app.ledger import Command
from app.nights import schedule_due, set_schedule
from app.payouts import release_payments
from app.policies import apply_policy
from app.record import KINDS as FACTS
from jobs.kinds import KINDS as WORK
from jobs.kinds import Around
from jobs.night.plan import Limits, read_run
from jobs.night.preview import preview_night
from jobs.night.run import run_night
from jobs.simulation import matrix_world as world
from jobs.simulation.matrix_agreements import UNDER_AGREEMENTS
from jobs.simulation.matrix_facts import FACT_JOBS
from jobs.simulation.matrix_model import COMMAND, Job, Place, Ready, Work, by_connection, plainly
from jobs.simulation.matrix_requests import posted
from jobs.simulation.matrix_world import ACTOR, AGBS, CARRIER, DAY, EVE, MOMENT
from jobs.sweep import CHORES


async def work_once(place: Place) -> object:
    """What a worker does: take the jobs that can be taken, do each and give it back."""
    connection = await db.connect(place.url)
    around = Around(url=place.url, workers=1, payments_folder=place.folder, batch_entries=3)
    try:
        while (
            job := await take_job(connection, holder="matrix", lease=timedelta(minutes=10), kinds=[*WORK])
        ) is not None:
            result = await WORK[job.kind](RunningJob(job), around)
            await end_job(connection, job, "done", result=result)
    finally:
        await connection.close()
    return None


def queued(kind: str, payload: Callable[[Connection], Awaitable[dict[str, Any]]] | None = None) -> Ready:
    """A job of the queue, done by a worker."""

    async def ready(connection: Connection) -> Work:
        async with transaction(connection, role="worker", actor=ACTOR):
            await add_job(
                connection,
                kind=kind,
                risk_carrier_id=None if kind == "checks" else CARRIER,
                subject=DAY.isoformat(),
                business_date=DAY,
                payload=await payload(connection) if payload else {},
                actor=ACTOR,
            )
        return work_once

    return ready


# ---- the jobs themselves


async def _night(place: Place) -> object:
    """Without the proof, which two thirds of the statements are; the night as a job has it."""
    limits = Limits(batch_entries=3)
    done = await run_night(
        place.url, CARRIER, DAY, workers=1, payments_folder=place.folder, checks=False, limits=limits
    )
    assert done.state == "released", done
    return done


async def _run_night(_: Connection) -> Work:
    return _night


def file_in(content: bytes) -> Ready:
    """A file by the import command."""

    async def act(connection: Connection) -> object:
        report = await import_file(connection, content, business_date=DAY, actor=ACTOR, file_name="file")
        assert report.loaded, [each.message for each in report.rejections]
        return report

    return plainly(act)


async def _uploaded(connection: Connection, content: bytes) -> Upload:
    number = await connection.fetchval("select nextval('batch_id')")
    await write_part(connection, COMMAND, CARRIER, number, 1, content)
    plain = {"file_name": "a.jsonl", "content_type": "application/x-ndjson", "keep_days": 30, "parts": 1}
    digest = hashlib.sha256(content).digest()
    return Upload(batch_id=number, risk_carrier_id=CARRIER, size_bytes=len(content), sha256=digest, **plain)  # type: ignore[arg-type]


def batch(content: bytes) -> Ready:
    """A file that was uploaded, loaded or refused by a worker."""

    async def ready(connection: Connection) -> Work:
        await receive_batch(connection, COMMAND, await _uploaded(connection, content))
        return work_once

    return ready


async def _receive(connection: Connection) -> Work:
    upload = await _uploaded(connection, world.file_of("claims", [world.claim("B9", AGBS[0][0], 100)]))
    return by_connection(lambda own: receive_batch(own, COMMAND, upload))


async def _incident(connection: Connection) -> int:
    number: int = await connection.fetchval(
        """insert into incident (risk_carrier_id, account_id, check_name, what, opened_at)
           select $1, min(account_id), 'payout_payee', 'a difference', $2 from running_account returning incident_id""",
        *(CARRIER, MOMENT),
    )
    return number


async def _resolve_by_command(connection: Connection) -> Work:
    number = await _incident(connection)
    command = Command(actor=ACTOR, business_date=DAY)
    return by_connection(lambda own: resolve_incident(own, command, number, ResolveIncident(resolution="gezien")))


async def _resolve_by_request(connection: Connection) -> Work:
    number = await _incident(connection)
    return await posted((f"/v1/incidents/{number}/resolution", {"resolution": "gezien"}))(connection)


async def _supplement(connection: Connection) -> Work:
    """The hold on a payout of an earlier night is over: it goes out in a supplement."""
    hold = await connection.fetchval("select hold_id from hold where for_payout")
    await world.note(connection, "end-hold", {"hold": hold, "reason": "in orde"})
    run = await read_run(connection, CARRIER, EVE)
    assert run is not None

    async def work(place: Place) -> object:
        act = by_connection(
            lambda own: release_payments(own, run.run_id, now=MOMENT, directory=place.folder, business_date=DAY)
        )
        return await act(place)

    return work


async def _schedules(connection: Connection) -> Work:
    """Two dates are due of the nights and of the checks."""
    for carrier in (CARRIER, None):
        await set_schedule(
            connection, carrier, start_time=time(0), days=[*range(1, 8)], next_day=False, active=True, actor=ACTOR
        )
    await connection.execute("update job_schedule set scheduled_through = scheduled_through - 2")
    return by_connection(schedule_due)


async def _sweep(connection: Connection) -> Work:
    """Something for every chore: a schedule, a failed night that was released, an old preview, an old upload."""
    await _schedules(connection)
    old = MOMENT - timedelta(days=40)
    for kind, state, day in (("night", "failed", EVE), ("preview", "done", EVE)):
        await connection.execute(
            """insert into job (risk_carrier_id, kind, subject, business_date, payload, state, error_code, created_by,
                 created_at, ended_at) values ($1, $2, $3, $4, '{}', $5, 'died', 'matrix', $6, $6)""",
            *(CARRIER, kind, f"old {day}", day, state, old),
        )
    await _uploaded(connection, b"cut off")
    await connection.execute("update batch_part set written_at = written_at - interval '1 year'")

    async def act(own: Connection) -> None:
        for chore in CHORES:
            await chore(own)

    return by_connection(act)


async def _failed_job(connection: Connection) -> Work:
    await queued("night")(connection)
    number = await connection.fetchval(
        "update job set state = 'failed', attempts = 8, error_code = 'died', ended_at = $1 returning job_id", MOMENT
    )
    return await posted((f"/v1/jobs/{number}/retries", None))(connection)


def _final(body: dict[str, Any]) -> dict[str, Any]:
    """The final settlement of C4, due as the policy says."""
    plain = {name: value for name, value in body.items() if name != "termDays"}
    return {**plain, "type": "ceiling-final", "settles": "C4"}


_BULK = [world.declaration(f"Z{n}", AGBS[n % 5][n % 2], 100 + n, hour=n % 20) for n in range(2_000)]
_ALL_KINDS = [
    world.declaration("I1", AGBS[0][0], 900),
    world.credit("I2", "D0", 400),
    world.correction("I3", "D2", 350),
    world.advance("I4", AGBS[3][0], 600),
]
_CLAIMS = [
    world.claim("I5", AGBS[0][0], 900),
    _final(world.claim("I6", AGBS[3][1], 1_500)),
]
_OPENING = {
    "id": "O1", "agb": AGBS[1][0], "kind": "claim", "reasonCode": "MC", "ground": "Controle 2025",
    "registeredOn": "2025-11-01", "letterDate": "2025-11-01", "dueDate": "2025-12-01",
    "amountCents": 100_000, "openPrincipalCents": 60_000,
    "payments": [{"receivedOn": "2025-11-20", "cents": 40_000, "reference": "oud kenmerk"}],
    "steps": [{"kind": "reminder", "stepNo": 1, "sentOn": "2025-12-02", "termEnd": "2025-12-16", "askedCents": 60_000,
               "paymentReference": "5000056789012345"}],
    "charges": [{"kind": "costs", "cents": 4_000, "chargedOn": "2026-01-05", "reason": "incassokosten"}],
    "holds": [{"kind": "dispute", "cents": 20_000, "fromDate": "2026-02-01", "reason": "bezwaar", "owner": "team"}],
}  # fmt: skip
_PROVIDERS = [
    world.provider(5, ("41100090", "41100091")),
    {**world.provider(0, AGBS[0]), "name": "Praktijk onder een andere naam"},
]
_NIGHT = {"riskCarrier": "VZ", "businessDate": DAY.isoformat()}
_FEED = "?riskCarrier=VZ&source=core"
_CLAIM_REQUESTS = [(f"/v1/claims{_FEED}", {**each, "id": f"R{each['id']}"}) for each in _CLAIMS]
_DECLARATION_REQUESTS = [(f"/v1/declarations{_FEED}", {**each, "id": f"R{each['id']}"}) for each in _ALL_KINDS]


async def _pay(connection: Connection) -> Work:
    body = {"reference": await world.reference_of(connection, "C1"), "cents": 1_200}
    return await posted(("/v1/payments", body))(connection)


_POLICY = world.POLICY.read_text(encoding="utf-8").replace("valid_from = 2020-01-01", "valid_from = 2026-04-01")

JOBS = (
    Job("night without proof", "job night", _run_night),
    Job("night as a job", "job night", queued("night")),
    UNDER_AGREEMENTS,
    Job("supplement of an earlier night", "release", _supplement),
    Job("import of providers", "file providers", file_in(world.file_of("providers", _PROVIDERS))),
    Job("import of claims", "file claims", file_in(world.file_of("claims", _CLAIMS))),
    Job("import of claims, packed CSV", "file claims", file_in(world.packed_csv_of("claims", _CLAIMS))),
    Job("import of opening claims", "file opening-claims", file_in(world.file_of("opening-claims", [_OPENING]))),
    Job("import of declarations", "file declarations", file_in(world.file_of("declarations", _ALL_KINDS))),
    Job("import of many declarations", "file declarations", file_in(world.file_of("declarations", _BULK))),
    Job("upload received", "batch", _receive),
    Job("upload loaded", "job import", batch(world.file_of("declarations", _ALL_KINDS))),
    Job("upload refused", "job import", batch(world.file_of("claims", _CLAIMS, controlTotalCents=1))),
    Job("preview as a job", "job preview", queued("preview")),
    Job("preview by command", "preview", plainly(lambda own: preview_night(own, CARRIER, DAY)), writes=False),
    Job("checks over everything", "job checks", queued("checks")),
    Job("sweep", "sweep", _sweep),
    Job("schedule", "schedule", _schedules),
    Job("claims by request", "request", posted(*_CLAIM_REQUESTS)),
    Job("declarations by request", "request", posted(*_DECLARATION_REQUESTS)),
    Job("payment by request", "request", _pay),
    Job("night asked for", "request", posted(("/v1/nights", _NIGHT))),
    Job("preview asked for", "request", posted(("/v1/night-previews", _NIGHT))),
    Job("failed job asked for again", "request", _failed_job),
    Job("incident resolved by request", "request", _resolve_by_request),
    Job("incident resolved by command", "incident", _resolve_by_command),
    Job("proposals accepted", "proposals", plainly(lambda own: accept_proposals(
        own, CARRIER, proposed_on=EVE, actor=ACTOR))),
    Job("policy applied", "policy", plainly(lambda own: apply_policy(
        own, CARRIER, _POLICY, actor=ACTOR, applied_at=MOMENT))),
    *FACT_JOBS,
)  # fmt: skip


def uncovered() -> set[str]:
    """What a job of the product has no line for: kinds of facts and of jobs of the queue."""
    wanted = {f"fact {kind}" for kind in FACTS} | {f"job {kind}" for kind in WORK}
    return wanted - {job.covers for job in JOBS}
