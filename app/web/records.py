"""One record of a feed as the body of a POST: read as strictly as a line of its file, written in a collected group.

Field names, checks and sentences are those of the file (`Format`, `Feed.messages`), so that a sender hears the same
whichever way a record comes. What a file says in its header comes as query parameters.
"""

import hashlib
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from app.core import clock, db, feed_faults
from app.core.db import Connection, Pool
from app.core.errors import Refusal, Rejection
from app.core.feed_format import Finding, Format, record_type, shown
from app.web.collector import Collector
from app.web.database import writing
from app.web.problems import Rejected, Unavailable, missing

_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
B = TypeVar("B", bound=msgspec.Struct)

FeedCarrier = Annotated[
    str, QueryParameter(name="riskCarrier", min_length=1, max_length=20, description="Code of the risk carrier.")
]
FeedSource = Annotated[
    str,
    QueryParameter(
        name="source",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$(?!\n)",
        description="The system that sends it. With the record's `id` it names the record, here and in files.",
    ),
]
COLLECTED = (
    "Requests that come while others are being written are collected and written together, at most 64 in one "
    "transaction; each has its own outcome. The request is answered when it is stored."
)
_CARRIER = "select risk_carrier_id from risk_carrier where code = $1"


def rejection(finding: Finding) -> Rejection:
    """A finding as the file's report words it, without file and line."""
    value = None if finding.value is None else shown(finding.value)
    said = f"is {value}" if value is not None else "is missing"
    message = f"The body {finding.message}" if finding.field == "file" else f"{finding.field} {said}; {finding.message}"
    return Rejection(
        code=finding.code, field="body" if finding.field == "file" else finding.field, message=message, value=value
    )


