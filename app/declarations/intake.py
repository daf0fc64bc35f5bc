"""The one way in for files: read, stage, check, load; whole or not at all, and twice is once (CR-7).

A file is streamed into a temporary table by COPY, checked there by set-based statements, and written by set-based
statements in the same transaction. Any rejection rolls all of it back; what remains is the answer.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from app.claims import CLAIMS_FEED, OPENING_CLAIMS_FEED
from app.core import clock, db
from app.core.audit import audit
from app.core.db import Connection
from app.core.feed import KEPT_REJECTIONS, Reader
from app.core.feed_format import LOAD_SECONDS, Feed, Finding, Header, LineRefusals, record_type
from app.core.feed_lines import Limits, Source
from app.declarations import declarations_file, queries
from app.declarations.bulk import Bulk, Numbered
from app.declarations.model import ImportReport, declared
from app.parties import PROVIDERS_FEED
from app.policies import policy_in_force

DECLARATIONS_FEED = Feed(
    format=declarations_file.FORMAT,
    table="stage_declaration",
    stage=declarations_file.STAGE,
    columns=declarations_file.COLUMNS,
    row=declarations_file.row,
    resolve=queries.RESOLVE,
    checks=queries.CHECKS,
    messages=queries.MESSAGES,
    load=queries.load,
    follow_ups=frozenset({"unknown_declaration"}),
    bulk=True,
)
FEEDS: Mapping[str, Feed] = {
    feed.format.kind: feed for feed in (PROVIDERS_FEED, CLAIMS_FEED, DECLARATIONS_FEED, OPENING_CLAIMS_FEED)
}

_TRIES = 5  # as often a request may commit a record of the file meanwhile
BULK_FROM = 2_000
"""Files of so many rows take the short way; below that, looking up all AGB codes costs more than it saves."""

_CONTEXT = """
create temp table import_context (import_id bigint, risk_carrier_id smallint, source text, business_date date,
  booking_date date,
  cut_off_date date, first_open_date date, available_on date, policy_version_id int, reason_codes text, recorded_at
  timestamptz, actor text) on commit drop
"""
# What was loaded before a night's cut-off belongs to it, what comes later to the next.
_FILL_CONTEXT = """
insert into import_context
select nextval('event_id'), $1::smallint, $2::text, $3::date, greatest($3::date, o.first_open), $4::date,
  o.first_open, greatest($4::date, o.first_open), $6::int,
  coalesce((select string_agg(r.code, ', ' order by r.code) from reason_policy p join reason_code r using (reason_id)
    where p.policy_version_id = $6::int), 'no reason codes'), $7::timestamptz, $8::text
