"""Plays the demo insurer: day by day its files come in, its nights run, its letters and commands are recorded.

A day whose next night is there is past and left alone, so that a second run continues where the first one is. Within
a day every step may be repeated: a file that is known adds nothing, a released night stays, a command has its key.
Last comes what waits: declarations for a night that nobody asked for yet, and a policy of a later date.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

from app.console import Progress
from app.core import clock
from app.core.audit import audit
from app.core.db import Connection, connect, transaction
from app.core.errors import Bug, Refusal
from app.core.settings import ROOT
from app.declarations import import_file
from app.dunning import accept_proposals
from app.policies import apply_policy
from app.record import record
from jobs.demo.data import build_world
from jobs.demo.files import path_of, write_files
from jobs.demo.model import FULL, NEXT_DAY, NIGHTS, OPENING_DAY, Carrier, DemoFile, Order, Size, World
from jobs.demo.tell import tell
from jobs.night.run import LEASE_SECONDS, NightReport, run_due_nights

ACTOR = "demo"
_POLICIES = ROOT / "app" / "policies" / "examples"


async def run_demo(
    database_url: str, *, data: Path, workers: int, out: Callable[[str], None], size: Size = FULL
) -> None:
    """Play the demo insurer on a migrated database and say what happened; a second run only says it.

    Files go to `data`/demo, payment files to `data`/payments; a bar shows on stderr. `out` gets the lines of the
    result. Refusal when the database has risk carriers of somebody else, or a night waits or was stopped.
    """
    world = build_world(size)
    write_files(data / "demo", world.files + world.waiting)
    connection = await connect(database_url)
    bar = _Bar(world)
    try:
        ids = await _register(connection, world)
        player = _Player(connection, database_url, data, workers, world, ids, bar)
        for day in (OPENING_DAY, *NIGHTS):
            for carrier in world.carriers:
                await player.play(carrier.code, day)
        for carrier in world.carriers:
            await player.prepare(carrier.code)
            await _apply_later_policy(connection, ids[carrier.code], carrier)
        bar.close()
        await tell(connection, [ids[each.code] for each in world.carriers], out)
    finally:
        bar.close()
        await connection.close()


class _Bar:
    """One bar for all of it: records imported, and the same number again settled by the nights."""

    def __init__(self, world: World) -> None:
        self._sizes: dict[tuple[str, date], int] = defaultdict(int)
        for file in world.files:
            self._sizes[file.carrier, file.day] += len(file.records)
        self._total = 2 * sum(self._sizes.values())
        self._done = 0
        self._bar = Progress("demo")

    def imported(self, file: DemoFile) -> None:
        """A file is in."""
        self._done += len(file.records)
        self._bar(f"{file.carrier} {file.day:%d-%m} inlezen", self._done, self._total)

    def settled(self, carrier: str, day: date) -> None:
        """The night of a day is released."""
        self._done += self._sizes[carrier, day]
        self._bar(f"{carrier} {day:%d-%m} nacht  ", self._done, self._total)

    def past(self, carrier: str, day: date) -> None:
        """All of a day was done before."""
        self._done += 2 * self._sizes[carrier, day]

    def close(self) -> None:
        """Leave the line of the bar."""
        self._bar.close()


async def _register(connection: Connection, world: World) -> dict[str, int]:
    """The risk carriers with their policies; ids by code. Refusal when others are there: never among real money."""
    strangers = await connection.fetchval(
        """select string_agg(code, ', ' order by code) from risk_carrier
           where (code, name) not in (select * from unnest($1::text[], $2::text[]))""",
        [each.code for each in world.carriers],
        [each.name for each in world.carriers],
    )
    if strangers:
        raise Refusal(
            "not_the_demo",
            f"This database holds risk carriers of its own ({strangers}); give the demo an empty database.",
        )
    ids = {}
    for number, carrier in enumerate(world.carriers, 1):
        await _add_carrier(connection, number, carrier)
        text = (_POLICIES / carrier.policy).read_text(encoding="utf-8")
        await apply_policy(connection, number, text, actor=ACTOR, applied_at=clock.now())
        ids[carrier.code] = number
    return ids


async def _apply_later_policy(connection: Connection, number: int, carrier: Carrier) -> None:
    """The version that holds after the demo's days, so that there are two to compare; nothing of it holds before."""
    if not carrier.later_policy:
        return
    text = (_POLICIES / carrier.policy).read_text(encoding="utf-8")
    for old, new in carrier.later_policy:
        if old not in text:
            raise Bug(f"{carrier.policy} does not say {old!r} any more")
        text = text.replace(old, new)
    await apply_policy(connection, number, text, actor=ACTOR, applied_at=clock.now())