class RecordReader:
    """Reads bodies of one format: `read` answers the record, or raises every fault of it at once."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._decode = msgspec.json.Decoder(record_type(form)).decode

    def read(self, body: bytes) -> Any:
        """One record out of JSON; Rejected with all its faults: 400 when it is no JSON, else 422."""
        try:
            record = self._decode(body)
        except msgspec.ValidationError as error:
            found = feed_faults.invalid(self._form, _value(body), error)
            raise Rejected([rejection(each) for each in found]) from error
        except _ERRORS as error:
            raise _unreadable(body, error) from error
        if findings := list(self._form.findings(record)):
            raise Rejected([rejection(each) for each in findings])
        return record


def _value(body: bytes) -> Any:
    """The body without its form; a number that no field could hold (1e999) ends that as well."""
    try:
        return msgspec.json.decode(body)
    except _ERRORS as error:
        raise _unreadable(body, error) from error


def _unreadable(body: bytes, error: Exception) -> Rejected:
    return Rejected([rejection(feed_faults.unparsed(body, error))], status=400, code="not_json")


def known_answer(body: type[msgspec.Struct]) -> dict[int, ResponseSpec]:
    """The answer to a record that was here before, for the documentation of a handler."""
    said = "It was here before by this source and id, from a file or another request; nothing was added."
    return {200: ResponseSpec(data_container=body, description=said, generate_examples=False)}


def body_hash(kind: str, source: str, record: msgspec.Struct) -> str:
    """What tells two requests with one idempotency key apart: the record, not the way it was written."""
    text = msgspec.json.encode((kind, source, record))
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


class Lane(msgspec.Struct, frozen=True):
    """What may share one statement. `account_id` is given when the group waits for that running account's lock."""

    risk_carrier_id: int
    business_date: date
    wait: bool = False
    account_id: int | None = None


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a record: `created`, `known` from another request or file, or `replayed` by its key.

    `fact` is the running account and id of the fact that it became, where the registrar looks that up (`places`).
    """

    outcome: str
    answer: Mapping[str, Any]
    fact: tuple[int, int] | None = None


Row = dict[str, Any]
Done = tuple[asyncpg.Record, tuple[int, int] | None]
"""What the database said of one record, and the fact that it became."""
After = Callable[[Connection, Lane, Row, asyncpg.Record], Awaitable[None]]


class Registrar:
    """Registers records of one feed for one pool, in groups; see `Collector`.

    `statement` calls the database function with (risk carrier, business date, recorded at, wait, rows) and answers
    n, outcome, problem_value, problem_detail, account_id, settles_claim_id, answer. `after` does, in the same
    transaction, what a record that was created still needs; a record that needs it goes alone (`keys` says so).
    `places` looks up what records became: (risk carrier, sources, ids) -> place in those arrays, account_id, fact_id.
    """

    def __init__(
        self,
        pool: Pool,
        statement: str,
        messages: Mapping[str, tuple[str, str]],
        after: After | None = None,
        places: str | None = None,
    ) -> None:
        self._pool = pool
        self._statement = statement
        self._messages = messages
        self._after = after
        self._places = places
        self._carriers: dict[str, int] = {}
        self.collector: Collector[Row, Done] = Collector(self._write)
        # Who waits for a locked running account does so apart, one lane each, so that nobody else waits with him.
        self.patient: Collector[Row, Done] = Collector(self._write, abreast=1, flights=2)

    async def risk_carrier_id(self, code: str, allowed: Sequence[int]) -> int:
        """Id of a risk carrier by its code; Refusal 404 when there is none, or none for this caller.

        Remembered for good: a risk carrier keeps its code and its id.
        """
        found = self._carriers.get(code)
        if found is None:
            async with writing(self._pool) as conn, db.transaction(conn, role="readonly", actor="api", readonly=True):
                found = await conn.fetchval(_CARRIER, code)
            if found is not None:
                self._carriers[code] = found
        if found is None or found not in allowed:
            raise missing(f"risk carrier {code}")
        return found

    async def register(self, lane: Lane, row: Row, keys: frozenset[Hashable]) -> Registered:
        """Write one record; Rejected (422) as a file would be, Refusal 422 `key_used_otherwise`, 503 when busy."""
        # A record that waits from the start does more than the statement: it goes in the patient lane, in turn.
        done = await (self.patient if lane.wait else self.collector).submit(lane, row, keys)
        if done[0]["outcome"] == "busy":
            waiting = msgspec.structs.replace(lane, wait=True, account_id=done[0]["account_id"])
            done = await self.patient.submit(waiting, row, keys)
        return self._told(*done)

    def _told(self, done: asyncpg.Record, fact: tuple[int, int] | None) -> Registered:
        outcome: str = done["outcome"]
        if outcome in ("created", "known", "replayed"):
            return Registered(outcome=outcome, answer=done["answer"], fact=fact)
        if outcome == "busy":  # the account came into being after its lock was asked for
            raise Unavailable("busy", "Others write to this running account; nothing was begun. Ask again.")
        if outcome == "key_used_otherwise":
            raise Refusal(
                outcome,
                "This idempotency key was used before with another content; repeat the first content or choose a new "
                "idempotency key.",
                status=422,
                field="Idempotency-Key",
            )
        field, message = self._messages[outcome]
        said = message.replace("{detail}", done["problem_detail"] or "")
        raise Rejected([rejection(Finding(outcome, field, done["problem_value"], said))])

    async def _write(self, lane: Hashable, rows: Sequence[Row]) -> Sequence[Done | Refusal]:
        assert isinstance(lane, Lane)
        for n, row in enumerate(rows):
            row["n"] = n
        async with writing(self._pool) as conn, db.transaction(conn, role="worker", actor="api"):
            found = await conn.fetch(
                self._statement, lane.risk_carrier_id, lane.business_date, clock.now(), lane.wait, list(rows)
            )
            found.sort(key=lambda each: int(each["n"]))
            if self._after is not None:
                for each in found:
                    if each["outcome"] == "created" and each["settles_claim_id"] is not None:
                        await self._after(conn, lane, rows[each["n"]], each)
            facts = await self._facts(conn, lane, rows)
        return [(each, facts.get(each["n"])) for each in found]

    async def _facts(self, conn: Connection, lane: Lane, rows: Sequence[Row]) -> dict[int, tuple[int, int]]:
        """What the records became, by their place in the group; a statement of its own, which sees what was written."""
        if self._places is None:
            return {}
        sources, ids = [row["source"] for row in rows], [row["id"] for row in rows]
        found = await conn.fetch(self._places, lane.risk_carrier_id, sources, ids)
        return {n: (account_id, fact_id) for n, account_id, fact_id in found}


def registrar_of(request: Request[Any, Any, Any], name: str, make: Callable[[], Registrar]) -> Registrar:
    """The registrar of this application, made at the first request."""
    found: Registrar | None = request.app.state.get(name)
    if found is None:
        found = request.app.state[name] = make()
    return found


def registered(done: Registered, body: B, location: str) -> Response[B]:
    """201 for a record that is new, 200 for one that was known, the same again for a repeat of the key."""
    headers = {"Location": location}
    if done.outcome == "replayed":
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status_code=200 if done.answer["known"] else 201, headers=headers)
