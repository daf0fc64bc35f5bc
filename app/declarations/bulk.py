"""The short way in for plain declarations: packed here as rows of binary COPY, while the server takes the rows before.

Plain is a declaration that is new, names no claim and whose AGB code has one provider only, approved by the cut-off.
Nearly all are. Whatever else comes in the file (credits, known records, a code that nobody has) is left to the staged
way of queries.py, which sees what was loaded here and finds the words for what is wrong.

Layout: a row is its number of fields, then each field as its length and its bytes, all big-endian (PostgreSQL manual,
COPY, binary format). Rows of `declaration` and `payable` share their first bytes, which are packed once.
"""

import asyncio
import gc
import sys
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from app.core.db import Connection
from app.core.feed_format import LOAD_SECONDS, digest
from app.declarations.declarations_file import Declaration

Numbered = tuple[int, Any, bytes]
"""(line, record, its canonical bytes; once packed: their digest)"""

CHUNK = 50_000
"""Records a COPY: more sort better by running account, fewer take less memory (about 2 kB each)."""
_ROWS_A_WRITE = 4096

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts from here
_EPOCH_DAY = _EPOCH.toordinal()
_HOUR = 3_600_000_000
_BEGIN, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_LENGTH = [n.to_bytes(4, "big") for n in range(4 * 200 + 1)]  # of texts: at most 200 characters of at most 4 bytes
_SHARED = Struct(">iqiqiiiqiq").pack  # account, id, AGB registration, moment of approval, cents
_INT2, _INT8, _INT4 = Struct(">ih").pack, Struct(">iq").pack, Struct(">ii").pack

_DECLARATION = """
account_id declaration_id agb_id approved_at awarded_cents number invoice_number treated_from treated_until
risk_carrier_id available_on import_id
""".split()
_PAYABLE = "account_id entry_id agb_id approved_at cents payable_on risk_carrier_id kind available_on".split()
_SOURCE_KEY = "account_id fact_id source_id risk_carrier_id kind source content_hash".split()
_HEAD_D, _HEAD_P, _HEAD_K = (len(each).to_bytes(2, "big") for each in (_DECLARATION, _PAYABLE, _SOURCE_KEY))

_CONTEXT = "select risk_carrier_id, source, cut_off_date, available_on, import_id from import_context"
_REGISTRATIONS = """
select a.agb, a.agb_id, ra.account_id, a.valid_from, coalesce(a.valid_until, 'infinity')
from agb_registration a join running_account ra using (provider_id)
where ra.risk_carrier_id = $1
  and not exists (select 1 from agb_registration o where o.agb = a.agb and o.agb_id <> a.agb_id)
"""
_LOADER = """
select rolbypassrls and pg_has_role(session_user, oid, 'member') from pg_roles where rolname = 'vereffen_loader'
"""
_IDS = "select array(select nextval('event_id') from generate_series(1, $1))"
_KNOWN = """
select source_id from source_key where risk_carrier_id = $1 and kind = 1 and source = $2 and source_id = any($3)
"""


async def _binary(rows: list[bytes]) -> AsyncIterator[bytes]:
    yield _BEGIN
    for start in range(0, len(rows), _ROWS_A_WRITE):
        yield b"".join(rows[start : start + _ROWS_A_WRITE])
    yield _END


_SWITCH_SECONDS = 0.0002  # not money: the thread that packs lets the loop go on after this


@contextmanager
def _two_at_once() -> Iterator[None]:
    """How the interpreter runs meanwhile; both settings are the whole process's, and put back at the end.

    The server takes what a socket holds in 2 ms and would then wait 5 for the loop to get its turn: measured 8.6 s
    against 6.8 for a million. And nothing in a record refers to itself: looking for cycles costs a third more.
    """
    was_on, switched = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(switched)
        if was_on:
            gc.enable()


class Chunk(msgspec.Struct):
    """Plain declarations in the order of the file, and their rows; `declarations` and `payables` by running account."""

    plain: list[Numbered]
    ids: list[int]
    keys: list[bytes]
    declarations: list[bytes]
    payables: list[bytes]


