"""Every door through which this program writes, walked for one risk carrier; who walks with may look after each.

The doors are the functions that commands call. What the factories or a plain statement put in place is no door.
"""

import argparse
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from app.commands import nights, servers
from app.commands.context import Context
from app.core import ids
from app.core.db import Connection
from app.core.settings import Settings
from app.dunning import accept_proposals
from app.nights import schedule_due, set_schedule
from app.record import record
from jobs.night.preview import preview_night
from jobs.night.run import NightReport, run_night
from tests import factories
from tests.factories import Provider, iban

FIRST, SECOND, THIRD, FOURTH = (date(2026, 3, 2) + timedelta(days=n) for n in range(4))
LONG_DUE = date(2025, 12, 1)  # letter of claims whose reminder is due on FIRST

PLANTED = "the tests themselves, which plant a fault"  # no door: a write without an audit row

Look = Callable[[str], Awaitable[None]]


class Walk:
    """One risk carrier and what became of it. `codes` keep the carriers of one database apart."""

    def __init__(self, db: Connection, url: str, code: str, look: Look, payments: Path) -> None:
        self.db, self.url, self.code, self.look, self.payments = db, url, code, look, payments
        self.carrier = 0
        self.busy: Provider  # has declarations, so that money flows
        self.quiet: Provider  # has claims only
        self.claims: dict[str, int] = {}

    def context(self, **args: Any) -> Context:
        return Context(argparse.Namespace(**args), Settings(), self.url, self.db)

    async def reference(self, claim_id: int) -> str:
        return str(await self.db.fetchval("select reference from claim where claim_id = $1", claim_id))

    async def record(self, kind: str, on: date, /, **payload: Any) -> dict[str, Any]:
        """Record one fact; claims are given by the name they have here."""
        if "claim" in payload:
            payload["claim"] = await self.reference(self.claims[payload["claim"]])
        payload["idempotencyKey"] = f"{self.code} {kind} {payload}"
        answer = await record(self.db, kind, payload, actor="anna", business_date=on)
        await self.look(f"record {kind}")
        return answer

    async def load(self, kind: str, *records: dict[str, Any], on: date, door: str | None = None) -> None:
        await factories.loaded(self.db, self.carrier, kind, records, business_date=on)
        await self.look(door or f"import {kind}")

    def own(self, source_id: str) -> str:
        """A declaration is asked for by its source id alone, so each risk carrier here has its own."""
        return f"{self.code}-{source_id}"

    async def fact(self, source_id: str, kind: int) -> int:
        return await factories.fact_id(self.db, self.carrier, source_id, kind)

    async def night(self, on: date) -> NightReport:
        report = await run_night(self.url, self.carrier, on, workers=1, payments_folder=self.payments)
        await self.look(f"night {on}")
        return report


async def walk_the_doors(
    db: Connection, url: str, code: str, look: Look, payments: Path, shared: dict[str, Any] | None = None
) -> Walk:
    """Open a risk carrier and walk every door. `shared`: the record of a provider that other carriers have too."""
    walk = Walk(db, url, code, look, payments)
    await _open(walk, shared)
    await _take_in(walk)
    await _record_before_a_night(walk)
    assert (await walk.night(FIRST)).state == "released"
    await _record_after_a_night(walk)
    assert (await walk.night(SECOND)).state == "released"
    await _give_an_agreed_offset_back(walk)
    await _run_a_night_with_trouble(walk)
    await _let_nights_start(walk)
    await _leave_a_refused_upload(walk)
    return walk


def provider_record(number: str, nth: int) -> dict[str, Any]:
    """A provider with a practice, an AGB code and an IBAN of the practice and one of its own."""
    since = factories.LONG_AGO.isoformat()
    return {
        "number": number,
        "name": f"Praktijk {number}",
        "kvk": f"{40000000 + nth}",
        "legalForm": "bv",
        "naturalPerson": False,
        "practices": [{"code": "A", "name": f"Vestiging {number}", "from": since}],
        "agbCodes": [{"agb": f"{41000000 + nth}", "practice": "A", "from": since}],
        "ibans": [
            {"iban": iban(nth), "holder": f"Praktijk {number}", "from": since},
            {"iban": iban(nth + 500), "holder": f"Vestiging {number}", "practice": "A", "from": since},
        ],
    }