async def _add_carrier(connection: Connection, number: int, carrier: Carrier) -> None:
    async with transaction(connection, role="worker", actor=ACTOR):
        added = await connection.fetchval(
            """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic)
               values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning true""",
            number,
            carrier.code,
            carrier.name,
            carrier.kvk,
            carrier.iban,
            carrier.bic,
        )
        if added:
            await audit(
                connection,
                risk_carrier_id=number,
                account_id=None,
                occurred_at=clock.now(),
                actor=ACTOR,
                action="risk carrier registered",
                subject=f"risk_carrier:{number}",
                body={"code": carrier.code},
            )


class _Player:
    """Plays one day of one risk carrier at a time."""

    def __init__(
        self,
        connection: Connection,
        url: str,
        data: Path,
        workers: int,
        world: World,
        ids: dict[str, int],
        bar: _Bar,
    ) -> None:
        self._connection = connection
        self._url = url
        self._data = data
        self._workers = workers
        self._world = world
        self._ids = ids
        self._bar = bar

    async def play(self, carrier: str, day: date) -> None:
        """What comes in on that day, its night, and what is recorded after it; nothing when a later night is there."""
        if await self._connection.fetchval(
            "select exists (select 1 from run where risk_carrier_id = $1 and business_date > $2)",
            self._ids[carrier],
            day,
        ):
            self._bar.past(carrier, day)
            return
        for file in self._world.files:
            if (file.carrier, file.day) == (carrier, day):
                await self._import(file)
                self._bar.imported(file)
        if day != OPENING_DAY:
            await self._night(carrier, day)
        self._bar.settled(carrier, day)
        if day == OPENING_DAY:
            return
        await accept_proposals(self._connection, self._ids[carrier], proposed_on=day, actor=ACTOR)
        for order in self._world.orders:
            if (order.carrier, order.day) == (carrier, day):
                await self._record(order)

    async def prepare(self, carrier: str) -> None:
        """What waits for the next night; nothing when somebody asked for that night already."""
        if await self._connection.fetchval(
            "select exists (select 1 from run where risk_carrier_id = $1 and business_date >= $2)",
            self._ids[carrier],
            NEXT_DAY,
        ):
            return
        for file in self._world.waiting:
            if file.carrier == carrier:
                await self._import(file)

    async def _import(self, file: DemoFile) -> None:
        report = await import_file(
            self._connection,
            path_of(self._data / "demo", file),
            business_date=file.day,
            actor=ACTOR,
            kind=file.kind,
            risk_carrier_code=file.carrier,
        )
        if not report.loaded:
            what = "; ".join(each.message for each in report.rejections[:3])
            raise Bug(f"the demo's own file was refused, {report.rejection_count} times: {what}")

    async def _night(self, carrier: str, day: date) -> None:
        for done in await self._run_nights(carrier, day):
            if done.state != "released":
                raise Refusal(
                    "night_not_released",
                    f"The night of {done.business_date} of {carrier} is {done.state}: {done.state_reason}. "
                    "`vereffen incidents` lists what is to be resolved; then start the demo again.",
                )

        failed = await self._connection.fetchval(
            """select min(k.detail) from run_parked k join run r using (run_id)
               where r.risk_carrier_id = $1 and r.business_date = $2 and k.reason = 'failed'""",
            self._ids[carrier],
            day,
        )
        if failed is not None:  # nothing in the demo's data may fail, so the program did
            raise Bug(f"the night of {day} of {carrier} parked running accounts: {failed}")

    async def _run_nights(self, carrier: str, day: date) -> list[NightReport]:
        """The nights that are due; a start that was killed may hold its lease for some seconds more: wait for it."""
        payments = self._data / "payments"
        for wait_seconds in (*(1,) * (LEASE_SECONDS + 1), 0):
            try:
                return await run_due_nights(
                    self._url, self._ids[carrier], day, workers=self._workers, payments_folder=payments
                )
            except Refusal as refusal:
                if refusal.code != "night_running" or wait_seconds == 0:
                    raise
            await asyncio.sleep(wait_seconds)
        raise Bug("the last try returns or raises")

    async def _record(self, order: Order) -> None:
        body = {**order.body, "idempotencyKey": order.key}
        if order.provider is not None:
            body["account"] = await self._connection.fetchval(
                """select ra.account_id from running_account ra join provider p using (provider_id)
                   where ra.risk_carrier_id = $1 and p.number = $2""",
                self._ids[order.carrier],
                order.provider,
            )
        await record(self._connection, order.kind, body, actor=ACTOR, business_date=order.day)