class Bulk:
    """Loads the plain declarations of one import inside its transaction; `import_context` is filled."""

    def __init__(self, conn: Connection) -> None:
        self.added = 0
        self._conn = conn
        self._runs: list[tuple[int, int, int]] = []  # (first id, first line, how many): both count up by one in a run
        self._waiting: list[Numbered] = []  # what was read beyond the chunk
        self._hours: dict[int, date] = {}
        self._days: dict[date | None, bytes] = {None: _NULL}

    async def prepare(self) -> None:
        """Read what the rows need: the import, and the AGB codes of its risk carrier."""
        row = await self._conn.fetchrow(_CONTEXT)
        assert row is not None
        self._carrier, self._source, self._cut_off, available_on, import_id = row
        self._registered: dict[str, tuple[int, int, date, date]] = {
            agb: (agb_id, account_id, first, last)
            for agb, agb_id, account_id, first, last in await self._conn.fetch(_REGISTRATIONS, self._carrier)
        }
        carrier, source, available = _INT2(2, self._carrier), self._source.encode(), self._day(available_on)
        self._end_d = carrier + available + _INT8(8, import_id)
        self._end_p = carrier + _INT2(2, 1) + available
        self._mid_k = carrier + _INT2(2, 1) + len(source).to_bytes(4, "big") + source + _LENGTH[16]

    async def take(self, pieces: Iterator[list[Numbered]], leave: Callable[[list[Numbered]], Awaitable[None]]) -> None:
        """Load what is plain of the records that `pieces` gives (with canonical bytes); `leave` is given the rest."""
        ids = await self._ids(CHUNK)
        with _two_at_once():
            packed = asyncio.create_task(asyncio.to_thread(self._next, pieces, ids))
            try:
                while (made := await packed) is not None:
                    chunk, others = made
                    ids = ids[len(chunk.plain) :]
                    ids += await self._ids(CHUNK - len(ids))
                    # the next chunk is read and packed while the server takes this one
                    packed = asyncio.create_task(asyncio.to_thread(self._next, pieces, ids))
                    others += await self.load(chunk)
                    if others:
                        await leave(others)
            finally:
                await asyncio.wait([packed])  # a thread cannot be stopped, and it reads from the source

    async def _ids(self, count: int) -> list[int]:
        found: list[int] = await self._conn.fetchval(_IDS, count)
        return found

    def _next(self, pieces: Iterator[list[Numbered]], ids: list[int]) -> tuple[Chunk, list[Numbered]] | None:
        numbered = self._waiting
        while len(numbered) < len(ids) and (piece := next(pieces, None)) is not None:
            numbered += [(line, record, digest(text)) for line, record, text in piece]
        self._waiting = numbered[len(ids) :]
        return self.pack(numbered[: len(ids)], ids) if numbered else None

    def pack(self, records: Iterable[Numbered], ids: list[int]) -> tuple[Chunk, list[Numbered]]:
        """The rows of the plain ones and, beside them, the others; uses as many of `ids` as are plain. No I/O."""
        plain: list[Numbered] = []
        others: list[Numbered] = []
        accounts: list[int] = []
        keys: list[bytes] = []
        declarations: list[bytes] = []
        payables: list[bytes] = []
        registered, days, hours, length, join = self._registered, self._days, self._hours, _LENGTH, b"".join
        cut_off, end_d, end_p, mid_k = self._cut_off, self._end_d, self._end_p, self._mid_k
        next_id = iter(ids).__next__
        for numbered in records:
            _, record, digest = numbered
            found = registered.get(record.agb) if type(record) is Declaration else None
            if found is None or record.claim_reference is not None:
                others.append(numbered)
                continue
            since = record.approved_at - _EPOCH
            moment = since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds
            approved_on = hours.get(moment // _HOUR) or self._date_of_hour(moment // _HOUR)
            agb_id, account_id, first, last = found
            begin, end = record.treated_from, record.treated_until
            if moment < 0 or approved_on > cut_off or not first <= (begin or approved_on) <= last:
                others.append(numbered)
                continue
            shared = _SHARED(8, account_id, 8, next_id(), 4, agb_id, 8, moment, 8, record.awarded_cents)
            source_id = record.id.encode()
            number = record.number.encode() if record.number is not None else source_id
            if (text := record.invoice_number) is not None:
                invoice = text.encode()
                invoice = length[len(invoice)] + invoice
            else:
                invoice = _NULL
            texts = (length[len(number)], number, invoice, days.get(begin) or self._day(begin))
            declarations.append(join((_HEAD_D, shared, *texts, days.get(end) or self._day(end), end_d)))
            payables.append(join((_HEAD_P, shared, days.get(approved_on) or self._day(approved_on), end_p)))
            keys.append(join((_HEAD_K, shared[:24], length[len(source_id)], source_id, mid_k, digest)))
            accounts.append(account_id)
            plain.append(numbered)
        # by running account, as the night reads; by line within
        order = sorted(range(len(plain)), key=accounts.__getitem__)
        return Chunk(
            plain=plain,
            ids=ids[: len(plain)],
            keys=keys,
            declarations=[declarations[n] for n in order],
            payables=[payables[n] for n in order],
        ), others

    async def possible(self) -> bool:
        """Whether this server lets rows in by COPY: it binds every role but those with BYPASSRLS (migration 0043)."""
        return bool(await self._conn.fetchval(_LOADER))

    async def load(self, chunk: Chunk) -> list[Numbered]:
        """Write the rows; returns the records that are known or stood in the file before, unwritten."""
        if not chunk.plain:
            return []
        try:
            async with self._conn.transaction():
                await self._copy("source_key", _SOURCE_KEY, chunk.keys)
        except asyncpg.UniqueViolationError:
            return await self._load_unknown(chunk)
        await self._copy("declaration", _DECLARATION, chunk.declarations)
        await self._copy("payable", _PAYABLE, chunk.payables)
        self.added += len(chunk.plain)
        self._note(chunk)
        return []

    async def _load_unknown(self, chunk: Chunk) -> list[Numbered]:
        given = [record.id for _, record, _ in chunk.plain]
        seen = {row[0] for row in await self._conn.fetch(_KNOWN, self._carrier, self._source, given)}
        known: list[Numbered] = []
        fresh: list[Numbered] = []
        for numbered in chunk.plain:
            name = numbered[1].id
            (known if name in seen else fresh).append(numbered)
            seen.add(name)
        again, _ = self.pack(fresh, chunk.ids)
        return [*known, *await self.load(again)]

    async def _copy(self, table: str, columns: Sequence[str], rows: list[bytes]) -> None:
        await self._conn.execute("set local role vereffen_loader")
        await self._conn.copy_to_table(
            table, source=_binary(rows), columns=columns, format="binary", timeout=LOAD_SECONDS
        )
        await self._conn.execute("set local role vereffen_worker")

    def _note(self, chunk: Chunk) -> None:
        lines = [line for line, _, _ in chunk.plain]
        last = len(lines) - 1
        if lines[last] - lines[0] == chunk.ids[last] - chunk.ids[0] == last:
            self._runs.append((chunk.ids[0], lines[0], last + 1))
            return
        for line, new_id in zip(lines, chunk.ids, strict=True):
            if self._runs:
                first_id, first_line, count = self._runs[-1]
                if new_id == first_id + count and line == first_line + count:
                    self._runs[-1] = (first_id, first_line, count + 1)
                    continue
            self._runs.append((new_id, line, 1))

    def line_of(self, declaration_id: int) -> int | None:
        """The line that brought a declaration; None when it came another way."""
        place = bisect_right(self._runs, declaration_id, key=lambda run: run[0]) - 1
        if place < 0:
            return None
        first_id, first_line, count = self._runs[place]
        return first_line + declaration_id - first_id if declaration_id < first_id + count else None

    def _date_of_hour(self, hour: int) -> date:
        # whole hours part Amsterdam from UTC since 2000, so that all moments of one lie on one date
        found = self._hours[hour] = (_EPOCH + timedelta(hours=hour)).astimezone(_AMSTERDAM).date()
        return found

    def _day(self, day: date | None) -> bytes:
        assert day is not None
        found = self._days[day] = _INT4(4, day.toordinal() - _EPOCH_DAY)
        return found