async def _open(walk: Walk, shared: dict[str, Any] | None) -> None:
    nth = 100 * (ord(walk.code[0]) - ord("A") + 1)
    opened = walk.context(
        code=walk.code, name=f"Verzekeraar {walk.code}", kvk=f"{30000000 + nth}", iban=iban(9000 + nth), bic=None,
        uzovi=[f"{7000 + nth}"],
    )  # fmt: skip
    await servers.carrier(opened)
    await walk.look("carrier")
    walk.carrier = await walk.db.fetchval("select risk_carrier_id from risk_carrier where code = $1", walk.code)
    await factories.make_policy_vgz(walk.db, walk.carrier)
    await walk.look("policy apply")
    names = [f"{walk.code}-busy", f"{walk.code}-quiet"]
    records = [provider_record(name, nth + n) for n, name in enumerate(names, 1)]
    await walk.load("providers", *records, *([shared] if shared else []), on=factories.LONG_AGO)
    records[1]["name"] = "Praktijk met een andere naam"
    await walk.load("providers", records[1], on=FIRST, door="import changed providers")
    walk.busy, walk.quiet = [await factories.provider(walk.db, name) for name in names]
    if shared:
        agb = shared["agbCodes"][0]["agb"]
        claim = _claim(f"{walk.code}-shared", agb, 5_000)
        await factories.loaded(walk.db, walk.carrier, "claims", [claim], business_date=FIRST)


def _claim(name: str, agb: str, cents: int, *, letter: date = FIRST, **more: Any) -> dict[str, Any]:
    return {
        "type": "claim", "id": name, "agb": agb, "reasonCode": "CM98", "ground": "Controle", "amountCents": cents,
        "letterDate": letter.isoformat(), "dueDate": (letter + timedelta(days=30)).isoformat(),
    } | more  # fmt: skip


async def _take_in(walk: Walk) -> None:
    agb, quiet, at = walk.busy.agbs[0], walk.quiet.agbs[0], f"{FIRST}T09:00:00Z"
    names = ("step", "adjust", "withdraw", "written", "charged", "held", "request")
    named = {name: _claim(name, quiet, 50_000 + n, letter=LONG_DUE) for n, name in enumerate(names)}
    interim = _claim("interim", quiet, 80_000) | {"type": "ceiling-interim"}
    final = _claim("final", quiet, 60_000) | {"type": "ceiling-final", "settles": "interim"}
    await walk.load("claims", *named.values(), interim, on=FIRST)
    later = (FIRST + timedelta(days=20)).isoformat()
    changed = named["held"] | {"dueDate": later}
    await walk.load("claims", final, changed, on=FIRST, door="import changed claims")
    await walk.load(
        "declarations",
        {"type": "declaration", "id": walk.own("A"), "agb": agb, "awardedCents": 100_000, "approvedAt": at},
        {"type": "declaration", "id": walk.own("B"), "agb": agb, "awardedCents": 70_000, "approvedAt": at},
        {"type": "declaration", "id": walk.own("C"), "agb": agb, "awardedCents": 60_000, "approvedAt": at},
        {"type": "credit-note", "id": "AN", "declaration": walk.own("A"), "amountCents": -30_000},
        {"type": "correction", "id": "BN", "declaration": walk.own("B"), "lines": [{"cents": -5_000}], "reason": "Wlz"},
        {"type": "advance", "id": "V", "agb": quiet, "amountCents": 9_000, "paid": "request"},
        {"type": "advance", "id": "W", "agb": agb, "amountCents": 1_000, "paid": "elsewhere"},
        on=FIRST,
    )
    await walk.load("opening-claims", _opening(walk.quiet.agbs[0]), on=FIRST)
    walk.claims = {name: await walk.fact(name, 3) for name in named}
    walk.claims["credit"] = await walk.fact("AN", 2)


def _opening(agb: str) -> dict[str, Any]:
    """A credit note of long ago with its history, which the first night makes a claim with a letter."""
    return {
        "id": "opening", "agb": agb, "kind": "credit-note", "reasonCode": "CREDIT", "ground": "Creditnota",
        "amountCents": 12_000, "openPrincipalCents": 10_000, "registeredOn": "2025-10-01", "dueDate": "2025-10-01",
        "payments": [{"receivedOn": "2025-11-03", "cents": 2_000}],
    }  # fmt: skip


