"""Plays a dated story (tests/cases/offsets.yaml and stories.yaml beside this file) through the product's own doors.

Files go in by the import, facts by `record`, nights by `run_due_nights` with proof and release; then what the story
expects is compared with what the books say. An expectation is exhaustive for what it names.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from app.core import db
from app.core.db import Connection
from app.core.ids import payout_number
from app.dunning import accept_proposals
from app.payouts import documents_for_run
from app.record import record
from jobs.night.run import run_due_nights
from tests import factories

CARRIER_CODES = ("VZ", "ZK")
# The stories say what a claim is about; the policies call it by the insurer's code.
REASONS = {"materiële controle": "MC", "formele controle": "FC", "voorschot": "VOORSCHOT"}


class _Loader(yaml.SafeLoader):
    """YAML in which `on` is a word: version 1.1 reads it as true."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_stories(path: Path) -> list[dict[str, Any]]:
    """The stories of a file, dates as dates."""
    stories: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    return stories


class Player:
    """One story in one fresh database."""

    def __init__(self, story: Mapping[str, Any], db_url: str, connection: Connection) -> None:
        self.story = story
        self.url = db_url
        self.connection = connection
        self.carriers: dict[str, int] = {}
        self.agbs: dict[str, str] = {}
        self.policy = story["policy"]
        self.references: dict[
            str, list[str]
        ] = {}  # story id of a claim or reminder -> payment references, oldest first
        self.holds: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        self.first = min(date.fromisoformat(str(_date_of(step))) for step in story["story"])

    async def play(self) -> None:
        """Set the world up and do what the story tells, in its order."""
        await self._world()
        for step in self.story["story"]:
            if "night" in step:
                await self._night(step["night"], step.get("carrier"))
            elif "nights" in step:
                await self._every_night(*step["nights"])
            else:
                await self._event(step)

    async def _world(self) -> None:
        codes = CARRIER_CODES if _names_carriers(self.story) else CARRIER_CODES[:1]
        for code in codes:
            carrier = await factories.make_risk_carrier(self.connection, code)
            self.carriers[code] = carrier
            text = self.story.get("policy_text")
            if text is not None:
                await factories.make_policy(self.connection, carrier, text)
            elif self.policy == "vgz":
                await factories.make_policy_vgz(self.connection, carrier)
            else:
                await factories.make_policy_zilveren_kruis(self.connection, carrier)
        names = self.story.get("agbs", ["own"])
        self.agbs = {name: f"{41000100 + n}" for n, name in enumerate(names)}
        await factories.make_provider(
            self.connection, list(self.carriers.values()), agbs=list(self.agbs.values()), number="P"
        )
        await self._earlier()

    async def _earlier(self) -> None:
        """`earlier`: a declaration that was settled before the story, as large as its credits ask."""
        credits = [
            -int(step["credit_note"]["amount"])
            for step in self.story["story"]
            if isinstance(step.get("credit_note"), dict) and step["credit_note"]["of"] == "earlier"
        ]
        if credits:
            day = self.first - timedelta(days=3)
            await self._declaration({"id": "earlier", "awarded": max(30000, sum(credits))}, day, "VZ")
            await self._night(day, None)

    async def _night(self, day: date, code: str | None) -> None:
        for carrier_code, carrier in self.carriers.items():
            if code in (None, carrier_code):
                reports = await run_due_nights(self.url, carrier, day, workers=1, connection=self.connection)
                assert (reports[-1].state, reports[-1].parked) == ("released", 0), reports[-1]

    async def _every_night(self, first: date, last: date) -> None:
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            await self._night(day, None)
            for carrier in self.carriers.values():
                await accept_proposals(self.connection, carrier, proposed_on=day, actor="story")

    async def _event(self, step: Mapping[str, Any]) -> None:
        day = step["on"]
        code = step.get("carrier", "VZ")
        (name,) = set(step) - {"on", "carrier"}
        body = step[name]
        if name == "declarations":
            for each in body:
                await self._declaration(each, day, code)
        elif name in ("declaration", "credit_note", "correction", "advance", "claim", "interim", "final"):
            await getattr(self, f"_{name}")(body, day, code)
        else:
            await getattr(self, f"_record_{name}")(body, day)

    # ---- what files bring

    async def _load(self, kind: str, record_: Mapping[str, Any], day: date, code: str) -> None:
        await factories.loaded(self.connection, self.carriers[code], kind, [record_], business_date=day)

    async def _declaration(self, body: Mapping[str, Any], day: date, code: str) -> None:
        given = {"claimReference": await self._claim_reference(body["claim"])} if "claim" in body else {}
        hour = 8 + int(body.get("hour", 1))
        await self._load(
            "declarations",
            {
                "type": "declaration",
                "id": body["id"],
                "number": body["id"],
                "agb": self._agb(body),
                "awardedCents": body["awarded"],
                "approvedAt": f"{day}T{hour:02d}:00:00+01:00",
                "invoiceNumber": f"F-{body['id']}",
                **given,
            },
            day,
            code,
        )

    async def _credit_note(self, body: Mapping[str, Any], day: date, code: str) -> None:
        credit = {"type": "credit-note", "id": body["id"], "number": body["id"], "declaration": body["of"]}
        await self._load("declarations", {**credit, "amountCents": body["amount"]}, day, code)

    async def _correction(self, body: Mapping[str, Any], day: date, code: str) -> None:
        lines = [{"cents": cents} for cents in body["lines"]]
        correction = {"type": "correction", "id": body["id"], "number": body["id"], "declaration": body["of"]}
        reason = body.get("reason", "correctie")
        await self._load("declarations", {**correction, "lines": lines, "reason": reason}, day, code)

    async def _advance(self, body: Mapping[str, Any], day: date, code: str) -> None:
        await self._load(
            "declarations",
            {
                "type": "advance",
                "id": body["id"],
                "number": body["id"],
                "agb": self._agb(body),
                "amountCents": body["amount"],
                "paid": body.get("paid", "request"),
                **({"reasonCode": "VOORSCHOT"} if self.policy == "zilveren_kruis" else {}),
            },
            day,
            code,
        )

    async def _claim(self, body: Mapping[str, Any], day: date, code: str, kind: str = "claim", **more: Any) -> None:
        lines = {"lines": [{"cents": cents} for cents in body["lines"]]} if "lines" in body else {}
        await self._load(
            "claims",
            {
                "type": kind,
                "id": body["id"],
                "number": body["id"],
                "agb": self._agb(body),
                "reasonCode": REASONS.get(body["reason"], body["reason"]),
                "ground": body["reason"],
                "amountCents": body["amount"],
                "letterDate": body["letter_date"].isoformat(),
                "termDays": body["term_days"],
                **lines,
                **more,
            },
            day,
            code,
        )
        self.references[body["id"]] = [
            row["reference"]
            for row in await self.connection.fetch(
                """
                select r.reference from payment_reference_claim r
                  join source_key k on k.account_id = r.account_id and k.fact_id = r.claim_id
                where k.source_id = $1 and k.kind = 3 order by r.reference
                """,
                body["id"],
            )
        ]

    async def _interim(self, body: Mapping[str, Any], day: date, code: str) -> None:
        await self._claim(body, day, code, kind="ceiling-interim")

    async def _final(self, body: Mapping[str, Any], day: date, code: str) -> None:
        await self._claim(body, day, code, kind="ceiling-final", settles=body["of"])

    def _agb(self, body: Mapping[str, Any]) -> str:
        return self.agbs[body.get("agb", next(iter(self.agbs)))]

    # ---- what is recorded

    async def _record(self, kind: str, payload: Mapping[str, Any], day: date) -> dict[str, Any]:
        return await record(self.connection, kind, payload, actor="story", business_date=day)

    async def _claim_reference(self, story_id: str) -> str:
        found = await self.connection.fetchval(
            """
            select c.reference from source_key k join claim c on c.account_id = k.account_id
              and c.claim_id = k.fact_id
            where k.source_id = $1 and k.kind in (2, 3, 4)
            """,
            story_id,
        )
        if found is None:  # the paid part of a withdrawn declaration has no source id of its own: `W of A`
            found = await self.connection.fetchval(
                "select reference from claim where kind = 7 and origin_declaration_id = $1",
                await self.connection.fetchval(
                    "select fact_id from source_key where source_id = $1 and kind = 1", story_id
                ),
            )
        assert found is not None, f"the story has no claim {story_id}"
        return str(found)

    async def _record_payment(self, body: Mapping[str, Any], day: date) -> None:
        named = body.get("reference_of", "claim letter")
        if named == "claim letter":
            named = body.get("of") or next(iter(self.references))
        await self._record(
            "payment", {"cents": body["amount"], "reference": self.references[named][0], "receivedOn": str(day)}, day
        )

    async def _record_allocation(self, body: Mapping[str, Any], day: date) -> None:
        payment = await self.connection.fetchval("select max(payment_id) from payment")
        claim = await self._claim_reference(body["to"])
        await self._record("allocation", {"payment": payment, "claim": claim, "reason": "bedoeld hiervoor"}, day)

    async def _record_reminder(self, body: Mapping[str, Any], day: date) -> None:
        claim = await self._claim_reference(body["of"])
        payload = {"claims": [claim], "sentOn": str(day), "termEnd": str(body["term_end"])}
        await self._record("step", payload, day)
        row = await self.connection.fetchrow(
            """
            select s.payment_reference, s.asked_cents from claim_step s join claim c using (account_id, claim_id)
            where c.reference = $1 and s.kind = 2 order by s.step_no desc limit 1
            """,
            claim,
        )
        assert row is not None
        self.references[body["id"]] = [row["payment_reference"]]
        self.asked[body["id"]] = row["asked_cents"]

    async def _record_hold(self, body: Mapping[str, Any], day: date) -> None:
        payload: dict[str, Any] = {"kind": body.get("kind", "dispute"), "reason": "in het verhaal", "owner": "verhaal"}
        if "of" in body:
            payload["claim"] = await self._claim_reference(body["of"])
        else:
            payload["account"] = await self.connection.fetchval("select min(account_id) from running_account")
        for ours, theirs in (("amount", "cents"), ("processes", "processes")):
            if ours in body:
                payload[theirs] = body[ours]
        for ours, theirs in (("from", "fromDate"), ("until", "untilDate")):
            if ours in body:
                payload[theirs] = str(body[ours])
        answer = await self._record("hold", payload, day)
        self.holds[body["id"]] = answer["id"]

    async def _record_end_hold(self, body: Mapping[str, Any], day: date) -> None:
        await self._record("end-hold", {"hold": self.holds[body["id"]], "reason": "afgehandeld"}, day)

    async def _record_adjustment(self, body: Mapping[str, Any], day: date) -> None:
        claim = await self._claim_reference(body["of"])
        amount = {"amountCents": body["to"]} if "to" in body else {"deltaCents": body["delta"]}
        await self._record("adjustment", {"claim": claim, "reason": "herzien", **amount}, day)

    async def _record_withdraw_claim(self, body: Mapping[str, Any], day: date) -> None:
        await self._record("withdraw-claim", {"claim": await self._claim_reference(body["of"]), "reason": "fout"}, day)

    async def _record_write_off(self, body: Mapping[str, Any], day: date) -> None:
        payload = {"claim": await self._claim_reference(body["of"]), "reason": "oninbaar"}
        await self._record("write-off", {**payload, **({"cents": body["amount"]} if "amount" in body else {})}, day)

    async def _record_charge(self, body: Mapping[str, Any], day: date) -> None:
        claim = await self._claim_reference(body["of"])
        await self._record(
            "charge", {"claim": claim, "kind": body["kind"], "cents": body["amount"], "reason": "aangezegd"}, day
        )

    async def _record_reverse(self, body: Mapping[str, Any], day: date) -> None:
        payload = {
            "declaration": body["from"],
            "claim": await self._claim_reference(body["of"]),
            "effectiveDate": str(day),
            "reason": "teruggedraaid",
        }
        await self._record(
            "reverse-offset", {**payload, **({"cents": body["amount"]} if "amount" in body else {})}, day
        )

    async def _record_withdraw_declaration(self, body: Mapping[str, Any], day: date) -> None:
        await self._record("withdraw-declaration", {"declaration": body["of"], "reason": "verkeerd geladen"}, day)

    async def _record_instruction(self, body: Mapping[str, Any], day: date) -> None:
        names = {"mode": "mode", "percent": "percent", "fixed": "fixedCents", "cap_percent": "capPercent"}
        names |= {"cap": "capCents", "floor": "floorCents"}
        payload = {theirs: body[ours] for ours, theirs in names.items() if ours in body}
        if "of" in body:
            payload["claim"] = await self._claim_reference(body["of"])
        else:
            payload["account"] = await self.connection.fetchval("select min(account_id) from running_account")
        await self._record("offset-instruction", {**payload, "reason": "afspraak", "validFrom": str(day)}, day)

    async def _record_request_offset(self, body: Mapping[str, Any], day: date) -> None:
        await self._record("request-offset", {"claim": await self._claim_reference(body["of"])}, day)

    # ---- what the books say

    async def payouts(self) -> list[dict[str, Any]]:
        """Every payout since the story began, by night."""
        rows = await self.connection.fetch(
            """
            select y.business_date, c.code, y.payout_id,
              y.declared_cents + y.returned_cents + y.advance_cents as gross, y.offset_cents,
              y.net_cents, y.held,
              (select array_agg(d.number order by d.approved_at, d.declaration_id) from posting p join declaration d
                 on d.account_id = p.account_id and d.declaration_id = p.event_id
               where p.account_id = y.account_id and p.payout_id = y.payout_id and p.kind = 1) as declarations
            from payout y join risk_carrier c using (risk_carrier_id) where y.business_date >= $1
            order by y.business_date, c.code, y.payout_id
            """,
            self.first,
        )
        return [
            {
                "night": row["business_date"],
                "carrier": row["code"],
                "declarations": row["declarations"] or [],
                "gross": row["gross"],
                "offset": row["offset_cents"],
                "net": row["net_cents"],
                "bank_word": "afrekening" if row["offset_cents"] else "declaratie",
                "number": payout_number(row["payout_id"], row["business_date"].year),
            }
            for row in rows
        ]

    async def documents(self) -> list[dict[str, Any]]:
        """Every document of the story's nights, betaalspecificaties first."""
        found = []
        for row in await self.connection.fetch(
            "select run_id from run where business_date >= $1 order by business_date, run_id", self.first
        ):
            found += await documents_for_run(self.connection, row["run_id"])
        return [
            {"kind": d.kind, "for": list(d.for_numbers), "refers_to": sorted(d.refers_to), "lines": d.lines}
            for d in found
        ]

    async def open_cents(self, code: str | None = None) -> int:
        """What the provider still owes, with one risk carrier or all."""
        return int(
            await self.connection.fetchval(
                """
                select coalesce(sum(open_principal_cents + open_costs_cents + open_interest_cents), 0)::bigint
                from claim_position where $1::smallint is null or risk_carrier_id = $1
                """,
                self.carriers[code] if code else None,
            )
        )


def _date_of(step: Mapping[str, Any]) -> Any:
    if "nights" in step:
        return step["nights"][0]
    return step["night"] if "night" in step else step["on"]


def _names_carriers(story: Mapping[str, Any]) -> bool:
    return any("carrier" in step for step in story["story"])


async def played(story: Mapping[str, Any], db_url: str) -> tuple[Player, Connection]:
    """The story, played; the connection is the caller's to close."""
    connection = await db.connect(db_url)
    player = Player(story, db_url, connection)
    await player.play()
    return player, connection
