"""The lines of the crash matrix for the facts of app.record: each kind once, one of them also by its source id."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.core.db import Connection
from app.record import record
from jobs.simulation import matrix_world as world
from jobs.simulation.matrix_agreements import agreement, end_agreement
from jobs.simulation.matrix_model import KEY, Job, Work, by_connection
from jobs.simulation.matrix_world import ACTOR, DAY

Payload = Callable[[Connection], Awaitable[Mapping[str, Any]]]


def fact(kind: str, payload: Payload, named: Mapping[str, str] | None = None) -> Job:
    """One kind of app.record, under an idempotency key or as `named`."""
    names = named or {"idempotencyKey": KEY}

    async def ready(connection: Connection) -> Work:
        body = {**await payload(connection), **names}

        async def act(own: Connection) -> object:
            return await record(own, kind, body, actor=ACTOR, business_date=DAY)

        return by_connection(act)

    return Job(f"{kind} by {'key' if named is None else 'source'}", f"fact {kind}", ready)


def _of(question: str, **more: Any) -> Payload:
    """A payload with the answers of a question: its columns are the fields."""

    async def payload(connection: Connection) -> dict[str, Any]:
        row = await connection.fetchrow(question)
        assert row is not None, question
        return {**dict(row), **more}

    return payload


def _claim(number: str, **more: Any) -> Payload:
    async def payload(connection: Connection) -> dict[str, Any]:
        return {"claim": await world.reference_of(connection, number), **more}

    return payload


def _payout(number: str, **more: Any) -> Payload:
    async def payload(connection: Connection) -> dict[str, Any]:
        return {"payout": await connection.fetchval(_PAYOUT, number), **more}

    return payload


_PAYOUT = """
select human_reference('AFR', y.payout_id, extract(year from y.business_date)::int)
from payout y join running_account using (account_id) join provider p using (provider_id) where p.number = $1
"""
_BECAUSE = {"reason": "matrix"}
_REVERSED = _of(
    """
    select s.source_id as declaration, c.reference as claim from posting p
      join source_key s on s.account_id = p.account_id and s.kind = 1 and s.fact_id = p.event_id
      join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
    where p.kind = 2 and c.number = 'C0'
    """,
    effectiveDate=DAY.isoformat(),
    **_BECAUSE,
)
_HOLD = {"kind": "dispute", "reason": "bezwaar", "owner": "team", "cents": 500}


async def _payment(connection: Connection) -> dict[str, Any]:
    return {"reference": await world.reference_of(connection, "C1"), "cents": 1_200}


FACT_JOBS = (
    fact("payment", _payment),
    fact("payment", _payment, {"source": "bank", "sourceId": "CAMT-1"}),
    fact("step", _of("select array[reference] as claims from claim where number = 'C1'", termDays=14)),
    fact("hold", _claim("C1", **_HOLD)),
    fact("end-hold", _of("select hold_id as hold from hold where not for_payout", **_BECAUSE)),
    fact("adjustment", _claim("C0", deltaCents=-4_000, **_BECAUSE)),
    fact("withdraw-claim", _claim("C3", **_BECAUSE)),
    fact("withdraw-declaration", _of("select 'D0' as declaration", **_BECAUSE)),
    fact("write-off", _claim("C1", cents=2_500, **_BECAUSE)),
    fact("charge", _claim("C1", kind="costs", cents=4_000, **_BECAUSE)),
    fact("reverse-offset", _REVERSED),
    fact("offset-instruction", _claim("C1", mode="percentage", percent="25", **_BECAUSE)),
    fact("request-offset", _claim("C1")),
    fact("allocation", _of("select payment_id as payment, c.reference as claim from payment, claim c "
                           "where c.number = 'C1'", **_BECAUSE)),
    fact("confirm-payout", _payout("W0000")),
    fact("agreement", agreement),
    fact("end-agreement", end_agreement),
    fact("redirect-payout", _payout("W0002", iban=world.iban(2002), **_BECAUSE)),
)  # fmt: skip