async def _record_before_a_night(walk: Walk) -> None:
    reference = await walk.reference(walk.claims["step"])
    await walk.record("payment", FIRST, cents=1_000, reference=reference)
    await walk.record("payment", FIRST, cents=500, account=walk.quiet.account_id)
    paid = await walk.record("payment", FIRST, cents=700, account=walk.quiet.account_id)
    await walk.record("allocation", FIRST, payment=paid["id"], claim="charged", reason="bedoeld hiervoor")
    await walk.record("step", FIRST, claims=[reference], sentOn=FIRST.isoformat(), termDays=14)
    held = await walk.record("hold", FIRST, kind="dispute", reason="bezwaar", owner="anna", claim="held", cents=7_000)
    await walk.record("end-hold", FIRST, hold=held["id"], reason="afgehandeld")
    later = {"fromDate": SECOND.isoformat(), "untilDate": SECOND.isoformat()}
    await walk.record("hold", FIRST, kind="reservation", reason="komt", owner="anna", claim="held", **later)
    await walk.record("adjustment", FIRST, claim="adjust", deltaCents=-10_000, reason="te hoog")
    await walk.record("charge", FIRST, claim="charged", kind="costs", cents=4_000, reason="aanmaning")
    await walk.record("write-off", FIRST, claim="written", cents=2_000, reason="oninbaar")
    await walk.record("withdraw-claim", FIRST, claim="withdraw", reason="onterecht")
    await walk.record("offset-instruction", FIRST, claim="adjust", mode="none", reason="afspraak")
    await walk.record("request-offset", FIRST, claim="request")
    await preview_night(walk.db, walk.carrier, FIRST)
    await walk.look("preview")


async def _record_after_a_night(walk: Walk) -> None:
    done = await accept_proposals(walk.db, walk.carrier, proposed_on=FIRST, actor="anna")
    assert [each for each in done if each.dropped is None]
    await walk.look("accept proposals")
    payout = await walk.db.fetchrow(
        "select payout_id, business_date from payout where account_id = $1 and net_cents > 0", walk.busy.account_id
    )
    assert payout is not None
    number = ids.payout_number(payout["payout_id"], payout["business_date"].year)
    await walk.record("confirm-payout", SECOND, payout=number)
    credit = walk.claims["credit"]
    given = await walk.db.fetchval(
        """select s.source_id from posting p join source_key s on s.kind = 1 and s.fact_id = p.event_id
           where p.claim_id = $1 and p.kind = 2 order by p.event_id limit 1""",
        credit,
    )
    await walk.record(
        "reverse-offset", SECOND, declaration=given, claim="credit", cents=5_000, reason="bezwaar",
        effectiveDate=SECOND.isoformat(),
    )  # fmt: skip
    await walk.record("withdraw-declaration", SECOND, declaration=walk.own("B"), reason="foutief geladen")
    agb, at = walk.busy.agbs[0], f"{SECOND}T09:00:00Z"
    paying = {"type": "declaration", "id": walk.own("G"), "agb": agb, "awardedCents": 300_000, "approvedAt": at}
    await walk.load("declarations", paying, on=SECOND)
    await walk.record(
        "agreement", SECOND, payerAccount=walk.busy.account_id, debtorAccount=walk.quiet.account_id,
        number=f"{walk.code}-OVK-1", evidence="archief 12-3", reasonCode="OVERNAME", reason="moeder en dochter",
    )  # fmt: skip


async def _give_an_agreed_offset_back(walk: Walk) -> None:
    """What the agreement took over in the second night: the third one gives it back to the debtor."""
    taken = await walk.db.fetchrow(
        """select p.claim_id, s.source_id, g.agreement_id
           from takeover t join offset_agreement g using (agreement_id)
             join posting p on p.account_id = t.payer_account_id and p.claim_id = t.takeover_id and p.kind = 2
             join source_key s on s.kind = 1 and s.fact_id = p.event_id
           where t.payer_account_id = $1 limit 1""",
        walk.busy.account_id,
    )
    assert taken is not None
    walk.claims["taken"] = taken["claim_id"]
    await walk.record(
        "reverse-offset", THIRD, declaration=taken["source_id"], claim="taken", cents=1_000, reason="bezwaar",
        effectiveDate=THIRD.isoformat(),
    )  # fmt: skip
    await walk.record("end-agreement", THIRD, agreement=taken["agreement_id"], reason="opgezegd")


