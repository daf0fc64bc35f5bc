"""Where actors find out what their symbols mean today, and get their job made.

They look things up by names of the outside world (source ids, dates, provider numbers), never by ids of ours: those
differ from run to run once a fault has cost a number of a sequence.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from asyncpg import Record

from app.core.db import Connection
from app.core.errors import Refusal
from app.declarations import import_file
from app.record import record
from jobs.simulation.actors.model import Job, chosen
from jobs.simulation.outside import Account, Outside
from jobs.simulation.world import Provider, World

_CLAIMS = """
select c.claim_id, c.reference, c.kind, coalesce(k.source_id, 'W:' || o.source_id) as name, c.due_date, c.letter_date,
  p.open_principal_cents + p.open_costs_cents + p.open_interest_cents as open_cents, p.held_cents,
  cardinality(p.reminder_term_ends) as reminders, r.code as reason
from claim c join claim_position p using (account_id, claim_id) join reason_code r on r.reason_id = p.reason_id
  left join source_key k on k.account_id = c.account_id and k.fact_id = c.claim_id and k.kind in (2, 3, 4)
  left join source_key o on o.account_id = c.account_id and o.fact_id = c.origin_declaration_id and o.kind = 1
where c.account_id = $1 order by c.registered_on, coalesce(k.source_id, 'W:' || o.source_id) collate "C"
"""


class Desk:
    """What an actor sees: the world, the day, the outside's own books, and the books by name (read only)."""

    def __init__(self, world: World, outside: Outside, eyes: Connection) -> None:
        self.world, self.outside, self.eyes = world, outside, eyes
        self.day = date.min
        self.key = ""
        self.seen: Counter[str] = Counter()
        self.ibans: dict[str, list[dict[str, Any]]] = {}

    def saw(self, *situations: str) -> None:
        """Count situations that were reached."""
        self.seen.update(situations)

    def whose(self, args: Mapping[str, Any]) -> tuple[Account, Provider, int]:
        """The running account that the arguments mean: (risk carrier code, number), provider, account id."""
        provider = self.world.providers[args["provider"] % len(self.world.providers)]
        code = provider.carriers[args["carrier"] % len(provider.carriers)]
        return (code, provider.number), provider, self.world.accounts[code, provider.number]

    async def claims(self, account_id: int) -> list[Record]:
        """Every claim of a running account, oldest first."""
        rows = await self.eyes.fetch(_CLAIMS, account_id)
        # a final settlement leads to the interim claim that it replaced: that one has its own name, which counts
        return [row for row in rows if row["name"] in self.outside.claims]

    async def open_claim(self, account_id: int, nth: int) -> Record | None:
        """The nth claim with something open (modulo how many there are)."""
        found: Record | None = chosen([each for each in await self.claims(account_id) if each["open_cents"] > 0], nth)
        return found

    def business_date(self, args: Mapping[str, Any]) -> date:
        """Today, or yesterday for who comes late: its night is over then."""
        if args.get("late"):
            self.saw("fact_of_a_closed_day")
            return self.day - timedelta(days=1)
        return self.day

    def recorded(
        self,
        kind: str,
        payload: Mapping[str, Any],
        args: Mapping[str, Any],
        note: Callable[[dict[str, Any]], None] = lambda answer: None,
        *,
        situations: Sequence[str] = (),
        by_source: bool = False,
    ) -> Job:
        """A fact by command, named by the key of its input: repeated, it counts once."""
        key = f"sim {self.key}"
        named = {"source": "simulator", "sourceId": key} if by_source else {"idempotencyKey": key}
        whole, on = {**payload, **named}, self.business_date(args)

        async def do(connection: Connection) -> Any:
            return await record(connection, kind, whole, actor="simulator", business_date=on)

        return Job(kind, do, note, tuple(situations))

    def loaded(
        self,
        kind: str,
        code: str,
        records: Sequence[Mapping[str, Any]],
        args: Mapping[str, Any],
        note: Callable[[Any], None],
        *,
        situations: Sequence[str] = (),
    ) -> Job:
        """A file; Refusal with the first reason when it is not loaded."""
        on = self.business_date(args)
        content = file_of(kind, code, records, on, f"{self.key} {kind}")

        async def do(connection: Connection) -> Any:
            return await load(connection, content, on)

        return Job(f"{kind} file", do, note, tuple(situations), content)


async def load(connection: Connection, content: bytes, on: date) -> dict[str, Any]:
    """Load a file; Refusal with its first reason when it is not taken."""
    report = await import_file(connection, content, business_date=on, actor="simulator", file_name="simulated")
    if not report.loaded:
        first = report.rejections[0]
        raise Refusal(f"file_{first.code}", first.message)
    return {"read": report.read, "added": report.added, "known": report.known, "changed": report.changed}


def file_of(kind: str, code: str, records: Sequence[Mapping[str, Any]], on: date, source_name: str) -> bytes:
    """A file as JSON Lines: header with count and control total, then the records."""
    header = {
        "kind": kind,
        "source": "simulator",
        "riskCarrier": code,
        "cutOffDate": on,
        "rows": len(records),
        "controlTotalCents": sum(_cents(each) for each in records),
    }
    return b"".join(msgspec.json.encode(each) + b"\n" for each in (header, *records))


def _cents(record: Mapping[str, Any]) -> int:
    if "lines" in record and "amountCents" not in record:
        return sum(line["cents"] for line in record["lines"])
    return int(record.get("awardedCents", record.get("amountCents", 0)))
