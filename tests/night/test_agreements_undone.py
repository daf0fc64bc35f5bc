"""What an agreement took over and was not offset goes back to its debtor, held as it was; nobody else pays it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from app.core import db as database
from app.core.db import Connection
from app.core.errors import Refusal
from app.record import record
from jobs.night import run as night
from jobs.night.plan import Limits
from jobs.night.run import run_night
from tests import factories
from tests.night.agreed_pair import MONDAY, TUESDAY, WEDNESDAY, Pair, make_pair, paid, sound, still_open

IMPATIENT = Limits(lock_wait=timedelta(milliseconds=50))
HOLD = {"reason": "bezwaar", "owner": "team"}


@pytest.fixture
async def pair(db: Connection) -> Pair:
    return await make_pair(db)


async def reference(db: Connection, claim: int) -> str:
    return str(await db.fetchval("select reference from claim where claim_id = $1", claim))


async def offset_and_reversed(pair: Pair, db_url: str) -> tuple[int, str]:
    """A claim of 700 that the payer paid on Monday, all of it reversed on Tuesday: it, and the payer's claim."""
    claim = await pair.claim(700)
    declaration = await pair.declare(700, pair.payer)
    await run_night(db_url, 1, MONDAY)
    taken = str(await pair.db.fetchval("select reference from claim where kind = 8"))
    number = await pair.db.fetchval("select number from declaration where declaration_id = $1", declaration)
    back = {"declaration": number, "claim": taken, "effectiveDate": MONDAY.isoformat(), "reason": "bezwaar"}
    await record(pair.db, "reverse-offset", back, actor="test", business_date=TUESDAY)
    return claim, taken


@asynccontextmanager
async def locked(db_url: str, account: int) -> AsyncIterator[Connection]:
    """Somebody else holds a running account; what it wrote is there when it lets go."""
    other = await database.connect(db_url)
    try:
        async with other.transaction():
            await other.execute("select 1 from running_account where account_id = $1 for no key update", account)
            yield other
    finally:
        await other.close()


async def test_a_payer_that_is_left_alone_does_not_pay_what_must_go_back(
    db: Connection, db_url: str, pair: Pair
) -> None:
    agreement = await pair.agree()
    claim, _ = await offset_and_reversed(pair, db_url)
    await record(db, "end-agreement", {"agreement": agreement, "reason": "x"}, actor="test", business_date=TUESDAY)
    await pair.declare(1_000, pair.payer, on=TUESDAY)
    async with locked(db_url, pair.debtor.account_id):
        await run_night(db_url, 1, TUESDAY, limits=IMPATIENT)
    assert await db.fetchval("select count(*) from incident where check_name = 'agreement'") == 1
    assert await paid(db, pair.payer) == 1_700
    await run_night(db_url, 1, WEDNESDAY)
    assert await still_open(db, claim) == 700
    await sound(db)