async def _redirect_a_held_payout(walk: Walk) -> None:
    """To the other IBAN of the provider: the entity's own instead of the practice's, or the reverse."""
    held = await walk.db.fetchrow(
        """select payout_id, business_date, (select min(iban) from payee_iban i
             where i.provider_id = $2 and i.iban_id <> y.iban_id) as iban
           from payout y where account_id = $1 and held <> 0 and net_cents > 0""",
        *(walk.busy.account_id, walk.busy.provider_id),
    )
    assert held is not None
    number = ids.payout_number(held["payout_id"], held["business_date"].year)
    await walk.record("redirect-payout", THIRD, payout=number, iban=held["iban"], reason="op verzoek")


async def _let_nights_start(walk: Walk) -> None:
    """By schedule; the worker that would run them is no door of its own."""
    at = datetime.combine(FOURTH, time(20), UTC)
    await set_schedule(
        walk.db, walk.carrier, start_time=time(22), days=[1, 2, 3, 4, 5, 6, 7], next_day=False, active=True,
        actor="anna", moment=at,
    )  # fmt: skip
    await walk.look("schedule")
    assert len(await schedule_due(walk.db, moment=at + timedelta(hours=3))) == 1
    await walk.look("schedule is due")


async def _leave_a_refused_upload(walk: Walk) -> None:
    """As an upload and its job leave it; both are tried with their own audit rows in tests/api/batches."""
    at = datetime.combine(FOURTH, time(20), UTC)
    await walk.db.execute(
        """
        with b as (
          insert into batch (batch_id, risk_carrier_id, idempotency_key, file_name, content_type, size_bytes, sha256,
            parts, business_date, received_at, received_by, keep_days, job_id, outcome, ended_at, content_until, read)
          values (nextval('batch_id'), $1::smallint, 'upload', 'claims.jsonl', 'application/x-ndjson', 1, sha256('x'),
            1, $2::date, $3, 'token:' || $4::text, 7, 0, 'refused', $3, $3, 1) returning batch_id, risk_carrier_id),
        p as (
          insert into batch_part (batch_id, part_no, risk_carrier_id, written_at, content)
          select batch_id, 1, risk_carrier_id, $3, 'x' from b)
        insert into batch_rejection (batch_id, rejection_no, risk_carrier_id, line, code, field, message)
        select batch_id, 1, risk_carrier_id, 1, 'bad_json', 'line', 'is not JSON.' from b
        """,
        walk.carrier,
        FOURTH,
        at,
        walk.code,
    )


async def _run_a_night_with_trouble(walk: Walk) -> None:
    """A running account whose rows cannot be booked is parked; one whose books are wrong fails its proof."""
    at = f"{THIRD}T09:00:00Z"
    declarations = [
        {"type": "declaration", "id": f"T{n}", "agb": agb, "awardedCents": 200_000, "approvedAt": at}
        for n, agb in enumerate((walk.busy.agbs[0], walk.quiet.agbs[0]))
    ]
    await walk.load("declarations", *declarations, on=THIRD)
    await walk.db.execute(
        f"""create function refuse_{walk.carrier}() returns trigger language plpgsql as
            $$ begin raise exception 'planted'; end $$;
            create trigger refuse_{walk.carrier} before insert on payout for each row
              when (new.account_id = {int(walk.quiet.account_id)}) execute function refuse_{walk.carrier}()"""
    )
    await walk.db.execute(
        "update payable set cents = cents + 1 where account_id = $1 and kind = 1", walk.busy.account_id
    )
    await walk.look(PLANTED)
    report = await walk.night(THIRD)
    assert (report.parked, report.findings > 0) == (1, True)
    await walk.db.execute(f"drop trigger refuse_{walk.carrier} on payout")
    await _redirect_a_held_payout(walk)
    incident = await walk.db.fetchval(
        "select min(incident_id) from incident where risk_carrier_id = $1 and resolved_at is null", walk.carrier
    )
    await nights.incidents(walk.context(resolve=incident, because="hersteld"))
    await walk.look("incident resolve")