from (select coalesce($5::date + 1, date '-infinity') as first_open) o returning import_id
"""
_KNOWN_FILE = """
select import_id from import_file where risk_carrier_id = $1 and kind = $2 and sha256 = $3
"""
_FILE = """
insert into import_file (import_id, risk_carrier_id, kind, source, file_name, sha256, cut_off_date, row_count,
  control_total_cents, added, known, changed, loaded_at, loaded_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""


async def _threaded(pieces: Iterator[list[Numbered]]) -> AsyncIterator[list[Numbered]]:
    """The pieces, each made in another thread: the loop of a worker goes on with its signs of life."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


class _Undo(Exception):
    """Leaves the transaction so that it rolls back; what went wrong is in the rejections."""


async def import_file(
    conn: Connection,
    source: Source,
    *,
    business_date: date,
    actor: str,
    kind: str | None = None,
    risk_carrier_code: str | None = None,
    file_name: str | None = None,
    progress: Callable[[int], None] | None = None,
    limits: Limits | None = None,
    keep_rejections: int = KEPT_REJECTIONS,
    finish: Callable[[ImportReport], Awaitable[None]] | None = None,
) -> ImportReport:
    """Load one file (path, bytes or binary stream; JSON Lines or CSV, also as gzip) in one transaction.

    `kind` and `risk_carrier_code`, when given, must be those of the file's header. The same file again, or records
    that are known, add nothing. `progress` gets the number of records read so far,
    about every 10,000, perhaps from another thread.
    Faults in the file are in the report, never raised; nothing is stored then. The source is read in other threads.
    `finish` gets the report of a file that is loaded inside the transaction, which commits when it returns.
    """
    name = file_name or (source.name if isinstance(source, Path) else "file")
    work = _Import(conn, Reader(source, name, limits or Limits(), keep_rejections), business_date, actor, progress)
    try:
        header = await asyncio.to_thread(work.reader.header)
        feed = work.feed_of(header, kind, risk_carrier_code)
        assert header is not None  # feed_of refuses a file without header
        async with db.transaction(conn, role="worker", actor=actor):
            report = await work.load(feed, header, name)
            if finish is not None:
                await finish(report)
    except _Undo:
        rejections = work.reader.rejections
        return ImportReport(
            kind=header.kind if header else None,
            file_name=name,
            loaded=False,
            read=work.reader.read,
            control_total_cents=work.reader.total_cents,
            **declared(header),
            rejection_count=rejections.count,
            rejections=rejections.kept,
        )
    return report


async def import_records(
    conn: Connection,
    records: Iterable[Mapping[str, Any]],
    *,
    kind: str,
    risk_carrier_code: str,
    business_date: date,
    actor: str,
    source: str = "records",
    cut_off_date: date | None = None,
) -> ImportReport:
    """Load records given as mappings (field names as in the files) by the same path as a file of them."""
    listed = list(records)
    feed = FEEDS[kind]
    total = sum(_cents(feed, record) for record in listed)
    header = Header(
        kind=kind,
        source=source,
        risk_carrier=risk_carrier_code,
        cut_off_date=cut_off_date or business_date,
        rows=len(listed),
        control_total_cents=total,
    )
    lines = [msgspec.json.encode(each) for each in (header, *listed)]
    return await import_file(
        conn, b"\n".join(lines) + b"\n", business_date=business_date, actor=actor, file_name=f"{kind} by {actor}"
    )


def _cents(feed: Feed, record: Mapping[str, Any]) -> int:
    """What a record counts for; 0 for one that the import will refuse anyway."""
    try:
        return feed.format.cents(msgspec.convert(msgspec.to_builtins(record), record_type(feed.format)))
    except msgspec.ValidationError:
        return 0


class _Import:
    """One import on its way: what was read, and where it may still fail."""

    def __init__(
        self,
        conn: Connection,
        reader: Reader,
        business_date: date,
        actor: str,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.conn = conn
        self.reader = reader
        self.business_date = business_date
        self.actor = actor
        self.progress = progress
        self.bulk = Bulk(conn)
        self._told_of = 0

    def refuse(self, code: str, field: str, value: object, message: str, line: int | None = 1) -> None:
        """Note what is wrong with the file as a whole."""
        self.reader.rejections.add(line, Finding(code, field, value, message))

    def feed_of(self, header: Header | None, kind: str | None, risk_carrier_code: str | None) -> Feed:
        """The feed that the header names; leaves by _Undo when the header cannot be right."""
        if header is None:
            raise _Undo
        feed = FEEDS.get(header.kind)
        if feed is None:
            self.refuse("unknown_kind", "kind", header.kind, f"give one of {', '.join(sorted(FEEDS))}.")
            raise _Undo
        if kind is not None and kind != header.kind:
            self.refuse("other_kind", "kind", header.kind, f"{kind} were asked for; choose the right file or kind.")
        if risk_carrier_code is not None and risk_carrier_code != header.risk_carrier:
            remedy = f"{risk_carrier_code} was asked for; choose the right file or risk carrier."
            self.refuse("other_risk_carrier", "riskCarrier", header.risk_carrier, remedy)
        if feed.format.totals_required:
            for field, given in (("rows", header.rows), ("controlTotalCents", header.control_total_cents)):
                if given is None:
                    self.refuse(
                        "missing_field", field, None, "give the count and the control total, so that a cut file shows."
                    )
        if feed.format.cut_off_required and header.cut_off_date is None:
            self.refuse("missing_field", "cutOffDate", None, "give the business date to which the file belongs.")
        if self.reader.rejections.count:
            raise _Undo
        return feed

    async def load(self, feed: Feed, header: Header, file_name: str) -> ImportReport:
        """Everything inside the transaction; leaves by _Undo when something is rejected."""
        carrier = await self._carrier(header)
        import_id = await self._context(carrier, header)
        await self._take(feed, header)
        self._compare_totals(header)
        known_id = await self.conn.fetchval(_KNOWN_FILE, carrier, header.kind, self.reader.sha256)
        if known_id is not None:
            return self._report(header, file_name, (0, self.reader.read, 0), known_id)
        added, known, changed = await self._write(feed)
        counts = added + self.bulk.added, known, changed
        await self._remember(header, file_name, carrier, import_id, counts)
        return self._report(header, file_name, counts, import_id)

    async def _write(self, feed: Feed) -> tuple[int, int, int]:
        """Look up, check and write what was staged: (added, known, changed).

        A request (POST) may commit a record of the file between the look-up and the write, which then meets its key.
        What was staged is looked up again: the record is known now, or refused when it says something else.
        """
        for left in reversed(range(_TRIES)):
            try:
                async with self.conn.transaction():
                    for statement in feed.resolve:
                        await self.conn.execute(statement, timeout=LOAD_SECONDS)
                    await self._check(feed)
                    return await feed.load(self.conn)
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError) as error:
                if not left or error.table_name not in ("source_key", None):
                    raise
            except LineRefusals as refusal:  # actions that the rules do not allow now: to lower what was written off
                for line, found in refusal.lines:
                    self.reader.rejections.add(line, found)
                raise _Undo from refusal
        raise AssertionError("the last one raises")

    async def _take(self, feed: Feed, header: Header) -> None:
        """Read the file into the stage table; of a large one only what may not go the short way (bulk.py)."""
        # sorts and hashes of a whole file; local to this transaction
        await self.conn.execute("select set_config('work_mem', '128MB', true)")
        await self.conn.execute(feed.stage)
        if not feed.bulk or (header.rows or 0) < BULK_FROM or not await self.bulk.possible():
            await self._stage(feed, _threaded(self._told(self.reader.pieces(feed.format))))
            return
        await self.bulk.prepare()

        async def leave(others: list[Numbered]) -> None:
            await self._stage(feed, _threaded(iter([others])))

        await self.bulk.take(self._told(self.reader.pieces(feed.format)), leave)

    def _told(self, pieces: Iterator[list[Numbered]]) -> Iterator[list[Numbered]]:
        for piece in pieces:
            self._tell()
            yield piece

    def _tell(self) -> None:
        if self.progress is not None and self.reader.read >= self._told_of + 10_000:
            self._told_of = self.reader.read
            self.progress(self.reader.read)

    async def _stage(self, feed: Feed, pieces: AsyncIterator[list[Numbered]]) -> None:
        row = feed.row
        await self.conn.copy_records_to_table(
            feed.table,
            records=(row(line, record) async for piece in pieces for line, record, _ in piece),
            columns=feed.columns,
            timeout=LOAD_SECONDS,
        )

    def _compare_totals(self, header: Header) -> None:
        reader = self.reader
        broken = reader.rejections.count > 0  # a faulty record does not count in the total
        if header.rows is not None and header.rows != reader.read and not broken:
            self.refuse(
                "wrong_rows", "rows", header.rows, f"the file has {reader.read} records; send the whole file again."
            )
        if header.control_total_cents is not None and header.control_total_cents != reader.total_cents and not broken:
            self.refuse(
                "wrong_total",
                "controlTotalCents",
                header.control_total_cents,
                f"the records sum to {reader.total_cents}; correct the file at the source and send it again.",
            )

    async def _carrier(self, header: Header) -> int:
        """The risk carrier, its closing date held still until the end; imports of one risk carrier take turns."""
        # providers are shared by all risk carriers, so their imports have one turn for all
        turn = "import providers" if header.kind == "providers" else f"import of {header.risk_carrier}"
        await self.conn.execute("select pg_advisory_xact_lock(hashtext($1))", turn, timeout=LOAD_SECONDS)
        row = await self.conn.fetchrow(
            "select risk_carrier_id, closed_through from risk_carrier where code = $1 for share", header.risk_carrier
        )
        if row is None:
            self.refuse(
                "unknown_risk_carrier", "riskCarrier", header.risk_carrier, "give the code of a known risk carrier."
            )
            raise _Undo
        self.closed_through: date | None = row["closed_through"]
        carrier: int = row["risk_carrier_id"]
        return carrier

    async def _context(self, carrier: int, header: Header) -> int:
        await self.conn.execute(_CONTEXT)
        self.recorded_at = clock.now()
        import_id: int = await self.conn.fetchval(
            _FILL_CONTEXT,
            carrier,
            header.source,
            self.business_date,
            header.cut_off_date or self.business_date,
            self.closed_through,
            await policy_in_force(self.conn, carrier, self.business_date),
            self.recorded_at,
            self.actor,
        )
        await self.conn.execute("analyze import_context")
        return import_id

    async def _check(self, feed: Feed) -> None:
        for statement in feed.checks:
            silent = feed.follow_ups if self.reader.rejections.count else frozenset()
            for code, line, value, detail in await self.conn.fetch(statement, timeout=LOAD_SECONDS):
                if code in silent:
                    continue
                if code == "loaded_twice":  # one of the two went the short way, and its line is known there
                    self._refuse_twice(feed, line, value, int(detail))
                    continue
                field, message = feed.messages[code]
                said = message.replace("{detail}", detail or "")
                self.reader.rejections.add(line, Finding(code, field, value, said))
        if self.reader.rejections.count:
            raise _Undo

    def _refuse_twice(self, feed: Feed, line: int, value: str, loaded_id: int) -> None:
        other = self.bulk.line_of(loaded_id)
        first, second = (line, line) if other is None else sorted((line, other))
        field, message = feed.messages["duplicate_in_file"]
        self.reader.rejections.add(
            second, Finding("duplicate_in_file", field, value, message.replace("{detail}", str(first)))
        )

    async def _remember(
        self, header: Header, file_name: str, carrier: int, import_id: int, counts: tuple[int, int, int]
    ) -> None:
        reader = self.reader
        await self.conn.execute(
            _FILE,
            *(import_id, carrier, header.kind, header.source, file_name, reader.sha256, header.cut_off_date),
            *(reader.read, reader.total_cents, *counts, self.recorded_at, self.actor),
        )
        await audit(
            self.conn,
            risk_carrier_id=carrier,
            account_id=None,
            occurred_at=self.recorded_at,
            actor=self.actor,
            action=f"{header.kind} imported",
            subject=f"import:{import_id}",
            body={
                "source": header.source,
                "sha256": reader.sha256.hex(),
                "read": reader.read,
                **dict(zip(("added", "known", "changed"), counts, strict=True)),
                "controlTotalCents": reader.total_cents,
            },
        )

    def _report(self, header: Header, file_name: str, counts: tuple[int, int, int], import_id: int) -> ImportReport:
        added, known, changed = counts
        return ImportReport(
            kind=header.kind,
            file_name=file_name,
            loaded=True,
            read=self.reader.read,
            added=added,
            known=known,
            changed=changed,
            control_total_cents=self.reader.total_cents,
            **declared(header),
            import_id=import_id,
        )