@pytest.mark.parametrize("of", ["claim", "account"])
async def test_a_debtor_that_is_held_while_a_killed_night_waits_is_not_paid_for(
    db: Connection, db_url: str, pair: Pair, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    claim = await pair.claim(700)
    await pair.agree()
    await pair.declare(1_000, pair.payer)
    apply = night.apply_agreements

    async def killed(*given: Any, **more: Any) -> int:
        await apply(*given, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(night, "apply_agreements", killed)
    with pytest.raises(KeyboardInterrupt):
        await run_night(db_url, 1, MONDAY)
    monkeypatch.setattr(night, "apply_agreements", apply)
    about = {"claim": await reference(db, claim)} if of == "claim" else {"account": pair.debtor.account_id}
    kind = "dispute" if of == "claim" else "insolvency"
    await record(db, "hold", {**HOLD, "kind": kind, **about}, actor="test", business_date=MONDAY)
    await db.execute("update run set lease_until = null")
    await run_night(db_url, 1, MONDAY)
    assert await paid(db, pair.payer) == 1_000
    await run_night(db_url, 1, TUESDAY)
    assert await still_open(db, claim) == 700
    await sound(db)


async def test_an_agreement_that_is_registered_while_the_night_waits_for_the_payer_is_applied(
    db: Connection, db_url: str, pair: Pair
) -> None:
    third = await factories.make_provider(db, 1)
    first, second = await pair.claim(700), await pair.claim(400, provider=third)
    await pair.agree()
    await pair.declare(2_000, pair.payer)
    async with locked(db_url, pair.payer.account_id) as other:
        await other.execute(
            """insert into offset_agreement (account_id, agreement_id, risk_carrier_id, debtor_account_id, reason_id,
                 number, evidence, valid_from, reason)
               select account_id, nextval('event_id'), risk_carrier_id, $1, reason_id, 'OVK-2', evidence, valid_from,
                 reason from offset_agreement""",
            third.account_id,
        )
        running = asyncio.create_task(run_night(db_url, 1, MONDAY))
        await waits(db)
    assert (await running).state == "released"
    assert (await still_open(db, first), await still_open(db, second)) == (0, 0)


async def waits(db: Connection) -> None:
    """Until a session waits for a lock of another one."""
    async with asyncio.timeout(20):
        while not await db.fetchval("select exists (select 1 from pg_locks where not granted)"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("hold", {**HOLD, "kind": "dispute"}),
        ("adjustment", {"deltaCents": -1, "reason": "x"}),
        ("withdraw-claim", {"reason": "x"}),
        ("write-off", {"reason": "x"}),
        ("allocation", {"reason": "x"}),
    ],
)
async def test_what_was_taken_over_is_not_dealt_with_by_itself(
    db: Connection, db_url: str, pair: Pair, kind: str, given: dict[str, Any]
) -> None:
    await pair.agree()
    _, taken = await offset_and_reversed(pair, db_url)
    money = {"account": pair.payer.account_id, "cents": 900}
    payment = await record(db, "payment", money, actor="test", business_date=TUESDAY)
    more = {"payment": payment["id"]} if kind == "allocation" else {}
    with pytest.raises(Refusal) as refused:
        await record(db, kind, {"claim": taken, **given, **more}, actor="test", business_date=TUESDAY)
    assert refused.value.code == "taken_over"


async def test_a_payment_that_names_what_was_taken_over_stays_on_account(
    db: Connection, db_url: str, pair: Pair
) -> None:
    agreement = await pair.agree()
    claim, taken = await offset_and_reversed(pair, db_url)
    answer = await record(db, "payment", {"reference": taken, "cents": 700}, actor="test", business_date=TUESDAY)
    assert answer["onAccountCents"] == 700
    await record(db, "end-agreement", {"agreement": agreement, "reason": "x"}, actor="test", business_date=TUESDAY)
    await run_night(db_url, 1, TUESDAY)
    withdrawn = {"claim": await reference(db, claim), "reason": "fout"}
    await record(db, "withdraw-claim", withdrawn, actor="test", business_date=WEDNESDAY)
    assert await still_open(db, claim) == 0
    await sound(db)


async def test_a_claim_that_may_not_go_to_another_code_of_its_own_does_not_go_to_another_party(
    db: Connection, db_url: str, pair: Pair
) -> None:
    claim = await pair.claim(700)
    await db.execute(
        "update reason_policy set passes = '{3}' where reason_id = (select reason_id from claim where claim_id = $1)",
        claim,
    )
    await pair.agree()
    await pair.declare(1_000, pair.payer)
    await run_night(db_url, 1, MONDAY)
    assert (await still_open(db, claim), await paid(db, pair.payer)) == (700, 1_000)


async def test_an_end_that_lies_ahead_may_be_brought_forward(db: Connection, pair: Pair) -> None:
    agreement = await pair.agree()
    for day in (WEDNESDAY, TUESDAY):
        ended = {"agreement": agreement, "reason": "opgezegd", "endedOn": day.isoformat()}
        await record(db, "end-agreement", ended, actor="test", business_date=MONDAY)
    assert await db.fetchval("select ended_on from offset_agreement") == TUESDAY
